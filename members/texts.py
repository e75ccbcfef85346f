"""Texts: what this room needs of whoever can text people, and how it names what it tells them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from core import outbox


@dataclass(frozen=True, slots=True)
class Text:
    """A text to somebody: `key` names what it tells, `to` is their number in E.164."""

    key: str
    to: str
    words: str


class Texts(Protocol):
    """Whoever texts people: at decent hours, within limits, and never who wants none."""

    def put_out(self, session: Session, notices: Sequence[Text], *, now: dt.datetime) -> int:
        """Put texts out in the caller's transaction, each key once; say how many may go."""


def keys_of(member_id: uuid.UUID) -> str:
    """Return how the keys of a member's texts begin."""
    return f"dues-behind-text:{member_id}:"


def take_back(session: Session, member_id: uuid.UUID, why: str) -> None:
    """Keep a member's texts unsent that have not left yet."""
    outbox.take_back(session, keys_of(member_id), why)
