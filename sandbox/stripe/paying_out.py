"""Payouts: daily by the clock, each with the movements that are in it; paid, or failed."""

from sandbox.stripe import balance
from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_money import PAYOUT
from sandbox.stripe.book import Book, Record
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id

FAILURES = {
    "account_closed": "The bank account has been closed.",
    "no_account": "The bank account details on file are probably incorrect.",
    "could_not_process": "The bank could not process this payout.",
}


def pay_out_daily(book: Book, _: str) -> None:
    """The chore at midnight, where payouts are automatic and there is something to pay out."""
    if book.world.habits.payouts == "automatic":
        pay_out(book)


def pay_out(book: Book) -> Record | None:
    """Pay out all that is available, as an automatic payout; None where that is nothing.

    A balance that refunds or disputes have driven below nothing waits for more money.
    """
    movements = balance.unpaid(book)
    pence = sum(each["net"] for each in movements)
    if pence <= 0:
        return None
    arrives = balance.midnight_after(book.now) + balance.DAY
    payout = blank(PAYOUT, id=new_id("po"), amount=pence, arrival_date=arrives, created=book.now)
    moved = balance.record(book, "payout", -pence, payout["id"], description="STRIPE PAYOUT")
    payout["balance_transaction"] = moved["id"]
    book.add(payout)
    for each in [*movements, moved]:
        book.save(each, {"payout": payout["id"]})
        book.tie(each, "payout", payout["id"])
    book.emit("payout.created", payout)
    payout["reconciliation_status"] = "completed"
    book.save(payout)
    book.emit("payout.reconciliation_completed", payout)
    book.plan("arrive", payout["id"], arrives)
    return payout


def arrive(book: Book, payout: Record) -> Record:
    """Let a payout reach the bank.

    Raises:
        StripeError: it is not under way.
    """
    if payout["status"] != "in_transit":
        message = f"Payout {payout['id']} is {payout['status']}, not in_transit."
        raise StripeError(400, "invalid_request_error", message)
    trace = {"status": "supported", "value": new_id("x", 12)[2:].upper()}
    payout.update(status="paid", trace_id=trace)
    book.save(payout)
    previous = {"status": "in_transit", "trace_id": None}
    book.emit("payout.updated", payout, previous=previous)
    book.emit("payout.paid", payout)
    return payout


def arrive_if_due(book: Book, payout_id: str) -> None:
    """The chore on the day of arrival."""
    payout = book.get("payout", payout_id)
    if payout["status"] == "in_transit":
        arrive(book, payout)


def fail(book: Book, payout: Record, code: str = "account_closed") -> Record:
    """Let the bank send a payout back, even after it was paid; the money is available again.

    Raises:
        StripeError: it has failed before.
    """
    if payout["status"] not in ("in_transit", "paid"):
        message = f"Payout {payout['id']} is {payout['status']}; it cannot fail."
        raise StripeError(400, "invalid_request_error", message)
    returned = balance.record(
        book, "payout_failure", payout["amount"], payout["id"], description="PAYOUT FAILURE"
    )
    payout.update(
        status="failed",
        failure_code=code,
        failure_message=FAILURES[code],
        failure_balance_transaction=returned["id"],
    )
    book.save(payout)
    book.emit("payout.failed", payout)
    return payout
