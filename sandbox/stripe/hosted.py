"""The pages that Stripe hosts: Checkout and the billing portal."""

from datetime import UTC, datetime

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from sandbox.stripe import checkout, portal
from sandbox.stripe.accounts import ACCOUNTS, SORT_CODE, BankAccount, NotATestAccount
from sandbox.stripe.book import Book, Record, open_book
from sandbox.stripe.cards import CARDS, Card, NotATestCard
from sandbox.stripe.errors import StripeError
from sandbox.stripe.methods import Means
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
    if session["status"] == "open" and checkout.is_over(book, session):
        session = {**session, "status": "expired"}
    page = render_template(
        "sandbox/checkout.html",
        session=session,
        lines=lines,
        email=checkout.known_email(book, session),
        fault=fault,
        cards=CARDS,
        accounts=ACCOUNTS,
        sort_code=SORT_CODE,
        typed=request.form,
    )
    response = make_response(page, 410 if session["status"] == "expired" else status)
    targets = f"'self' {checkout.landing_origin(session)}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src data:; form-action {targets};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return response


@hosted.get("/c/pay/<session_id>")
def show_checkout(session_id: str) -> ResponseReturnValue:
    """Show what is to be paid, or that it was paid or is over."""
    with open_book(world()) as book:
        return _page(book, _session(book, session_id))


@hosted.post("/c/pay/<session_id>")
def pay(session_id: str) -> ResponseReturnValue:
    """Take the card or the account: on to the shop, or the page again with what is wrong."""
    with open_book(world()) as book:
        session = _session(book, session_id)
        if session["status"] == "complete":
            return redirect(checkout.landing(session), 303)
        try:
            return _try(book, session)
        except NotFilledIn as fault:
            return _page(book, session, str(fault), 422)
        except checkout.NotOpen:
            return _page(book, session)


def _try(book: Book, session: Record) -> ResponseReturnValue:
    """Act on the form.

    Raises:
        NotFilledIn: with the words for the page.
        NotOpen: the Session cannot be paid any more.
    """
    bank = request.form.get("bank")  # what was pressed on the bank's own page, for 3-D Secure
    if bank == "refuse":
        checkout.fail_challenge(book, session)
        words = "We are unable to authenticate your payment method. Please choose another."
        return _page(book, session, words, 402)
    means, payer = _typed(session, checkout.known_email(book, session))
    outcome = checkout.pay(book, session, means, payer, authenticated=bank == "confirm")
    if outcome is checkout.Outcome.CHALLENGED:
        return render_template("sandbox/bank.html", session=session, typed=request.form)
    if outcome is checkout.Outcome.DECLINED:
        words = means.words if isinstance(means, Card) else ""
        return _page(book, session, f"{words} Try another card.", 402)
    return redirect(checkout.landing(session), 303)


def _typed(session: Record, known_email: str) -> tuple[Means, Record]:
    """The card or the account, and the payer, in the form.

    Raises:
        NotFilledIn: with the words for the page.
    """
    by_debit = request.form.get("method") == "bacs_debit"
    if ("bacs_debit" if by_debit else "card") not in session["payment_method_types"]:
        raise NotFilledIn("This way of paying is not offered here.")
    try:
        address = known_email or email(request.form.get("email", "").strip(), "email")
        means: Means = _account() if by_debit else Card.parse(request.form.get("card", ""))
    except StripeError as fault:
        raise NotFilledIn("Please enter your e-mail address.") from fault
    except NotATestCard as fault:
        raise NotFilledIn("Your card number is not one of the test cards.") from fault
    except NotATestAccount as fault:
        raise NotFilledIn("These are none of the test accounts' details.") from fault
    return means, {"email": address, "name": request.form.get("name", "").strip() or None}


def _account() -> BankAccount:
    form = request.form
    return BankAccount.parse(form.get("account", ""), form.get("sort_code", "") or SORT_CODE)


@hosted.get("/p/session/<secret>")
def show_portal(secret: str) -> ResponseReturnValue:
    """Show a customer their subscriptions."""
    with open_book(world()) as book:
        return _portal_page(book, _portal(book, secret), secret)


def _portal_page(book: Book, session: Record, secret: str, fault: str = "") -> str:
    rows = [_subscription_row(book, each) for each in portal.subscriptions_of(book, session)]
    return render_template(
        "sandbox/portal.html", session=session, secret=secret, subscriptions=rows, fault=fault
    )


@hosted.post("/p/session/<secret>/subscriptions/<subscription_id>/card")
def change_card(secret: str, subscription_id: str) -> ResponseReturnValue:
    """Let a subscription be paid by another card from now on."""
    with open_book(world()) as book:
        session = _portal(book, secret)
        try:
            card = Card.parse(request.form.get("card", ""))
            portal.change_card(book, session, subscription_id, card)
        except NotATestCard:
            fault = "Your card number is not one of the test cards."
            return _portal_page(book, session, secret, fault), 422
        except StripeError as fault:
            raise NotFound from fault
    return redirect(f"/p/session/{secret}", 303)


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
        "paid_by": _ending_in(book, subscription),
        "period_end": f"{period.day} {period:%B %Y}",
    }


def _ending_in(book: Book, subscription: Record) -> str:
    """How a subscription is paid, as people know it."""
    method = book.get("payment_method", subscription["default_payment_method"])
    card = method["type"] == "card"
    last4 = method["card" if card else "bacs_debit"]["last4"]
    return f"{'card' if card else 'account'} ending in {last4}"
