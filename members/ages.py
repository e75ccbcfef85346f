"""Birthdays: reading a day as people write it, and how old somebody is on a day."""

import datetime as dt
import re

LONGEST_LIFE_YEARS = 120
_WRITTEN = re.compile(r"([0-9]{1,2})[/.\- ]+([0-9]{1,2})[/.\- ]+([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_LONGEST_TEXT = 30


class NotADay(ValueError):
    """The text is not a day with its month and its four-figure year."""


class NotALifetimeAgo(ValueError):
    """Nobody alive was born on this day: it lies ahead, or more than 120 years back."""


class TooYoung(ValueError):
    """Somebody has not reached the age from which people can join."""


def parse_day(text: str) -> dt.date:
    """Read a day as it is typed in Britain (27/3/1985, 27.3.1985) or filled in (1985-03-27).

    Raises:
        NotADay: for anything else, a year of two figures and 30 February included.
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST_TEXT:
        raise NotADay("is too long for a day")
    if found := _ISO.fullmatch(stripped):
        year, month, day = map(int, found.groups())
    elif found := _WRITTEN.fullmatch(stripped):
        day, month, year = map(int, found.groups())
    else:
        raise NotADay("is not a day, such as 27/3/1985")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise NotADay("is not in the calendar") from None


def age_on(day: dt.date, born: dt.date) -> int:
    """Return how many whole years old somebody is; born on 29 February, from 1 March."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (not had_birthday)


def check_age(born: dt.date, *, today: dt.date, minimum: int) -> None:
    """Refuse who cannot join for their age. `today` is the calendar day in London.

    Raises:
        NotALifetimeAgo: when it is nobody's birthday.
        TooYoung: below `minimum` years.
    """
    age = age_on(today, born)
    if born > today or age > LONGEST_LIFE_YEARS:
        raise NotALifetimeAgo("is nobody's birthday")
    if age < minimum:
        raise TooYoung(f"is below {minimum}")
