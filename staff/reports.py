"""How mail, worker and counts stand: what no other room knows of."""

import datetime as dt
from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.outbox import OutboxMail
from core.words import minute
from staff import counting, health
from staff.health import Level, Report, Said
from staff.records import FigureCount, WorkerBeat

_LATE = dt.timedelta(minutes=10)
_LATELY = dt.timedelta(days=7)


def reports() -> tuple[Report, ...]:
    """Return this room's reports."""
    return (
        Report(_l("Worker"), _worker),
        Report(_l("Mail"), _mail),
        Report(_l("Numbers"), _numbers),
    )


def sample_seats(there: Callable[[Session], bool]) -> Report:
    """Return the report that a production has of accounts whose passwords everybody knows."""

    def say(session: Session, _now: dt.datetime) -> Sequence[Said]:
        if not there(session):
            return [Said(Level.WELL, _("No account of the sample is open here."))]
        return [Said(Level.WRONG, _("Accounts of the sample are open here. Revoke them now."))]

    return Report(_l("Accounts"), say)


def _worker(session: Session, now: dt.datetime) -> Sequence[Said]:
    beat = session.get(WorkerBeat, 1)
    if beat is None:
        return [Said(Level.WRONG, _("No worker has been at work yet. Letters and notices wait."))]
    if beat.at <= now - health.MISSED:
        words = _("No worker has been at work since %(when)s.", when=minute(beat.at))
        return [Said(Level.WRONG, words)]
    said = [Said(Level.WELL, _("At work; it last said so on %(when)s.", when=minute(beat.at)))]
    if beat.failures:
        words = ngettext(
            "%(num)s job has failed it since %(when)s; the log says which.",
            "%(num)s jobs have failed it since %(when)s; the log says which.",
            beat.failures,
            when=minute(beat.since),
        )
        said.append(Said(Level.LOOK, words))
    return said


def _mail(session: Session, now: dt.datetime) -> Sequence[Said]:
    """Say what waits and what could not be sent, by the index of what was not sent."""
    unsent = OutboxMail.done_at.is_(None)
    due = (OutboxMail.due_at <= now) | (OutboxMail.attempts > 0)
    tried = func.count().filter(OutboxMail.attempts > 0)
    times = (func.min(OutboxMail.created_at), func.min(OutboxMail.due_at))
    waits = select(func.count(), tried, *times).where(unsent, OutboxMail.due_at.is_not(None), due)
    gone = select(func.count()).select_from(OutboxMail)
    refused = session.scalar(
        gone.where(
            unsent,
            OutboxMail.due_at.is_(None),
            OutboxMail.attempts > 0,
            OutboxMail.created_at > now - _LATELY,
        )
    )
    said = [_outbox(*session.execute(waits).one(), now=now)]
    if refused:
        words = ngettext(
            "%(num)s letter of the last week was refused for good.",
            "%(num)s letters of the last week were refused for good.",
            refused,
        )
        said.append(Said(Level.LOOK, words))
    return said


def _outbox(
    count: int,
    tried: int,
    oldest: dt.datetime | None,
    due: dt.datetime | None,
    *,
    now: dt.datetime,
) -> Said:
    if oldest is None or due is None:
        return Said(Level.WELL, _("Every letter has been sent."))
    late = now - _LATE
    stuck = due <= late or (tried and oldest <= late)
    words = ngettext(
        "%(num)s letter waits, since %(when)s; tried so far: %(tried)s.",
        "%(num)s letters wait, the oldest since %(when)s; tried so far: %(tried)s.",
        count,
        when=minute(oldest),
        tried=tried,
    )
    return Said(Level.WRONG if stuck else Level.WELL, words)


def _numbers(session: Session, now: dt.datetime) -> Sequence[Said]:
    oldest = session.scalar(select(func.min(FigureCount.counted_at)))
    if oldest is None:
        return [Said(Level.LOOK, _("The desk's numbers have not been counted yet."))]
    words = _("The desk's numbers were last counted on %(when)s.", when=minute(oldest))
    late = oldest <= now - 3 * counting.EVERY
    return [Said(Level.LOOK if late else Level.WELL, words)]
