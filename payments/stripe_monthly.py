"""Stripe's subscriptions: asked how they stand, paused, and changed (2026-10-28.endive).

A pause is one of collection (docs.stripe.com/billing/subscriptions/pause-payment): the months go
by, and what they would have cost is voided. A new amount is a new price for the one item there is,
without proration, so that it counts from the next invoice on.
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from payments.gateway import ChangeOrder, PaymentRefused
from payments.notices import SubscriptionState, SubscriptionTouched
from payments.stripe_values import id_of, moment, name, own_id, pence

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe.params import SubscriptionUpdateParams

_EXPAND = ["default_payment_method", "customer.invoice_settings.default_payment_method"]
# Of a subscription's fields those that we read; of the others we need not hear.
_OF_INTEREST = {
    "cancel_at",
    "cancel_at_period_end",
    "default_payment_method",
    "items",
    "pause_collection",
    "status",
}

Found = Mapping[str, Any]


def retrieve(client: "StripeClient", subscription: str) -> Found:
    """Retrieve a subscription with the methods that may pay for it."""
    return client.v1.subscriptions.retrieve(subscription, {"expand": _EXPAND}).to_dict()


def update(client: "StripeClient", order: ChangeOrder) -> Found:
    """Carry an order out and return the subscription as it then is.

    Raises:
        PaymentRefused: what is to cost something else is not one single thing.
    """
    params: SubscriptionUpdateParams = {"expand": _EXPAND}
    if order.kind == "pause" and order.until is not None:
        ends = int(order.until.timestamp())
        params["pause_collection"] = {"behavior": "void", "resumes_at": ends}
    elif order.kind == "resume":
        params["pause_collection"] = ""
    elif order.pence is not None:
        item = _only_item(retrieve(client, order.subscription))
        params["items"] = [
            {
                "id": item["id"],
                "quantity": 1,
                "price_data": {
                    "currency": "gbp",
                    "product": str(id_of(item["price"]["product"])),
                    "recurring": {"interval": "month"},
                    "unit_amount": order.pence,
                },
            }
        ]
        params["proration_behavior"] = "none"
    options = {"idempotency_key": order.key}
    found = client.v1.subscriptions.update(order.subscription, params, options)  # type: ignore[arg-type]  # a plain dict is one of its options
    return found.to_dict()


def state(found: Found) -> SubscriptionState:
    """Return how a subscription stands."""
    pause = found.get("pause_collection") or None
    items = found["items"]["data"]
    ends = max((item["current_period_end"] for item in items), default=None)
    method = _method(found)
    return SubscriptionState(
        subscription=name(found["id"]),
        pence=sum(pence(_price(item)) for item in items),
        paused=pause is not None,
        resumes_at=moment(pause["resumes_at"]) if pause and pause.get("resumes_at") else None,
        ends_at=moment(found["cancel_at"]) if found.get("cancel_at") else None,
        period_ends=moment(ends) if ends else None,
        payment_method=id_of(method),
        card_expires=_expires(method),
    )


def touched(event: Found) -> SubscriptionTouched | None:
    """Return which agreements an event may have changed; None where it cannot be one of interest.

    What it says has changed is believed only where it says so: an event read back later may not.
    """
    found, before = event["data"]["object"], event["data"].get("previous_attributes")
    livemode = bool(found["livemode"])
    match found["object"]:
        case "subscription" if before is None or not _OF_INTEREST.isdisjoint(before):
            own = own_id((found.get("metadata") or {}).get("pledge"))
            return SubscriptionTouched(livemode, subscription=name(found["id"]), pledge_id=own)
        case "customer" if before is None or "invoice_settings" in before:
            return SubscriptionTouched(livemode, customer=name(found["id"]))
        case "payment_method":
            return SubscriptionTouched(livemode, payment_method=name(found["id"]))
    return None


def _only_item(found: Found) -> Found:
    items = found["items"]["data"]
    if len(items) != 1 or items[0].get("quantity") != 1:
        raise PaymentRefused("the subscription is not of one single thing")
    item: Found = items[0]
    return item


def _price(item: Found) -> int:
    return int(item["price"].get("unit_amount") or 0) * int(item.get("quantity") or 1)


def _method(found: Found) -> Found | None:
    """Return what pays: the subscription's own, or else what its payer has set for all."""
    own = found.get("default_payment_method")
    if isinstance(own, Mapping):
        return own
    customer = found.get("customer")
    settings = customer.get("invoice_settings") if isinstance(customer, Mapping) else None
    usual = (settings or {}).get("default_payment_method")
    return usual if isinstance(usual, Mapping) else None


def _expires(method: Found | None) -> dt.date | None:
    """Return the last day of the month that is printed on a card; None for what has none."""
    card = (method or {}).get("card")
    if not card:
        return None
    year, month = int(card["exp_year"]), int(card["exp_month"])
    return dt.date(year, month, calendar.monthrange(year, month)[1])
