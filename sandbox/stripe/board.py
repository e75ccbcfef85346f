"""The board at the sandbox's own address: what Stripe holds, and knobs to turn."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from sandbox.stripe import billing, checkout
from sandbox.stripe.book import Book, Record, open_book
from sandbox.stripe.errors import StripeError
from sandbox.world import World, world

board = Blueprint("stripe_board", __name__)

SHOWN = 50
LONGEST_ADVANCE = 24 * 400  # hours


@board.get("/")
def show() -> ResponseReturnValue:
    """Show the newest sessions, subscriptions and events, with links to the other stand-ins."""
    with open_book(world()) as book:
        return render_template(
            "sandbox/board.html",
            world=world(),
            sessions=list(book.every("checkout.session"))[:SHOWN],
            subscriptions=list(book.every("subscription"))[:SHOWN],
            events=_deliveries(book),
        )


@board.post("/sandbox/subscriptions/<subscription_id>/renew")
def renew(subscription_id: str) -> ResponseReturnValue:
    """Let a subscription's period end: the next invoice is made and paid."""
    return _turn(lambda book: renew_subscription(book, subscription_id))


@board.post("/sandbox/sessions/<session_id>/expire")
def expire(session_id: str) -> ResponseReturnValue:
    """Let a Session expire before its time."""
    return _turn(lambda book: checkout.expire(book, book.get("checkout.session", session_id)))


@board.post("/sandbox/clock")
def advance() -> ResponseReturnValue:
    """Put the sandbox's clock forward."""
    hours = request.form.get("hours", "")
    if not hours.isascii() or not hours.isdigit() or int(hours) > LONGEST_ADVANCE:
        raise BadRequest
    advance_clock(world(), int(hours) * 3_600)
    return redirect("/", 303)


def renew_subscription(book: Book, subscription_id: str) -> None:
    """Renew by id.

    Raises:
        StripeError: there is no such subscription, or it is not active.
    """
    billing.renew(book, book.get("subscription", subscription_id))


def advance_clock(world: World, seconds: float) -> None:
    """Put the clock forward and let what has become due happen."""
    world.clock.advance(seconds)
    world.poke()


def _turn(knob: Callable[[Book], object]) -> ResponseReturnValue:
    try:
        with open_book(world()) as book:
            knob(book)
    except StripeError as fault:
        return fault.body, fault.status
    return redirect("/", 303)


def _deliveries(book: Book) -> list[Record]:
    rows = book.connection.execute(
        "SELECT event, json_extract(body, '$.type') AS type, attempts, delivered_at, next_at, said"
        " FROM deliveries JOIN objects ON objects.id = event ORDER BY seq DESC LIMIT ?",
        (SHOWN,),
    )
    return [dict(row) for row in rows]
