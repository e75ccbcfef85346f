"""Subscriptions: begun by Checkout, renewed by hand, cancelled by API, portal or clock."""

from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_billing import SUBSCRIPTION, SUBSCRIPTION_ITEM
from sandbox.stripe.book import Book, Record
from sandbox.stripe.calendar import period_end
from sandbox.stripe.cards import CARDS, Card
from sandbox.stripe.charging import attempt, open_intent
from sandbox.stripe.errors import StripeError, missing_resource
from sandbox.stripe.ids import new_id
from sandbox.stripe.invoicing import mark_paid, new_invoice

PAYING = CARDS[0]


def begin(book: Book, customer: Record, lines: list[Record], data: Record) -> Record:
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
    return book.add(subscription, {"periods": 1})


def first_payment(
    book: Book, subscription: Record, intent: Record, card: Card, payer: Record
) -> Record:
    """Pay for the first period with a card that pays; return the invoice."""
    customer = book.get("customer", subscription["customer"])
    at_once = (book.now, book.now)
    invoice = new_invoice(book, subscription, customer, "subscription_create", at_once)
    subscription["latest_invoice"] = invoice["id"]
    book.save(subscription)
    book.emit("customer.subscription.created", subscription)
    attempt(book, intent, card, payer)
    mark_paid(book, invoice, intent)
    subscription["status"] = "active"
    subscription["default_payment_method"] = intent["payment_method"]
    book.save(subscription)
    previous = {"status": "incomplete", "default_payment_method": None}
    book.emit("customer.subscription.updated", subscription, previous=previous)
    return invoice


def renew(book: Book, subscription: Record) -> None:
    """Let the present period end now: the next is invoiced and paid, or a leaver is let go."""
    if subscription["status"] != "active":
        raise StripeError(400, "invalid_request_error", "Only an active subscription renews")
    if subscription["cancel_at_period_end"]:
        end(book, subscription)
        return
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
    customer = book.get("customer", subscription["customer"])
    invoice = new_invoice(book, subscription, customer, "subscription_cycle", before)
    previous = {"latest_invoice": subscription["latest_invoice"]}
    subscription["latest_invoice"] = invoice["id"]
    book.save(subscription, private)
    book.emit("customer.subscription.updated", subscription, previous=previous)
    intent = open_intent(
        book, invoice["total"], customer=customer["id"], description="Subscription update"
    )
    attempt(book, intent, PAYING, {"email": customer["email"], "name": customer["name"]})
    mark_paid(book, invoice, intent)


def cancel_later(book: Book, subscription: Record, *, later: bool) -> Record:
    """Set or clear the wish to cancel at the end of the period; the caller saves and emits."""
    if subscription["cancel_at_period_end"] == later:
        return {}
    names = ("cancel_at_period_end", "cancel_at", "canceled_at", "cancellation_details")
    previous = {name: subscription[name] for name in names}
    period = subscription["items"]["data"][0]["current_period_end"]
    details = dict(subscription["cancellation_details"])
    details["reason"] = "cancellation_requested" if later else None
    subscription.update(
        cancel_at_period_end=later,
        cancel_at=period if later else None,
        canceled_at=book.now if later else None,
        cancellation_details=details,
    )
    if later:
        book.plan("end", subscription["id"], period)
    return previous


def change(book: Book, subscription: Record, wishes: Record) -> Record:
    """Apply the parameters of an update, with its event where something changed.

    Raises:
        StripeError: the subscription has ended.
    """
    _must_run(subscription)
    previous: Record = {}
    if "cancel_at_period_end" in wishes:
        later = wishes["cancel_at_period_end"]
        previous |= cancel_later(book, subscription, later=later)
    if "cancellation_details" in wishes:
        previous.setdefault("cancellation_details", subscription["cancellation_details"])
        subscription["cancellation_details"] |= wishes["cancellation_details"]
    if "metadata" in wishes:
        merged = merge_metadata(subscription["metadata"], wishes["metadata"])
        previous["metadata"], subscription["metadata"] = subscription["metadata"], merged
    if "description" in wishes:
        previous["description"] = subscription["description"]
        subscription["description"] = wishes["description"]
    book.save(subscription)
    if previous:
        book.emit("customer.subscription.updated", subscription, previous=previous)
    return subscription


def cancel(book: Book, subscription: Record, wishes: Record) -> Record:
    """End a subscription at once, as the API's DELETE does.

    Raises:
        StripeError: it has ended before; Stripe then says that there is none.
    """
    _must_run(subscription)
    details = {"reason": "cancellation_requested", **wishes.get("cancellation_details", {})}
    subscription["cancellation_details"] |= details
    subscription["canceled_at"] = book.now
    return end(book, subscription)


def end(book: Book, subscription: Record) -> Record:
    """Let a subscription be over, with its event."""
    subscription["status"] = "canceled"
    subscription["ended_at"] = book.now
    subscription["canceled_at"] = subscription["canceled_at"] or book.now
    book.save(subscription)
    book.emit("customer.subscription.deleted", subscription)
    return subscription


def end_if_due(book: Book, subscription_id: str) -> None:
    """The chore at a period's end: let go whoever still wishes to leave then."""
    subscription = book.get("subscription", subscription_id)
    cancel_at = subscription["cancel_at"]
    if subscription["status"] == "active" and cancel_at is not None and cancel_at <= book.now:
        end(book, subscription)


def merge_metadata(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Stripe's rule for updates: keys not named stay, an empty value removes its key."""
    return {key: value for key, value in {**old, **new}.items() if value != ""}


def _must_run(subscription: Record) -> None:
    if subscription["status"] == "canceled":
        raise missing_resource("subscription", subscription["id"])


def _item(book: Book, line: Record, subscription_id: str) -> Record:
    recurring = line["price"]["recurring"]
    ends = period_end(book.now, 1, recurring["interval"], recurring["interval_count"])
    return blank(
        SUBSCRIPTION_ITEM,
        id=new_id("si"),
        created=book.now,
        current_period_start=book.now,
        current_period_end=ends,
        price=line["price"],
        quantity=line["quantity"],
        subscription=subscription_id,
    )
