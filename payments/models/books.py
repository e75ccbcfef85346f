"""The ledger: every movement of money in balanced, unchangeable entries."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from payments.models.columns import one_of

ACCOUNTS = ("stripe", "bank", "cash", "gifts", "dues", "fees", "disputed", "other")
"""What Stripe holds for us, what the bank and the cash box hold, what was given, what it cost,
what payers' banks argue about, and what at the same Stripe account is none of ours."""
MOVEMENTS = (
    "payment",
    "fee",
    "refund",
    "refund-failed",
    "dispute",
    "dispute-won",
    "dispute-money",
    "dispute-fee",
    "payout",
    "payout-failed",
    "line",
    "offline",
)


_PAID_OUT = text("kind IN ('payout', 'payout-failed')")


class LedgerTransaction(Base):
    """One movement of money, whose entries sum to nothing. Never changed (the database sees to it).

    `key` names what moved, so that nothing is booked twice; `kind` is its first word.
    `payment_id` is null for what is no single payment's: a payout, a charge of Stripe's own.
    """

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        CheckConstraint(one_of("kind", MOVEMENTS), "kind_known"),
        Index(None, "moved_at"),
        Index(
            "ix_ledger_transaction_paid_out",
            "moved_at",
            sqlite_where=_PAID_OUT,
            postgresql_where=_PAID_OUT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    payment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    moved_at: Mapped[dt.datetime]
    booked_at: Mapped[dt.datetime]
    entries: Mapped[list["LedgerEntry"]] = relationship()


class LedgerEntry(Base):
    """What one account gained (above 0) or gave (below 0)."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("pence <> 0", "moves_something"),
        CheckConstraint(one_of("account", ACCOUNTS), "account_known"),
        Index(None, "appeal_id", "account", "transaction_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)
    account: Mapped[str]
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    pence: Mapped[int]


class LedgerDay(Base):
    """What a day of London's moved in an account, of one kind, purpose and method; kept sums.

    `purpose` is the account that was given to or taken from by the same movement, `gifts` or
    `dues`, empty where neither was; `appeal_id` is 0 where it is no appeal's, `method` empty while
    it is not known. `count` is how many entries there were. Like a checkpoint it can be thrown away
    at any time, and is proved by the check.
    """

    __tablename__ = "ledger_day"
    __table_args__ = (
        CheckConstraint("count > 0", "counts_something"),
        CheckConstraint(one_of("account", ACCOUNTS), "account_known"),
        CheckConstraint(one_of("kind", MOVEMENTS), "kind_known"),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    appeal_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    method: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    pence: Mapped[int] = mapped_column(BigInteger)


class LedgerDaysKept(Base):
    """Up to which ledger transaction the days are added up: one row, locked by whoever adds."""

    __tablename__ = "ledger_days_kept"
    __table_args__ = (CheckConstraint("id = 1", "one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    upto: Mapped[int]


class AppealDonor(Base):
    """Somebody's first gift to an appeal: donors are counted by these rows.

    `key` is the appeal and the giver, `<appeal>:<email key>`; `transaction_id` is the movement that
    booked the gift.
    """

    __tablename__ = "appeal_donor"
    __table_args__ = (Index(None, "appeal_id", "transaction_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)


class AppealCheckpoint(Base):
    """What an appeal had come to with ledger transaction `upto`.

    A sum kept so as not to add everything up each time. It can be thrown away at any time, and is
    proved by the check.
    """

    __tablename__ = "appeal_checkpoint"

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    upto: Mapped[int]
    raised_pence: Mapped[int] = mapped_column(BigInteger)  # £21,474,836.47 is not the end of it
    donors: Mapped[int]
    made_at: Mapped[dt.datetime]
