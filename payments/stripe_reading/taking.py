"""What Checkouts, invoices and payments say of money that was taken, or was not."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from payments.notices import (
    CheckoutState,
    InvoicePaid,
    InvoiceSettledBy,
    InvoiceUnpaid,
    Outcome,
    PaymentDeclined,
    SubscriptionEnded,
)
from payments.stripe_values import id_of, moment, name, own_id, pence

_AT_ONCE = dt.timedelta(hours=1)
_FIRST_MONTH = "Subscription creation"  # as Stripe calls the payment of a first invoice


def checkout_state(
    found: Mapping[str, Any], *, at: dt.datetime | None, failed: bool = False
) -> CheckoutState:
    """Return what a Checkout session says, as of `at`, or else as of when it was made."""
    invoice = found.get("invoice")
    paid_invoice = isinstance(invoice, Mapping) and invoice.get("status") == "paid"
    return CheckoutState(
        session_id=name(found["id"]),
        pledge_id=own_id(found.get("client_reference_id")),
        outcome=Outcome.FAILED if failed else _outcome(found),
        pence=pence(found.get("amount_total") or 0),
        currency=str(found.get("currency") or "").upper(),
        livemode=found["livemode"],
        monthly=found["mode"] == "subscription",
        at=at or moment(found["created"]),
        payment_intent=id_of(found.get("payment_intent")),
        subscription=id_of(found.get("subscription")),
        customer=id_of(found.get("customer")),
        invoice=invoice_paid(invoice) if invoice and paid_invoice else None,
        charged_at=charge_made_at(found.get("payment_intent")),
    )


def _outcome(found: Mapping[str, Any]) -> Outcome:
    """Read `status` with `payment_status`: complete and unpaid is a Direct Debit under way."""
    if found["status"] == "expired":
        return Outcome.EXPIRED
    if found["status"] != "complete":
        return Outcome.OPEN
    if found["payment_status"] != "unpaid":
        return Outcome.PAID
    intent = found.get("payment_intent")
    refused = isinstance(intent, Mapping) and intent.get("status") in (
        "requires_payment_method",
        "canceled",
    )
    return Outcome.FAILED if refused else Outcome.SETTLING


def unpaid_invoice(found: Mapping[str, Any]) -> str | None:
    """Return the invoice for the first month of a completed session, where it is not paid."""
    invoice = found.get("invoice")
    waits = found["status"] == "complete" and found["payment_status"] == "unpaid"
    if not waits or not isinstance(invoice, Mapping) or invoice.get("status") == "paid":
        return None
    return name(invoice["id"])


def invoice_paid(found: Mapping[str, Any]) -> InvoicePaid | None:
    """Return what a paid invoice says; None for one that belongs to no subscription."""
    parent = (found.get("parent") or {}).get("subscription_details") or {}
    subscription = id_of(parent.get("subscription"))
    if subscription is None:
        return None
    moments = found.get("status_transitions") or {}
    return InvoicePaid(
        invoice=name(found["id"]),
        subscription=subscription,
        pledge_id=own_id((parent.get("metadata") or {}).get("pledge")),
        pence=pence(found["amount_paid"]),
        currency=str(found["currency"]).upper(),
        livemode=found["livemode"],
        paid_at=moment(moments.get("paid_at") or found["created"]),
        payment_intent=intent_of_invoice(found),
        outside_pence=pence(found.get("amount_paid_off_stripe") or 0),
        made_at=moment(found["created"]),
    )


def subscription_ended(found: Mapping[str, Any]) -> SubscriptionEnded:
    """Return what a subscription that has ended says."""
    ended = found.get("ended_at") or found.get("canceled_at") or found["created"]
    return SubscriptionEnded(
        subscription=name(found["id"]),
        pledge_id=own_id((found.get("metadata") or {}).get("pledge")),
        livemode=found["livemode"],
        at=moment(ended),
        unpaid=(found.get("cancellation_details") or {}).get("reason") == "payment_failed",
    )


def invoice_unpaid(found: Mapping[str, Any], at: dt.datetime) -> InvoiceUnpaid | None:
    """Return what an invoice says that could not be paid; None for no subscription's."""
    parent = (found.get("parent") or {}).get("subscription_details") or {}
    subscription = id_of(parent.get("subscription"))
    if subscription is None:
        return None
    retry = found.get("next_payment_attempt")
    return InvoiceUnpaid(
        invoice=name(found["id"]),
        subscription=subscription,
        pledge_id=own_id((parent.get("metadata") or {}).get("pledge")),
        pence=pence(found["amount_due"]),
        livemode=found["livemode"],
        at=at,
        retry_at=moment(retry) if retry else None,
        attempt=max(int(found.get("attempt_count") or 1), 1),
    )


def invoice_settled_by(found: Mapping[str, Any]) -> InvoiceSettledBy | None:
    """Return which payment has paid an invoice; None when it was not a payment intent."""
    intent = id_of((found.get("payment") or {}).get("payment_intent"))
    invoice = id_of(found.get("invoice"))
    if intent is None or invoice is None or found.get("status") != "paid":
        return None
    return InvoiceSettledBy(invoice, intent, livemode=found["livemode"])


def payment_declined(found: Mapping[str, Any], at: dt.datetime) -> PaymentDeclined | None:
    """Return that a card was declined where somebody typed it; None for anything else.

    A payment by a Checkout of ours bears our metadata. That of a first month bears none, but its
    description says that a subscription is created; a later month's says something else.
    """
    ours = own_id((found.get("metadata") or {}).get("pledge")) is not None
    if not ours and found.get("description") != _FIRST_MONTH:
        return None
    error = found.get("last_payment_error") or {}
    if (error.get("payment_method") or {}).get("type", "card") != "card":
        return None
    charge = id_of(error.get("charge")) or id_of(found.get("latest_charge"))
    if charge is None:  # not even charged: it failed 3-D Secure
        charge = f"{name(found['id'])}:{int(at.timestamp())}"
    return PaymentDeclined(charge, livemode=found["livemode"], at=at)


def intent_of_invoice(found: Mapping[str, Any]) -> str | None:
    """Return the id of the payment that paid an invoice."""
    for row in (found.get("payments") or {}).get("data", []):
        intent = id_of((row.get("payment") or {}).get("payment_intent"))
        if intent and row.get("status") == "paid":
            return intent
    return None


def charge_made_at(intent: object) -> dt.datetime | None:
    """Return when the charge that paid an intent was made, where both are expanded.

    It is the day on which a donation is received at the earliest; see `charged_at` for the money.
    """
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return moment(charge["created"]) if isinstance(charge, Mapping) else None


def charged_at(found: Mapping[str, Any]) -> dt.datetime | None:
    """Return when the money of a Checkout session was taken, where its charge is expanded.

    That is when it reached our balance: the charge of a Direct Debit is made days before. A card's
    does so at once, though Stripe may write it down some seconds later.
    """
    intent = found.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    if not isinstance(charge, Mapping):
        return None
    made, cleared = moment(charge["created"]), charge.get("balance_transaction")
    if isinstance(cleared, Mapping) and moment(cleared["created"]) - made > _AT_ONCE:
        return moment(cleared["created"])
    return made
