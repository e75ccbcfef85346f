"""What happens by the clock: Sessions expire, fees become known, leavers' periods end."""

from collections.abc import Callable

from sandbox.stripe import billing, charging, checkout
from sandbox.stripe.book import Book, open_book
from sandbox.world import World

CHORES: dict[str, Callable[[Book, str], None]] = {
    "end": billing.end_if_due,
    "expire": checkout.expire_if_due,
    "settle": charging.settle,
}


def do_next(world: World) -> float | None:
    """Do the chore that is due first; return the seconds until another is, None for never."""
    with world.store.transaction() as connection:
        row = connection.execute("SELECT due FROM chores ORDER BY due, id LIMIT 1").fetchone()
    if row is None:
        return None
    rest = float(row["due"]) - world.clock.now()
    if rest > 0:
        return rest
    now = world.clock.now()
    with open_book(world) as book:
        _take_one(book, "SELECT * FROM chores WHERE due <= ? ORDER BY due, id LIMIT 1", now)
    return 0


def settle_now(world: World) -> None:
    """Let the fee of every charge become known at once."""
    with open_book(world) as book:
        while _take_one(book, "SELECT * FROM chores WHERE kind = ? ORDER BY id LIMIT 1", "settle"):
            pass


def _take_one(book: Book, query: str, argument: float | str) -> bool:
    row = book.connection.execute(query, (argument,)).fetchone()
    if row is None:
        return False
    book.connection.execute("DELETE FROM chores WHERE id = ?", (row["id"],))
    CHORES[row["kind"]](book, row["object"])
    return True
