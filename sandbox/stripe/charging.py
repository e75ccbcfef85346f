"""PaymentIntents and the charges of cards."""

from sandbox.stripe import methods
from sandbox.stripe.blanks import CHARGE, PAYMENT_INTENT, blank
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.ids import new_id

# What follows a payment with a special card, as the chore that does it.
FOLLOWING = {
    "fraudulent": "dispute",
    "product_not_received": "dispute",
    "inquiry": "dispute",
    "warning": "warn",
}


def open_intent(book: Book, pence: int, **known: object) -> Record:
    """Begin a payment of so many pence, with its event."""
    intent_id = new_id("pi")
    intent = blank(
        PAYMENT_INTENT,
        id=intent_id,
        amount=pence,
        client_secret=f"{intent_id}_secret_{new_id('x')[2:]}",
        created=book.now,
        currency="gbp",
        **known,
    )
    book.add(intent)
    book.emit("payment_intent.created", intent)
    return intent


def attempt(book: Book, intent: Record, method: Record) -> bool:
    """Charge a card for an intent, with the events of success or decline; say whether it paid.

    The fee is not known yet: the charge has no balance transaction until `balance.settle`, as with
    Stripe's asynchronous capture.
    """
    card = methods.means_of(book, method)
    if not isinstance(card, Card):
        raise TypeError("a bank account is debited, not charged")
    if card.decline:
        charge = new_charge(book, intent, method, "failed", **_declined(card))
        fail(book, intent, charge, {**_error(charge, card), "payment_method": method})
        return False
    charge = new_charge(book, intent, method, "succeeded")
    book.emit("charge.succeeded", charge)
    succeed(book, intent, charge)
    follow = FOLLOWING.get(card.then)
    if follow:
        book.plan(follow, charge["id"], book.now + book.world.habits.settle_seconds)
    return True


def challenge(book: Book, intent: Record, method: Record) -> None:
    """Ask for 3-D Secure before anything is charged."""
    intent.update(
        status="requires_action",
        payment_method=method["id"],
        next_action={
            "redirect_to_url": {"return_url": None, "url": book.world.addresses.stripe},
            "type": "redirect_to_url",
        },
    )
    book.save(intent)
    book.emit("payment_intent.requires_action", intent)


def fail_challenge(book: Book, intent: Record) -> None:
    """Let 3-D Secure fail: nothing was charged, and another card may be tried."""
    code = "payment_intent_authentication_failure"
    intent.update(
        status="requires_payment_method",
        next_action=None,
        payment_method=None,
        last_payment_error={
            "code": code,
            "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
            "message": "The provided PaymentMethod has failed authentication.",
            "type": "card_error",
        },
    )
    book.save(intent)
    book.emit("payment_intent.payment_failed", intent)


def succeed(book: Book, intent: Record, charge: Record) -> None:
    """Mark an intent as paid by a charge, and have the fee become known later."""
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=charge["payment_method"],
    )
    book.save(intent)
    book.emit("payment_intent.succeeded", intent)
    book.plan("settle", charge["id"], book.now + book.world.habits.settle_seconds)


def fail(book: Book, intent: Record, charge: Record, error: Record) -> None:
    """Mark an intent's attempt as failed; it may be tried again."""
    intent.update(
        status="requires_payment_method",
        last_payment_error=error,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=None,
    )
    book.save(intent)
    book.emit("charge.failed", charge)
    book.emit("payment_intent.payment_failed", intent)


def new_charge(book: Book, intent: Record, method: Record, status: str, **but: object) -> Record:
    """Keep a charge; its events are the caller's."""
    paid = status == "succeeded"
    known: Record = {
        "id": new_id("ch" if method["type"] == "card" else "py"),
        "amount": intent["amount"],
        "amount_captured": 0 if status == "failed" else intent["amount"],
        "billing_details": method["billing_details"],
        "captured": status != "failed",
        "created": book.now,
        "currency": "gbp",
        "customer": intent["customer"],
        "description": intent["description"],
        "metadata": dict(intent["metadata"]),
        "outcome": outcome(status),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(book, method),
        "receipt_email": intent["receipt_email"],
        "status": status,
    }
    return book.add(blank(CHARGE, **{**known, **but}))


def outcome(status: str, decline: str | None = None) -> Record:
    """What the network made of a charge."""
    paid = status != "failed"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None if paid else "05",
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": decline,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete." if paid else "The bank declined the payment.",
        "type": "authorized" if paid else "issuer_declined",
    }


def _declined(card: Card) -> Record:
    return {
        "failure_code": card.code,
        "failure_message": card.words,
        "outcome": outcome("failed", card.decline),
    }


def _error(charge: Record, card: Card) -> Record:
    return {
        "charge": charge["id"],
        "code": card.code,
        "decline_code": card.decline,
        "doc_url": f"https://docs.stripe.com/error-codes/{card.code.replace('_', '-')}",
        "message": card.words,
        "type": "card_error",
    }


def _details(book: Book, method: Record) -> Record:
    kind = method["type"]
    if kind == "bacs_debit":
        mandate = methods.mandate_for(book, method)
        return {"bacs_debit": {**method["bacs_debit"], "mandate": mandate["id"]}, "type": kind}
    shown = method["card"]
    card = {
        "amount_authorized": None,
        "brand": shown["brand"],
        "checks": shown["checks"],
        "country": shown["country"],
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "fingerprint": shown["fingerprint"],
        "funding": shown["funding"],
        "installments": None,
        "last4": shown["last4"],
        "mandate": None,
        "network": shown["brand"],
        "network_token": None,
        "network_transaction_id": None,
        "three_d_secure": None,
        "wallet": None,
    }
    return {"card": card, "type": kind}
