"""Retention by clock, over every room: in batches, each a short transaction of its own."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.database import reading, transaction
from core.protection import Lapse
from members.protection.models import RetentionRun
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
    """Do what is due in the running application; nothing is left, so the worker need not return.

    What went is written down, and what will be due when it runs next.
    """
    here, now = registry(), clock.now()
    gone = run(here, now=now)
    due = dry_run(here, now=now + EVERY)
    with transaction() as session:
        session.add(RetentionRun(at=now, gone=gone, next_due=due))
    return 0


def last_runs(session: Session, *, most: int = 10) -> Sequence[RetentionRun]:
    """Return the last runs, the newest first."""
    return session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(most)).all()


def _lapses(here: Registry) -> Iterator[Lapse]:
    for keeper in here.keepers:
        yield from keeper.lapses
