"""Counting in one process: moving windows in memory that can never fill it.

`limits` counts in memory too, but keeps a key for each address that ever called. Here what counts
no more is let go of with every count, and of what is left there are so many keys at most.
"""

import threading
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Protocol

from limits import RateLimitItem

MOST_KEYS = 50_000
_LOOKED_AT = 4  # keys that each count looks at: more than it can add, so the old ones run out


class Windows(Protocol):
    """Counts what came in the time that ends now: `limits`' own in Redis, or `Memory`."""

    def hit(self, item: RateLimitItem, *identifiers: str) -> bool:
        """Count one more, unless as many as `item` allows were counted; say whether it was."""

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> tuple[float, int]:
        """Return when the oldest that counts will count no more, and how many are left."""


class Memory:
    """Moving windows of one process. `now` gives seconds since 1970.

    There are `most` keys at most for each length of time. Where more are wanted, the one that was
    counted longest ago is let go of.
    """

    def __init__(self, now: Callable[[], float], *, most: int = MOST_KEYS) -> None:
        self._now = now
        self._most = most
        self._lock = threading.Lock()
        self._windows: dict[int, OrderedDict[str, list[float]]] = defaultdict(OrderedDict)

    def hit(self, item: RateLimitItem, *identifiers: str) -> bool:
        """Count one more, unless as many as `item` allows were counted; say whether it was."""
        key, seconds, now = item.key_for(*identifiers), item.get_expiry(), self._now()
        with self._lock:
            windows = self._windows[seconds]
            times = windows.setdefault(key, [])
            windows.move_to_end(key)
            del times[: bisect_right(times, now - seconds)]
            allowed = len(times) < item.amount
            if allowed:
                times.append(now)
            self._let_go(windows, now - seconds)
        return allowed

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> tuple[float, int]:
        """Return when the oldest that counts will count no more, and how many are left."""
        key, seconds, now = item.key_for(*identifiers), item.get_expiry(), self._now()
        with self._lock:
            times = self._windows[seconds].get(key, [])
            first = bisect_right(times, now - seconds)
            oldest = times[first] if first < len(times) else now
            return oldest + seconds, item.amount - (len(times) - first)

    def __len__(self) -> int:
        """How many keys are held."""
        with self._lock:
            return sum(len(each) for each in self._windows.values())

    def _let_go(self, windows: OrderedDict[str, list[float]], over: float) -> None:
        """Take out keys of which nothing counts any more; the longest untouched stand first."""
        for _time in range(_LOOKED_AT):
            times = next(iter(windows.values()))
            if len(windows) <= self._most and times and times[-1] > over:
                return
            windows.popitem(last=False)
            if not windows:
                return
