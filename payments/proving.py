"""Proving: all of the books is checked once a day, a part at a time, so that nothing waits for it.

In between, the worker checks what has moved since: see `payments.checking.check_due`.
"""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select

from core import clock
from core.database import insert_once, transaction
from payments import checking, parts
from payments.models import Sweep

EVERY = dt.timedelta(days=1)
_GIVEN_UP = dt.timedelta(hours=1)  # one that has not ended by then has died on the way
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_BEGUN = "proving"


class Proving:
    """A job for the worker: the next part of the books each time, and a day's rest after the last.

    One worker does it at a time. Where that dies on the way, another begins anew an hour later.
    """

    def __init__(self) -> None:
        self._under_way: Iterator[parts.Part] | None = None
        self._began = self._rests_until = _LONG_AGO

    def __call__(self) -> int:
        """Check the next part, if it is time; say whether there was anything to do."""
        if self._under_way is None and not self._begins(clock.now()):
            return 0
        try:
            part = next(self._under_way, None) if self._under_way else None
            if part is None:
                self._end()
            else:
                checking.check(part)
        except Exception:
            self._under_way = None
            raise
        return int(part is not None)

    def _begins(self, now: dt.datetime) -> bool:
        """Say whether it is time, and nobody else is at it; if so, we are from now on."""
        if now < self._rests_until:
            return False
        with transaction() as session:
            first = {"name": _BEGUN, "done_until": _LONG_AGO}
            insert_once(session, Sweep, first, unique="name")
            wanted = select(Sweep).where(Sweep.name == _BEGUN).with_for_update()
            begun = session.scalars(wanted).one()
            proved = session.get(Sweep, checking.PROVED)
            due = max(
                proved.done_until + EVERY if proved else _LONG_AGO, begun.done_until + _GIVEN_UP
            )
            if now < due:
                self._rests_until = due
                return False
            begun.done_until = self._began = now
            self._under_way = iter(list(parts.all_parts(session)))
        return True

    def _end(self) -> None:
        """Note since when the books were proved whole; what moved before is looked at no more."""
        self._under_way = None
        with transaction() as session:
            first = {"name": checking.PROVED, "done_until": self._began}
            insert_once(session, Sweep, first, unique="name")
            session.get_one(Sweep, checking.PROVED).done_until = self._began
