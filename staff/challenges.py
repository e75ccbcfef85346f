"""Challenges to passkeys: drawn at random, held by the browser's signed cookie, answered once.

The cookie holds the session's token too, under one signature, so that a challenge is answered in
the session that it was put to. Only what was answered has a row: nobody fills the table by asking.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.database import insert_once
from staff.models import StaffChallenge

LIFETIME = dt.timedelta(minutes=10)
_BYTES = 32  # at least 16 (WebAuthn Level 3, 13.4.3)


class Purpose(StrEnum):
    """What a passkey is asked to sign for; an answer to one is none to another."""

    SIGN_IN = "sign-in"
    STEP = "step"
    ENROL = "enrol"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was put to a browser, for what, and when."""

    purpose: Purpose
    value: bytes
    at: dt.datetime


def new(purpose: Purpose, *, now: dt.datetime) -> Challenge:
    """Draw a challenge."""
    return Challenge(purpose, secrets.token_bytes(_BYTES), now)


def is_live(challenge: Challenge, *, now: dt.datetime) -> bool:
    """Whether the challenge is young enough to be answered."""
    return now - challenge.at < LIFETIME


def use_up(session: Session, challenge: Challenge, *, now: dt.datetime) -> bool:
    """Use a challenge up, whatever comes of it; say whether it was live and nobody was first."""
    if not is_live(challenge, now=now):
        return False
    row = {"digest": hashlib.sha256(challenge.value).hexdigest(), "used_at": now}
    return insert_once(session, StaffChallenge, row, unique="digest")


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop what is refused for its age anyhow."""
    session.execute(delete(StaffChallenge).where(StaffChallenge.used_at < now - LIFETIME))
