"""Notices of what becomes of money once it was taken, and of cards that were declined."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChargeCleared:
    """The fee of a payment can be asked for now. `charged_at` is when its charge was made."""

    payment_intent: str
    livemode: bool
    charged_at: dt.datetime | None = None

    @property
    def subject(self) -> str:
        """The payment intent."""
        return self.payment_intent


@dataclass(frozen=True, slots=True)
class RefundState:
    """How a refund stands. `status` is Stripe's word; `at` is when it was so."""

    refund: str
    payment_intent: str | None
    charge: str | None
    pence: int
    currency: str
    status: str
    reason: str | None
    livemode: bool
    made_at: dt.datetime
    at: dt.datetime

    @property
    def subject(self) -> str:
        """The payment that it gives back."""
        return self.payment_intent or self.charge or self.refund


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One movement of our balance at the gateway: `pence` less `fee_pence` is what it changed by.

    `source` is the id of what moved (a charge, a refund, a dispute).
    """

    line: str
    kind: str
    source: str | None
    pence: int
    fee_pence: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DisputeState:
    """How a dispute stands. `status` is Stripe's word; `lines` are the money it has moved."""

    dispute: str
    payment_intent: str | None
    charge: str | None
    pence: int
    currency: str
    status: str
    reason: str
    livemode: bool
    opened_at: dt.datetime
    answer_by: dt.datetime | None
    at: dt.datetime
    lines: tuple[BalanceLine, ...] = ()

    @property
    def subject(self) -> str:
        """The payment that is disputed."""
        return self.payment_intent or self.charge or self.dispute


@dataclass(frozen=True, slots=True)
class FraudWarned:
    """A card's issuer thinks that a payment was fraud."""

    warning: str
    payment_intent: str | None
    charge: str | None
    kind: str
    livemode: bool
    at: dt.datetime

    @property
    def subject(self) -> str:
        """The payment that it warns of."""
        return self.payment_intent or self.charge or self.warning


@dataclass(frozen=True, slots=True)
class PaymentDeclined:
    """A card was declined on one of our payment pages; `attempt` names that one try."""

    attempt: str
    livemode: bool
    at: dt.datetime

    @property
    def subject(self) -> str:
        """The try itself."""
        return self.attempt


@dataclass(frozen=True, slots=True)
class PayoutState:
    """How a payout stands. `pence` is below nothing when money is taken from the bank."""

    payout: str
    pence: int
    currency: str
    status: str
    livemode: bool
    made_at: dt.datetime
    arrives_on: dt.date
    at: dt.datetime
    failure: str | None = None

    @property
    def subject(self) -> str:
        """The payout itself."""
        return self.payout
