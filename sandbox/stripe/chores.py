"""What happens by the clock: Sessions expire, fees become known, periods end, money arrives."""

from collections.abc import Callable

from sandbox.stripe import (
    balance,
    billing,
    changing,
    checkout,
    collecting,
    debiting,
    disputing,
    early_warnings,
    paying_out,
    refunding,
)
from sandbox.stripe.book import Book, open_book
from sandbox.world import World

CHORES: dict[str, Callable[[Book, str], object]] = {
    "arrive": paying_out.arrive_if_due,
    "debit": debiting.decide,
    "dispute": disputing.open_by_itself,
    "end": billing.renew_if_due,  # as subscriptions of an older sandbox planned it
    "expire": checkout.expire_if_due,
    "finalise": collecting.finalise,
    "pay out": paying_out.pay_out_daily,
    "reference": refunding.add_reference,
    "refund fails": refunding.fail_if_not_yet,
    "refund succeeds": refunding.succeed_if_pending,
    "renew": billing.renew_if_due,
    "resume": changing.resume_if_due,
    "retry": collecting.retry_if_due,
    "settle": balance.settle,
    "warn": early_warnings.warn_by_itself,
}
# What Stripe does by itself within moments, and how long a moment may last.
MOMENTARY = ("settle", "dispute", "warn", "reference")
A_MOMENT = 60.0

FIRST = "SELECT * FROM chores ORDER BY due, id LIMIT 1"


def do_next(world: World) -> float | None:
    """Do the chore that is due first; return the seconds until another is, None for never."""
    due = _first_due(world)
    if due is None:
        return None
    now = world.clock.now()
    if due > now:
        return due - now
    _do_first(world, now)
    return 0


def advance(world: World, seconds: float) -> None:
    """Put the clock forward, and do on the way all that falls due, each at its own time."""
    until = world.clock.now() + seconds
    while (due := _first_due(world)) is not None and due <= until:
        world.clock.advance_to(due)
        _do_first(world, due)
    world.clock.advance_to(until)
    world.poke()


def settle_now(world: World) -> None:
    """Let what Stripe does within moments of a payment happen at once, fees above all."""
    marks = ", ".join("?" for _ in MOMENTARY)
    query = f"SELECT * FROM chores WHERE kind IN ({marks}) AND due <= ? ORDER BY due, id LIMIT 1"  # noqa: S608 - only question marks
    with open_book(world) as book:
        while _take(book, query, (*MOMENTARY, book.now + A_MOMENT)):
            pass


def _first_due(world: World) -> float | None:
    with world.store.transaction() as connection:
        row = connection.execute(FIRST).fetchone()
    return float(row["due"]) if row else None


def _do_first(world: World, until: float) -> None:
    """Do the first chore, as of its own time, if it is due by `until`."""
    with world.store.transaction() as connection:
        row = connection.execute(FIRST).fetchone()
        if row is None or row["due"] > until:
            return
        _do(Book(world, connection, now=row["due"]), row["id"], row["kind"], row["object"])
    world.poke()
    world.announce_change()


def _take(book: Book, query: str, arguments: tuple[object, ...]) -> bool:
    row = book.connection.execute(query, arguments).fetchone()
    if row is None:
        return False
    _do(book, row["id"], row["kind"], row["object"])
    return True


def _do(book: Book, chore: int, kind: str, object_id: str) -> None:
    book.connection.execute("DELETE FROM chores WHERE id = ?", (chore,))
    CHORES[kind](book, object_id)
