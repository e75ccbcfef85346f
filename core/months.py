"""Calendar months in Britain, counted: by Python and, alike, by either database.

A month is a whole number, twelve times the year and the months of it that are over, so that
months can be subtracted.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from core.clock import LONDON, day_in_london


def month_of(moment: dt.datetime) -> int:
    """Return the month in which a moment falls for people in Britain."""
    return month_of_day(day_in_london(moment))


def month_of_day(day: dt.date) -> int:
    """Return the month of a day."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> dt.date:
    """Return the first day of a month."""
    return dt.date(month // 12, month % 12 + 1, 1)


def beginning(month: int) -> dt.datetime:
    """Return the moment with which a month begins for people in Britain, in UTC."""
    return dt.datetime.combine(first_day(month), dt.time(), LONDON).astimezone(dt.UTC)


class london_month(GenericFunction[int]):  # noqa: N801 -- stands in SQL beside sum and max
    """The month in which a stored moment falls for people in Britain, as `month_of` has it."""

    type = Integer()
    inherit_cache = True

    def __init__(self, moment: Any) -> None:  # noqa: ANN401 -- a column, as a model or as SQL has it
        super().__init__(moment)


@compiles(london_month, "postgresql")
def _postgresql(element: london_month, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own
    there = f"{compiler.process(element.clauses, **kw)} AT TIME ZONE 'Europe/London'"
    year, month = (f"CAST(EXTRACT({part} FROM {there}) AS INTEGER)" for part in ("YEAR", "MONTH"))
    return f"({year} * 12 + {month} - 1)"


@compiles(london_month, "sqlite")
def _sqlite(element: london_month, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own
    """SQLite knows no time zones, and needs none.

    A month of London ends an hour before the one of UTC where its last night is one of summer
    time: that is so of March to September, and of no other (the Summer Time Order 2002: from the
    last Sunday of March to the last of October, at one o'clock).
    """
    # To the second: SQLite rounds to thousandths, and would round up into the next month.
    moment = f"substr({compiler.process(element.clauses, **kw)}, 1, 19)"
    summer = f"CAST(strftime('%m', {moment}) AS INTEGER) BETWEEN 3 AND 9"
    there = f"datetime({moment}, CASE WHEN {summer} THEN '+1 hour' ELSE '+0 hours' END)"
    year, month = (f"CAST(strftime('{part}', {there}) AS INTEGER)" for part in ("%Y", "%m"))
    return f"({year} * 12 + {month} - 1)"
