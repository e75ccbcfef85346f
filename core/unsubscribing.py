"""Unsubscribing by one click (RFC 8058): the token in a letter's header and foot.

It holds a fingerprint of the address, and who of us the letter was for, under our signature: so it
works for as long as the letter lies in somebody's mailbox, and says nothing about them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from core import fingerprints
from core.links import DeadLink

_PURPOSE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Whose letters shall end: an address by its fingerprint, and perhaps a member."""

    address_hash: str
    member_id: uuid.UUID | None


def kept(email_key: str, member_id: uuid.UUID | None, keys: Sequence[str]) -> list[str]:
    """Return what a letter's row keeps of it: nothing that opens anything."""
    known_as = fingerprints.of_email(email_key, keys[:1])[0]
    return [known_as, member_id.hex if member_id else ""]


def token(kept_of_it: Sequence[str], keys: Sequence[str]) -> str:
    """Return the token for what a letter's row keeps. `keys` are newest first."""
    return str(_signer(keys).dumps(list(kept_of_it)))


def read(text: str, keys: Sequence[str]) -> Unsubscribed:
    """Return whose letters shall end.

    Raises:
        DeadLink: when the token is not ours.
    """
    try:
        known_as, member = _signer(keys).loads(text)
        return Unsubscribed(str(known_as), uuid.UUID(member) if member else None)
    except (BadData, ValueError, TypeError, AttributeError):
        raise DeadLink from None


def _signer(keys: Sequence[str]) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(keys)), salt=_PURPOSE)
