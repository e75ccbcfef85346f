"""PaymentIntents, charges and what Stripe keeps of them."""

from sandbox.stripe.blanks import ADDRESS, CHARGE, PAYMENT_INTENT, blank
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.ids import new_id

# UK cards: 1.5 % and 20p (stripe.com/gb/pricing), the percentage rounded half up to a penny.
FEE_THOUSANDTHS, FEE_FIXED = 15, 20
TWO_DAYS = 2 * 86_400


def fee_of(pence: int) -> int:
    """What Stripe keeps of a payment, in pence."""
    return (pence * FEE_THOUSANDTHS + 500) // 1000 + FEE_FIXED


def open_intent(book: Book, pence: int, **known: object) -> Record:
    """Begin a payment of so many pence."""
    intent_id = new_id("pi")
    return book.add(
        blank(
            PAYMENT_INTENT,
            id=intent_id,
            amount=pence,
            client_secret=f"{intent_id}_secret_{new_id('x')[2:]}",
            created=book.now,
            currency="gbp",
            **known,
        )
    )


def attempt(book: Book, intent: Record, card: Card, payer: Record) -> bool:
    """Charge a card for an intent, with the events of success or decline; say whether it paid.

    `payer` holds the `email` and `name` that were given. The fee is not known yet: the charge has
    no balance transaction until `settle`, as with Stripe's asynchronous capture.
    """
    charge = _new_charge(book, intent, card, payer)
    intent["latest_charge"] = charge["id"]
    if card.decline:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {
            "charge": charge["id"],
            "code": "card_declined",
            "decline_code": card.decline,
            "doc_url": "https://docs.stripe.com/error-codes/card-declined",
            "message": card.words,
            "type": "card_error",
        }
        book.save(intent)
        book.emit("payment_intent.payment_failed", intent)
        return False
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        payment_method=charge["payment_method"],
    )
    book.save(intent)
    book.emit("charge.succeeded", charge)
    book.emit("payment_intent.succeeded", intent)
    book.plan("settle", charge["id"], book.now + book.world.settle_seconds)
    return True


def settle(book: Book, charge_id: str) -> None:
    """Let the fee of a charge become known: its balance transaction, and `charge.updated`."""
    charge = book.get("charge", charge_id)
    if charge["balance_transaction"] is not None:
        return
    fee = fee_of(charge["amount"])
    details = {
        "amount": fee,
        "application": None,
        "currency": "gbp",
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    transaction = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": charge["amount"],
        "available_on": charge["created"] + TWO_DAYS,
        "balance_type": "payments",
        "created": charge["created"],
        "currency": "gbp",
        "description": charge["description"],
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details],
        "net": charge["amount"] - fee,
        "reporting_category": "charge",
        "source": charge_id,
        "status": "pending",
        "type": "charge",
    }
    book.add(transaction)
    charge["balance_transaction"] = transaction["id"]
    book.save(charge)
    book.emit("charge.updated", charge, previous={"balance_transaction": None})


def _new_charge(book: Book, intent: Record, card: Card, payer: Record) -> Record:
    paid = card.decline is None
    return book.add(
        blank(
            CHARGE,
            id=new_id("ch"),
            amount=intent["amount"],
            amount_captured=intent["amount"] if paid else 0,
            billing_details={
                "address": blank(ADDRESS, country="GB"),
                "email": payer["email"],
                "name": payer["name"],
                "phone": None,
                "tax_id": None,
            },
            captured=paid,
            created=book.now,
            currency="gbp",
            customer=intent["customer"],
            description=intent["description"],
            failure_code=None if paid else "card_declined",
            failure_message=None if paid else card.words,
            metadata=dict(intent["metadata"]),
            outcome=_outcome(card),
            paid=paid,
            payment_intent=intent["id"],
            payment_method=new_id("pm"),
            payment_method_details=_card_details(card),
            receipt_email=intent["receipt_email"],
            status="succeeded" if paid else "failed",
        )
    )


def _outcome(card: Card) -> Record:
    paid = card.decline is None
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None if paid else "05",
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": card.decline,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete." if paid else "The bank declined the payment.",
        "type": "authorized" if paid else "issuer_declined",
    }


def _card_details(card: Card) -> Record:
    checks = {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": "pass",
    }
    return {
        "card": {
            "amount_authorized": None,
            "brand": card.brand,
            "checks": checks,
            "country": "GB",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "installments": None,
            "last4": card.last4,
            "mandate": None,
            "network": card.brand,
            "network_token": None,
            "network_transaction_id": None,
            "three_d_secure": None,
            "wallet": None,
        },
        "type": "card",
    }
