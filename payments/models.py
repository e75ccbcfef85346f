"""The tables of money.

A *pledge* is what somebody set out to give. A *checkout* is one try to pay it at Stripe. A
*payment* is money taken: one for a single gift, one a month for a monthly one. The *ledger* holds
every movement in balanced, unchangeable entries; totals are sums over it. Amounts are pence.
"""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.leasing import Leased

KINDS = ("donation", "monthly", "dues")
STATES = ("pending", "confirming", "paid", "not-taken", "held")
ACCOUNTS = ("stripe", "gifts", "dues", "fees")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Appeal(Base):
    """A named fund with a target and a period."""

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint("target_pence > 0", "target_positive"),
        CheckConstraint("ends IS NULL OR ends >= starts", "period_forward"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    blurb: Mapped[str]
    target_pence: Mapped[int]
    starts: Mapped[dt.date]
    ends: Mapped[dt.date | None]


class Pledge(Base):
    """What somebody set out to give, once or monthly, and how far it has come.

    `form_nonce` is the number used once of the form that made it: the same form sent again finds
    this row. `title` is the line item's name as Stripe is given it.
    """

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint("currency = 'GBP'", "currency_sterling"),
        CheckConstraint(_one_of("kind", KINDS), "kind_known"),
        CheckConstraint(_one_of("state", STATES), "state_known"),
        CheckConstraint("(kind = 'dues') = (appeal_id IS NULL)", "gifts_have_an_appeal"),
        Index(None, "email_key"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    amount_pence: Mapped[int]
    currency: Mapped[str] = mapped_column(default="GBP")
    title: Mapped[str]
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    postcode: Mapped[str | None]
    message: Mapped[str]
    display: Mapped[str]
    consent_wording: Mapped[str | None]
    source: Mapped[str]
    form_nonce: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    held_because: Mapped[str | None]
    stripe_customer: Mapped[str | None]
    stripe_subscription: Mapped[str | None] = mapped_column(unique=True)
    stopped_at: Mapped[dt.datetime | None]

    appeal: Mapped[Appeal | None] = relationship(lazy="selectin")
    checkouts: Mapped[list["Checkout"]] = relationship(
        order_by="Checkout.attempt", back_populates="pledge", lazy="selectin"
    )
    payments: Mapped[list["Payment"]] = relationship(
        order_by="Payment.number", back_populates="pledge"
    )

    @property
    def monthly(self) -> bool:
        """Whether it is paid each month until it is stopped."""
        return self.kind != "donation"


class Checkout(Base):
    """One try to pay a pledge on Stripe's page.

    What varies from call to call is kept here, so that a call repeated under the same key has the
    same body. `session_id` is null while we do not know whether Stripe heard us.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        UniqueConstraint("pledge_id", "attempt"),
        CheckConstraint("attempt > 0", "attempt_positive"),
        CheckConstraint(
            _one_of("state", ("open", "complete", "expired", "refused")), "state_known"
        ),
        Index(None, "state", "checked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"))
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    checked_at: Mapped[dt.datetime]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]

    pledge: Mapped[Pledge] = relationship(back_populates="checkouts", lazy="joined", innerjoin=True)

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe makes this Checkout once (docs.stripe.com, idempotency)."""
        return f"checkout:{self.pledge_id}:{self.attempt}"


class Payment(Base):
    """Money taken. Unique on Stripe's ids, so that being told twice books once.

    `paid_at` is when Stripe says it was paid; `fee_pence` is null until Stripe has told it.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("pledge_id", "number"),
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint("payment_intent IS NOT NULL OR invoice IS NOT NULL", "known_to_stripe"),
        Index(None, "paid_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"))
    number: Mapped[int]
    amount_pence: Mapped[int]
    currency: Mapped[str]
    paid_at: Mapped[dt.datetime]
    booked_at: Mapped[dt.datetime]
    method: Mapped[str | None]
    fee_pence: Mapped[int | None]
    payment_intent: Mapped[str | None] = mapped_column(unique=True)
    invoice: Mapped[str | None] = mapped_column(unique=True)
    charge: Mapped[str | None] = mapped_column(unique=True)

    pledge: Mapped[Pledge] = relationship(back_populates="payments")


class LedgerTransaction(Base):
    """One movement of money, whose entries sum to nothing. Never changed (the database sees to it).

    `key` names what moved, so that nothing is booked twice.
    """

    __tablename__ = "ledger_transaction"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    moved_at: Mapped[dt.datetime]
    booked_at: Mapped[dt.datetime]
    entries: Mapped[list["LedgerEntry"]] = relationship()


class LedgerEntry(Base):
    """What one account gained (above 0) or gave (below 0)."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("pence <> 0", "moves_something"),
        CheckConstraint(_one_of("account", ACCOUNTS), "account_known"),
        Index(None, "appeal_id", "account"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)
    account: Mapped[str]
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    pence: Mapped[int]


class WebhookEvent(Leased, Base):
    """What Stripe told us, kept as it came before anything is made of it."""

    __tablename__ = "webhook_event"

    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    api_version: Mapped[str | None]
    livemode: Mapped[bool]
    created: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    pledge_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    outcome: Mapped[str | None]


class DetailInquiry(Leased, Base):
    """A payment whose fee and method are still to be asked of Stripe."""

    __tablename__ = "detail_inquiry"

    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), unique=True)


class StopRequest(Leased, Base):
    """A monthly giver's wish to stop, until Stripe has carried it out."""

    __tablename__ = "stop_request"

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), unique=True)
    asked_at: Mapped[dt.datetime]
