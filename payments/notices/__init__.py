"""What the gateway tells us, in our own words: what became of money.

A notice says how a thing stands, not what changed: it may come twice, late or in any order. Pence
are whole pence, moments are aware, `subject` is the gateway's id of what a notice speaks of.
"""

from payments.notices.money_after import (
    BalanceLine,
    ChargeCleared,
    DisputeState,
    FraudWarned,
    PaymentDeclined,
    PayoutState,
    RefundState,
)
from payments.notices.money_in import (
    CheckoutState,
    InvoicePaid,
    InvoiceSettledBy,
    InvoiceUnpaid,
    Outcome,
    SubscriptionEnded,
    SubscriptionState,
    SubscriptionTouched,
)

Notice = (
    CheckoutState
    | InvoicePaid
    | InvoiceSettledBy
    | InvoiceUnpaid
    | SubscriptionEnded
    | SubscriptionTouched
    | ChargeCleared
    | RefundState
    | DisputeState
    | FraudWarned
    | PaymentDeclined
    | PayoutState
)

__all__ = [
    "BalanceLine",
    "ChargeCleared",
    "CheckoutState",
    "DisputeState",
    "FraudWarned",
    "InvoicePaid",
    "InvoiceSettledBy",
    "InvoiceUnpaid",
    "Notice",
    "Outcome",
    "PaymentDeclined",
    "PayoutState",
    "RefundState",
    "SubscriptionEnded",
    "SubscriptionState",
    "SubscriptionTouched",
]
