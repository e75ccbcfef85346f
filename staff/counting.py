"""Counting: the worker counts every series anew each hour, and keeps what is not as it was.

Counting reads everything of thirteen months, and writes the few rows that changed. What is kept
can so be thrown away, and whatever is booked, moved or dated later than it happened is put right
within the hour.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Session

from core.database import insert_each_once, reading, transaction
from staff.numbers import Series, first_month
from staff.records import FigureCount, MonthlyFigure

EVERY = dt.timedelta(hours=1)
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_AT_ONCE = 200  # keys in a statement: each is four parameters


class Key(NamedTuple):
    """What a kept row is of: level and id of a place, month and bucket."""

    level: str
    place_id: int
    month: int
    bucket: int


class Figure(NamedTuple):
    """What a kept row says; region and branch are where it belongs, None where that is nowhere."""

    value: int
    region_id: int | None
    branch_id: int | None


Figures = dict[Key, Figure]
Kept = dict[str, Figures]


def count(session: Session, series: Series, *, now: dt.datetime) -> Figures:
    """Count a series from its events: everywhere, by region, and by branch."""
    found: Figures = {}
    for month, region_id, branch_id, bucket, value in series.count(session, first_month(now)):
        places = [("all", 0, None, None)]
        if region_id is not None:
            places.append(("region", region_id, region_id, None))
        if branch_id is not None:
            places.append(("branch", branch_id, region_id, branch_id))
        for level, place_id, *where in places:
            key = Key(level, place_id, month, bucket)
            before = found[key].value if key in found else 0
            found[key] = Figure(before + int(value), *where)
    return {key: figure for key, figure in found.items() if figure.value}


def kept(session: Session, names: Iterable[str]) -> Kept:
    """Return what is kept of series, by their names."""
    row = MonthlyFigure
    keys = (row.series, row.level, row.place_id, row.month, row.bucket)
    wanted = select(*keys, row.value, row.region_id, row.branch_id).where(row.series.in_(names))
    found: Kept = {name: {} for name in names}
    for each in session.execute(wanted):
        key = Key(each.level, each.place_id, each.month, each.bucket)
        found[each.series][key] = Figure(each.value, each.region_id, each.branch_id)
    return found


def keep(session: Session, counted: Kept, *, now: dt.datetime) -> dict[str, int]:
    """Keep what was counted at a moment; say for each series how many rows were not so before.

    What another worker counted later is left as it is.
    """
    first = [{"series": name, "counted_at": _LONG_AGO} for name in counted]
    insert_each_once(session, FigureCount, first, unique="series")
    wanted = select(FigureCount).where(FigureCount.series.in_(counted)).order_by(FigureCount.series)
    states = session.scalars(wanted.with_for_update()).all()
    mine = [each for each in states if each.counted_at <= now]
    before = kept(session, [each.series for each in mine])
    rows = []
    for name, were in before.items():
        are = counted[name]
        _delete(session, name, [key for key, figure in were.items() if are.get(key) != figure])
        rows += [_row(name, key, each) for key, each in are.items() if were.get(key) != each]
    if rows:
        session.execute(insert(MonthlyFigure), rows)
    for each in mine:
        each.counted_at = now
    session.flush()
    return {name: len(different(were, counted[name])) for name, were in before.items()}


def different(before: Figures, counted: Figures) -> list[Key]:
    """Return of what is kept and what is counted the keys of what does not agree."""
    return sorted(
        key for key in before.keys() | counted.keys() if before.get(key) != counted.get(key)
    )


def count_all(series: Sequence[Series], *, now: dt.datetime) -> dict[str, int]:
    """Count and keep every series; say of each how many rows were not so before.

    It is counted while others write, and kept in a short transaction afterwards.
    """
    with reading() as session:
        counted = {each.name: count(session, each, now=now) for each in series}
    with transaction() as session:
        return keep(session, counted, now=now)


def differences(series: Sequence[Series], *, now: dt.datetime) -> dict[str, list[Key]]:
    """Count every series, keep nothing, and return what does not agree with what is kept."""
    with reading() as session:
        before = kept(session, [each.name for each in series])
        return {
            each.name: different(before[each.name], count(session, each, now=now))
            for each in series
        }


def _delete(session: Session, name: str, keys: Sequence[Key]) -> None:
    row = MonthlyFigure
    key = tuple_(row.level, row.place_id, row.month, row.bucket)
    for at in range(0, len(keys), _AT_ONCE):
        these = [tuple(each) for each in keys[at : at + _AT_ONCE]]
        session.execute(
            delete(row)
            .where(row.series == name, key.in_(these))
            .execution_options(synchronize_session=False)
        )


def _row(name: str, key: Key, figure: Figure) -> dict[str, object]:
    return {"series": name, **key._asdict(), **figure._asdict()}
