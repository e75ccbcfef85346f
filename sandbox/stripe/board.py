"""The board at the sandbox's own address: what Stripe holds, with buttons for what may happen."""

from datetime import UTC, datetime
from itertools import islice

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.knobs import OF_CALLS, OF_EVENTS
from sandbox.stripe.book import Book, Record, open_book
from sandbox.stripe.disputing import OVER, dispute_of
from sandbox.world import World, world

board = Blueprint("stripe_board", __name__)

SHOWN = 30


@board.get("/")
def show() -> ResponseReturnValue:
    """Show the newest of everything, with links to the other stand-ins."""
    with open_book(world()) as book:
        return render_template(
            "sandbox/board.html",
            world=world(),
            fault=request.args.get("fault", ""),
            now=moment(book.now),
            payments=[_payment(book, charge) for charge in islice(book.every("charge"), SHOWN)],
            payouts=list(islice(book.every("payout"), SHOWN)),
            sessions=list(islice(book.every("checkout.session"), SHOWN)),
            subscriptions=list(islice(book.every("subscription"), SHOWN)),
            events=_deliveries(book),
            knobs=_knobs(world()),
            kinds={"Calls": OF_CALLS, "Events": OF_EVENTS},
        )


def moment(seconds: float) -> str:
    """A time as people read it."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M} UTC"


def _payment(book: Book, charge: Record) -> Record:
    """A payment with what became of it, and what may still happen to it."""
    dispute = dispute_of(book, charge["id"])
    left = charge["amount"] - charge["amount_refunded"]
    paid = charge["status"] == "succeeded"
    row = book.connection.execute(
        "SELECT json_extract(private, '$.payout') AS payout FROM objects WHERE id = ?",
        (charge["balance_transaction"],),
    ).fetchone()
    return {
        "charge": charge,
        "at": moment(charge["created"]),
        "left": left,
        "dispute": dispute,
        "open": dispute is not None and dispute["status"] not in OVER,
        "refunds": book.linked("refund", "charge", charge["id"]),
        "refundable": paid and left > 0 and (dispute is None or dispute["status"] == "won"),
        "disputable": paid and left > 0 and dispute is None,
        "fee": _fee(book, charge),
        "payout": row["payout"] if row else None,
    }


def _fee(book: Book, charge: Record) -> int | None:
    if charge["balance_transaction"] is None:
        return None
    fee: int = book.get("balance_transaction", charge["balance_transaction"])["fee"]
    return fee


def _knobs(world: World) -> list[str]:
    """The faults still to come, in a few words each."""
    return [
        f"{knob.kind}, {knob.count} × {knob.match}"  # noqa: RUF001 - so many times
        for knob in world.knobs.turned()
    ]


def _deliveries(book: Book) -> list[Record]:
    rows = book.connection.execute(
        "SELECT event, json_extract(body, '$.type') AS type, attempts, delivered_at, next_at, said"
        " FROM deliveries JOIN objects ON objects.id = event ORDER BY seq DESC LIMIT ?",
        (SHOWN,),
    )
    return [dict(row) for row in rows]
