"""Reading Stripe's lists, page by page, in our words (docs.stripe.com/api/pagination)."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stripe import ListObject, StripeClient, StripeObject

from payments import stripe_reading as reading
from payments.notices import Notice
from payments.stripe_values import id_of, moment

EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice_payment.paid",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.updated",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "charge.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "payout.paid",
    "payout.failed",
]
"""The kinds of event that we act on."""
_MOST_KINDS = 20  # that a list can be asked for at once
_PAGE = 100
# What was made before a day may change on it, and lists go by when things were made. A Checkout is
# open for a day, and its Direct Debit settles within seven working days; an invoice is tried again
# for two months at most (docs.stripe.com/billing/revenue-recovery/smart-retries); a refund may fail
# a month later, a payout after days; a dispute takes up to four months to end.
_SESSION_LIFE = dt.timedelta(days=15)
_INVOICE_LIFE = dt.timedelta(days=62)
_REFUND_LIFE = dt.timedelta(days=31)
_PAYOUT_LIFE = dt.timedelta(days=14)
_DISPUTE_LIFE = dt.timedelta(days=120)
_PATHS = {
    "checkout.session": "/v1/checkout/sessions",
    "invoice": "/v1/invoices",
    "invoice_payment": "/v1/invoice_payments",
    "subscription": "/v1/subscriptions",
    "customer": "/v1/customers",
    "payment_method": "/v1/payment_methods",
    "charge": "/v1/charges",
    "refund": "/v1/refunds",
    "dispute": "/v1/disputes",
    "radar.early_fraud_warning": "/v1/radar/early_fraud_warnings",
    "payout": "/v1/payouts",
}

Found = dict[str, Any]


def everything(client: StripeClient, since: dt.datetime, *, livemode: bool) -> Iterator[Notice]:
    """Return how everything stands, kind by kind, a page in memory at a time."""
    for found in sessions(client, since - _SESSION_LIFE):
        if found["status"] == "complete":
            yield reading.checkout_state(found, at=reading.charged_at(found))
    yield from _each(invoices(client, since - _INVOICE_LIFE), reading.invoice_paid)
    yield from _each(ended_subscriptions(client), reading.subscription_ended)
    for found in _pages(client.v1.refunds.list, {"created": _from(since - _REFUND_LIFE)}):
        yield reading.refund_state(found, at=_came_back(client, found), livemode=livemode)
    for found in _pages(client.v1.disputes.list, {"created": _from(since - _DISPUTE_LIFE)}):
        yield reading.dispute_state(found, at=None)
    warnings = client.v1.radar.early_fraud_warnings.list
    yield from _each(_pages(warnings, {"created": _from(since)}), reading.fraud_warned)
    for found in _pages(client.v1.payouts.list, {"created": _from(since - _PAYOUT_LIFE)}):
        yield reading.payout_state(found, at=_came_back(client, found))


def sessions(client: StripeClient, since: dt.datetime) -> Iterator[Found]:
    """List Checkout Sessions with the charges behind them."""
    expand = ["data.payment_intent.latest_charge.balance_transaction"]
    return _pages(client.v1.checkout.sessions.list, {"created": _from(since), "expand": expand})


def invoices(client: StripeClient, since: dt.datetime) -> Iterator[Found]:
    """List paid invoices with the payments that paid them."""
    wanted = {"created": _from(since), "status": "paid", "expand": ["data.payments"]}
    return _pages(client.v1.invoices.list, wanted)


def ended_subscriptions(client: StripeClient) -> Iterator[Found]:
    """List all subscriptions that have ended; Stripe cannot be asked since when."""
    return _pages(client.v1.subscriptions.list, {"status": "ended"})


def under_way(client: StripeClient, invoice: str) -> bool:
    """Say whether a payment of an invoice is on its way, as a Direct Debit is for days."""
    wanted = {"invoice": invoice, "expand": ["data.payment.payment_intent"]}
    return any(
        intent.get("status") == "processing"
        for row in _pages(client.v1.invoice_payments.list, wanted)
        if isinstance(intent := row["payment"].get("payment_intent"), Mapping)
    )


def payout_lines(client: StripeClient, payout: str) -> Iterator[Found]:
    """List the balance transactions of a payout."""
    return _pages(client.v1.balance_transactions.list, {"payout": payout})


def events(client: StripeClient, since: dt.datetime) -> Iterator[Found]:
    """List the events that we act on, some kinds after the others, newest first."""
    for first in range(0, len(EVENTS), _MOST_KINDS):
        kinds = EVENTS[first : first + _MOST_KINDS]
        yield from _pages(client.v1.events.list, {"created": _from(since), "types": kinds})


def rendered_anew(client: StripeClient, event: Found, version: str) -> Found:
    """Return an event with its object as it is now, in the version that we read.

    A kind of object that cannot be asked for stays as it came.
    """
    found = event["data"]["object"]
    path = _PATHS.get(str(found.get("object")))
    if path is None:
        return event
    answer = client.raw_request("get", f"{path}/{found['id']}")
    fresh: Found = client.deserialize(answer, api_mode="V1").to_dict()
    return {**event, "api_version": version, "data": {"object": fresh}}


def _each(
    found: Iterator[Found], reader: Callable[[Mapping[str, Any]], Notice | None]
) -> Iterator[Notice]:
    for each in found:
        notice = reader(each)
        if notice is not None:
            yield notice


def _came_back(client: StripeClient, found: Found) -> dt.datetime | None:
    """Return when a refund or a payout failed: its money came back then. Few do."""
    returned = id_of(found.get("failure_balance_transaction"))
    if returned is None:
        return None
    return moment(client.v1.balance_transactions.retrieve(returned).created)


def _pages(ask: Callable[..., ListObject[Any]], wanted: dict[str, Any]) -> Iterator[Found]:
    each: StripeObject
    for each in ask({**wanted, "limit": _PAGE}).auto_paging_iter():
        yield each.to_dict()


def _from(since: dt.datetime) -> dict[str, int]:
    return {"gte": int(since.timestamp())}
