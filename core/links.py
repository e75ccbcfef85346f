"""Links sent by mail that open a supporter's own pages: signed, single-use, expiring.

The row says whose pages and until when; the token is the row's id under our signature, so that the
table alone opens nothing. Looking at the link uses nothing up (mail scanners look): the button on
its page does.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base

# What a link to a supporter's own pages is signed for.
PURPOSE = "access-link"
# How long the pages stay open in the browser that used the link.
OPEN = dt.timedelta(hours=1)


class DeadLink(ValueError):
    """The link is not ours, was used, or is too old."""


class AccessLink(Base):
    """A link to one supporter's pages. `email` is the key of the address it was sent to."""

    __tablename__ = "access_link"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]


def mint(session: Session, email: str, *, lifetime: dt.timedelta, now: dt.datetime) -> uuid.UUID:
    """Make a link to the pages of whoever reads the mail of `email`; return its id."""
    link = AccessLink(id=uuid.uuid4(), email=email, created_at=now, expires_at=now + lifetime)
    session.add(link)
    session.flush()
    return link.id


def token(row_id: uuid.UUID, keys: Sequence[str], purpose: str = PURPOSE) -> str:
    """Return what stands in the mail for this row. `keys` are newest first.

    A token made for one purpose is dead for every other.
    """
    return str(_signer(keys, purpose).dumps(str(row_id)))


def read(text: str, keys: Sequence[str], purpose: str = PURPOSE) -> uuid.UUID:
    """Return the id of the row that the token stands for.

    Raises:
        DeadLink: when it is not ours.
    """
    try:
        return uuid.UUID(_signer(keys, purpose).loads(text))
    except (BadData, ValueError, AttributeError, TypeError):
        raise DeadLink from None


def is_good(session: Session, link_id: uuid.UUID, *, now: dt.datetime) -> bool:
    """Whether the link can still be used; looking uses nothing up."""
    link = session.get(AccessLink, link_id)
    return link is not None and link.used_at is None and link.expires_at > now


def open_with(session: Session, link_id: uuid.UUID, *, now: dt.datetime) -> str:
    """Use the link up and return the e-mail key whose pages it opens.

    Raises:
        DeadLink: when it was used before, or is too old.
    """
    email: str | None = session.scalar(
        update(AccessLink)
        .where(AccessLink.id == link_id, AccessLink.used_at.is_(None), AccessLink.expires_at > now)
        .values(used_at=now)
        .returning(AccessLink.email)
    )
    if email is None:
        raise DeadLink
    return email


def holder(session: Session, link_id: uuid.UUID, *, now: dt.datetime) -> str | None:
    """Return the e-mail key of whoever opened this link within the last hour and is still there."""
    link = session.get(AccessLink, link_id)
    if link is None or link.used_at is None or link.closed_at is not None:
        return None
    return link.email if now - link.used_at < OPEN else None


def close(session: Session, link_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Sign out whoever opened this link."""
    session.execute(update(AccessLink).where(AccessLink.id == link_id).values(closed_at=now))


def _signer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(keys)), salt=purpose)
