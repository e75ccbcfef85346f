"""Times of day as people write them: `7.30pm`, `19:30`, `7-9pm`, `noon`."""

import datetime as dt
import re
from dataclasses import dataclass

_NOON = 12
_HALVES = {"a": 0, "p": 12}
_PARTS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (16, 24)}
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-5][0-9]))?\s?"
    r"(?:(?P<half>[ap])\.?m\.?|(?P<hours>h|hrs?|hours))?",
    re.IGNORECASE,
)
_FOUR = re.compile(r"(?P<hour>[01][0-9]|2[0-3])(?P<minute>[0-5][05])\s?(?P<hours>h|hrs?|hours)?")
_YEARS = range(2016, 2100)


class Undecided(ValueError):
    """The text leaves it open."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What is written of a time of day.

    `certain` says that it is a time at all, and no number of a house. `half` is `a` or `p`, where
    that is written; `whole_day` says that it counts from 0 to 23.
    """

    hour: int
    minute: int
    certain: bool
    half: str | None
    whole_day: bool

    @property
    def open(self) -> bool:
        """Whether it may be morning or evening, for all that is written."""
        return self.half is None and not self.whole_day


def clock_of(text: str) -> Clock | None:
    """Read a time of day, or a number that may be one beside another; None for anything else."""
    if text.lower() in ("noon", "midday", "12 noon", "12noon"):
        return Clock(_NOON, 0, certain=True, half=None, whole_day=True)
    four = _FOUR.fullmatch(text.lower())
    if four:
        if not four["hours"] and int(text) in _YEARS:
            return None
        hour, minute = int(four["hour"]), int(four["minute"])
        return Clock(hour, minute, certain=True, half=None, whole_day=True)
    found = _CLOCK.fullmatch(text)
    if not found or int(found["hour"]) > 23:  # noqa: PLR2004 -- hours
        return None
    hour, half = int(found["hour"]), (found["half"] or "").lower() or None
    if half and not 1 <= hour <= _NOON:
        return None
    long = len(found["hour"]) > 1 and bool(found["minute"] or found["hours"])
    return Clock(
        hour,
        int(found["minute"] or 0),
        certain=bool(found["minute"] or half or found["hours"]),
        half=half,
        whole_day=not half and (hour > _NOON or long),
    )


def resolve(
    first: Clock, last: Clock | None, *, part: str | None
) -> tuple[dt.time, dt.time | None]:
    """Give the start, and the end where there is one.

    `part` is the part of the day that the text names, which decides what its numbers leave open;
    so does `pm` behind the second of two.

    Raises:
        Undecided: where it may be another time as well.
    """
    if last is None:
        return _time(first, part), None
    if first.open and last.open:
        starts, ends = _time(first, part), _time(last, part)
    elif first.open:
        ends = _time(last, part)
        starts = _beside(first, ends, before=True)
    else:
        starts = _time(first, part)
        ends = _beside(last, starts, before=False) if last.open else _time(last, part)
    if starts >= ends:
        raise Undecided("it ends before it starts")
    return starts, ends


def _beside(clock: Clock, other: dt.time, *, before: bool) -> dt.time:
    """Give the time nearest to another of the two that it may be, before or after it."""
    either = [_at(clock, half) for half in _HALVES] if clock.hour <= _NOON else []
    fitting = [time for time in either if (time < other) is before and time != other]
    if not fitting:
        raise Undecided("neither in the morning nor in the evening")
    return max(fitting) if before else min(fitting)


def _time(clock: Clock, part: str | None) -> dt.time:
    if clock.half:
        return _at(clock, clock.half)
    if clock.open and part is None:
        raise Undecided("in the morning, or in the evening?")
    if part is None:
        return dt.time(clock.hour, clock.minute)
    half = "a" if part == "morning" else "p"
    found = dt.time(clock.hour, clock.minute) if clock.whole_day else _at(clock, half)
    if not _fits(found, part):
        raise Undecided("that is no time of that part of the day")
    return found


def _fits(time: dt.time, part: str) -> bool:
    """Whether a time belongs to a part of the day, hours taken widely."""
    earliest, latest = _PARTS[part]
    return earliest <= time.hour + time.minute / 60 <= latest


def _at(clock: Clock, half: str) -> dt.time:
    return dt.time(clock.hour % _NOON + _HALVES[half], clock.minute)
