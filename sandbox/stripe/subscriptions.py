"""Subscriptions themselves: made, found, over."""

from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_billing import SUBSCRIPTION, SUBSCRIPTION_ITEM
from sandbox.stripe.book import Book, Record
from sandbox.stripe.calendar import period_end
from sandbox.stripe.ids import new_id

RUNNING = ("active", "past_due")


def make(book: Book, customer: Record, lines: list[Record], data: Record) -> Record:
    """Make an incomplete subscription out of a Session's lines and its `subscription_data`."""
    subscription_id = new_id("sub")
    items = [_item(book, line, subscription_id) for line in lines]
    subscription = blank(
        SUBSCRIPTION,
        id=subscription_id,
        billing_cycle_anchor=book.now,
        created=book.now,
        currency="gbp",
        customer=customer["id"],
        description=data.get("description"),
        items={
            "object": "list",
            "data": items,
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={subscription_id}",
        },
        metadata=data.get("metadata", {}),
        start_date=book.now,
    )
    book.add(subscription, {"periods": 1})
    plan_renewal(book, subscription)
    return subscription


def plan_renewal(book: Book, subscription: Record) -> None:
    """Have the present period end when it does."""
    book.plan("renew", subscription["id"], ends(subscription))


def ends(subscription: Record) -> int:
    """When the present period ends."""
    period: int = subscription["items"]["data"][0]["current_period_end"]
    return period


def next_period(book: Book, subscription: Record) -> tuple[int, int]:
    """Let the next period begin; return the one before. The caller saves."""
    private = book.private(subscription["id"])
    private["periods"] += 1
    items = subscription["items"]["data"]
    before = (items[0]["current_period_start"], items[0]["current_period_end"])
    for item in items:
        recurring = item["price"]["recurring"]
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = period_end(
            subscription["billing_cycle_anchor"],
            private["periods"],
            recurring["interval"],
            recurring["interval_count"],
        )
    book.save(subscription, private)
    plan_renewal(book, subscription)
    return before


def of_invoice(book: Book, invoice: Record) -> Record:
    """The subscription that an invoice is for."""
    return book.get("subscription", invoice["parent"]["subscription_details"]["subscription"])


def end(book: Book, subscription: Record) -> Record:
    """Let a subscription be over, with its event."""
    subscription["status"] = "canceled"
    subscription["ended_at"] = book.now
    subscription["canceled_at"] = subscription["canceled_at"] or book.now
    book.save(subscription)
    book.emit("customer.subscription.deleted", subscription)
    return subscription


def _item(book: Book, line: Record, subscription_id: str) -> Record:
    recurring = line["price"]["recurring"]
    ends_at = period_end(book.now, 1, recurring["interval"], recurring["interval_count"])
    return blank(
        SUBSCRIPTION_ITEM,
        id=new_id("si"),
        created=book.now,
        current_period_start=book.now,
        current_period_end=ends_at,
        price=line["price"],
        quantity=line["quantity"],
        subscription=subscription_id,
    )
