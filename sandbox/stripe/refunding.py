"""Refunds: by the API or in the dashboard, at once, after a while, or failed afterwards."""

from sandbox.stripe import balance, methods
from sandbox.stripe.billing import merge_metadata
from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_money import REFUND
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.disputing import dispute_of
from sandbox.stripe.early_warnings import no_longer_actionable
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.ids import new_id
from sandbox.stripe.money import pounds

DAYS_UNTIL_KNOWN = 5
DAY = 86_400
KINDS = {"card": "refund", "bacs_debit": "payment_refund"}


def create(book: Book, wishes: Record, *, status: str | None = None) -> Record:
    """Refund a payment, wholly or partly.

    `status` is `succeeded` or `pending`; by itself it is what the card is known for.

    Raises:
        StripeError: there is no such payment, it is disputed, or there is less left to refund.
    """
    charge = balance.settle(book, charge_named(book, wishes)["id"])
    pence = _amount(book, charge, wishes.get("amount"))
    slow, fails = _habit(book, charge)
    pending = (status or ("pending" if slow else "succeeded")) == "pending"
    refund = _new(book, charge, pence, wishes, pending=pending)
    _count(book, charge, pence)
    book.emit("refund.created", refund)
    book.emit("charge.refunded", charge)
    no_longer_actionable(book, charge["id"])
    if slow or fails:
        chore = "refund fails" if fails else "refund succeeds"
        book.plan(chore, refund["id"], book.now + DAYS_UNTIL_KNOWN * DAY)
    elif not pending and charge["payment_method_details"]["type"] == "card":
        book.plan("reference", refund["id"], book.now + book.world.habits.settle_seconds)
    return refund


def succeed(book: Book, refund: Record) -> Record:
    """Let a pending refund reach the giver.

    Raises:
        StripeError: it is not pending.
    """
    if refund["status"] != "pending":
        raise _not(refund, "pending")
    del refund["pending_reason"]
    return _change(book, refund, status="succeeded")


def fail(book: Book, refund: Record, reason: str = "expired_or_canceled_card") -> Record:
    """Let a refund fail, even long after it succeeded: the money is back in the balance.

    Raises:
        StripeError: it has failed before.
    """
    if refund["status"] not in ("pending", "succeeded"):
        raise _not(refund, "pending or succeeded")
    charge = book.get("charge", refund["charge"])
    returned = balance.record(
        book, "refund_failure", refund["amount"], refund["id"], description="REFUND FAILURE"
    )
    _count(book, charge, -refund["amount"])
    refund.pop("pending_reason", None)
    refund["failure_balance_transaction"] = returned["id"]
    refund["failure_reason"] = reason
    _change(book, refund, status="failed")
    book.emit("refund.failed", refund)
    return refund


def succeed_if_pending(book: Book, refund_id: str) -> None:
    """The chore of a slow refund."""
    refund = book.get("refund", refund_id)
    if refund["status"] == "pending":
        succeed(book, refund)


def fail_if_not_yet(book: Book, refund_id: str) -> None:
    """The chore of a refund that fails afterwards."""
    refund = book.get("refund", refund_id)
    if refund["status"] != "failed":
        fail(book, refund)


def add_reference(book: Book, refund_id: str) -> None:
    """The chore soon after: the network's reference becomes known."""
    refund = book.get("refund", refund_id)
    if refund["status"] != "succeeded":
        return
    card = {
        "reference": new_id("arn", 23)[4:].upper(),
        "reference_status": "available",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    _change(book, refund, destination_details={"card": card, "type": "card"})


def change(book: Book, refund: Record, wishes: Record) -> Record:
    """Apply the parameters of an update: metadata is all that may change."""
    merged = merge_metadata(refund["metadata"] or {}, wishes.get("metadata", {}))
    return refund if merged == refund["metadata"] else _change(book, refund, metadata=merged)


def refunds_of(book: Book, charge: Record) -> Record:
    """The list that `expand[]=refunds` puts into a charge."""
    rows = book.linked("refund", "charge", charge["id"])[::-1]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def charge_named(book: Book, wishes: Record) -> Record:
    """The charge that a call names, by its id or by its intent's.

    Raises:
        StripeError: neither or both are named, there is no such, or nothing was paid.
    """
    if ("charge" in wishes) == ("payment_intent" in wishes):
        words = "One of the following params should be provided for this request: payment_intent or"
        raise StripeError(400, "invalid_request_error", f"{words} charge.")
    if "charge" in wishes:
        charge = book.get("charge", wishes["charge"], param="charge")
        if charge["status"] == "succeeded":
            return charge
        message = f"Charge {charge['id']} is {charge['status']}; it cannot be refunded."
        raise StripeError(400, "invalid_request_error", message, param="charge")
    intent = book.get("payment_intent", wishes["payment_intent"], param="payment_intent")
    if intent["status"] == "succeeded":
        return book.get("charge", intent["latest_charge"])
    message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
    raise StripeError(400, "invalid_request_error", message, param="payment_intent")


def _amount(book: Book, charge: Record, wish: int | None) -> int:
    """How much to refund; Stripe's refusals where that is impossible."""
    dispute = dispute_of(book, charge["id"])
    if dispute and dispute["status"] != "won" and not dispute["is_charge_refundable"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(400, "invalid_request_error", message, code="charge_disputed")
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        code = "charge_already_refunded"
        raise StripeError(400, "invalid_request_error", message, code=code)
    left: int = charge["amount"] - charge["amount_refunded"]
    if wish is None or wish <= left:
        return left if wish is None else wish
    whole = charge["amount_refunded"] == 0
    what = "charge amount" if whole else "unrefunded amount on charge"
    raise invalid(
        f"Refund amount ({pounds(wish)}) is greater than {what} ({pounds(left)})", "amount"
    )


def _habit(book: Book, charge: Record) -> tuple[bool, bool]:
    """Whether the card's refunds take their time, and whether they fail."""
    means = methods.means_of(book, book.get("payment_method", charge["payment_method"]))
    then = means.then if isinstance(means, Card) else ""
    return then == "slow refund", then == "failing refund"


def _new(book: Book, charge: Record, pence: int, wishes: Record, *, pending: bool) -> Record:
    refund_id = new_id("re" if charge["id"].startswith("ch_") else "pyr")
    kind = charge["payment_method_details"]["type"]
    details: Record = {"pending_reason": "processing"} if pending else {}
    if kind == "card":
        card = {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
        details["destination_details"] = {"card": card, "type": "card"}
    moved = balance.record(
        book, KINDS[kind], -pence, refund_id, description=f"REFUND FOR CHARGE ({charge['id']})"
    )
    refund = blank(
        REFUND,
        id=refund_id,
        amount=pence,
        balance_transaction=moved["id"],
        charge=charge["id"],
        created=book.now,
        metadata=merge_metadata({}, wishes.get("metadata", {})),
        payment_intent=charge["payment_intent"],
        reason=wishes.get("reason"),
        status="pending" if pending else "succeeded",
        **details,
    )
    return book.add(refund)


def _count(book: Book, charge: Record, pence: int) -> None:
    charge["amount_refunded"] += pence
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    book.save(charge)


def _change(book: Book, refund: Record, **but: object) -> Record:
    """Change a refund, with both of the events that say so."""
    previous = {name: refund[name] for name in but if name in refund}
    refund.update(but)
    book.save(refund)
    book.emit("refund.updated", refund, previous=previous)
    book.emit("charge.refund.updated", refund, previous=previous)
    return refund


def _not(refund: Record, wanted: str) -> StripeError:
    message = f"Refund {refund['id']} is {refund['status']}, not {wanted}."
    return StripeError(400, "invalid_request_error", message)
