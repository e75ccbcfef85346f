"""Asking postcodes.io, or one's own copy of it, for a postcode that is newer than the index.

The service and its answers: https://postcodes.io/docs (version 18). Whoever runs it learns of every
postcode that is asked for, so it is off unless a setting names it, and asked for nothing that the
index knows. No postcode is ever logged.
"""

import json
import logging
import math
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from branches.postcodes import Postcode, region_of
from branches.postcodes.districts import COUNTRIES_BY_NAME, REGIONS_BY_NAME
from branches.register import Located, Told, Verdict
from core.http import Fetched, NotFetched, fetch, outgoing_without_cookies

_log = logging.getLogger(__name__)
_MOST_BYTES = 64 * 1024
_SHORTEST_WAIT, _LONGEST_WAIT = 0.02, 0.1
_SHORTEST_ASK = 0.05
_AGAIN = ("connect", "status")
_OK, _NOT_FOUND, _TOO_MANY, _SERVER = 200, 404, 429, 500
_LATS, _LONS = (49.0, 61.0), (-9.0, 2.5)

_REMEMBERED = 4096
_HIT_SECONDS = 24 * 3600.0
_UNKNOWN_SECONDS = 600.0
_NO_ANSWER_SECONDS = 10.0
_FAILURES = 8
_REST_SECONDS = 15.0


class _Odd(Exception):
    """What came is not an answer of this service, or says nothing about where."""


@dataclass(slots=True)
class _Breaker:
    """Lets nobody ask for a while after many failures in a row; then one, to see."""

    clock: Callable[[], float]
    failures: int = 0
    closed_until: float = 0.0

    def lets_through(self) -> bool:
        if self.failures < _FAILURES:
            return True
        if self.clock() < self.closed_until:
            return False
        self.closed_until = self.clock() + _REST_SECONDS
        return True

    def note(self, *, answered: bool) -> None:
        self.failures = 0 if answered else self.failures + 1
        if self.failures == _FAILURES:
            self.closed_until = self.clock() + _REST_SECONDS
            _log.warning("postcodes.io does not answer: it is left alone for a while")


class _Memory:
    """What was told lately, the least asked for forgotten first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: OrderedDict[str, tuple[float, Told]] = OrderedDict()

    def __getitem__(self, postcode: Postcode) -> Told | None:
        with self._lock:
            until, told = self._told.get(postcode.compact, (0.0, None))
            if told is None or self._clock() >= until:
                return None
            self._told.move_to_end(postcode.compact)
            return told

    def __setitem__(self, postcode: Postcode, told: Told) -> None:
        seconds = _HIT_SECONDS
        if told is Verdict.UNKNOWN:
            seconds = _UNKNOWN_SECONDS
        elif told is Verdict.NO_ANSWER:
            seconds = _NO_ANSWER_SECONDS
        with self._lock:
            self._told[postcode.compact] = (self._clock() + seconds, told)
            self._told.move_to_end(postcode.compact)
            while len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)


class PostcodesIo:
    """postcodes.io as a `Register`. Threads may share it."""

    def __init__(self, base_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._base = base_url.rstrip("/")
        self._session = outgoing_without_cookies()
        self._clock = clock
        self._memory = _Memory(clock)
        self._lock = threading.Lock()
        self._breaker = _Breaker(clock)

    def recall(self, postcode: Postcode) -> Told | None:
        """Say what was told of a postcode a while ago, without calling out."""
        return self._memory[postcode]

    def ask(self, postcode: Postcode, *, seconds: float) -> Told:
        """Ask where a postcode is; within the seconds there is an answer, or there is none."""
        told = self._memory[postcode]
        if told is not None:
            return told
        with self._lock:
            asking = self._breaker.lets_through()
        if not asking or seconds < _SHORTEST_ASK:
            return Verdict.NO_ANSWER
        told = self._asked(postcode, self._clock() + seconds)
        self._memory[postcode] = told
        return told

    def _asked(self, postcode: Postcode, until: float) -> Told:
        try:
            told = _understood(self._fetched(postcode, until), postcode)
        except (NotFetched, _Odd) as fault:
            told, kind = Verdict.NO_ANSWER, fault.kind if isinstance(fault, NotFetched) else "odd"
            _log.info("postcodes.io could not say", extra={"kind": kind})
        with self._lock:
            self._breaker.note(answered=told is not Verdict.NO_ANSWER)
        return told

    def _fetched(self, postcode: Postcode, until: float) -> Fetched:
        """Fetch, and once more where it is worth it and there is time."""
        url = f"{self._base}/postcodes/{quote(postcode.compact, safe='')}"
        try:
            return self._fetch(url, until)
        except NotFetched as fault:
            wait = random.uniform(_SHORTEST_WAIT, _LONGEST_WAIT)  # noqa: S311 -- no secret
            if fault.kind not in _AGAIN or until - self._clock() < wait + _SHORTEST_ASK:
                raise
        time.sleep(wait)
        return self._fetch(url, until)

    def _fetch(self, url: str, until: float) -> Fetched:
        left = until - self._clock()
        found = fetch(self._session, url, seconds=left, most=_MOST_BYTES)
        if found.status == _TOO_MANY or found.status >= _SERVER:
            raise NotFetched("status")
        return found


def _understood(found: Fetched, postcode: Postcode) -> Told:
    """Read an answer; whatever has not its shape is none.

    Raises:
        _Odd: when it is no answer to this question, or says nothing about where.
    """
    said = _object(found)
    if said.get("status") != found.status:
        raise _Odd
    if found.status == _NOT_FOUND:
        return _gone(said, postcode)
    result = said.get("result")
    if found.status != _OK or not isinstance(result, dict):
        raise _Odd
    lat, lon = _point(result, postcode)
    codes = result.get("codes")
    district = codes.get("admin_district") if isinstance(codes, dict) else None
    if not isinstance(district, str) or not district:
        raise _Odd
    return Located(lat, lon, district, region_of(district) or _named_region(result))


def _object(found: Fetched) -> Mapping[str, Any]:
    if found.media_type != "application/json":
        raise _Odd
    try:
        said = json.loads(found.body)
    except (ValueError, RecursionError):
        raise _Odd from None
    if not isinstance(said, dict):
        raise _Odd
    return said


def _gone(said: Mapping[str, Any], postcode: Postcode) -> Told:
    """Read a 404: it may say where a postcode was that is no longer in use."""
    if not isinstance(said.get("error"), str):
        raise _Odd
    terminated = said.get("terminated")
    if terminated is None:
        return Verdict.UNKNOWN
    if not isinstance(terminated, dict):
        raise _Odd
    lat, lon = _point(terminated, postcode)
    return Located(lat, lon, district="", region=None)


def _point(said: Mapping[str, Any], postcode: Postcode) -> tuple[float, float]:
    """Read the place of this postcode, and no other's: degrees, in or near Great Britain."""
    spelled = said.get("postcode")
    if not isinstance(spelled, str) or spelled.replace(" ", "").upper() != postcode.compact:
        raise _Odd
    return _degrees(said.get("latitude"), _LATS), _degrees(said.get("longitude"), _LONS)


def _degrees(said: object, bounds: tuple[float, float]) -> float:
    if not isinstance(said, int | float) or isinstance(said, bool):
        raise _Odd
    if not (math.isfinite(said) and bounds[0] <= said <= bounds[1]):
        raise _Odd
    return float(said)


def _named_region(result: Mapping[str, Any]) -> str | None:
    """Find the region by its name, for a district whose code is newer than our table."""
    region, country = result.get("region"), result.get("country")
    if isinstance(region, str) and region in REGIONS_BY_NAME:
        return REGIONS_BY_NAME[region]
    return COUNTRIES_BY_NAME.get(country) if isinstance(country, str) else None
