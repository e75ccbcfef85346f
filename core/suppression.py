"""Suppression: addresses that get no campaign mail, kept as fingerprints and so past erasure."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import fingerprints
from core.database import Base, insert_once


class Suppression(Base):
    """An address that asked for nothing more, as a keyed hash. `source` is how it asked."""

    __tablename__ = "suppression"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(unique=True)
    since: Mapped[dt.datetime]
    source: Mapped[str]


def suppress(session: Session, address_hash: str, *, source: str, now: dt.datetime) -> bool:
    """Send no campaign to this address again; say whether that is new."""
    row = {"address_hash": address_hash, "since": now, "source": source}
    return insert_once(session, Suppression, row, unique="address_hash")


def lift(session: Session, email_key: str, keys: Sequence[str]) -> None:
    """Send campaigns to an address again: its owner has asked for them anew."""
    known_as = fingerprints.of_email(email_key, keys)
    session.execute(delete(Suppression).where(Suppression.address_hash.in_(known_as)))


def is_suppressed(session: Session, email_key: str, keys: Sequence[str]) -> bool:
    """Whether an address wants no campaigns, by whichever key it was hashed."""
    known_as = fingerprints.of_email(email_key, keys)
    found = select(Suppression.id).where(Suppression.address_hash.in_(known_as))
    return session.scalar(found) is not None
