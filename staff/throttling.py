"""Pauses after failures: longer each time, for whoever fails, and not for whom they try to be.

Each attempt is counted before it is looked at, so that a hundred at one moment are a hundred.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.database import insert_once
from staff.models import StaffThrottle

FORGOTTEN = dt.timedelta(hours=24)
_FIRST = dt.timedelta(seconds=30)
_LONGEST = dt.timedelta(hours=1)
_DOUBLINGS = 8


@dataclass(frozen=True, slots=True)
class Key:
    """What is counted under one name; the first `free` attempts have no pause after them."""

    name: str
    free: int


def key(kind: str, *parts: str, secret: str, free: int = 5) -> Key:
    """Return the key of a kind of attempt by these parts, none of which can be read out of it."""
    told = "\n".join((kind, *parts)).encode()
    return Key(hmac.new(secret.encode(), told, hashlib.sha256).hexdigest(), free)


def take(session: Session, keys: Iterable[Key], *, now: dt.datetime) -> dt.timedelta | None:
    """Count an attempt under every key; where one of them pauses, count nothing: say how long."""
    rows = [(each, _row(session, each, now=now)) for each in sorted(keys, key=lambda k: k.name)]
    wait = max((row.until - now for _key, row in rows), default=dt.timedelta())
    if wait > dt.timedelta():
        return wait
    for each, row in rows:
        row.failures = 1 if now - row.last_at > FORGOTTEN else row.failures + 1
        row.last_at = now
        row.until = now + _pause(row.failures - each.free)
    session.flush()
    return None


def failures(session: Session, counted: Key) -> int:
    """Return how many attempts were counted under a key and not forgiven."""
    row = session.get(StaffThrottle, counted.name)
    return row.failures if row else 0


def forgive(session: Session, keys: Iterable[Key]) -> None:
    """Forget what was counted under these keys: it went well."""
    names = [each.name for each in keys]
    session.execute(delete(StaffThrottle).where(StaffThrottle.key.in_(names)))


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop what counts no more."""
    session.execute(delete(StaffThrottle).where(StaffThrottle.last_at < now - FORGOTTEN))


def _pause(beyond: int) -> dt.timedelta:
    if beyond < 0:
        return dt.timedelta()
    return min(_FIRST * (1 << min(beyond, _DOUBLINGS)), _LONGEST)


def _row(session: Session, wanted: Key, *, now: dt.datetime) -> StaffThrottle:
    values = {"key": wanted.name, "failures": 0, "last_at": now, "until": now}
    insert_once(session, StaffThrottle, values, unique="key")
    held = select(StaffThrottle).where(StaffThrottle.key == wanted.name).with_for_update()
    return session.scalars(held).one()
