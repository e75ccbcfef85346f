"""Early fraud warnings: what a card's network reports before anybody disputes."""

from sandbox.stripe.book import Book, Record
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id


def warn(book: Book, charge: Record, fraud_type: str = "made_with_stolen_card") -> Record:
    """Let the network report a payment as fraud.

    Raises:
        StripeError: it was not paid.
    """
    if charge["status"] != "succeeded":
        message = f"Charge {charge['id']} is {charge['status']}; nobody warns of it."
        raise StripeError(400, "invalid_request_error", message)
    warning = {
        "id": new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": not (charge["refunded"] or charge["disputed"]),
        "charge": charge["id"],
        "created": book.now,
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    book.add(warning)
    book.emit("radar.early_fraud_warning.created", warning)
    return warning


def warn_by_itself(book: Book, charge_id: str) -> None:
    """The chore after a payment with a card that is known for it."""
    warn(book, book.get("charge", charge_id))


def no_longer_actionable(book: Book, charge_id: str) -> None:
    """Mark the warnings of a charge that has been refunded in full or disputed."""
    charge = book.get("charge", charge_id)
    if not charge["refunded"] and not charge["disputed"]:
        return
    for warning in book.linked("radar.early_fraud_warning", "charge", charge_id):
        if warning["actionable"]:
            book.change(warning, "radar.early_fraud_warning.updated", actionable=False)
