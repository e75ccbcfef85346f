"""Numbers: series that the rooms declare, and what a principal may see of what they came to.

A room says once how its events are counted by month and place (`Series`, told to
`staff.add_series`). The worker counts them (`staff.counting`); a page reads the few rows that come
of it. Whoever looks after a part is shown the sums of that part, and of nothing beside it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core.months import first_day, month_of
from staff.principal import Principal, Role
from staff.records import FigureCount, MonthlyFigure
from staff.scoping import scoped

MONTHS = 13
"""So many months are shown: the present one, and the twelve before it."""
NOW = 0
"""The month of what is counted as it stands now."""
LONGEST = 60
"""Days above which lengths of time are not told apart."""

Counted = tuple[int, int | None, int | None, int, int]
"""A month, the ids of a region and a branch or None, a bucket, and what was counted there."""


class Measure(StrEnum):
    """What the values of a series are: a number of something, pence, or days that things took."""

    COUNT = "count"
    PENCE = "pence"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Series:
    """A series of numbers that a room declares.

    `count` gives what came to be since the first day of a month, by month and place; with `now` it
    gives how things stand, under the month `NOW`. Of days, it gives how many took so many (the
    bucket, `LONGEST` at most), and a page shows the median. `title` and `words` may be lazy; the
    lowest `rank` stands first.
    """

    name: str
    title: object
    words: object
    roles: frozenset[Role]
    count: Callable[[Session, int], Iterable[Sequence[Any]]]
    measure: Measure = Measure.COUNT
    now: bool = False
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Point:
    """A month of a series; `value` is None where there is nothing to take a median of."""

    first: dt.date
    value: int | None


@dataclass(slots=True)
class Standing:
    """How a series stands: in all, and by the ids of regions or of branches."""

    total: int = 0
    places: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Seen:
    """What somebody may see: points and standings by series, and when it was counted."""

    points: dict[str, list[Point]] = field(default_factory=dict)
    standing: dict[str, Standing] = field(default_factory=dict)
    counted_at: dt.datetime | None = None


def first_month(now: dt.datetime) -> int:
    """Return the first of the months that are shown."""
    return month_of(now) - MONTHS + 1


def look(
    session: Session, principal: Principal, series: Sequence[Series], *, now: dt.datetime
) -> Seen:
    """Return what this principal may see of these series, by three questions however many.

    Those who are bound to no place see how things stand by region, others by branch.
    """
    mine = [each for each in series if principal.role in each.roles]
    monthly = _monthly(session, principal, [each.name for each in mine if not each.now], now)
    seen = Seen(counted_at=_counted_at(session, [each.name for each in mine]))
    for each in mine:
        if not each.now:
            seen.points[each.name] = _points(each, monthly.get(each.name, {}), now)
    seen.standing = _standing(session, principal, [each.name for each in mine if each.now])
    return seen


def median(took: Mapping[int, int]) -> int | None:
    """Return the median of lengths of time, the lower of two: how many took how many days."""
    half = sum(took.values())
    for days, many in sorted(took.items()):
        half -= 2 * many
        if half <= 0:
            return days
    return None


def _monthly(
    session: Session, principal: Principal, names: Sequence[str], now: dt.datetime
) -> dict[str, dict[int, dict[int, int]]]:
    key = (MonthlyFigure.series, MonthlyFigure.month, MonthlyFigure.bucket)
    wanted = (
        select(*key, func.sum(MonthlyFigure.value))
        .where(
            _theirs(principal),
            MonthlyFigure.series.in_(names),
            MonthlyFigure.month.between(first_month(now), month_of(now)),
        )
        .group_by(*key)
    )
    found: dict[str, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for name, month, bucket, value in session.execute(scoped(wanted, principal)):
        found[name][month][bucket] = int(value)
    return found


def _points(
    series: Series, months: Mapping[int, Mapping[int, int]], now: dt.datetime
) -> list[Point]:
    def value(month: int) -> int | None:
        found = months.get(month, {})
        return median(found) if series.measure is Measure.DAYS else sum(found.values())

    here = month_of(now)
    return [Point(first_day(each), value(each)) for each in range(first_month(now), here + 1)]


def _theirs(principal: Principal) -> ColumnElement[bool]:
    """Return which rows add up to what somebody looks after, each person in one of them."""
    if principal.everywhere:
        return and_(MonthlyFigure.level == "all", MonthlyFigure.place_id == 0)
    regions, branches = sorted(principal.regions), sorted(principal.branches)
    elsewhere = or_(MonthlyFigure.region_id.is_(None), MonthlyFigure.region_id.not_in(regions))
    return or_(
        and_(MonthlyFigure.level == "region", MonthlyFigure.place_id.in_(regions)),
        and_(MonthlyFigure.level == "branch", MonthlyFigure.place_id.in_(branches), elsewhere),
    )


def _standing(session: Session, principal: Principal, names: Sequence[str]) -> dict[str, Standing]:
    row, shown = MonthlyFigure, "region" if principal.everywhere else "branch"
    wanted = select(row.series, row.level, row.place_id, _theirs(principal), row.value).where(
        row.series.in_(names), row.month == NOW, or_(_theirs(principal), row.level == shown)
    )
    found = {name: Standing() for name in names}
    for name, level, place_id, theirs, value in session.execute(scoped(wanted, principal)):
        if theirs:
            found[name].total += value
        if level == shown:
            found[name].places[place_id] = value
    return found


def _counted_at(session: Session, names: Sequence[str]) -> dt.datetime | None:
    """Return since when the oldest of these series stands; None while one was never counted."""
    times = session.scalars(
        select(FigureCount.counted_at).where(FigureCount.series.in_(names))
    ).all()
    return min(times) if times and len(times) == len(names) else None
