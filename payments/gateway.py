"""The payment gateway in our own words: what we ask of it, and what it tells us.

Nothing here knows Stripe's shapes; `stripe_gateway` translates.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PaymentRefused(Exception):
    """The gateway will never take this request: the fault is ours."""


class GatewayUnavailable(Exception):
    """The gateway gave no clear answer: what it did is unknown, so ask again the same way."""


class NotFromGateway(ValueError):
    """The notice is not signed by the gateway, or cannot be read."""


class Outcome(StrEnum):
    """How far a Checkout has come."""

    OPEN = "open"
    PAID = "paid"
    SETTLING = "settling"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """Everything that the gateway is told of a pledge, and nothing else.

    `key` makes a repeated order harmless; the same key always comes with the same values.
    """

    key: str
    pledge_id: uuid.UUID
    pence: int
    title: str
    email: str
    monthly: bool
    dues: bool
    expires_at: dt.datetime
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """A page that waits for the payer."""

    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class InvoicePaid:
    """One month's money of a monthly pledge was taken."""

    invoice: str
    subscription: str
    pledge_id: uuid.UUID | None
    pence: int
    currency: str
    livemode: bool
    paid_at: dt.datetime
    payment_intent: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """What became of a Checkout. `at` is when it came to that."""

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


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """Nothing more will be taken for a monthly pledge."""

    subscription: str
    pledge_id: uuid.UUID | None
    livemode: bool
    at: dt.datetime


Notice = CheckoutState | InvoicePaid | SubscriptionEnded


@dataclass(frozen=True, slots=True)
class SignedNotice:
    """A notice as it came, its signature checked."""

    event_id: str
    type: str
    api_version: str | None
    livemode: bool
    created: dt.datetime


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """What the gateway tells of a payment once it has been cleared."""

    payment_intent: str | None
    charge: str | None
    method: str | None
    fee_pence: int | None


class Gateway(Protocol):
    """Whoever takes the money. Every call may raise `PaymentRefused` or `GatewayUnavailable`."""

    @property
    def api_version(self) -> str:
        """The version of the gateway's API that this adapter is written for."""

    def open_checkout(self, order: CheckoutOrder) -> OpenCheckout:
        """Open a page on which the order can be paid; the same order opens the same page."""

    def checkout(self, session_id: str) -> CheckoutState:
        """Return what became of a Checkout."""

    def close_checkout(self, session_id: str) -> CheckoutState:
        """Close a page that nobody has paid on; one that is over stays as it is, and says so."""

    def details(self, *, payment_intent: str | None, invoice: str | None) -> PaymentDetails:
        """Return method and fee of a payment; the fee is None until it is known."""

    def stop(self, subscription: str) -> SubscriptionEnded:
        """Take nothing more for this subscription, from now on; harmless when it has ended."""

    def billing_page(self, customer: str, return_url: str) -> str:
        """Return the address of the gateway's page on which a payer manages cards."""

    def verify(self, raw: bytes, signature: str) -> SignedNotice:
        """Check that a notice comes from the gateway.

        Raises:
            NotFromGateway: when it does not, or is older than five minutes, or cannot be read.
        """

    def read(self, raw: bytes) -> Notice | None:
        """Return what a verified notice says, or None when it is none of our business."""
