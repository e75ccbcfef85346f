"""When an event is to be sent: at once, later, out of order, or never."""

import random
import sqlite3
from collections.abc import Sequence

from sandbox.world import World

HELD, LAST_HELD, DROPPED = "held", "last held", "dropped"
APART = 0.000_1  # seconds between events that are let go together, to keep their order


def route(world: World, kind: str, now: float) -> tuple[float | None, str]:
    """When a new event of a kind is due, None for not by itself; and what its row says of it."""
    if world.knobs.take("drop", kind):
        return None, DROPPED
    reorder = world.knobs.take("reorder", kind)
    if reorder:
        return None, HELD if reorder.count else LAST_HELD
    delay = world.knobs.take("delay", kind)
    return (now + delay.seconds if delay else now), ""


def release(
    connection: sqlite3.Connection, now: float, order: str = "last first", seed: int = 0
) -> int:
    """Let go what is held: `last first`, `first first` or `shuffled` by a seed; say how many."""
    rows = connection.execute(
        "SELECT event FROM deliveries JOIN objects ON objects.id = event"
        " WHERE next_at IS NULL AND delivered_at IS NULL AND said IN (?, ?) ORDER BY seq",
        (HELD, LAST_HELD),
    )
    events = [str(row["event"]) for row in rows]
    if order == "last first":
        events.reverse()
    elif order == "shuffled":
        random.Random(seed).shuffle(events)  # noqa: S311 - an order, not a secret
    send_at(connection, events, now)
    return len(events)


def send_at(connection: sqlite3.Connection, events: Sequence[str], now: float) -> None:
    """Have events sent in this order, whether they were sent before or not."""
    connection.executemany(
        "UPDATE deliveries SET next_at = ?, delivered_at = NULL, said = '' WHERE event = ?",
        [(now + number * APART, event) for number, event in enumerate(events)],
    )
