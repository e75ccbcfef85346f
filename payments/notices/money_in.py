"""Notices of Checkouts and agreements: what was paid, and what was not."""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How far a Checkout has come."""

    OPEN = "open"
    PAID = "paid"
    SETTLING = "settling"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class InvoicePaid:
    """One month's money of a monthly pledge was taken.

    `made_at` is when the invoice was drawn up, and so the amount of it fixed. `outside_pence` is
    what of it never came through the gateway: somebody there called it paid.
    """

    invoice: str
    subscription: str
    pledge_id: uuid.UUID | None
    pence: int
    currency: str
    livemode: bool
    paid_at: dt.datetime
    payment_intent: str | None = None
    outside_pence: int = 0
    made_at: dt.datetime | None = None

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """What became of a Checkout. `at` is when it came to that, `charged_at` when it was charged."""

    session_id: str
    pledge_id: uuid.UUID | None
    outcome: Outcome
    pence: int
    currency: str
    livemode: bool
    monthly: bool
    at: dt.datetime
    payment_intent: str | None = None
    subscription: str | None = None
    customer: str | None = None
    invoice: InvoicePaid | None = None
    charged_at: dt.datetime | None = None

    @property
    def subject(self) -> str:
        """The Checkout."""
        return self.session_id


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """Nothing more will be taken for a monthly pledge.

    `unpaid` says that it ended because a month could not be taken, however often it was tried.
    """

    subscription: str
    pledge_id: uuid.UUID | None
    livemode: bool
    at: dt.datetime
    unpaid: bool = False

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription


@dataclass(frozen=True, slots=True)
class InvoiceSettledBy:
    """Which payment has paid an invoice."""

    invoice: str
    payment_intent: str
    livemode: bool

    @property
    def subject(self) -> str:
        """The invoice."""
        return self.invoice


@dataclass(frozen=True, slots=True)
class InvoiceUnpaid:
    """A month's money could not be taken. `retry_at` is when it is tried again, if at all.

    `attempt` counts the tries for this invoice from 1.
    """

    invoice: str
    subscription: str
    pledge_id: uuid.UUID | None
    pence: int
    livemode: bool
    at: dt.datetime
    retry_at: dt.datetime | None
    attempt: int = 1

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription


@dataclass(frozen=True, slots=True)
class SubscriptionTouched:
    """Something changed about how monthly pledges stand or are paid: it has to be asked anew.

    They are named by one of their subscription, their payer at the gateway, or what they are paid
    with. What changed is not told: such notices may overtake each other.
    """

    livemode: bool
    subscription: str | None = None
    pledge_id: uuid.UUID | None = None
    customer: str | None = None
    payment_method: str | None = None

    @property
    def subject(self) -> str:
        """Whatever it names."""
        return self.subscription or self.customer or self.payment_method or ""


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """How a monthly pledge stands at the gateway, as of when it was asked.

    `resumes_at` is None in a pause without an end. `ends_at` is set where it ends with its period,
    `period_ends` is when the next month is taken. `card_expires` is the last day of the card that
    pays, None where no card does.
    """

    subscription: str
    pence: int
    paused: bool
    resumes_at: dt.datetime | None
    ends_at: dt.datetime | None
    period_ends: dt.datetime | None
    payment_method: str | None
    card_expires: dt.date | None
