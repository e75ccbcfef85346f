"""The billing portal: sessions that let a customer end their subscriptions."""

from sandbox.stripe import billing
from sandbox.stripe.book import Book, Record
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
    for session in book.every("billing_portal.session"):
        if session["url"].endswith(f"/{secret}") and book.now < session["created"] + OPEN_FOR:
            return session
    raise NoSuchPortal


def subscriptions_of(book: Book, session: Record) -> list[Record]:
    """The customer's subscriptions, ended ones too."""
    return [s for s in book.every("subscription") if s["customer"] == session["customer"]]


def cancel(book: Book, session: Record, subscription_id: str, *, later: bool) -> None:
    """End one of the customer's subscriptions, now or with its period.

    Raises:
        StripeError: it is not theirs, or has ended.
    """
    subscription = book.get("subscription", subscription_id)
    if subscription["customer"] != session["customer"]:
        subscription = book.get("subscription", "")
    if later:
        billing.change(book, subscription, {"cancel_at_period_end": True})
    else:
        billing.cancel(book, subscription, {})
