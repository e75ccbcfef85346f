"""Gatherings: the next meetings of a branch, to which somebody can be asked."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from branches import meetings

_WEEKS = 5
_MOST = 3


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
