"""Figures of the law by date: amounts, days and years, read from a file that is checked whole.

Days are calendar days in Britain; both ends of a figure's time are counted in.
"""

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.clock import day_in_london
from core.money import Money, NotAnAmount

COLUMNS = ("name", "value", "unit", "valid_from", "valid_to", "confirmed", "source")
UNITS = ("pounds", "days", "months", "years")
# What taking money goes by: without one of these on some day nothing could be booked.
NEEDED = ("checking_threshold", "check_days", "report_threshold_central")
_SHIPPED = Path(__file__).with_name("figures.csv")
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
_WHOLE = re.compile(r"[1-9][0-9]{0,4}")
_DAY = dt.timedelta(days=1)


class BadFigures(ValueError):
    """The file of figures is at fault; `faults` says where and why, a line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class NoSuchFigure(LookupError):
    """No figure of this name was in force on that day, as far as the file goes."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure for as long as it held. `value` is in pence where the unit is pounds.

    `valid_to` is the last day, None while it holds. `confirmed` says whether somebody has read the
    source for it; one that was not is for a person to look up before relying on it.
    """

    name: str
    value: int
    unit: str
    valid_from: dt.date
    valid_to: dt.date | None
    confirmed: bool
    source: str

    def holds(self, on: dt.date) -> bool:
        """Say whether it is in force on a day in Britain."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def __str__(self) -> str:
        """Return the figure for people: `£500`, `30 days`."""
        if self.unit == "pounds":
            return str(Money(self.value))
        return f"{self.value} {self.unit if self.value > 1 else self.unit.removesuffix('s')}"


def read(text: str) -> tuple[Figure, ...]:
    """Read figures from CSV, all of them or none, in the order of name and time.

    Raises:
        BadFigures: with every fault; the head is line 1.
    """
    rows = csv.reader(io.StringIO(text, newline=""))
    if tuple(next(rows, ())) != COLUMNS:
        raise BadFigures([f"line 1: the columns must be {','.join(COLUMNS)}"])
    faults: list[str] = []
    found: list[tuple[int, Figure]] = []
    for row in rows:
        made = _figure(row, f"line {rows.line_num}", faults)
        if made is not None:
            found.append((rows.line_num, made))
    found.sort(key=lambda each: (each[1].name, each[1].valid_from, each[0]))
    for before, after in itertools.pairwise(found):
        faults += _breach(before[1], after[1], f"line {after[0]}")
    if not found and not faults:
        faults.append("line 2: there is no figure")
    if faults:
        raise BadFigures(faults)
    return tuple(figure for _line, figure in found)


@cache
def shipped() -> tuple[Figure, ...]:
    """Return the figures that this service goes by; looked at before it starts.

    Raises:
        BadFigures: the file is at fault, or lacks what the service cannot do without.
    """
    return complete(read(_SHIPPED.read_text(encoding="utf-8")))


def complete(found: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Return figures among which is all that is needed, with no end to it.

    Raises:
        BadFigures: something is missing, or ends with nothing to follow it.
    """
    lasting = {each.name for each in found if each.valid_to is None}
    faults = [f"{name} must hold until further notice" for name in NEEDED if name not in lasting]
    if faults:
        raise BadFigures(faults)
    return found


def figure(name: str, on: dt.date) -> Figure:
    """Return the figure of this name that is in force on a day in Britain.

    Raises:
        NoSuchFigure: there is none.
    """
    return find(shipped(), name, on)


def figure_at(name: str, moment: dt.datetime) -> Figure:
    """Return the figure in force at a moment: that of the day it falls on in Britain."""
    return figure(name, day_in_london(moment))


def find(among: Iterable[Figure], name: str, on: dt.date) -> Figure:
    """Return the figure of this name among these that is in force on a day.

    Raises:
        NoSuchFigure: there is none.
    """
    for each in among:
        if each.name == name and each.holds(on):
            return each
    raise NoSuchFigure(f"{name} on {on}")


def since(name: str) -> dt.date:
    """Return the first day for which there is a figure of this name.

    Raises:
        NoSuchFigure: there is none at all.
    """
    days = [each.valid_from for each in shipped() if each.name == name]
    if not days:
        raise NoSuchFigure(name)
    return min(days)


def in_force(on: dt.date) -> list[Figure]:
    """Return every figure that is in force on a day, by name."""
    return [each for each in shipped() if each.holds(on)]


def _figure(row: Sequence[str], line: str, faults: list[str]) -> Figure | None:
    """Read one line; what is wrong with it is added to the faults."""
    if len(row) != len(COLUMNS):
        faults.append(f"{line}: {len(COLUMNS)} columns are needed, {len(row)} are here")
        return None
    given = dict(zip(COLUMNS, row, strict=True))
    value, starts = _value(given["value"], given["unit"]), _day(given["valid_from"])
    ends = _day(given["valid_to"]) if given["valid_to"] else None
    wrong = {
        "name must be lower-case words joined by _": not _NAME.fullmatch(given["name"]),
        f"unit must be one of {', '.join(UNITS)}": given["unit"] not in UNITS,
        "value must be an amount above nothing, or a whole number of its unit": not value,
        "valid_from must be a day such as 2024-01-01": starts is None,
        "valid_to must be such a day, or empty": bool(given["valid_to"]) and ends is None,
        "valid_to is before valid_from": bool(starts and ends and ends < starts),
        "confirmed must be yes or no": given["confirmed"] not in ("yes", "no"),
        "source must begin with https://": not given["source"].startswith("https://"),
    }
    faults += [f"{line}: {words}" for words, is_so in wrong.items() if is_so]
    if any(wrong.values()) or value is None or starts is None:
        return None
    confirmed = given["confirmed"] == "yes"
    return Figure(given["name"], value, given["unit"], starts, ends, confirmed, given["source"])


def _value(text: str, unit: str) -> int | None:
    if unit != "pounds":
        return int(text) if _WHOLE.fullmatch(text) else None
    try:
        return Money.parse(text).pence
    except NotAnAmount:
        return None


def _day(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if str(found) == text else None  # 20240101 is a day too, and not how we write it


def _breach(before: Figure, after: Figure, line: str) -> list[str]:
    """Say what is wrong between two lines of which the second follows the first in time."""
    if before.name != after.name:
        return []
    faults = []
    if before.unit != after.unit:
        faults.append(f"{line}: {after.name} changes its unit")
    if before.valid_to is None or after.valid_from <= before.valid_to:
        faults.append(f"{line}: {after.name} overlaps the one from {before.valid_from}")
    elif after.valid_from > before.valid_to + _DAY:
        faults.append(f"{line}: {after.name} leaves a gap after {before.valid_to}")
    return faults
