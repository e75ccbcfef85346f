"""Notices: texts that answer none, put out for another room to people who wished for texts.

They go at decent hours, to mobiles that the line may answer and that have not said STOP, and wait
while the line has had its hour's texts. What comes too late for its day is not sent at all.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from branches.models import InboundText, OutboxText, TextOptOut
from branches.texting import switching
from branches.texting.deciding import Rules
from branches.texting.gsm import fold, segments
from branches.texting.numbers import answerable, hashes
from branches.texting.replying import MOST_PARTS
from core import leasing
from core.clock import LONDON, day_in_london
from core.database import insert_each_once

OPENS, CLOSES = dt.time(8), dt.time(20)
"""Between these hours of London somebody may be texted who has not just texted us."""
_AT_LEAST = dt.timedelta(hours=1)
_AT_ONCE = 5
_HOUR = dt.timedelta(hours=1)
_PAUSE = dt.timedelta(minutes=10)
_ANY = true()
_REFUSED = "called back: the number takes no texts"


class Notice(Protocol):
    """A text to somebody: `key` names what it tells, `to` is their number in E.164."""

    @property
    def key(self) -> str:
        """The key; what is told under one is told once."""

    @property
    def to(self) -> str:
        """The number."""

    @property
    def words(self) -> str:
        """What is said, with how to get no more of it."""


class TooLong(ValueError):
    """A notice has more words than `MOST_PARTS` parts of a text hold."""


@dataclass(frozen=True, slots=True)
class Notices:
    """The line, for a room that has something to tell."""

    rules: Rules

    def put_out(self, session: Session, notices: Sequence[Notice], *, now: dt.datetime) -> int:
        """Put notices into the outbox: see `put_out`."""
        return put_out(session, notices, rules=self.rules, now=now)


def put_out(session: Session, notices: Sequence[Notice], *, rules: Rules, now: dt.datetime) -> int:
    """Put notices into the outbox that may go, each key once; say how many may.

    While replies are turned off none may: whoever turns them off wants quiet, not a delay.

    Raises:
        TooLong: the words of one do not fit; then nothing is put out.
    """
    if not notices or not switching.replies_on(session):
        return 0
    opens, closes = decent(now)
    forget_on = day_in_london(now) + dt.timedelta(days=rules.text_days)
    rows = [
        {
            "key": each.key,
            "message_id": str(uuid.uuid4()),
            "recipient": each.to,
            "text": _written(each.words),
            "created_at": now,
            "due_at": opens,
            "expires_at": closes,
            "forget_on": forget_on,
            "attempts": 0,
        }
        for each in _wanted(session, notices, rules)
    ]
    if rows:
        insert_each_once(session, OutboxText, rows, unique="key")
    return len(rows)


def decent(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Return from when to when a notice of this moment may go: today, or else tomorrow.

    Where less than an hour of the day is left it goes the next day.
    """
    day = day_in_london(now)
    if now + _AT_LEAST > _at(day, CLOSES):
        day += dt.timedelta(days=1)
    return max(now, _at(day, OPENS)), _at(day, CLOSES)


def claim(session: Session, rules: Rules, *, now: dt.datetime) -> list[OutboxText]:
    """Take notices that are due and may go now, under a lease; the others wait, or are given up."""
    notices = OutboxText.key.is_not(None)
    taken = leasing.claim(session, OutboxText, now=now, most=_AT_ONCE, which=notices)
    if not taken:
        return []
    silent = stopped(session, [each.recipient or "" for each in taken], rules.keys)
    room = rules.texts_an_hour_in_all - _gone(session, now)
    going: list[OutboxText] = []
    for text in taken:
        if text.recipient in silent:
            leasing.given_up(text, _REFUSED)
        elif room <= len(going) or _had_enough(session, text, rules, now):
            text.due_at, text.attempts = now + _PAUSE, text.attempts - 1
        else:
            going.append(text)
    session.flush()
    return going


def _wanted(session: Session, notices: Sequence[Notice], rules: Rules) -> Iterator[Notice]:
    """Go through those whose number may be texted, and has not said STOP."""
    own, regions = rules.own_number, rules.regions
    able = [each for each in notices if answerable(each.to, own=own, regions=regions) == each.to]
    silent = stopped(session, [each.to for each in able], rules.keys)
    return (each for each in able if each.to not in silent)


def stopped(session: Session, numbers: Sequence[str], keys: Sequence[bytes]) -> set[str]:
    """Return those of these numbers that said STOP, by whichever key that was kept."""
    if not numbers:
        return set()
    known_as = {each: number for number in numbers for each in hashes(number, keys)}
    found = select(TextOptOut.number_hash).where(TextOptOut.number_hash.in_(known_as))
    return {known_as[each] for each in session.scalars(found)}


def _gone(
    session: Session,
    now: dt.datetime,
    replies: ColumnElement[bool] = _ANY,
    notices: ColumnElement[bool] = _ANY,
) -> int:
    """Count what the line has sent in the last hour: such replies, and such notices."""
    counted: list[Select[Any]] = [
        select(func.count()).where(
            InboundText.received_at > now - _HOUR, InboundText.reply.is_not(None), replies
        ),
        select(func.count()).where(
            OutboxText.key.is_not(None), OutboxText.done_at > now - _HOUR, notices
        ),
    ]
    return sum(session.scalar(each) or 0 for each in counted)


def _had_enough(session: Session, text: OutboxText, rules: Rules, now: dt.datetime) -> bool:
    """Say whether a number, which several people may share, has had its hour's texts."""
    to = text.recipient or ""
    replies = InboundText.sender_hash.in_(hashes(to, rules.keys))
    return _gone(session, now, replies, OutboxText.recipient == to) >= rules.texts_an_hour


def _written(words: str) -> str:
    plain = fold(words)
    if segments(plain).parts > MOST_PARTS:
        raise TooLong(f"{segments(plain).parts} parts")
    return plain


def _at(day: dt.date, hour: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, hour, LONDON).astimezone(dt.UTC)
