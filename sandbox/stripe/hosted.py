"""The pages that Stripe hosts: Checkout and the billing portal."""

from datetime import UTC, datetime

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from sandbox.stripe import checkout, portal
from sandbox.stripe.book import Book, Record, open_book
from sandbox.stripe.cards import CARDS, Card, NotATestCard
from sandbox.stripe.errors import StripeError
from sandbox.stripe.takes import email
from sandbox.world import world

hosted = Blueprint("stripe_hosted", __name__)


class NotFilledIn(ValueError):
    """The hosted page's form lacks something."""


def _session(book: Book, session_id: str) -> Record:
    try:
        return book.get("checkout.session", session_id)
    except StripeError as fault:
        raise NotFound from fault


def _page(book: Book, session: Record, fault: str = "", status: int = 200) -> ResponseReturnValue:
    lines = checkout.line_items_of(book, session)["data"]
    if session["status"] == "open" and session["expires_at"] <= book.now:
        session = {**session, "status": "expired"}
    page = render_template(
        "sandbox/checkout.html",
        session=session,
        lines=lines,
        email=_known_email(book, session),
        fault=fault,
        cards=CARDS,
        typed=request.form,
    )
    response = make_response(page, 410 if session["status"] == "expired" else status)
    targets = f"'self' {checkout.landing_origin(session)}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src data:; form-action {targets};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _known_email(book: Book, session: Record) -> str:
    if session["customer"]:
        return book.get("customer", session["customer"])["email"] or ""
    return session["customer_email"] or ""


@hosted.get("/c/pay/<session_id>")
def show_checkout(session_id: str) -> ResponseReturnValue:
    """Show what is to be paid, or that it was paid or is over."""
    with open_book(world()) as book:
        return _page(book, _session(book, session_id))


@hosted.post("/c/pay/<session_id>")
def pay(session_id: str) -> ResponseReturnValue:
    """Take the card: on to the shop, or the page again with what is wrong."""
    with open_book(world()) as book:
        session = _session(book, session_id)
        if session["status"] == "complete":
            return redirect(checkout.landing(session), 303)
        try:
            card, payer = _typed(_known_email(book, session))
            paid = checkout.pay(book, session, card, payer)
        except NotFilledIn as fault:
            return _page(book, session, str(fault), 422)
        except checkout.NotOpen:
            return _page(book, session)
        if not paid:
            return _page(book, session, f"{card.words} Try another card.", 402)
        return redirect(checkout.landing(session), 303)


def _typed(known_email: str) -> tuple[Card, Record]:
    """The card and the payer in the form.

    Raises:
        NotFilledIn: with the words for the page.
    """
    try:
        address = known_email or email(request.form.get("email", "").strip(), "email")
        card = Card.parse(request.form.get("card", ""))
    except StripeError as fault:
        raise NotFilledIn("Please enter your e-mail address.") from fault
    except NotATestCard as fault:
        raise NotFilledIn("Your card number is not one of the test cards.") from fault
    return card, {"email": address, "name": request.form.get("name", "").strip() or None}


@hosted.get("/p/session/<secret>")
def show_portal(secret: str) -> ResponseReturnValue:
    """Show a customer their subscriptions."""
    with open_book(world()) as book:
        session = _portal(book, secret)
        rows = [_subscription_row(book, each) for each in portal.subscriptions_of(book, session)]
        return render_template(
            "sandbox/portal.html", session=session, secret=secret, subscriptions=rows
        )


@hosted.post("/p/session/<secret>/subscriptions/<subscription_id>/cancel")
def cancel(secret: str, subscription_id: str) -> ResponseReturnValue:
    """End a subscription, now or with its period, and show what is left."""
    later = request.form.get("when") == "period_end"
    with open_book(world()) as book:
        session = _portal(book, secret)
        try:
            portal.cancel(book, session, subscription_id, later=later)
        except StripeError as fault:
            raise NotFound from fault
    return redirect(f"/p/session/{secret}", 303)


def _portal(book: Book, secret: str) -> Record:
    try:
        return portal.enter(book, secret)
    except portal.NoSuchPortal as fault:
        raise NotFound from fault


def _subscription_row(book: Book, subscription: Record) -> Record:
    item = subscription["items"]["data"][0]
    price = item["price"]
    period = datetime.fromtimestamp(item["current_period_end"], UTC)
    return {
        "id": subscription["id"],
        "name": book.get("product", price["product"])["name"],
        "pence": price["unit_amount"] * item["quantity"],
        "interval": price["recurring"]["interval"],
        "status": subscription["status"],
        "ending": subscription["cancel_at_period_end"],
        "period_end": f"{period.day} {period:%B %Y}",
    }
