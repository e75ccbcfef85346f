"""Gatherings: the next meetings of a branch, to which somebody can be asked."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches import meetings
from branches.models import Branch

_WEEKS = 5
_MOST = 3


class NoMeeting(ValueError):
    """The branch does not meet on that day."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """A meeting on a day; times are those on the clocks in Britain."""

    day: dt.date
    starts: dt.time
    where: str


def upcoming(meets: str, *, today: dt.date) -> Sequence[Gathering]:
    """Return the next meetings that the directory's text names; none where it leaves them open."""
    found = {
        (day, each.starts): Gathering(day, each.starts, each.where)
        for each in meetings.read(meets)
        for week in range(_WEEKS)
        for day in [each.first(today + dt.timedelta(weeks=week))]
    }
    return [found[key] for key in sorted(found)][:_MOST]


def is_off(meets: str, day: dt.date | None, *, today: dt.date) -> bool:
    """Whether no meeting is known of a day to come within those weeks: it may have been moved."""
    if day is None or not today <= day < today + dt.timedelta(weeks=_WEEKS):
        return False
    days = {each.first(day) for each in meetings.read(meets)}
    return day not in days


def check(session: Session, branch_id: int | None, day: dt.date | None, *, today: dt.date) -> None:
    """See that the branch, as the directory has it now, meets on a day that was offered.

    Raises:
        NoMeeting: it does not, or not any more.
    """
    if day is None:
        return
    meets = session.scalar(select(Branch.meets).where(Branch.id == branch_id))
    if is_off(meets or "", day, today=today):
        raise NoMeeting(day.isoformat())
