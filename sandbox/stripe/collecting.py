"""Getting an invoice paid with the subscription's payment method."""

from sandbox.stripe import charging, debiting, dunning, invoicing, subscriptions
from sandbox.stripe.book import Book, Record


def finalise(book: Book, invoice_id: str) -> None:
    """The chore an hour after a draft: open the invoice and try to get it paid."""
    invoice = book.get("invoice", invoice_id)
    ended = subscriptions.of_invoice(book, invoice)["status"] == "canceled"
    if invoice["status"] != "draft" or ended:
        return
    invoicing.finalise(book, invoice)
    intent = charging.open_intent(
        book, invoice["total"], customer=invoice["customer"], description="Subscription update"
    )
    invoicing.ask_for(book, invoice, intent)
    collect(book, invoice_id)


def retry_if_due(book: Book, invoice_id: str) -> None:
    """The chore of an invoice's next attempt, unless that was made before its time."""
    due = book.get("invoice", invoice_id)["next_payment_attempt"]
    if due is not None and due <= book.now:
        collect(book, invoice_id)


def collect(book: Book, invoice_id: str) -> None:
    """Try to get an open invoice paid."""
    invoice = book.get("invoice", invoice_id)
    subscription = subscriptions.of_invoice(book, invoice)
    intent = invoicing.intent_of(book, invoice)
    ended = subscription["status"] == "canceled"
    if invoice["status"] != "open" or intent["status"] == "processing" or ended:
        return
    method = book.get("payment_method", subscription["default_payment_method"])
    try_to_pay(book, invoice, intent, method)


def try_to_pay(book: Book, invoice: Record, intent: Record, method: Record) -> None:
    """Make one attempt: a card pays or not at once, a debit is under way for days."""
    invoice.update(
        attempt_count=invoice["attempt_count"] + 1, attempted=True, next_payment_attempt=None
    )
    book.save(invoice)
    if method["type"] == "bacs_debit":
        debiting.begin(book, intent, method)
    elif charging.attempt(book, intent, method):
        invoicing.mark_paid(book, invoice, intent)
        dunning.recovered(book, invoice)
    else:
        dunning.failed(book, invoice)
