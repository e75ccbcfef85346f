"""The defence against card testing: whether it is on, what it has seen, and what was put aside.

Nothing here says who somebody is, but for the pledge that was put aside.
"""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from payments.models.columns import one_of
from payments.models.giving import Pledge

MODES = ("auto", "on", "off")
REASONS = ("declines", "rush")
CHANGES = ("auto", "on", "off", "seen", "over")
ASIDE = ("address", "email", "in-all")
CLOSED = ("expired", "paid", "written-for-another", "erased")


class DefenceState(Base):
    """Whether everybody is asked to prove themselves. One row; without it, nobody is.

    `attack_since` is when an attack was seen that is not over, `because` what it was seen by, and
    `hot_at` when it was last seen. `mode` is what an operator said: to see for itself, or not to.
    """

    __tablename__ = "defence_state"
    __table_args__ = (
        CheckConstraint("id = 1", "one_row"),
        CheckConstraint(one_of("mode", MODES), "mode_known"),
        CheckConstraint(one_of("because", REASONS), "because_known"),
        CheckConstraint(
            "(attack_since IS NULL) = (because IS NULL)"
            " AND (attack_since IS NULL) = (hot_at IS NULL)",
            "attack_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[str] = mapped_column(default="auto")
    attack_since: Mapped[dt.datetime | None]
    because: Mapped[str | None]
    hot_at: Mapped[dt.datetime | None]


class DefenceChange(Base):
    """One thing that befell the defence: an attack seen or over, or what an operator said."""

    __tablename__ = "defence_change"
    __table_args__ = (CheckConstraint(one_of("what", CHANGES), "what_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    what: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]
    declines: Mapped[int]
    payments: Mapped[int]


class DefenceTally(Base):
    """How many attempts came to what in one minute, added up over all processes."""

    __tablename__ = "defence_tally"

    minute: Mapped[dt.datetime] = mapped_column(primary_key=True)
    passed: Mapped[int] = mapped_column(default=0)
    asked: Mapped[int] = mapped_column(default=0)
    aside: Mapped[int] = mapped_column(default=0)


class DeclinedTry(Base):
    """A card that was declined on a payment page, and when; not whose, nor for what."""

    __tablename__ = "declined_try"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class Quarantine(Base):
    """A pledge put aside under attack: kept, with no Checkout and nothing charged.

    `written_at` is when its maker was written to, `released_at` when they pressed the button in
    that letter's page; `closed` says why neither is to come any more.
    """

    __tablename__ = "quarantine"
    __table_args__ = (
        CheckConstraint(one_of("because", ASIDE), "because_known"),
        CheckConstraint(one_of("closed", CLOSED), "closed_known"),
        Index(None, "written_at", "kept_at"),
    )

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), primary_key=True)
    because: Mapped[str]
    kept_at: Mapped[dt.datetime] = mapped_column(index=True)
    written_at: Mapped[dt.datetime | None]
    released_at: Mapped[dt.datetime | None]
    closed: Mapped[str | None]

    pledge: Mapped[Pledge] = relationship(lazy="joined", innerjoin=True)
