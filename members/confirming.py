"""Confirming an e-mail address: by a signed link in the welcome letter, and a button behind it."""

import datetime as dt
import uuid
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from core.links import DeadLink
from members.models import Member


def token(member_id: uuid.UUID, keys: Sequence[str]) -> str:
    """Return what stands in the welcome letter's link. `keys` are newest first."""
    return str(_signer(keys).dumps(str(member_id)))


def read(text: str, keys: Sequence[str]) -> uuid.UUID:
    """Return whose address the token confirms.

    Raises:
        DeadLink: when it is not ours.
    """
    try:
        return uuid.UUID(_signer(keys).loads(text))
    except (BadData, ValueError, AttributeError, TypeError):
        raise DeadLink from None


def confirm(session: Session, member_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Note that the member reads this address; the first time counts.

    Raises:
        DeadLink: when there is no such member any more.
    """
    member = session.get(Member, member_id)
    if member is None:
        raise DeadLink
    member.email_confirmed_at = member.email_confirmed_at or now


def _signer(keys: Sequence[str]) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(keys)), salt="confirm-email")
