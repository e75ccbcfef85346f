"""Devices: browsers on which somebody has signed in before. A new one is told by mail."""

import datetime as dt
import uuid
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from staff.models import StaffDevice
from staff.sessions import digest, new_token

KNOWN = dt.timedelta(days=400)  # the longest that browsers keep a cookie (RFC 6265bis, 5.5)
# A mark in `User-Agent`, and what people call it; the first that is found counts.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Met(NamedTuple):
    """A device that was met: its row, the token that its browser shall hold, and if it is new."""

    id: uuid.UUID
    token: str
    new: bool


def find(
    session: Session, account_id: uuid.UUID, token: str | None, *, now: dt.datetime
) -> StaffDevice | None:
    """Return the device of this account that holds the token, if it was seen not too long ago."""
    if not token:
        return None
    return session.scalars(
        select(StaffDevice).where(
            StaffDevice.account_id == account_id,
            StaffDevice.digest == digest(token),
            StaffDevice.seen_at > now - KNOWN,
        )
    ).one_or_none()


def meet(
    session: Session, account_id: uuid.UUID, token: str | None, agent: str, *, now: dt.datetime
) -> Met:
    """Note that an account signed in on the device of this token, or on one without any.

    A token that we never gave out is not taken on: somebody else may know it.
    """
    known = find(session, account_id, token, now=now)
    if known is not None and token:
        known.seen_at = now
        return Met(known.id, token, new=False)
    ours = token and session.scalar(
        select(StaffDevice.id).where(StaffDevice.digest == digest(token)).limit(1)
    )
    kept = token if token and ours and not _had(session, account_id, token) else new_token()
    browser, system = described(agent)
    row = StaffDevice(
        id=uuid.uuid4(),
        account_id=account_id,
        digest=digest(kept),
        browser=browser,
        system=system,
        first_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    return Met(row.id, kept, new=True)


def described(agent: str) -> tuple[str, str]:
    """Return what the browser and its system are called, as far as they say; never their words."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return browser, system


def _had(session: Session, account_id: uuid.UUID, token: str) -> bool:
    """Whether the account knew this token too long ago to know it now."""
    held = select(StaffDevice.id).where(
        StaffDevice.account_id == account_id, StaffDevice.digest == digest(token)
    )
    return session.scalar(held) is not None
