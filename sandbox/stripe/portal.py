"""The billing portal: sessions that let a customer end their subscriptions."""

from sandbox.stripe import billing, methods
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.errors import missing_resource
from sandbox.stripe.ids import new_id

CONFIGURATION = "bpc_sandbox"
OPEN_FOR = 3_600


class NoSuchPortal(Exception):
    """There is no such portal session, or its hour is over."""


def create(book: Book, wishes: Record) -> Record:
    """Open a portal session for a customer.

    Raises:
        StripeError: there is no such customer.
    """
    customer = book.get("customer", wishes["customer"], param="customer")
    secret = new_id("test", 40)
    session = {
        "id": new_id("bps"),
        "object": "billing_portal.session",
        "configuration": wishes.get("configuration", CONFIGURATION),
        "created": book.now,
        "customer": customer["id"],
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": wishes.get("locale"),
        "on_behalf_of": None,
        "return_url": wishes.get("return_url"),
        "url": f"{book.world.addresses.stripe}/p/session/{secret}",
    }
    return book.add(session)


def enter(book: Book, secret: str) -> Record:
    """Return the portal session whose address ends in `secret`.

    Raises:
        NoSuchPortal: there is none, or it is over.
    """
    url = f"{book.world.addresses.stripe}/p/session/{secret}"
    for session in book.linked("billing_portal.session", "url", url):
        if book.now < session["created"] + OPEN_FOR:
            return session
    raise NoSuchPortal


def subscriptions_of(book: Book, session: Record) -> list[Record]:
    """The customer's subscriptions, ended ones too."""
    return book.linked("subscription", "customer", session["customer"])[::-1]


def cancel(book: Book, session: Record, subscription_id: str, *, later: bool) -> None:
    """End one of the customer's subscriptions, now or with its period.

    Raises:
        StripeError: it is not theirs, or has ended.
    """
    subscription = _theirs(book, session, subscription_id)
    if later:
        billing.change(book, subscription, {"cancel_at_period_end": True})
    else:
        billing.cancel(book, subscription, {})


def change_card(book: Book, session: Record, subscription_id: str, card: Card) -> None:
    """Let one of the customer's subscriptions be paid by another card from now on.

    Raises:
        StripeError: it is not theirs.
    """
    subscription = _theirs(book, session, subscription_id)
    customer = book.get("customer", subscription["customer"])
    payer = {"email": customer["email"], "name": customer["name"]}
    billing.change_method(book, subscription, methods.create(book, card, payer))


def _theirs(book: Book, session: Record, subscription_id: str) -> Record:
    subscription = book.get("subscription", subscription_id)
    if subscription["customer"] != session["customer"]:
        raise missing_resource("subscription", subscription_id)
    return subscription
