"""Checkout Sessions: opened by the API, paid or left on the hosted page, expired by the clock."""

from enum import Enum
from urllib.parse import urlsplit

from sandbox.stripe import billing, charging, customers, debiting, methods
from sandbox.stripe.blanks import ADDRESS, NO_INVOICE_CREATION, SESSION, blank
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.charging import open_intent
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.ids import new_id
from sandbox.stripe.methods import Means
from sandbox.stripe.pricing import make_line
from sandbox.stripe.rules import check_session, lasts_long_enough

DAY = 86_400
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
COPIED = (
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "excluded_payment_method_types",
    "locale",
    "submit_type",
    "success_url",
)


OFFERED = ("card", "bacs_debit")


class Outcome(Enum):
    """What came of pressing Pay."""

    DONE = "done"
    DECLINED = "declined"
    CHALLENGED = "challenged"


class NotOpen(Exception):
    """The Session has been paid or has expired."""


def create(book: Book, wishes: Record) -> Record:
    """Open a Session.

    Raises:
        StripeError: the parameters contradict each other or Stripe's limits.
    """
    behind = _behind(book, wishes)
    check_session(wishes, now=book.now - behind)
    if "customer" in wishes:
        book.get("customer", wishes["customer"], param="customer")
    session_id = new_id("cs_test", 60)
    lines = [make_line(book, each) for each in wishes["line_items"]]
    total = sum(line["amount_total"] for line in lines)
    payment = wishes["mode"] == "payment"
    session = blank(
        SESSION,
        id=session_id,
        amount_subtotal=total,
        amount_total=total,
        created=book.now,
        customer_creation=wishes.get("customer_creation", "if_required" if payment else "always"),
        expires_at=wishes.get("expires_at", book.now + DAY),
        invoice_creation=blank(NO_INVOICE_CREATION) if payment else None,
        metadata=billing.merge_metadata({}, wishes.get("metadata", {})),
        mode=wishes["mode"],
        payment_method_collection="if_required" if payment else "always",
        payment_method_types=_offered(wishes),
        url=f"{book.world.addresses.stripe}/c/pay/{session_id}",
        **{name: wishes[name] for name in COPIED if name in wishes},
    )
    data = wishes.get("payment_intent_data" if payment else "subscription_data", {})
    over_at = session["expires_at"] + behind
    book.plan("expire", session_id, over_at)
    private = {"line_items": lines, "data": data, "intent": None, "over_at": over_at}
    return book.add(session, private)


def _behind(book: Book, wishes: Record) -> int:
    """By how many seconds the caller's time is behind ours, once ours has been put forward.

    Who calls goes by the machine's clock, and Stripe knows of no other; a caller whose own clock
    was put forward with ours is recognised by an `expires_at` that makes sense here.
    """
    ahead = int(book.world.clock.ahead)
    wanted = wishes.get("expires_at", book.now + DAY)
    sound_here = lasts_long_enough(wanted - book.now)
    return ahead if not sound_here and lasts_long_enough(wanted - book.now + ahead) else 0


def is_over(book: Book, session: Record) -> bool:
    """Whether an open Session has run out of time."""
    return bool(book.private(session["id"])["over_at"] <= book.now)


def _offered(wishes: Record) -> list[str]:
    """The methods of payment that the page offers, of those that are switched on."""
    allowed = wishes.get("allowed_payment_method_types", OFFERED)
    excluded = wishes.get("excluded_payment_method_types", ())
    offered = [name for name in OFFERED if name in allowed and name not in excluded]
    if not offered:
        words = (
            "No valid payment method types for this Checkout Session. Please ensure that you have"
            " activated payment methods compatible with your chosen currency in your dashboard."
        )
        raise invalid(words, "allowed_payment_method_types")
    return offered


def line_items_of(book: Book, session: Record) -> Record:
    """The list that `expand[]=line_items` puts into a Session."""
    return {
        "object": "list",
        "data": book.private(session["id"])["line_items"],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def expire(book: Book, session: Record) -> Record:
    """Close an open Session, as the API does on request.

    Raises:
        StripeError: it is not open.
    """
    if session["status"] != "open":
        message = (
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session['status']}."
        )
        raise StripeError(400, "invalid_request_error", message)
    session.update(status="expired", url=None)
    book.save(session)
    book.emit("checkout.session.expired", session)
    return session


def expire_if_due(book: Book, session_id: str) -> None:
    """The chore at `expires_at`."""
    session = book.get("checkout.session", session_id)
    if session["status"] == "open":
        expire(book, session)


def pay(
    book: Book, session: Record, means: Means, payer: Record, *, authenticated: bool = False
) -> Outcome:
    """Pay on the hosted page; what is declined may be tried again.

    `authenticated` says that the bank's own page was passed, for a card that asks for 3-D Secure.

    Raises:
        NotOpen: the Session cannot be paid any more.
    """
    if session["status"] != "open" or is_over(book, session):
        raise NotOpen
    private = book.private(session["id"])
    card = means if isinstance(means, Card) else None
    waits = card is not None and card.challenge and not authenticated
    takes = not waits and (card is None or card.decline is None)
    known = _customer_of(book, session, payer, means) if takes else None
    intent = _intent_of(book, session, private)
    method = methods.create(book, means, payer)
    if known is not None:
        intent["customer"] = known["id"]
        book.save(intent)
    if session["mode"] == "payment":
        session["payment_intent"] = intent["id"]
    book.save(session, private)
    if waits:
        charging.challenge(book, intent, method)
        return Outcome.CHALLENGED
    if not takes:
        charging.attempt(book, intent, method)
        return Outcome.DECLINED
    _take(book, session, (known, intent, method), private)
    _complete(book, session, known, payer)
    return Outcome.DONE


def fail_challenge(book: Book, session: Record) -> None:
    """Let 3-D Secure fail.

    Raises:
        NotOpen: the Session cannot be paid any more.
    """
    intent = book.private(session["id"])["intent"]
    if session["status"] != "open" or intent is None:
        raise NotOpen
    charging.fail_challenge(book, book.get("payment_intent", intent))


def known_email(book: Book, session: Record) -> str:
    """The payer's address where the shop gave it, else nothing."""
    if session["customer"]:
        return book.get("customer", session["customer"])["email"] or ""
    return session["customer_email"] or ""


def landing(session: Record) -> str:
    """Where a payer is sent, the Session's id in its place."""
    address: str = session["success_url"]
    return address.replace(PLACEHOLDER, session["id"])


def landing_origin(session: Record) -> str:
    """The origin of `landing`, which the hosted page's policy must let a form lead to."""
    parts = urlsplit(landing(session))
    return f"{parts.scheme}://{parts.netloc}"


def _take(
    book: Book,
    session: Record,
    paying: tuple[Record | None, Record, Record],
    private: Record,
) -> None:
    """Charge or debit, for one payment or for the first of a subscription."""
    customer, intent, method = paying
    debit = method["type"] == "bacs_debit"
    if debit:
        known = book.private(intent["id"])
        book.save(intent, {**known, "session": session["id"]})
    if session["mode"] == "subscription":
        lines, data = private["line_items"], private["data"]
        invoice = billing.begin(book, customer or {}, lines, data, (intent, method))
        details = invoice["parent"]["subscription_details"]
        session.update(subscription=details["subscription"], invoice=invoice["id"])
    elif debit:
        methods.attach(book, method, intent["customer"])
        debiting.begin(book, intent, method)
    else:
        charging.attempt(book, intent, method)
    session["payment_status"] = "unpaid" if debit else "paid"


def _complete(book: Book, session: Record, customer: Record | None, payer: Record) -> None:
    session.update(
        status="complete",
        url=None,
        collected_information={
            "business_name": None,
            "individual_name": None,
            "shipping_details": None,
        },
        customer=customer["id"] if customer else None,
        customer_details={
            "address": blank(ADDRESS, country="GB"),
            "business_name": None,
            "email": payer["email"],
            "individual_name": None,
            "name": payer["name"],
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    book.save(session)
    book.emit("checkout.session.completed", session)


def _customer_of(book: Book, session: Record, payer: Record, means: Means) -> Record | None:
    """The Session's customer, made now where its mode, its wish or a mandate asks for one."""
    if session["customer"]:
        return book.get("customer", session["customer"])
    once = session["mode"] == "payment" and session["customer_creation"] != "always"
    if once and isinstance(means, Card):
        return None
    return customers.create(book, {"email": payer["email"], "name": payer["name"]})


def _intent_of(book: Book, session: Record, private: Record) -> Record:
    """The Session's PaymentIntent, made at the first attempt and used again at the next.

    The metadata of a Session and of a subscription are not copied to it, as with Stripe.
    """
    if private["intent"]:
        return book.get("payment_intent", private["intent"])
    data = private["data"] if session["mode"] == "payment" else {}
    known = {name: value for name, value in data.items() if name != "metadata"}
    if session["mode"] == "subscription":
        known["description"] = "Subscription creation"
    intent = open_intent(
        book,
        session["amount_total"],
        customer=session["customer"],
        metadata=data.get("metadata", {}),
        payment_method_types=session["payment_method_types"],
        **known,
    )
    private["intent"] = intent["id"]
    return intent
