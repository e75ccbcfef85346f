"""Rate limits: how many requests one address may make in any one second.

One process counts in its own memory; several count together in Redis (`limits`), and each for
itself while that is out of reach: limits never fall away.
"""

import ipaddress
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar

from flask import Flask, request
from flask.globals import request_ctx
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from core import headers
from core.clock import SystemClock
from core.counting import Memory, Windows

_log = logging.getLogger(__name__)
_IPV6_NETWORK = 64  # one household or server has a whole /64 to walk through
_WINDOW_SECONDS = 1
_PATIENCE = 1.0  # seconds for Redis to answer in
_REST = 5.0  # seconds until it is asked again
_Answer = TypeVar("_Answer")


class Count(NamedTuple):
    """How one caller stands: whether this request is within the limit, and what is left of it."""

    allowed: bool
    most: int
    left: int
    again: float
    """When the oldest request that counts will count no more: seconds since 1970."""


@dataclass(slots=True)
class Counts:
    """What is counted by a caller or another name: all processes' in `shared`, or else our own.

    While what is shared does not answer, each process counts for itself: limits never fall away.
    """

    shared: Windows | None
    own: Windows
    resting_until: float = 0.0

    def take(self, who: str, most: int) -> Count:
        """Count a request, unless `most` were counted in the second before it."""
        item = _item(most)

        def counted(windows: Windows) -> Count:
            allowed = windows.hit(item, who)
            again, left = windows.get_window_stats(item, who)
            return Count(allowed, most, left, again)

        return self._ask(counted)

    def hit(self, item: RateLimitItem, who: str) -> bool:
        """Count one more, unless as many as `item` allows were counted; say whether it was."""
        return self._ask(lambda windows: windows.hit(item, who))

    def seen(self, item: RateLimitItem, who: str) -> int:
        """Return how many of it are counted now: `item.amount` at most."""
        return self._ask(lambda windows: item.amount - windows.get_window_stats(item, who)[1])

    def _ask(self, question: Callable[[Windows], _Answer]) -> _Answer:
        if self.shared is not None and time.monotonic() >= self.resting_until:
            try:
                return question(self.shared)
            except StorageError as fault:
                self.resting_until = time.monotonic() + _REST
                _log.warning(
                    "shared limits out of reach: this process counts for itself",
                    extra={"error": type(fault.storage_error).__name__},
                )
        return question(self.own)


@cache  # there are two limits
def _item(most: int) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(most)


def caller() -> str:
    """Return the address that is counted: an IPv4 address, or an IPv6 network of 64 bits."""
    return _network(request.remote_addr or "127.0.0.1")


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # how a socket that listens for both tells an IPv4 address
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))


def set_up(app: Flask, *, storage: str, api_a_second: int, posts_a_second: int) -> None:
    """Limit the API, and the forms, by address; pages and gateways are never limited here."""
    counts = open_counts(storage, _steady_clock())

    def count() -> None:
        asked = request_ctx.request  # itself: each look through `request` finds it anew
        path = asked.path
        if not asked.endpoint:
            return
        if path.startswith("/api/"):
            taken = counts.take(f"api/{caller()}", api_a_second)
        elif asked.method == "POST" and not path.startswith("/webhooks/"):
            taken = counts.take(f"forms/{caller()}", posts_a_second)
        else:
            return
        told = (
            ("X-RateLimit-Limit", str(taken.most)),
            ("X-RateLimit-Remaining", str(taken.left)),
            ("X-RateLimit-Reset", str(int(taken.again))),
        )
        headers.add(asked.environ, told)
        if not taken.allowed:
            raise TooManyRequests(retry_after=_WINDOW_SECONDS)

    app.before_request(count)


def open_counts(storage: str, now: Callable[[], float]) -> Counts:
    """Return what counts in `storage`, a URI; `now` is the clock of what this process counts."""
    own = Memory(now)
    if storage.startswith("memory"):
        return Counts(None, own)
    redis = storage_from_string(
        storage, wrap_exceptions=True, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
    )
    return Counts(MovingWindowRateLimiter(redis), own)


def _steady_clock() -> Callable[[], float]:
    """Return a clock that nobody can put back: a limit of a second must end after one."""
    ahead = SystemClock().now().timestamp() - time.monotonic()
    return lambda: time.monotonic() + ahead
