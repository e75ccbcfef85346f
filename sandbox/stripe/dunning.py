"""Invoices that were not paid: tried again on a schedule, and what becomes of the subscription."""

from sandbox.stripe import subscriptions
from sandbox.stripe.book import Book, Record

DAY = 86_400


def failed(book: Book, invoice: Record) -> None:
    """Record that an attempt failed, plan the next, or give up after the last."""
    attempts = invoice["attempt_count"]
    days = book.world.habits.retry_days
    again = book.now + days[attempts - 1] * DAY if attempts <= len(days) else None
    invoice["next_payment_attempt"] = again
    book.save(invoice)
    book.emit("invoice.payment_failed", invoice)
    subscription = subscriptions.of_invoice(book, invoice)
    if subscription["status"] == "active":
        book.change(subscription, "customer.subscription.updated", status="past_due")
    if again is not None:
        book.plan("retry", invoice["id"], again)
    elif subscription["status"] == "past_due":
        _give_up(book, subscription)


def recovered(book: Book, invoice: Record) -> None:
    """Let a subscription be active again after its invoice was paid."""
    subscription = subscriptions.of_invoice(book, invoice)
    if subscription["status"] in ("past_due", "unpaid"):
        book.change(subscription, "customer.subscription.updated", status="active")


def _give_up(book: Book, subscription: Record) -> None:
    if book.world.habits.after_retries == "unpaid":
        book.change(subscription, "customer.subscription.updated", status="unpaid")
        return
    subscription["cancellation_details"]["reason"] = "payment_failed"
    subscriptions.end(book, subscription)
