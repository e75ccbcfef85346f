"""Disputes: opened by banks, answered, won or lost, and the money that goes and comes."""

from sandbox.stripe import balance
from sandbox.stripe.accounts import BankAccount
from sandbox.stripe.billing import merge_metadata
from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_money import DISPUTE
from sandbox.stripe.book import Book, Record
from sandbox.stripe.early_warnings import no_longer_actionable
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.methods import means_of

DAY = 86_400
DAYS_TO_ANSWER = 7
OVER = ("won", "lost", "warning_closed")


def dispute_of(book: Book, charge_id: str) -> Record | None:
    """The dispute of a charge, if there is one."""
    found = book.linked("dispute", "charge", charge_id)
    return found[-1] if found else None


def open_by_itself(book: Book, charge_id: str) -> None:
    """The chore after a payment with a card or an account that is known for it."""
    charge = book.get("charge", charge_id)
    if charge["refunded"] or dispute_of(book, charge_id):
        return
    means = means_of(book, book.get("payment_method", charge["payment_method"]))
    if isinstance(means, BankAccount):
        create(book, charge, reason="debit_not_authorized")
    elif means.then == "inquiry":
        create(book, charge, inquiry=True)
    else:
        create(book, charge, reason=means.then)


def create(
    book: Book, charge: Record, *, reason: str = "fraudulent", inquiry: bool = False
) -> Record:
    """Let the giver's bank dispute what was not refunded of a charge.

    The money and a fee leave at once, but not for an inquiry. A Direct Debit that is claimed back
    is lost from the start: the scheme knows no appeal, and no inquiry.

    Raises:
        StripeError: nothing was paid or nothing is left, it is disputed already, or a Direct Debit
            is inquired of.
    """
    charge = balance.settle(book, charge["id"])
    left = charge["amount"] - charge["amount_refunded"]
    debit = charge["payment_method_details"]["type"] == "bacs_debit"
    over = charge["status"] != "succeeded" or left <= 0 or dispute_of(book, charge["id"])
    if over or (debit and inquiry):
        message = f"Charge {charge['id']} cannot be disputed."
        raise StripeError(400, "invalid_request_error", message)
    dispute = blank(
        DISPUTE,
        id=new_id("du"),
        amount=left,
        charge=charge["id"],
        created=book.now,
        is_charge_refundable=inquiry,
        payment_intent=charge["payment_intent"],
        reason="general" if inquiry else reason,
        status=_first_status(debit=debit, inquiry=inquiry),
        **({} if debit else {"payment_method_details": _details(charge, inquiry=inquiry)}),
    )
    if not debit:
        dispute["evidence_details"]["due_by"] = book.now + DAYS_TO_ANSWER * DAY
    book.add(dispute)
    charge["disputed"] = True
    book.save(charge)
    no_longer_actionable(book, charge["id"])
    book.emit("charge.dispute.created", dispute)
    if not inquiry:
        fee = (balance.DISPUTE_FEE, "Dispute fee")
        _move(book, dispute, -left, "Chargeback withdrawal", "dispute", fee)
        book.emit("charge.dispute.funds_withdrawn", dispute)
    if debit:
        book.emit("charge.dispute.closed", dispute)
    return dispute


def answer(book: Book, dispute: Record, wishes: Record) -> Record:
    """Apply the parameters of an update: evidence, and whether to submit it now.

    Raises:
        StripeError: the dispute is over.
    """
    _must_be_open(dispute)
    evidence = {**dispute["evidence"], **wishes.get("evidence", {})}
    metadata = merge_metadata(dispute["metadata"], wishes.get("metadata", {}))
    but: Record = {"evidence": evidence, "metadata": metadata}
    if wishes.get("submit", "evidence" in wishes):
        details = dispute["evidence_details"]
        warning = dispute["status"].startswith("warning")
        but["status"] = "warning_under_review" if warning else "under_review"
        but["evidence_details"] = {
            **details,
            "has_evidence": True,
            "submission_count": details["submission_count"] + 1,
        }
    return book.change(dispute, "charge.dispute.updated", **but)


def close(book: Book, dispute: Record, *, won: bool) -> Record:
    """Let the bank decide. Who wins gets the amount back, and not the fee.

    Raises:
        StripeError: the dispute is over.
    """
    _must_be_open(dispute)
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    if won and not inquiry:
        _move(book, dispute, dispute["amount"], "Chargeback reversal", "dispute_reversal")
    book.save(dispute)
    book.emit("charge.dispute.closed", dispute)
    if dispute["status"] == "won":
        book.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def _move(
    book: Book,
    dispute: Record,
    pence: int,
    words: str,
    category: str,
    fee: tuple[int, str] = (0, ""),
) -> None:
    """Move the money of a dispute, which shows the movement whole."""
    transaction = balance.record(
        book,
        "adjustment",
        pence,
        dispute["id"],
        fee=fee,
        reporting_category=category,
        description=f"{words} for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(transaction)
    book.save(dispute)


def _first_status(*, debit: bool, inquiry: bool) -> str:
    if debit:
        return "lost"
    return "warning_needs_response" if inquiry else "needs_response"


def _details(charge: Record, *, inquiry: bool) -> Record:
    brand = charge["payment_method_details"]["card"]["brand"]
    card = {
        "brand": brand,
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": brand,
        "network_reason_code": "10.4",
    }
    return {"card": card, "type": "card"}


def _must_be_open(dispute: Record) -> None:
    if dispute["status"] in OVER:
        message = "This dispute is already closed"
        raise StripeError(400, "invalid_request_error", message)
