"""The kill switch, and the alarm: one row that every process looks at."""

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from branches.models import TextLineState
from core.database import insert_once

_ALARM_EVERY = dt.timedelta(hours=1)
_ROW = 1


def replies_on(session: Session) -> bool:
    """Say whether replies are sent: they are, until somebody turns them off."""
    state = session.get(TextLineState, _ROW)
    return state is None or state.replies_on


def turn(session: Session, *, on: bool, now: dt.datetime) -> None:
    """Turn replies on or off. Off, texts are stored all the same, and STOP is heeded."""
    _make(session, now)
    changed = update(TextLineState).where(TextLineState.replies_on.is_not(on))
    session.execute(changed.values(replies_on=on, since=now))


def alarm_is_due(session: Session, *, now: dt.datetime) -> bool:
    """Say whether the ceiling is to be told of now: once an hour, whichever process sees it."""
    _make(session, now)
    quiet = (TextLineState.alarm_at.is_(None)) | (TextLineState.alarm_at <= now - _ALARM_EVERY)
    rung = update(TextLineState).where(quiet).values(alarm_at=now).returning(TextLineState.id)
    return session.scalar(rung) is not None


def _make(session: Session, now: dt.datetime) -> None:
    values = {"id": _ROW, "replies_on": True, "since": now}
    insert_once(session, TextLineState, values, unique="id")
