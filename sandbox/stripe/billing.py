"""Subscriptions over time: begun by Checkout, renewed by the clock, ended by wish or by clock."""

from sandbox.stripe import changing, collecting, invoicing, methods
from sandbox.stripe.book import Book, Record
from sandbox.stripe.errors import StripeError, missing_resource
from sandbox.stripe.subscriptions import RUNNING, end, ends, make, next_period

HOUR = 3_600  # between a renewal's draft and the attempt to collect it


def begin(
    book: Book, customer: Record, lines: list[Record], data: Record, paying: tuple[Record, Record]
) -> Record:
    """Make a subscription and pay for its first period; `paying` is an intent and a method.

    Returns:
        The invoice: paid, or open while a Direct Debit is under way.
    """
    intent, method = paying
    methods.attach(book, method, customer["id"])
    subscription = make(book, customer, lines, data)
    book.emit("customer.subscription.created", subscription)
    at_once = (book.now, book.now)
    invoice = invoicing.draft(book, subscription, customer, "subscription_create", at_once)
    subscription["latest_invoice"] = invoice["id"]
    book.save(subscription)
    invoicing.finalise(book, invoice)
    invoicing.ask_for(book, invoice, intent)
    collecting.try_to_pay(book, invoice, intent, method)
    book.change(
        subscription,
        "customer.subscription.updated",
        status="active",
        default_payment_method=method["id"],
    )
    return invoice


def renew(book: Book, subscription: Record) -> None:
    """Let the present period end now, and collect at once; try again where payment failed.

    Raises:
        StripeError: it has ended.
    """
    if subscription["status"] not in RUNNING:
        raise StripeError(400, "invalid_request_error", "Only an active subscription renews")
    if subscription["status"] == "past_due":
        collecting.collect(book, subscription["latest_invoice"])
        return
    invoice = _period_over(book, subscription)
    if invoice is not None and not changing.voided(book, subscription, invoice):
        collecting.finalise(book, invoice["id"])


def renew_if_due(book: Book, subscription_id: str) -> None:
    """The chore at a period's end: let a leaver go, or draft the next invoice."""
    subscription = book.get("subscription", subscription_id)
    if subscription["status"] not in RUNNING or ends(subscription) > book.now:
        return
    invoice = _period_over(book, subscription)
    if invoice is not None and not changing.voided(book, subscription, invoice):
        book.plan("finalise", invoice["id"], book.now + HOUR)


def _period_over(book: Book, subscription: Record) -> Record | None:
    """End a period; return the draft for the next, None where the subscription ends with it."""
    if subscription["cancel_at_period_end"]:
        end(book, subscription)
        return None
    was = [dict(item) for item in subscription["items"]["data"]]
    latest = subscription["latest_invoice"]
    before = next_period(book, subscription)
    customer = book.get("customer", subscription["customer"])
    invoice = invoicing.draft(book, subscription, customer, "subscription_cycle", before)
    subscription["latest_invoice"] = invoice["id"]
    book.save(subscription)
    previous = {"items": {**subscription["items"], "data": was}, "latest_invoice": latest}
    book.emit("customer.subscription.updated", subscription, previous=previous)
    return invoice


def change_method(book: Book, subscription: Record, method: Record) -> None:
    """Let a subscription be paid by another method from now on."""
    methods.attach(book, method, subscription["customer"])
    book.change(subscription, "customer.subscription.updated", default_payment_method=method["id"])


def cancel_later(book: Book, subscription: Record, *, later: bool) -> Record:
    """Set or clear the wish to cancel at the end of the period; the caller saves and emits."""
    if subscription["cancel_at_period_end"] == later:
        return {}
    names = ("cancel_at_period_end", "cancel_at", "canceled_at", "cancellation_details")
    previous = {name: subscription[name] for name in names}
    period = ends(subscription)
    details = dict(subscription["cancellation_details"])
    details["reason"] = "cancellation_requested" if later else None
    subscription.update(
        cancel_at_period_end=later,
        cancel_at=period if later else None,
        canceled_at=book.now if later else None,
        cancellation_details=details,
    )
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
    if "items" in wishes:
        previous |= changing.price(book, subscription, wishes)
    if "pause_collection" in wishes:
        previous |= changing.pause(book, subscription, wishes["pause_collection"])
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


def merge_metadata(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Stripe's rule for updates: keys not named stay, an empty value removes its key."""
    return {key: value for key, value in {**old, **new}.items() if value != ""}


def _must_run(subscription: Record) -> None:
    if subscription["status"] == "canceled":
        raise missing_resource("subscription", subscription["id"])
