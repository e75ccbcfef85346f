"""Bacs Direct Debits: begun now, settled or sent back some days later.

The outcome is told to whatever waits for the payment: the Checkout Session, the invoice.
"""

from sandbox.stripe import charging, dunning, invoicing, methods
from sandbox.stripe.accounts import FAILURES, REVOKING, BankAccount
from sandbox.stripe.book import Book, Record
from sandbox.stripe.errors import StripeError

DAY = 86_400


def begin(book: Book, intent: Record, method: Record) -> None:
    """Send a debit to the bank: the charge is pending and the intent processing."""
    charge = charging.new_charge(book, intent, method, "pending", outcome=_outcome())
    intent.update(
        status="processing",
        last_payment_error=None,
        latest_charge=charge["id"],
        payment_method=method["id"],
    )
    book.save(intent)
    book.emit("charge.pending", charge)
    book.emit("payment_intent.processing", intent)
    book.plan("debit", intent["id"], book.now + book.world.habits.debit_days * DAY)


def decide(book: Book, intent_id: str) -> None:
    """The chore on the day: settle or fail, as the account is one or the other."""
    intent = book.get("payment_intent", intent_id)
    if intent["status"] != "processing":
        return
    account = methods.means_of(book, book.get("payment_method", intent["payment_method"]))
    failure = account.failure if isinstance(account, BankAccount) else None
    if failure:
        fail(book, intent, failure)
    else:
        settle(book, intent)


def settle(book: Book, intent: Record) -> None:
    """Let the bank pay.

    Raises:
        StripeError: the debit is not under way.
    """
    charge = _under_way(book, intent)
    method = book.get("payment_method", charge["payment_method"])
    methods.accept(book, methods.mandate_for(book, method))
    charge.update(status="succeeded", paid=True)
    book.save(charge)
    book.emit("charge.succeeded", charge)
    charging.succeed(book, intent, charge)
    for invoice in invoicing.invoices_of(book, intent):
        invoicing.mark_paid(book, invoice, intent)
        dunning.recovered(book, invoice)
    _tell_session(book, intent, "async_payment_succeeded", payment_status="paid")
    account = methods.means_of(book, method)
    if isinstance(account, BankAccount) and account.disputes:
        book.plan("dispute", charge["id"], book.now + book.world.habits.settle_seconds)


def fail(book: Book, intent: Record, reason: str) -> None:
    """Let the bank send the debit back.

    Raises:
        StripeError: the debit is not under way.
    """
    charge = _under_way(book, intent)
    words = FAILURES[reason]
    refused = {**_outcome(), "network_status": "declined_by_network", "type": "issuer_declined"}
    charge.update(
        status="failed",
        captured=False,
        amount_captured=0,
        failure_code=reason,
        failure_message=words,
        outcome=refused,
    )
    book.save(charge)
    method = book.get("payment_method", charge["payment_method"])
    error = {
        "charge": charge["id"],
        "code": reason,
        "message": words,
        "payment_method": method,
        "type": "card_error",
    }
    charging.fail(book, intent, charge, error)
    if reason in REVOKING:
        methods.revoke(book, methods.mandate_for(book, method), reason)
    for invoice in invoicing.invoices_of(book, intent):
        dunning.failed(book, invoice)
    _tell_session(book, intent, "async_payment_failed")


def _under_way(book: Book, intent: Record) -> Record:
    if intent["status"] != "processing":
        message = f"This PaymentIntent's status is {intent['status']}; no debit is under way."
        raise StripeError(400, "invalid_request_error", message)
    return book.get("charge", intent["latest_charge"])


def _tell_session(book: Book, intent: Record, event: str, **but: str) -> None:
    """Tell the Session that this payment completed, the first time it is decided."""
    private = book.private(intent["id"])
    if "session" not in private:
        return
    session = book.get("checkout.session", private.pop("session"))
    session.update(but)
    book.save(session)
    book.save(intent, private)
    book.emit(f"checkout.session.{event}", session)


def _outcome() -> Record:
    return {
        **charging.outcome("pending"),
        "network_status": "approved_by_network",
        "risk_level": "not_assessed",
        "seller_message": "Payment complete.",
    }
