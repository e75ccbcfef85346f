"""Reading Stripe's objects: what each says, in our words (API version 2026-10-28.endive)."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any

from payments.gateway import CheckoutState, InvoicePaid, Outcome, SubscriptionEnded

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,255}")


def checkout_state(
    found: Mapping[str, Any], *, at: dt.datetime | None, failed: bool = False
) -> CheckoutState:
    """Return what a Checkout session says, as of `at`, or else as of when it was made."""
    invoice = found.get("invoice")
    paid_invoice = isinstance(invoice, Mapping) and invoice.get("status") == "paid"
    return CheckoutState(
        session_id=found["id"],
        pledge_id=_uuid(found.get("client_reference_id")),
        outcome=Outcome.FAILED if failed else _outcome(found),
        pence=found.get("amount_total") or 0,
        currency=str(found.get("currency") or "").upper(),
        livemode=found["livemode"],
        monthly=found["mode"] == "subscription",
        at=at or moment(found["created"]),
        payment_intent=id_of(found.get("payment_intent")),
        subscription=id_of(found.get("subscription")),
        customer=id_of(found.get("customer")),
        invoice=invoice_paid(invoice) if invoice and paid_invoice else None,
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


def invoice_paid(found: Mapping[str, Any]) -> InvoicePaid | None:
    """Return what a paid invoice says; None for one that belongs to no subscription."""
    parent = (found.get("parent") or {}).get("subscription_details") or {}
    subscription = id_of(parent.get("subscription"))
    if subscription is None:
        return None
    moments = found.get("status_transitions") or {}
    return InvoicePaid(
        invoice=found["id"],
        subscription=subscription,
        pledge_id=_uuid((parent.get("metadata") or {}).get("pledge")),
        pence=found["amount_paid"],
        currency=str(found["currency"]).upper(),
        livemode=found["livemode"],
        paid_at=moment(moments.get("paid_at") or found["created"]),
        payment_intent=intent_of_invoice(found),
    )


def subscription_ended(found: Mapping[str, Any]) -> SubscriptionEnded:
    """Return what a subscription that has ended says."""
    ended = found.get("ended_at") or found.get("canceled_at") or found["created"]
    return SubscriptionEnded(
        subscription=found["id"],
        pledge_id=_uuid((found.get("metadata") or {}).get("pledge")),
        livemode=found["livemode"],
        at=moment(ended),
    )


def intent_of_invoice(found: Mapping[str, Any]) -> str | None:
    """Return the id of the payment that paid an invoice."""
    for row in (found.get("payments") or {}).get("data", []):
        intent = id_of((row.get("payment") or {}).get("payment_intent"))
        if intent and row.get("status") == "paid":
            return intent
    return None


def charged_at(found: Mapping[str, Any]) -> dt.datetime | None:
    """Return when the money of a Checkout session was taken, where its charge is expanded."""
    intent = found.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return moment(charge["created"]) if isinstance(charge, Mapping) else None


def id_of(value: object) -> str | None:
    """Return the id of an object that may or may not have been expanded."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


def _uuid(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def name(value: object) -> str:
    """Return a name of Stripe's: an id, a kind of event, a version."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise ValueError("not a name")


def moment(seconds: float) -> dt.datetime:
    """Return the moment that Stripe writes as seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
