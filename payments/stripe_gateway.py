"""Stripe as our gateway: the only place that imports `stripe`, pinned together with its version.

Shapes and behaviour: Stripe's API 2026-10-28.endive. The message of a gift, its giver's name and
postcode never leave; Stripe gets our UUID, the amount, the line item's name and the e-mail address.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import stripe

from core.http import outgoing
from payments import stripe_listing as listing
from payments import stripe_monthly as monthly
from payments import stripe_reading as reading
from payments.gateway import (
    ChangeOrder,
    CheckoutOrder,
    GatewayUnavailable,
    NotFromGateway,
    OpenCheckout,
    PaymentDetails,
    PaymentRefused,
    RefundOrder,
    SignedNotice,
)
from payments.notices import (
    BalanceLine,
    CheckoutState,
    Notice,
    RefundState,
    SubscriptionEnded,
    SubscriptionState,
)
from payments.stripe_values import moment, name

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItemPriceData

API_VERSION = "2026-10-28.endive"
_CONNECT_SECONDS, _READ_SECONDS = 3.05, 15
_OLDEST_NOTICE_SECONDS = 300


class StripeGateway:
    """Talks to Stripe, or to a stand-in at `api_base`, and waits `patience` seconds for answers."""

    api_version = API_VERSION

    def __init__(
        self,
        api_key: str,
        webhook_secrets: Sequence[str],
        api_base: str,
        *,
        patience: float = _READ_SECONDS,
    ) -> None:
        self._secrets = webhook_secrets
        self._livemode = "_live_" in api_key
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base},
            http_client=stripe.RequestsClient(
                session=outgoing(), timeout=(_CONNECT_SECONDS, patience)
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
        """Retrieve the session with its invoice or its charge.

        Of a first month that was sent back and may be debited again, only Stripe knows whether a
        debit is on its way now.
        """
        expand = ["invoice", "payment_intent.latest_charge.balance_transaction"]
        with _told_apart():
            session = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": expand})
            found = session.to_dict()
            unpaid = reading.unpaid_invoice(found)
            failed = unpaid is not None and not listing.under_way(self._client, unpaid)
        return reading.checkout_state(found, at=reading.charged_at(found), failed=failed)

    def close_checkout(self, session_id: str) -> CheckoutState:
        """Expire the session (docs.stripe.com/api/checkout/sessions/expire)."""
        try:
            with _told_apart():
                session = self._client.v1.checkout.sessions.expire(session_id)
        except PaymentRefused:
            return self.checkout(session_id)
        return reading.checkout_state(session.to_dict(), at=None)

    def details(self, *, payment_intent: str | None, invoice: str | None) -> PaymentDetails:
        """Retrieve the charge behind a payment, by its intent or through its invoice."""
        with _told_apart():
            if payment_intent is None and invoice is not None:
                expand = ["payments"]
                found = self._client.v1.invoices.retrieve(invoice, {"expand": expand}).to_dict()
                payment_intent = reading.intent_of_invoice(found)
            if payment_intent is None:
                return PaymentDetails(None, None, None, None)
            intent = self._client.v1.payment_intents.retrieve(
                payment_intent, {"expand": ["latest_charge.balance_transaction"]}
            ).to_dict()
        charge = intent.get("latest_charge") or {}
        cleared = charge.get("balance_transaction") or {}
        method = (charge.get("payment_method_details") or {}).get("type")
        made_at = reading.charge_made_at(intent)
        return PaymentDetails(payment_intent, charge.get("id"), method, cleared.get("fee"), made_at)

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
        return reading.subscription_ended(found.to_dict())

    def subscription(self, subscription: str) -> SubscriptionState:
        """Retrieve the subscription with what it is paid with."""
        with _told_apart():
            return monthly.state(monthly.retrieve(self._client, subscription))

    def change(self, order: ChangeOrder) -> SubscriptionState:
        """Update the subscription (docs.stripe.com/api/subscriptions/update)."""
        with _told_apart():
            return monthly.state(monthly.update(self._client, order))

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
            return _signed_notice(json.loads(raw))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise NotFromGateway("cannot be read") from None

    def read(self, raw: bytes) -> Notice | None:
        """Translate an event; kinds that we do not use, and other apps' objects, give None."""
        return reading.notice_of(json.loads(raw))

    def refund(self, order: RefundOrder) -> RefundState:
        """Create a refund (docs.stripe.com/api/refunds/create)."""
        with _told_apart():
            made = self._client.v1.refunds.create(
                {
                    "payment_intent": order.payment_intent,
                    "amount": order.pence,
                    "metadata": {"payment": str(order.payment_id)},
                },
                {"idempotency_key": order.key},
            )
        return reading.refund_state(made.to_dict(), at=None, livemode=self._livemode)

    def payout_lines(self, payout: str) -> Iterator[BalanceLine]:
        """List the balance transactions of a payout (docs.stripe.com/api/balance_transactions)."""
        with _told_apart():
            for found in listing.payout_lines(self._client, payout):
                if found["type"] != "payout":
                    yield reading.balance_line(found)

    def listed(self, since: dt.datetime) -> Iterator[Notice]:
        """List the objects that were made since, and disputes and ended subscriptions of before."""
        with _told_apart():
            yield from listing.everything(self._client, since, livemode=self._livemode)

    def events_since(self, since: dt.datetime) -> Iterator[tuple[SignedNotice, bytes]]:
        """List events (docs.stripe.com/api/events/list); Stripe keeps them for 30 days."""
        with _told_apart():
            for event in listing.events(self._client, since):
                yield self._as_delivered(event)

    def event(self, event_id: str) -> tuple[SignedNotice, bytes]:
        """Retrieve an event."""
        with _told_apart():
            event = self._client.v1.events.retrieve(event_id).to_dict()
            return self._as_delivered(event)

    def _as_delivered(self, event: dict[str, Any]) -> tuple[SignedNotice, bytes]:
        """Give an event as our endpoint would have got it: with its object in our version.

        Events read back are rendered in the version of the account's day, not in the caller's.
        """
        if event.get("api_version") != API_VERSION:
            event = listing.rendered_anew(self._client, event, API_VERSION)
        return _signed_notice(event), json.dumps(event, default=str).encode()


def _signed_notice(event: Mapping[str, Any]) -> SignedNotice:
    version = event.get("api_version")
    return SignedNotice(
        event_id=name(event["id"]),
        type=name(event["type"]),
        api_version=None if version is None else name(version),
        livemode=bool(event["livemode"]),
        created=moment(event["created"]),
    )


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

    A 409 says that the same request is still under way, a 429 that it was not looked at. What went
    wrong at Stripe is open, until Stripe says it again: it has then kept that answer for the key,
    and gives no other for a day (docs.stripe.com/api/idempotent_requests). That is a no.
    """
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayUnavailable(type(error).__name__) from None
    except stripe.StripeError as error:
        status = error.http_status or 0
        kept = (error.headers or {}).get("idempotent-replayed") == "true"
        if (status >= 500 and not kept) or status == 409:  # noqa: PLR2004 -- their fault, or still under way
            raise GatewayUnavailable(f"status {status}") from None
        raise PaymentRefused(f"{type(error).__name__} {error.code or ''}".strip()) from None
