"""Checkout Sessions: opened by the API, paid or left on the hosted page, expired by the clock."""

from urllib.parse import urlsplit

from sandbox.stripe import billing, customers
from sandbox.stripe.blanks import ADDRESS, NO_INVOICE_CREATION, PRICE, PRODUCT, SESSION, blank
from sandbox.stripe.book import Book, Record
from sandbox.stripe.cards import Card
from sandbox.stripe.charging import attempt, open_intent
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.rules import check_session

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


class NotOpen(Exception):
    """The Session has been paid or has expired."""


def create(book: Book, wishes: Record) -> Record:
    """Open a Session.

    Raises:
        StripeError: the parameters contradict each other or Stripe's limits.
    """
    check_session(wishes, now=book.now)
    if "customer" in wishes:
        book.get("customer", wishes["customer"], param="customer")
    session_id = new_id("cs_test", 60)
    lines = [_line(book, each) for each in wishes["line_items"]]
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
        url=f"{book.world.addresses.stripe}/c/pay/{session_id}",
        **{name: wishes[name] for name in COPIED if name in wishes},
    )
    data = wishes.get("payment_intent_data" if payment else "subscription_data", {})
    book.plan("expire", session_id, session["expires_at"])
    return book.add(session, {"line_items": lines, "data": data, "intent": None})


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


def pay(book: Book, session: Record, card: Card, payer: Record) -> bool:
    """Pay on the hosted page; False where the card is declined, and it may be tried again.

    Raises:
        NotOpen: the Session cannot be paid any more.
    """
    if session["status"] != "open" or session["expires_at"] <= book.now:
        raise NotOpen
    private = book.private(session["id"])
    customer = _customer_of(book, session, payer) if not card.decline else None
    intent = _intent_of(book, session, private)
    if customer is not None:
        intent["customer"] = customer["id"]
    if session["mode"] == "payment":
        session["payment_intent"] = intent["id"]
        paid = attempt(book, intent, card, payer)
    elif card.decline:
        paid = attempt(book, intent, card, payer)
    else:
        paid = _subscribe(book, session, private, (customer or {}, intent, card, payer))
    book.save(session, private)
    if paid:
        _complete(book, session, customer, payer)
    return paid


def landing(session: Record) -> str:
    """Where a payer is sent, the Session's id in its place."""
    address: str = session["success_url"]
    return address.replace(PLACEHOLDER, session["id"])


def landing_origin(session: Record) -> str:
    """The origin of `landing`, which the hosted page's policy must let a form lead to."""
    parts = urlsplit(landing(session))
    return f"{parts.scheme}://{parts.netloc}"


def _complete(book: Book, session: Record, customer: Record | None, payer: Record) -> None:
    session.update(
        status="complete",
        payment_status="paid",
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


def _subscribe(
    book: Book, session: Record, private: Record, money: tuple[Record, Record, Card, Record]
) -> bool:
    customer, intent, card, payer = money
    subscription = billing.begin(book, customer, private["line_items"], private["data"])
    invoice = billing.first_payment(book, subscription, intent, card, payer)
    session.update(subscription=subscription["id"], invoice=invoice["id"])
    return True


def _customer_of(book: Book, session: Record, payer: Record) -> Record | None:
    """The Session's customer, made now where its mode or its wish asks for one."""
    if session["customer"]:
        return book.get("customer", session["customer"])
    if session["mode"] == "payment" and session["customer_creation"] != "always":
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
        **known,
    )
    private["intent"] = intent["id"]
    return intent


def _line(book: Book, wish: Record) -> Record:
    """An item of the Session, with the product and price that `price_data` make on the spot."""
    data = wish["price_data"]
    about = {name: data["product_data"].get(name) for name in ("name", "description")}
    product = blank(PRODUCT, id=new_id("prod", 14), created=book.now, updated=book.now, **about)
    book.add(product)
    recurring = data.get("recurring")
    price = blank(
        PRICE,
        id=new_id("price"),
        created=book.now,
        currency=data["currency"],
        product=product["id"],
        type="recurring" if recurring else "one_time",
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )
    if recurring:
        price["recurring"] = {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "usage_type": "licensed",
        }
    book.add(price)
    total = data["unit_amount"] * wish["quantity"]
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": data["currency"],
        "description": product["name"],
        "metadata": {},
        "price": price,
        "quantity": wish["quantity"],
    }
