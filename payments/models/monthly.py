"""Monthly agreements over time: what their givers changed, and how they stand at Stripe."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.leasing import Leased
from payments.models.columns import one_of

CHANGES = ("pause", "resume", "amount")
STEPS = ("asked", "heard", "refused")
_WAITS = "due_at IS NOT NULL"


class MonthlyChange(Leased, Base):
    """A giver's wish to pause, to go on or to give another amount, until Stripe has heard it.

    Of one agreement a single wish waits at a time, so that two never overtake each other on their
    way to Stripe. `until` is when a pause ends by itself. `key` names the wish to Stripe together
    with `refusals`, the number of times that it said no: after that the same key would only bring
    the same answer again. `label` is what whoever asked calls the new amount, handed back with the
    announcement that it counts.
    """

    __tablename__ = "monthly_change"
    __table_args__ = (  # type: ignore[assignment]  # more than the index of waiting work
        CheckConstraint(one_of("kind", CHANGES), "kind_known"),
        CheckConstraint("(kind = 'pause') = (until IS NOT NULL)", "pauses_end"),
        CheckConstraint(
            "(kind = 'amount') = (amount_pence IS NOT NULL)"
            " AND (kind = 'amount') = (cover_pence IS NOT NULL)",
            "amounts_are_given",
        ),
        CheckConstraint(
            "amount_pence > 0 AND cover_pence >= 0 AND cover_pence < amount_pence",
            "cover_within_amount",
        ),
        Index(None, "due_at"),
        Index(None, "pledge_id"),
        Index(
            "ix_monthly_change_one_waits",
            "pledge_id",
            unique=True,
            sqlite_where=text(_WAITS),
            postgresql_where=text(_WAITS),
        ),
    )

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"))
    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    kind: Mapped[str]
    asked_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime | None]
    amount_pence: Mapped[int | None]
    cover_pence: Mapped[int | None]
    refusals: Mapped[int] = mapped_column(default=0)
    label: Mapped[str | None]

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe carries the wish out once."""
        return f"change:{self.key}:{self.refusals}"


class MonthlyAmount(Base):
    """A step of a change of the amount: asked for, heard by Stripe, or refused. Only ever added.

    What was asked for may count from `at` on, for Stripe may hear it at once and its answer be
    lost; what was before counts no more once Stripe is known to have heard. Pence; `cover_pence`
    of them cover the card fee. The first amount of all is the pledge's own.
    """

    __tablename__ = "monthly_amount"
    __table_args__ = (
        UniqueConstraint("change_key", "step"),
        CheckConstraint(one_of("step", STEPS), "step_known"),
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint("cover_pence >= 0 AND cover_pence < amount_pence", "cover_within_amount"),
        Index(None, "pledge_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"))
    change_key: Mapped[uuid.UUID]
    step: Mapped[str]
    amount_pence: Mapped[int]
    cover_pence: Mapped[int]
    at: Mapped[dt.datetime]


class MonthlyStanding(Leased, Base):
    """How an agreement stood at Stripe when it was last asked, and whether to ask again.

    A notice says no more than that something changed, and counts up `touches`; what is true is
    read from Stripe, and kept unless the count has moved meanwhile. So notices may come late,
    twice or in any order. `resumes_at` is null in a pause without an end; `ends_at` is set where
    it ends with the period; `period_ends` is when the next month is taken; `card_expires` is the
    last day on which the card can be used, null where no card pays.
    """

    __tablename__ = "monthly_standing"
    __table_args__ = (Index(None, "due_at"), Index(None, "payment_method"))

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), unique=True)
    touches: Mapped[int] = mapped_column(default=0)
    known_at: Mapped[dt.datetime | None]
    paused: Mapped[bool] = mapped_column(default=False)
    resumes_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    period_ends: Mapped[dt.datetime | None]
    payment_method: Mapped[str | None]
    card_expires: Mapped[dt.date | None] = mapped_column(index=True)
