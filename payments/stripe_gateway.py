"""Stripe as our gateway: the only place that imports `stripe`, pinned together with its version.

Shapes and behaviour: Stripe's API 2026-10-28.endive. The message of a gift, its giver's name and
postcode never leave; Stripe gets our UUID, the amount, the line item's name and the e-mail address.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import stripe

from core.http import outgoing
from payments.gateway import (
    CheckoutOrder,
    CheckoutState,
    GatewayUnavailable,
    InvoicePaid,
    NotFromGateway,
    Notice,
    OpenCheckout,
    Outcome,
    PaymentDetails,
    PaymentRefused,
    SignedNotice,
    SubscriptionEnded,
)

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItemPriceData

API_VERSION = "2026-10-28.endive"
_CONNECT_SECONDS, _READ_SECONDS = 3.05, 15
_OLDEST_NOTICE_SECONDS = 300
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_CHECKOUT_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}


class StripeGateway:
    """Talks to Stripe, or to a stand-in at `api_base`."""

    api_version = API_VERSION

    def __init__(self, api_key: str, webhook_secrets: Sequence[str], api_base: str) -> None:
        self._secrets = webhook_secrets
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base},
            http_client=stripe.RequestsClient(
                session=outgoing(), timeout=(_CONNECT_SECONDS, _READ_SECONDS)
            ),
            max_network_retries=1,
        )

    def open_checkout(self, order: CheckoutOrder) -> OpenCheckout:
        """Create a hosted Checkout Session (docs.stripe.com/api/checkout/sessions/create)."""
        with _told_apart():
            session = self._client.v1.checkout.sessions.create(
                _session_params(order), {"idempotency_key": order.key}
            )
        if session.url is None:
            raise PaymentRefused("the session has no page")
        return OpenCheckout(session.id, session.url)

    def checkout(self, session_id: str) -> CheckoutState:
        """Retrieve the session with its invoice or its charge."""
        expand = ["invoice", "payment_intent.latest_charge"]
        with _told_apart():
            session = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": expand})
        found = session.to_dict()
        return _checkout_state(found, at=_charged_at(found))

    def close_checkout(self, session_id: str) -> CheckoutState:
        """Expire the session (docs.stripe.com/api/checkout/sessions/expire)."""
        try:
            with _told_apart():
                session = self._client.v1.checkout.sessions.expire(session_id)
        except PaymentRefused:
            return self.checkout(session_id)
        return _checkout_state(session.to_dict(), at=None)

    def details(self, *, payment_intent: str | None, invoice: str | None) -> PaymentDetails:
        """Retrieve the charge behind a payment, by its intent or through its invoice."""
        with _told_apart():
            if payment_intent is None and invoice is not None:
                expand = ["payments"]
                found = self._client.v1.invoices.retrieve(invoice, {"expand": expand}).to_dict()
                payment_intent = _intent_of_invoice(found)
            if payment_intent is None:
                return PaymentDetails(None, None, None, None)
            intent = self._client.v1.payment_intents.retrieve(
                payment_intent, {"expand": ["latest_charge.balance_transaction"]}
            ).to_dict()
        charge = intent.get("latest_charge") or {}
        cleared = charge.get("balance_transaction") or {}
        method = (charge.get("payment_method_details") or {}).get("type")
        return PaymentDetails(payment_intent, charge.get("id"), method, cleared.get("fee"))

    def stop(self, subscription: str) -> SubscriptionEnded:
        """Cancel the subscription at once; one that is cancelled already is left alone."""
        try:
            with _told_apart():
                found = self._client.v1.subscriptions.cancel(subscription)
        except PaymentRefused:
            with _told_apart():
                found = self._client.v1.subscriptions.retrieve(subscription)
            if found.status not in ("canceled", "incomplete_expired"):
                raise
        return _subscription_ended(found.to_dict())

    def billing_page(self, customer: str, return_url: str) -> str:
        """Open Stripe's billing portal for this customer."""
        with _told_apart():
            session = self._client.v1.billing_portal.sessions.create(
                {"customer": customer, "return_url": return_url}
            )
        return session.url

    def verify(self, raw: bytes, signature: str) -> SignedNotice:
        """Check `Stripe-Signature` against each secret in use (docs.stripe.com/webhooks)."""
        try:
            if not any(_signed(raw, signature, secret) for secret in self._secrets):
                raise NotFromGateway("signature")
            event = json.loads(raw)
            version = event.get("api_version")
            return SignedNotice(
                event_id=_named(event["id"]),
                type=_named(event["type"]),
                api_version=None if version is None else _named(version),
                livemode=bool(event["livemode"]),
                created=_moment(event["created"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise NotFromGateway("cannot be read") from None

    def read(self, raw: bytes) -> Notice | None:
        """Translate an event; kinds that we do not use, and other apps' objects, give None."""
        event = json.loads(raw)
        kind, found = event["type"], event["data"]["object"]
        at = _moment(event["created"])
        if kind in _CHECKOUT_EVENTS:
            failed = kind == "checkout.session.async_payment_failed"
            return _checkout_state(found, at=at, failed=failed)
        if kind == "invoice.paid":
            return _invoice_paid(found)
        if kind == "customer.subscription.deleted":
            return _subscription_ended(found)
        return None


def _session_params(order: CheckoutOrder) -> "SessionCreateParams":
    metadata = {"pledge": str(order.pledge_id)}
    price: SessionCreateParamsLineItemPriceData = {
        "currency": "gbp",
        "unit_amount": order.pence,
        "product_data": {"name": order.title},
    }
    params: SessionCreateParams = {
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": str(order.pledge_id),
        "customer_email": order.email,
        "metadata": metadata,
        "expires_at": int(order.expires_at.timestamp()),
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
    }
    if order.monthly:
        price["recurring"] = {"interval": "month"}
        params["mode"] = "subscription"
        params["subscription_data"] = {"metadata": metadata}
        params["submit_type"] = "subscribe" if order.dues else "donate"
    else:
        params["mode"] = "payment"
        params["payment_intent_data"] = {"metadata": metadata}
        params["submit_type"] = "donate"
    return params


def _checkout_state(
    found: Mapping[str, Any], *, at: dt.datetime | None, failed: bool = False
) -> CheckoutState:
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
        at=at or _moment(found["created"]),
        payment_intent=_id(found.get("payment_intent")),
        subscription=_id(found.get("subscription")),
        customer=_id(found.get("customer")),
        invoice=_invoice_paid(invoice) if invoice and paid_invoice else None,
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


def _invoice_paid(found: Mapping[str, Any]) -> InvoicePaid | None:
    parent = (found.get("parent") or {}).get("subscription_details") or {}
    subscription = _id(parent.get("subscription"))
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
        paid_at=_moment(moments.get("paid_at") or found["created"]),
        payment_intent=_intent_of_invoice(found),
    )


def _subscription_ended(found: Mapping[str, Any]) -> SubscriptionEnded:
    ended = found.get("ended_at") or found.get("canceled_at") or found["created"]
    return SubscriptionEnded(
        subscription=found["id"],
        pledge_id=_uuid((found.get("metadata") or {}).get("pledge")),
        livemode=found["livemode"],
        at=_moment(ended),
    )


def _intent_of_invoice(found: Mapping[str, Any]) -> str | None:
    for row in (found.get("payments") or {}).get("data", []):
        intent = _id((row.get("payment") or {}).get("payment_intent"))
        if intent and row.get("status") == "paid":
            return intent
    return None


def _charged_at(found: Mapping[str, Any]) -> dt.datetime | None:
    intent = found.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return _moment(charge["created"]) if isinstance(charge, Mapping) else None


def _id(value: object) -> str | None:
    """Return the id of an object that may or may not have been expanded."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


def _uuid(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def _named(value: object) -> str:
    """Return a name of Stripe's: an id, a kind of event, a version."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise ValueError("not a name")


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _signed(raw: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(
            stripe.WebhookSignature.verify_header(
                raw.decode("utf-8"), signature, secret, _OLDEST_NOTICE_SECONDS
            )
        )
    except stripe.SignatureVerificationError:
        return False


@contextmanager
def _told_apart() -> Iterator[None]:
    """Turn Stripe's errors into ours: those that say no, and those that leave it open.

    A 409 says that the same request is still under way, a 429 that it was not looked at.
    """
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayUnavailable(type(error).__name__) from None
    except stripe.StripeError as error:
        status = error.http_status or 0
        if status >= 500 or status == 409:  # noqa: PLR2004 -- their fault, or still under way
            raise GatewayUnavailable(f"status {status}") from None
        raise PaymentRefused(f"{type(error).__name__} {error.code or ''}".strip()) from None
