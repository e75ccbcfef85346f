"""Changing a subscription that runs: pausing its collection, and another price for its item.

Sources: docs.stripe.com/billing/subscriptions/pause-payment, …/billing/subscriptions/change-price.
"""

from sandbox.stripe import invoicing, pricing
from sandbox.stripe.book import Book, Record
from sandbox.stripe.errors import invalid, missing_resource


def pause(book: Book, subscription: Record, wish: Record | None) -> Record:
    """Set or clear a pause; return what was before, where it changed. The caller saves and emits.

    Raises:
        StripeError: the pause would end before it begins.
    """
    before = subscription["pause_collection"]
    after = {"resumes_at": None, **wish} if wish else None
    ends = after["resumes_at"] if after else None
    if ends is not None and ends <= book.now:
        words = "`pause_collection[resumes_at]` must be a timestamp in the future."
        raise invalid(words, "pause_collection[resumes_at]")
    if ends is not None:
        book.plan("resume", subscription["id"], ends)
    subscription["pause_collection"] = after
    return {} if before == after else {"pause_collection": before}


def resume_if_due(book: Book, subscription_id: str) -> None:
    """The chore at a pause's end: collect again, unless it was ended or made longer meanwhile."""
    subscription = book.get("subscription", subscription_id)
    pause = subscription["pause_collection"]
    ends = pause["resumes_at"] if pause else None
    if ends is not None and ends <= book.now and subscription["status"] != "canceled":
        book.change(subscription, "customer.subscription.updated", pause_collection=None)


def voided(book: Book, subscription: Record, invoice: Record) -> bool:
    """Void a fresh draft of a subscription in pause; say whether it was."""
    if subscription["pause_collection"] is None:
        return False
    invoicing.finalise(book, invoice)
    invoice.update(status="void", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = book.now
    book.save(invoice)
    book.emit("invoice.voided", invoice)
    return True


def price(book: Book, subscription: Record, wishes: Record) -> Record:
    """Give items another price, which counts from the next invoice on; return what was before.

    Raises:
        StripeError: an item or its product is not there; or it would be prorated.
    """
    if wishes.get("proration_behavior", "create_prorations") != "none":
        raise invalid("The sandbox does not play prorations.", "proration_behavior")
    items = subscription["items"]
    was = [dict(item) for item in items["data"]]
    for number, wish in enumerate(wishes["items"]):
        found = next((item for item in items["data"] if item["id"] == wish["id"]), None)
        if found is None:
            raise missing_resource("subscription_item", wish["id"], f"items[{number}][id]")
        data = wish["price_data"]
        product = book.get("product", data["product"], f"items[{number}][price_data][product]")
        if _beat(data["recurring"]) != _beat(found["price"]["recurring"]):
            words = "The sandbox does not play another interval."
            raise invalid(words, f"items[{number}][price_data][recurring]")
        found["price"] = pricing.make_price(book, data, product["id"])
        found["quantity"] = wish.get("quantity", found["quantity"])
    return {"items": {**items, "data": was}}


def _beat(recurring: Record) -> tuple[str, int]:
    return recurring["interval"], recurring.get("interval_count", 1)
