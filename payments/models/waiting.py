"""What waits to be done: notices to apply, questions to ask, wishes to carry out."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.leasing import Leased

_REFUSED = text("due_at IS NULL AND stripe_refund IS NULL")


class WebhookEvent(Leased, Base):
    """What Stripe told us, kept as it came before anything is made of it.

    `about` is the id at Stripe of what it speaks of, where that is not known here (yet).
    """

    __tablename__ = "webhook_event"
    __table_args__ = (
        Index(None, "due_at"),
        Index(
            "ix_webhook_event_held",
            "id",
            sqlite_where=text("outcome = 'held'"),
            postgresql_where=text("outcome = 'held'"),
        ),
    )

    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    api_version: Mapped[str | None]
    livemode: Mapped[bool]
    created: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    pledge_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    outcome: Mapped[str | None]
    about: Mapped[str | None] = mapped_column(index=True)


class DetailInquiry(Leased, Base):
    """A payment whose fee and method are still to be asked of Stripe."""

    __tablename__ = "detail_inquiry"

    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), unique=True)


class StopRequest(Leased, Base):
    """A monthly giver's wish to stop, until Stripe has carried it out."""

    __tablename__ = "stop_request"

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), unique=True)
    asked_at: Mapped[dt.datetime]


class RefundRequest(Leased, Base):
    """Our wish to give money back, until Stripe has carried it out.

    `key` is the one under which Stripe hears it once: `refund:<payment>:<number of the wish>`.
    """

    __tablename__ = "refund_request"
    __table_args__ = (
        Index(None, "due_at"),
        Index("ix_refund_request_refused", "id", sqlite_where=_REFUSED, postgresql_where=_REFUSED),
    )

    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    amount_pence: Mapped[int]
    why: Mapped[str]
    asked_at: Mapped[dt.datetime]
    stripe_refund: Mapped[str | None] = mapped_column(unique=True)


class PayoutInquiry(Leased, Base):
    """A payout of which is still to be asked what it is made of."""

    __tablename__ = "payout_inquiry"

    payout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payout.id"), unique=True)


class Sweep(Base):
    """How far a regular look at Stripe has come."""

    __tablename__ = "sweep"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_until: Mapped[dt.datetime]
