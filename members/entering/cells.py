"""Cells: the texts that the office gives of one person, read one by one, with every fault noted."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from core.clock import day_in_london
from core.texts import says_something, unshowable
from members import ages
from members.rules import Rules

FIRST_DAY = dt.date(1900, 1, 1)
"""Nobody who is entered joined before this: an earlier day is a slip of the pen."""
_LONGEST = {"number": 64, "kept_at": 200, "consent_wording": 500}
_LONGEST_LINE = 100
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field: `why` names the words for it, `detail` fills them."""

    field: str
    why: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What people are read by. `spelled` gives a whole postcode its one spelling, or None."""

    rules: Rules
    spelled: Callable[[str], str | None]
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day it is in Britain."""
        return day_in_london(self.now)


@dataclass(slots=True)
class Cells:
    """The fields of one person while they are read; every reading that fails notes a fault."""

    given: Mapping[str, str]
    by: Reading
    today: dt.date
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str, why: str, detail: str = "") -> None:
        """Note what is wrong with a field."""
        self.faults.append(Fault(name, why, detail))

    def text(self, name: str, *, needed: bool = False) -> str:
        """Read one line that people can read; `Line` and `Required` of the form say the same."""
        value, longest = self.given.get(name, ""), _LONGEST.get(name, _LONGEST_LINE)
        if len(value) > longest:
            self.fault(name, "too-long", f"{longest:,}")
        elif unshowable(value):
            self.fault(name, "unshowable")
        elif needed and not says_something(value):
            self.fault(name, "missing")
        else:
            return value
        return ""

    def parsed(
        self, name: str, parse: Callable[[str], _Value], why: str, *, needed: bool = False
    ) -> _Value | None:
        """Read a field by a parser that raises a `ValueError`."""
        value = self.given.get(name, "")
        if not value:
            if needed:
                self.fault(name, "missing")
            return None
        try:
            return parse(value)
        except ValueError:
            self.fault(name, why)
            return None

    def one_of(self, name: str, values: tuple[str, ...], default: str) -> str:
        """Read one of a few words; a blank between them may be typed as one."""
        value = self.given.get(name, "").casefold().replace(" ", "-")
        if value and value not in values:
            self.fault(name, "not-one-of", ", ".join(values))
            return default
        return value or default

    def day(self, name: str, *, ahead: int = 0) -> dt.date | None:
        """Read a day that may lie so many years ahead."""
        found = self.parsed(name, ages.parse_day, "not-a-day")
        if found is None:
            return None
        latest = dt.date(self.today.year + ahead, 12, 31) if ahead else self.today
        if found > latest:
            self.fault(name, "too-far-ahead" if ahead else "in-the-future")
        elif found < FIRST_DAY:
            self.fault(name, "too-long-ago", FIRST_DAY.isoformat())
        return found
