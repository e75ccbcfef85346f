"""Money taken, given back, argued about, and paid out to the bank. Amounts are pence."""

import datetime as dt
import uuid

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from payments.models.columns import one_of
from payments.models.giving import KINDS, Pledge

REFUND_STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")
DISPUTE_STATUSES = (
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "prevented",
    "won",
    "lost",
)
OFFLINE_METHODS = ("cash", "cheque", "standing-order", "bank")
"""How money comes that does not come through Stripe, which knows no method of these names."""
_CAME_OFFLINE = one_of("coalesce(method, '')", OFFLINE_METHODS)
_PAST_STRIPE = "payment_intent IS NULL AND invoice IS NULL"
_RUNNING = "closed_at IS NULL"
PAYOUT_STATUSES = ("pending", "in_transit", "paid", "failed", "canceled")


def _of(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    """Return an index that holds the rows of a condition alone, in either database."""
    where = text(condition)
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class Payment(Base):
    """Money taken. Unique on Stripe's ids, so that being told twice books once.

    `paid_at` is when Stripe says it was paid, or the beginning of the day on which it was received
    offline; `charged_at` when its charge was made at Stripe, which for a Direct Debit is days
    before; `payout_arrived_on` the day its money reached the bank, null while it has not.
    `fee_pence` is null until Stripe has told it; `payout_id` is the payout with which it went to
    the bank. `kind` is its pledge's, which never changes: lists of one kind are found by it.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("pledge_id", "number"),
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint(
            f"({_CAME_OFFLINE}) = (payment_intent IS NULL AND invoice IS NULL)",
            "known_to_stripe_or_offline",
        ),
        CheckConstraint(one_of("kind", KINDS), "kind_known"),
        # The desk's lists are pieces of these, read backwards.
        Index(None, "paid_at", "id"),
        Index(None, "kind", "paid_at", "id"),
        Index(None, "amount_pence", "paid_at", "id"),
        _of(_PAST_STRIPE, "ix_payment_past_stripe", "paid_at", "id"),
        _of(_PAST_STRIPE, "ix_payment_past_stripe_by", "method", "paid_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"))
    number: Mapped[int]
    kind: Mapped[str]
    amount_pence: Mapped[int]
    currency: Mapped[str]
    paid_at: Mapped[dt.datetime]
    charged_at: Mapped[dt.datetime | None]
    payout_arrived_on: Mapped[dt.date | None]
    booked_at: Mapped[dt.datetime]
    method: Mapped[str | None]
    fee_pence: Mapped[int | None]
    payment_intent: Mapped[str | None] = mapped_column(unique=True)
    invoice: Mapped[str | None] = mapped_column(unique=True)
    charge: Mapped[str | None] = mapped_column(unique=True)
    payout_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payout.id"), index=True)

    pledge: Mapped[Pledge] = relationship(back_populates="payments")
    refunds: Mapped[list["Refund"]] = relationship(order_by="Refund.made_at")
    disputes: Mapped[list["Dispute"]] = relationship(order_by="Dispute.opened_at")

    @property
    def offline(self) -> bool:
        """Whether it came past Stripe: as cash, by cheque, or straight to the bank."""
        return self.payment_intent is None and self.invoice is None


class Refund(Base):
    """Money given back, in part or whole. `status` is Stripe's, and never goes back.

    An offline payment that was undone has one row, of all of it and with no id of Stripe's.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint(one_of("status", REFUND_STATUSES), "status_known"),
        _of("stripe_refund IS NULL", "uq_refund_undone_once", "payment_id", unique=True),
        Index(None, "made_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    stripe_refund: Mapped[str | None] = mapped_column(unique=True)
    amount_pence: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    made_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]

    @property
    def failed(self) -> bool:
        """Whether the money came back to us after all."""
        return self.status in ("failed", "canceled")


class Dispute(Base):
    """A payer's bank takes money back, and may give it back again. `status` is Stripe's."""

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint(one_of("status", DISPUTE_STATUSES), "status_known"),
        Index(None, "opened_at", "id"),
        _of(_RUNNING, "ix_dispute_running", "answer_by", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    stripe_dispute: Mapped[str] = mapped_column(unique=True)
    amount_pence: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str]
    opened_at: Mapped[dt.datetime]
    answer_by: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class FraudWarning(Base):
    """A card's issuer thinks that a payment was fraud. It is for a person to look at."""

    __tablename__ = "fraud_warning"

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    stripe_warning: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    warned_at: Mapped[dt.datetime]


class Payout(Base):
    """Money on its way from Stripe to the bank; below nothing, when Stripe takes from the bank.

    `arrives_on` is the day the bank has it. `lines_at` is when we were told what it is made of:
    `line_count` lines, which come to `lines_net_pence`.
    """

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint(one_of("status", PAYOUT_STATUSES), "status_known"),
        Index(None, "arrives_on", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stripe_payout: Mapped[str] = mapped_column(unique=True)
    amount_pence: Mapped[int]
    status: Mapped[str]
    made_at: Mapped[dt.datetime]
    arrives_on: Mapped[dt.date]
    changed_at: Mapped[dt.datetime]
    failure: Mapped[str | None]
    lines_at: Mapped[dt.datetime | None]
    line_count: Mapped[int] = mapped_column(server_default="0")
    lines_net_pence: Mapped[int] = mapped_column(BigInteger, server_default="0")

    lines: Mapped[list["PayoutLine"]] = relationship(order_by="PayoutLine.id")


class PayoutLine(Base):
    """One of Stripe's balance transactions that a payout is made of.

    `source` is the id of what moved: a charge, a refund, a dispute. `payment_id` is null for what
    is none of ours: another use of the same Stripe account, or a fee of its own.
    """

    __tablename__ = "payout_line"
    __table_args__ = (CheckConstraint("net_pence = amount_pence - fee_pence", "net_adds_up"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payout.id"), index=True)
    balance_transaction: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    source: Mapped[str | None]
    amount_pence: Mapped[int]
    fee_pence: Mapped[int]
    net_pence: Mapped[int]
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
