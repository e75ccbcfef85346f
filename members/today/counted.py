"""What was counted lately for whom: kept for a minute, by each process for itself."""

import datetime as dt
import threading
from collections import OrderedDict

from staff.principal import Principal

GOOD_FOR = dt.timedelta(minutes=1)
MOST = 500
"""So many people's counts are kept; who looked longest ago goes first."""


class Badges:
    """How many waited for whom, as of when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: OrderedDict[Principal, tuple[dt.datetime, int]] = OrderedDict()

    def keep(self, principal: Principal, waiting: int, *, now: dt.datetime) -> None:
        """Keep how many wait: a page that has counted them knows."""
        with self._lock:
            self._counted[principal] = now, waiting
            self._counted.move_to_end(principal)
            while len(self._counted) > MOST:
                self._counted.popitem(last=False)

    def find(self, principal: Principal, *, now: dt.datetime) -> int | None:
        """Return how many waited within the last minute, None where nobody counted."""
        with self._lock:
            counted_at, waiting = self._counted.get(principal, (None, 0))
        fresh = counted_at is not None and counted_at <= now < counted_at + GOOD_FOR
        return waiting if fresh else None
