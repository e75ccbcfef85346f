"""What is read of when a branch meets: meetings, and days that share a time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from branches.meetings.times import Clock, Undecided, resolve


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that comes again: every week, or in some weeks of each month.

    `weekday` counts from Monday, nought. `weeks` are which of the month's days of that name it is
    on, the last being -1; empty for each of them. Times are those on the clocks in Britain.
    `where` is empty where the text names no place.
    """

    weekday: int
    weeks: tuple[int, ...]
    starts: dt.time
    ends: dt.time | None
    where: str

    def first(self, since: dt.date) -> dt.date:
        """Give the first day of the meeting that is not before another day."""
        day = since + dt.timedelta((self.weekday - since.weekday()) % 7)
        while self.weeks and not any(_is_nth(day, week) for week in self.weeks):
            day += dt.timedelta(7)
        return day


@dataclass(slots=True)
class Day:
    """A day of the week, in which weeks of the month, and whether `every` stands before it."""

    weekday: int
    weeks: tuple[int, ...]
    every: bool


@dataclass(slots=True)
class Group:
    """Days that share a time, as far as they have been read."""

    days: list[Day] = field(default_factory=list)
    clocks: tuple[Clock, Clock | None] | None = None
    time_first: bool = False
    monthly: bool = False
    part: str | None = None
    places: list[str] = field(default_factory=list)

    def meetings(self, where: str) -> Iterator[Meeting]:
        """Give its meetings.

        Raises:
            Undecided: where it leaves anything open.
        """
        if not self.days or self.clocks is None:
            raise Undecided("a day without a time, or a time without a day")
        counted = [day for day in self.days if day.weeks]
        if self.monthly and len(counted) < len(self.days):
            raise Undecided("once a month, and nobody says in which week")
        if counted and any(not day.weeks and not day.every for day in self.days):
            raise Undecided("the first of one of them, or of all?")
        starts, ends = resolve(*self.clocks, part=self.part)
        for day in self.days:
            if day.every and not self.monthly and len(day.weeks) == 1 and day.weeks[0] > 1:
                raise Undecided("every second Tuesday: of the month, or every other one?")
            yield Meeting(day.weekday, day.weeks, starts, ends, where)


def _is_nth(day: dt.date, week: int) -> bool:
    """Whether a day is the first, second ... or the last (-1) of its name in its month."""
    if week < 0:
        return (day + dt.timedelta(7)).month != day.month
    return (day.day - 1) // 7 + 1 == week
