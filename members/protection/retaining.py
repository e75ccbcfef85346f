"""Retention by clock, over every room: in batches, each a short transaction of its own."""

import datetime as dt
from collections.abc import Callable, Iterator

from core import clock
from core.database import reading, transaction
from core.protection import Lapse
from members.protection.registry import Registry, registry

EVERY = dt.timedelta(hours=6)
AT_ONCE = 500
Counts = dict[str, int]


def dry_run(here: Registry, *, now: dt.datetime) -> Counts:
    """Count what is due at a moment, and change nothing."""
    kept = here.organisation.retention
    with reading() as session:
        return {lapse.kind: lapse.due(session, kept, now) for lapse in _lapses(here)}


def run(here: Registry, *, now: dt.datetime, told: Callable[[int], None] | None = None) -> Counts:
    """Do what is due at a moment, and count it; `told` hears of each batch."""
    kept = here.organisation.retention
    done: Counts = {}
    for lapse in _lapses(here):
        done[lapse.kind] = 0
        while True:
            with transaction() as session:
                count = lapse.run(session, kept, now, AT_ONCE)
            done[lapse.kind] += count
            if told is not None:
                told(count)
            if count < AT_ONCE:
                break
    return done


def run_due() -> int:
    """Do what is due in the running application; nothing is left, so the worker need not return."""
    run(registry(), now=clock.now())
    return 0


def _lapses(here: Registry) -> Iterator[Lapse]:
    for keeper in here.keepers:
        yield from keeper.lapses
