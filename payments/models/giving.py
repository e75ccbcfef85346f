"""What somebody set out to give, for what, and each try to pay it."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from payments.models.columns import one_of

if TYPE_CHECKING:
    from payments.models.money import Payment

KINDS = ("donation", "monthly", "dues", "offline")
MONTHLY = ("monthly", "dues")
_HELD = text("held_because IS NOT NULL")
STATES = ("pending", "confirming", "paid", "not-taken", "held")


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
    this row. `title` is the line item's name as Stripe is given it. `cover_pence` is the part of
    the amount that the giver added to cover the fee. A monthly giver may change both later
    (`payments.monthly.amounts`); here they stay as they were at first. `email_key` says whose gift
    it is: two gifts of one key are one donor's. An offline gift whose giver has no address with us
    has a key that no address can be; its `email` is empty. `message_read` says that a moderator has
    decided on its message, and so that the queue has it no more.
    """

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", "amount_positive"),
        CheckConstraint("cover_pence >= 0 AND cover_pence < amount_pence", "cover_within_amount"),
        CheckConstraint("currency = 'GBP'", "currency_sterling"),
        CheckConstraint(one_of("kind", KINDS), "kind_known"),
        CheckConstraint(one_of("state", STATES), "state_known"),
        CheckConstraint("(kind = 'dues') = (appeal_id IS NULL)", "gifts_have_an_appeal"),
        Index(None, "email_key"),
        Index(None, "postcode"),
        Index(None, "appeal_id", "email_key"),
        Index("ix_pledge_held", "id", sqlite_where=_HELD, postgresql_where=_HELD),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    amount_pence: Mapped[int]
    cover_pence: Mapped[int] = mapped_column(default=0)
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
    stripe_customer: Mapped[str | None] = mapped_column(index=True)
    stripe_subscription: Mapped[str | None] = mapped_column(unique=True)
    stopped_at: Mapped[dt.datetime | None]
    message_read: Mapped[bool] = mapped_column(default=False, server_default=false())

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
        return self.kind in MONTHLY


class PledgeWord(Base):
    """A giver's name begun at one of its words, by which their payments are found.

    It is written with the pledge and goes with the name (`payments.searching`). `since` is when the
    pledge was made.
    """

    __tablename__ = "pledge_word"
    __table_args__ = (Index(None, "word", "since", "pledge_id"),)

    pledge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True
    )
    word: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"), primary_key=True
    )
    since: Mapped[dt.datetime]


class Checkout(Base):
    """One try to pay a pledge on Stripe's page.

    What varies from call to call is kept here, so that a call repeated under the same key has the
    same body. `session_id` is null while we do not know whether Stripe heard us.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        UniqueConstraint("pledge_id", "attempt"),
        CheckConstraint("attempt > 0", "attempt_positive"),
        CheckConstraint(one_of("state", ("open", "complete", "expired", "refused")), "state_known"),
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
