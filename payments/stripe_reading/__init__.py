"""Reading Stripe's objects: what each says, in our words (API version 2026-10-28.endive)."""

from collections.abc import Callable, Mapping
from typing import Any

from payments.notices import (
    Notice,
)
from payments.stripe_monthly import touched
from payments.stripe_reading.afterwards import (
    balance_line,
    charge_cleared,
    dispute_state,
    fraud_warned,
    payout_state,
    refund_state,
)
from payments.stripe_reading.taking import (
    charge_made_at,
    charged_at,
    checkout_state,
    intent_of_invoice,
    invoice_paid,
    invoice_settled_by,
    invoice_unpaid,
    payment_declined,
    subscription_ended,
    unpaid_invoice,
)
from payments.stripe_values import moment

__all__ = [
    "balance_line",
    "charge_cleared",
    "charge_made_at",
    "charged_at",
    "checkout_state",
    "dispute_state",
    "fraud_warned",
    "intent_of_invoice",
    "invoice_paid",
    "invoice_settled_by",
    "invoice_unpaid",
    "notice_of",
    "payment_declined",
    "payout_state",
    "refund_state",
    "subscription_ended",
    "unpaid_invoice",
]


def notice_of(event: Mapping[str, Any]) -> Notice | None:
    """Return what an event says; None for kinds that we do not use, and other apps' objects."""
    kind, found = event["type"], event["data"]["object"]
    at = moment(event["created"])
    match kind.split("."):
        case ["checkout", "session", change]:
            return checkout_state(found, at=at, failed=change == "async_payment_failed")
        case ["refund", _] | ["charge", "refund", _]:
            return refund_state(found, at=at, livemode=event["livemode"])
        case ["charge", "dispute", _]:
            return dispute_state(found, at=at)
        case ["payout", "created" | "updated" | "paid" | "failed" | "canceled"]:
            return payout_state(found, at=at)
    readers: dict[str, Callable[[Mapping[str, Any]], Notice | None]] = {
        "charge.updated": charge_cleared,
        "customer.subscription.deleted": subscription_ended,
        "customer.subscription.updated": lambda _subscription: touched(event),
        "customer.updated": lambda _customer: touched(event),
        "invoice.paid": invoice_paid,
        "invoice.payment_failed": lambda invoice: invoice_unpaid(invoice, at),
        "invoice_payment.paid": invoice_settled_by,
        "payment_intent.payment_failed": lambda intent: payment_declined(intent, at),
        "payment_method.automatically_updated": lambda _method: touched(event),
        "payment_method.updated": lambda _method: touched(event),
        "radar.early_fraud_warning.created": fraud_warned,
    }
    reader = readers.get(kind)
    return reader(found) if reader else None
