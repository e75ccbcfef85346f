"""Payment methods, cards and bank accounts, and the mandates of the latter."""

from sandbox.stripe.accounts import SORT_CODE, BankAccount
from sandbox.stripe.blanks import ADDRESS, blank
from sandbox.stripe.blanks_money import MANDATE, PAYMENT_METHOD
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.errors import invalid
from sandbox.stripe.ids import new_id

Means = Card | BankAccount

CHECKS: Record = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": "pass",
}


def create(book: Book, means: Means, payer: Record) -> Record:
    """Make a payment method; `payer` holds the `email` and `name` that were given."""
    shown = _card(means) if isinstance(means, Card) else _account(means)
    method = blank(
        PAYMENT_METHOD,
        id=new_id("pm"),
        billing_details={
            "address": blank(ADDRESS, country="GB"),
            "email": payer["email"],
            "name": payer["name"],
            "phone": None,
            "tax_id": None,
        },
        created=book.now,
        **shown,
    )
    return book.add(method, {"number": means.number})


def attach(book: Book, method: Record, customer: str) -> None:
    """Keep a method for a customer, to be charged again."""
    if method["customer"] is None:
        method["customer"] = customer
        book.save(method)
        book.emit("payment_method.attached", method)


def change_expiry(book: Book, method: Record, month: int, year: int, *, by_network: bool) -> Record:
    """Let a card be valid for longer or shorter, as the card's network or its owner says.

    Raises:
        StripeError: it is no card.
    """
    if method["type"] != "card":
        raise invalid("This is no card.", "payment_method")
    before = {"card": {name: method["card"][name] for name in ("exp_month", "exp_year")}}
    method["card"] |= {"exp_month": month, "exp_year": year}
    book.save(method)
    kind = "automatically_updated" if by_network else "updated"
    book.emit(f"payment_method.{kind}", method, previous=before)
    return method


def means_of(book: Book, method: Record) -> Means:
    """The test card or account that a method stands for."""
    number = book.private(method["id"])["number"]
    return Card.parse(number) if method["type"] == "card" else BankAccount.parse(number)


def mandate_for(book: Book, method: Record) -> Record:
    """The mandate of a bank account, made now where it has none yet."""
    private = book.private(method["id"])
    if "mandate" in private:
        return book.get("mandate", private["mandate"])
    bacs = {
        "display_name": None,
        "network_status": "pending",
        "reference": new_id("X", 12)[2:].upper(),
        "revocation_reason": None,
        "service_user_number": None,
        "url": f"{book.world.addresses.stripe}/mandate",
    }
    mandate = blank(
        MANDATE,
        id=new_id("mandate"),
        customer_acceptance={
            "accepted_at": book.now,
            "online": {"ip_address": "127.0.0.1", "user_agent": "sandbox"},
            "type": "online",
        },
        payment_method=method["id"],
        payment_method_details={"bacs_debit": bacs, "type": "bacs_debit"},
    )
    book.save(method, {**private, "mandate": mandate["id"]})
    return book.add(mandate)


def accept(book: Book, mandate: Record) -> None:
    """Let the bank accept a mandate that waits for it."""
    if mandate["status"] == "pending":
        _tell(book, mandate, "active", network_status="accepted")


def revoke(book: Book, mandate: Record, reason: str) -> None:
    """Let the bank or its customer revoke a mandate."""
    if mandate["status"] != "inactive":
        _tell(book, mandate, "inactive", network_status="revoked", revocation_reason=reason)


def _tell(book: Book, mandate: Record, status: str, **bacs: str) -> None:
    details = mandate["payment_method_details"]
    details = {**details, "bacs_debit": {**details["bacs_debit"], **bacs}}
    book.change(mandate, "mandate.updated", status=status, payment_method_details=details)


def _card(card: Card) -> Record:
    return {
        "card": {
            "brand": card.brand,
            "checks": dict(CHECKS),
            "country": "GB",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": None,
            "wallet": None,
        },
        "type": "card",
    }


def _account(account: BankAccount) -> Record:
    shown = {
        "fingerprint": f"sandbox{account.last4}",
        "last4": account.last4,
        "sort_code": SORT_CODE,
    }
    return {"bacs_debit": shown, "type": "bacs_debit"}
