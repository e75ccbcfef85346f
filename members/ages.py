"""Birthdays: reading a day as people write it, and how old somebody is on a day."""

import datetime as dt
import re

LONGEST_LIFE_YEARS = 120
ADULT = 18
"""From this age on somebody may be sent news and appeals, and is named in lists; before, their data
merits more care (UK GDPR, recital 38)."""
_WRITTEN = re.compile(r"([0-9]{1,2})[/.\- ]+([0-9]{1,2})[/.\- ]+([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_LONGEST_TEXT = 30

ADULT = 18
"""From this age on somebody may be sent news and appeals; before, their data merits more care
(UK GDPR, recital 38)."""


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


def is_minor(born: dt.date, *, today: dt.date) -> bool:
    """Whether somebody is under 18. `today` is the calendar day in London."""
    return age_on(today, born) < ADULT


def youngest_adult(today: dt.date) -> dt.date:
    """Return the last birthday of those who are 18 on a day: whoever was born later is not."""
    year = today.year - ADULT
    try:
        return today.replace(year=year)
    except ValueError:  # on 29 February, in a year whose eighteenth before it had none
        return dt.date(year, 2, 28)
