"""Confirming an e-mail address: by a signed link in the welcome letter, and a button behind it."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from core import links
from core.links import DeadLink
from members.merging import pointers
from members.merging.models import MergedMember
from members.models import Member

_PURPOSE = "confirm-email"


def token(member_id: uuid.UUID, keys: Sequence[str]) -> str:
    """Return what stands in the welcome letter's link. `keys` are newest first."""
    return links.token(member_id, keys, _PURPOSE)


def read(text: str, keys: Sequence[str]) -> uuid.UUID:
    """Return whose address the token confirms.

    Raises:
        DeadLink: when it is not ours.
    """
    return links.read(text, keys, _PURPOSE)


def confirm(session: Session, member_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Note that the member reads this address; the first time counts.

    Raises:
        DeadLink: when there is no such member any more, or they became one with a record of
            theirs under another address.
    """
    member = session.get(Member, pointers.current(session, member_id))
    if member is None:
        raise DeadLink
    if member.id != member_id:
        lost = session.get_one(MergedMember, member_id)
        if lost.email_key != member.email_key:
            raise DeadLink
    member.email_confirmed_at = member.email_confirmed_at or now
