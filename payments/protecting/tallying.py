"""Tallying: how many attempts came to what, added up over all processes, for an operator to see.

A process keeps its own count for some seconds before it adds it; what a process that is killed had
not added is missing. Nothing is decided by it.
"""

import datetime as dt
import threading
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.database import insert_once
from payments.models import DefenceTally, Quarantine
from payments.protecting.weighing import Verdict

_KEPT = dt.timedelta(days=30)


@dataclass(slots=True)
class Tally:
    """What a process has counted and not added yet."""

    counted: Counter[Verdict] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, verdict: Verdict) -> None:
        """Count one attempt."""
        with self.lock:
            self.counted[verdict] += 1

    def take(self) -> Counter[Verdict]:
        """Return what was counted, and begin anew."""
        with self.lock:
            taken, self.counted = self.counted, Counter()
        return taken


@dataclass(frozen=True, slots=True)
class Sums:
    """How many attempts passed, were asked to prove themselves, and were put aside; what waits."""

    passed: int
    asked: int
    aside: int
    waiting: int


def write(session: Session, counted: Counter[Verdict], *, now: dt.datetime) -> None:
    """Add what a process has counted to this minute."""
    minute = now.replace(second=0, microsecond=0)
    empty = {"minute": minute, "passed": 0, "asked": 0, "aside": 0}
    insert_once(session, DefenceTally, empty, unique="minute")
    session.execute(
        update(DefenceTally)
        .where(DefenceTally.minute == minute)
        .values(
            passed=DefenceTally.passed + counted[Verdict.PASS],
            asked=DefenceTally.asked + counted[Verdict.ASK],
            aside=DefenceTally.aside + counted[Verdict.ASIDE],
        )
    )


def sums(session: Session, since: dt.datetime) -> Sums:
    """Return how many there were since then."""
    passed, asked, aside = session.execute(
        select(
            func.coalesce(func.sum(DefenceTally.passed), 0),
            func.coalesce(func.sum(DefenceTally.asked), 0),
            func.coalesce(func.sum(DefenceTally.aside), 0),
        ).where(DefenceTally.minute >= since.replace(second=0, microsecond=0))
    ).one()
    return Sums(int(passed), int(asked), int(aside), waiting(session))


def waiting(session: Session) -> int:
    """Return how many pledges are put aside, their makers not having come back yet."""
    waits = select(func.count()).select_from(Quarantine)
    found = waits.where(Quarantine.released_at.is_(None), Quarantine.closed.is_(None))
    return session.scalar(found) or 0


def forget(session: Session, *, now: dt.datetime) -> None:
    """Let go of what was counted long ago."""
    session.execute(delete(DefenceTally).where(DefenceTally.minute < now - _KEPT))
