"""Money that did not come through Stripe: what was entered by hand, and the lines of the bank."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from payments.models.columns import one_of
from payments.models.money import Payment

LINE_STATES = ("waiting", "matched", "returned", "payout", "not-a-gift", "out")
_DECIDED = text("state IN ('matched', 'not-a-gift', 'returned')")
LINE_DECISIONS = ("book", "match", "payout", "returned", "not-a-gift", "unmatch")


class OfflineEntry(Base):
    """What is known of a payment because somebody entered it, and Stripe has no part in it.

    `received_on` is the day on which the money was received: of a transfer the day it reached the
    bank. `key` is the fingerprint of what was entered and how often it was, `<fingerprint>:<n>`, so
    that one gift entered twice is noticed.
    """

    __tablename__ = "offline_entry"

    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[str] = mapped_column(index=True)
    received_on: Mapped[dt.date] = mapped_column(index=True)
    reference: Mapped[str]
    entered_at: Mapped[dt.datetime]

    payment: Mapped[Payment] = relationship()


class BankAccount(Base):
    """An account of ours at a bank, by the name that its files are imported under.

    Whoever imports a file locks its row, so that two never read the same lines at one moment.
    """

    __tablename__ = "bank_account"

    name: Mapped[str] = mapped_column(primary_key=True)


class BankLine(Base):
    """A line of a bank's statement, once, and what became of it. `pence` below 0 is money out.

    `key` is the fingerprint of what the line says and which of the like lines of its day it is.
    `raw` is the line's cells as the bank wrote them; `folded` is its text in the one spelling by
    which lines are compared. `doubt` says that the books are not sure it is a line of its own.
    A line that is `matched` has the payment that it brought, one that is `returned` the payment
    that it took back again.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("payment_id", "state"),
        CheckConstraint(one_of("state", LINE_STATES), "state_known"),
        CheckConstraint(
            "(state IN ('matched', 'returned')) = (payment_id IS NOT NULL)", "has_its_payment"
        ),
        CheckConstraint("(state = 'payout') = (payout_id IS NOT NULL)", "has_its_payout"),
        Index(None, "account", "on_day"),
        Index(None, "folded"),
        Index(None, "state", "on_day"),
        Index("ix_bank_line_decided", "id", sqlite_where=_DECIDED, postgresql_where=_DECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str] = mapped_column(ForeignKey("bank_account.name"))
    on_day: Mapped[dt.date]
    pence: Mapped[int]
    type: Mapped[str]
    text: Mapped[str]
    reference: Mapped[str]
    folded: Mapped[str]
    balance_pence: Mapped[int | None]
    raw: Mapped[str]
    doubt: Mapped[bool]
    state: Mapped[str]
    imported_at: Mapped[dt.datetime]
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"))
    payout_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payout.id"), unique=True)


class BankDecision(Base):
    """One decision on a line of the bank. Never changed (the database sees to it).

    `book` is the books' own, by a rule learned earlier; the others are somebody's. `payment_id` is
    the payment that it booked, or took back.
    """

    __tablename__ = "bank_decision"
    __table_args__ = (CheckConstraint(one_of("decision", LINE_DECISIONS), "decision_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_line.id"), index=True)
    decision: Mapped[str]
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    why: Mapped[str]
    at: Mapped[dt.datetime]


class BankRule(Base):
    """What was learned from a decision: lines of this text and amount are a gift like that one.

    `folded` is the line's text in the spelling of `BankLine.folded`. A rule is used until it is
    forgotten, and there is one for a text and an amount at a time.
    """

    __tablename__ = "bank_rule"
    __table_args__ = (
        CheckConstraint("pence > 0", "pence_positive"),
        Index(
            "uq_bank_rule_in_use",
            "folded",
            "pence",
            unique=True,
            sqlite_where=text("forgotten_at IS NULL"),
            postgresql_where=text("forgotten_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    folded: Mapped[str]
    pence: Mapped[int]
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_line.id"), index=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    learned_at: Mapped[dt.datetime]
    forgotten_at: Mapped[dt.datetime | None]

    line: Mapped[BankLine] = relationship()
    payment: Mapped[Payment] = relationship()
