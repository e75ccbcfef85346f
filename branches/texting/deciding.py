"""Whether what would be answered is sent: the sender's wishes, and limits against misuse.

A text's sender can be forged, so that the line could be made to text strangers, or dear numbers.
Hence each limit: of one number, of one postcode district, and of all. They count replies in the
database, over the last hour, so that every process counts alike.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, select
from sqlalchemy.orm import Session

from branches.models import InboundText, TextOptOut
from branches.texting import switching
from branches.texting.answered import Outcome
from branches.texting.answering import Read, TextLine
from branches.texting.numbers import HOME
from core.clock import LONDON, day_in_london
from core.database import insert_once

_log = logging.getLogger(__name__)
_HOUR = dt.timedelta(hours=1)
_REPEATED_WITHIN = dt.timedelta(seconds=60)
_MISSES = frozenset({Outcome.ASK_POSTCODE, Outcome.UNKNOWN_POSTCODE})
_MOST_MISSES = 3
_KEPT = frozenset({Outcome.STOP, Outcome.START})


@dataclass(frozen=True, slots=True)
class Rules:
    """How the line treats its senders. `keys` hash their numbers, the one in use first."""

    keys: tuple[bytes, ...]
    own_number: str | None
    office_email: str | None
    texts_an_hour: int
    texts_an_hour_in_all: int
    text_days: int
    texts_an_hour_per_district: int = 500
    regions: AbstractSet[str] = HOME


def decide(
    session: Session,
    line: TextLine,
    row: InboundText,
    read: Read,
    *,
    known_as: Sequence[str],
    rules: Rules,
    now: dt.datetime,
) -> Read:
    """Hold what would be answered to the stored text `row` against wishes and limits.

    STOP and START are heeded whatever the limits are; those only keep the confirmation from being
    sent. `known_as` are the number's hashes.
    """
    refused = _wished_otherwise(session, read, known_as, now)
    if refused or read.reply is None:
        return refused or read
    if (
        not switching.replies_on(session)
        or _is_repeated(session, row, read, now)
        or _over_limit(session, row, rules, now)
    ):
        return _silent(read)
    if read.outcome not in _MISSES:
        return read
    misses = _misses_before(session, row, now)
    if misses >= _MOST_MISSES:
        return _silent(read)
    return replace(read, reply=line.last_words()) if misses == _MOST_MISSES - 1 else read


def _silent(read: Read) -> Read:
    return replace(
        read, reply=None, outcome=read.outcome if read.outcome in _KEPT else Outcome.NO_REPLY
    )


def _wished_otherwise(
    session: Session, read: Read, known_as: Sequence[str], now: dt.datetime
) -> Read | None:
    """Note a STOP or a START; give silence for who wants no texts, and None for everybody else."""
    stopped = session.scalars(select(TextOptOut).where(TextOptOut.number_hash.in_(known_as))).all()
    if read.outcome is Outcome.START:
        session.execute(delete(TextOptOut).where(TextOptOut.number_hash.in_(known_as)))
        return None
    if stopped:
        return _silent(read)
    if read.outcome is Outcome.STOP:
        row = {"number_hash": known_as[0], "since": now}
        if not insert_once(session, TextOptOut, row, unique="number_hash"):
            return _silent(read)  # another STOP of this moment is confirmed already
    return None


def _is_repeated(session: Session, row: InboundText, read: Read, now: dt.datetime) -> bool:
    """Say whether the same words just came from this number, with nothing in between.

    Phones and gateways send one text twice under two ids. A second START is harmless, and is never
    taken for the first.
    """
    if read.outcome in _KEPT:
        return False
    before = session.execute(
        select(InboundText.text, InboundText.reply)
        .where(
            InboundText.sender_hash == row.sender_hash,
            InboundText.received_at > now - _REPEATED_WITHIN,
            InboundText.gateway == row.gateway,
            InboundText.id != row.id,
        )
        .order_by(InboundText.id.desc())
    )
    for text, reply in before:
        if text != row.text:
            return False
        if reply is not None:
            return True
    return False


def _over_limit(session: Session, row: InboundText, rules: Rules, now: dt.datetime) -> bool:
    """Say whether this number, this district, or all together have had their hour's replies."""
    if not _may_be_over_limit(session, row, rules, now):
        return False

    def replies(*where: ColumnElement[bool]) -> int:
        recent = (InboundText.received_at > now - _HOUR, InboundText.reply.is_not(None))
        counted = select(func.count()).select_from(InboundText).where(*recent, *where)
        return session.scalar(counted) or 0

    if replies(InboundText.sender_hash == row.sender_hash) >= rules.texts_an_hour:
        return True
    of_district = InboundText.outcode == row.outcode
    if row.outcode and replies(of_district) >= rules.texts_an_hour_per_district:
        _log.warning("a postcode district has had its replies of the hour")
        return True
    if (in_all := replies()) < rules.texts_an_hour_in_all:
        return False
    if switching.alarm_is_due(session, now=now):
        _log.error("the text line has reached its hourly ceiling", extra={"count": in_all})
    return True


def _may_be_over_limit(session: Session, row: InboundText, rules: Rules, now: dt.datetime) -> bool:
    """Say whether so many texts came that their replies need counting.

    To count texts takes a look at each index, and one statement; mostly that is all there is to do.
    """

    def texts(*where: ColumnElement[bool]) -> ScalarSelect[int]:
        recent = InboundText.received_at > now - _HOUR
        counted = select(func.count()).select_from(InboundText).where(recent, *where)
        return counted.scalar_subquery()

    of_number, of_district, in_all = session.execute(
        select(
            texts(InboundText.sender_hash == row.sender_hash),
            texts(InboundText.outcode == row.outcode),
            texts(),
        )
    ).one()
    return (
        of_number >= rules.texts_an_hour
        or of_district >= rules.texts_an_hour_per_district
        or in_all >= rules.texts_an_hour_in_all
    )


def _misses_before(session: Session, row: InboundText, now: dt.datetime) -> int:
    """Count how many texts of this number in a row, up to now today, could not be answered.

    What got no reply does not count; so after the last words there is silence until a text that can
    be answered comes, or the next day.
    """
    midnight = dt.datetime.combine(day_in_london(now), dt.time(), LONDON)
    before = session.scalars(
        select(InboundText.outcome)
        .where(
            InboundText.sender_hash == row.sender_hash,
            InboundText.received_at >= midnight,
            InboundText.reply.is_not(None),
            InboundText.id != row.id,
        )
        .order_by(InboundText.id.desc())
        .limit(_MOST_MISSES)
    ).all()
    hits = [place for place, outcome in enumerate(before) if outcome not in _MISSES]
    return min(hits, default=len(before))
