"""The payment gateway in our own words: what we ask of it, and what it tells us.

Nothing here knows Stripe's shapes; `stripe_gateway` translates.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from payments.notices import (
    BalanceLine,
    CheckoutState,
    Notice,
    RefundState,
    SubscriptionEnded,
    SubscriptionState,
)


class PaymentRefused(Exception):
    """The gateway will never take this request: the fault is ours."""


class GatewayUnavailable(Exception):
    """The gateway gave no clear answer: what it did is unknown, so ask again the same way."""


class NotFromGateway(ValueError):
    """The notice is not signed by the gateway, or cannot be read."""


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
class RefundOrder:
    """A wish to give money back. `key` makes a repeated one harmless."""

    key: str
    payment_intent: str
    pence: int
    payment_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """A wish to pause a subscription until a moment, to go on, or to take another amount.

    `kind` is `pause` (with `until`), `resume` or `amount` (with `pence`, which count from the next
    month on). `key` makes a repeated one harmless.
    """

    key: str
    subscription: str
    kind: str
    until: dt.datetime | None = None
    pence: int | None = None


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
    """What the gateway tells of a payment once it has been cleared.

    `charged_at` is when its charge was made: for a Direct Debit days before it was paid.
    """

    payment_intent: str | None
    charge: str | None
    method: str | None
    fee_pence: int | None
    charged_at: dt.datetime | None = None


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

    def subscription(self, subscription: str) -> SubscriptionState:
        """Return how a subscription stands."""

    def change(self, order: ChangeOrder) -> SubscriptionState:
        """Change a subscription; the same order changes it once. Return how it then stands."""

    def refund(self, order: RefundOrder) -> RefundState:
        """Give money back; the same order gives it back once."""

    def payout_lines(self, payout: str) -> Iterator[BalanceLine]:
        """Return what a payout is made of, without the payout itself."""

    def listed(self, since: dt.datetime) -> Iterator[Notice]:
        """Return how everything stands that was made or changed since then, kind by kind.

        Objects, not events: what no event was sent for is found as well.
        """

    def events_since(self, since: dt.datetime) -> Iterator[tuple[SignedNotice, bytes]]:
        """Return the events since then, in any order, each as a webhook would have brought it."""

    def event(self, event_id: str) -> tuple[SignedNotice, bytes]:
        """Return one event as a webhook would have brought it.

        Raises:
            PaymentRefused: there is none of this id, or it is too old (30 days at Stripe).
        """

    def billing_page(self, customer: str, return_url: str) -> str:
        """Return the address of the gateway's page on which a payer manages cards."""

    def verify(self, raw: bytes, signature: str) -> SignedNotice:
        """Check that a notice comes from the gateway.

        Raises:
            NotFromGateway: when it does not, or is older than five minutes, or cannot be read.
        """

    def read(self, raw: bytes) -> Notice | None:
        """Return what a verified notice says, or None when it is none of our business."""
