"""The desk of numbers: every series that one's role may see, as pictures that are also tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import clock
from core.database import reading
from core.guards import guard, staff
from core.words import pounds
from staff import charts, numbers
from staff.charts import Chart
from staff.door import keep_nothing
from staff.numbers import Measure, Point, Seen, Series
from staff.principal import Role
from staff.room import me, room

READERS = (Role.ORGANISER, Role.TREASURER, Role.ADMIN)

bp = guard(Blueprint("desk_numbers", __name__, url_prefix="/desk/numbers"), staff(*READERS))
bp.after_request(keep_nothing)


@dataclass(frozen=True, slots=True)
class Shown:
    """A series as the page shows it: a picture over months, or rows by place."""

    series: Series
    latest: str
    chart: Chart | None = None
    points: Sequence[Point] = ()
    places: Sequence[tuple[str, int, float]] = ()


@bp.get("")
def show() -> ResponseReturnValue:
    """Show what everything came to, month by month and at present."""
    now = clock.now()
    with reading() as session:
        seen = numbers.look(session, me(), room().series, now=now)
        names = _names(session)
    mine = [each for each in room().series if me().role in each.roles]
    return render_template(
        "desk/numbers.html",
        shown=[_shown(each, seen, names) for each in mine],
        counted_at=seen.counted_at,
        everywhere=me().everywhere,
        write=write,
        short=short,
        letter=_letter,
        WIDTH=charts.WIDTH,
        HEIGHT=charts.HEIGHT,
    )


def write(series: Series, value: int | None) -> str:
    """Write a value of a series in full."""
    if value is None:
        return str(_("none"))
    if series.measure is Measure.PENCE:
        return pounds(value)
    if series.measure is Measure.DAYS:
        if value >= numbers.LONGEST:
            return str(_("%(num)s days or more", num=numbers.LONGEST))
        return str(ngettext("%(num)s day", "%(num)s days", value))
    return str(format_decimal(value))


def short(series: Series, value: int) -> str:
    """Write a value beside a line of a picture: 1.2k for 1,200."""
    if series.measure is Measure.PENCE:
        return f"£{_thousands(value / 100)}"
    return _thousands(value)


def _thousands(value: float) -> str:
    for over, letter in ((1_000_000, "m"), (1_000, "k")):
        if abs(value) >= over:
            return f"{value / over:g}{letter}"
    return f"{value:g}"


def _letter(point: Point) -> str:
    return str(format_date(point.first, "MMMMM", rebase=False))


def _shown(series: Series, seen: Seen, names: Mapping[int, str]) -> Shown:
    if not series.now:
        points = seen.points[series.name]
        least = 100 if series.measure is Measure.PENCE else 1  # no line for a part of a pound
        chart = charts.draw(points, least=least)
        return Shown(series, write(series, points[-1].value), chart, points)
    stands = seen.standing[series.name]
    rows = [(name, stands.places[id_]) for id_, name in names.items() if id_ in stands.places]
    rest = stands.total - sum(value for _name, value in rows)
    if rest:  # of no place, or of one that is closed by now
        rows.append((str(_("None of these")), rest))
    most = max((value for _name, value in rows), default=1)
    shown = [(name, value, round(100 * value / most, 1)) for name, value in rows]
    return Shown(series, write(series, stands.total), places=shown)


def _names(session: Session) -> dict[int, str]:
    """Return the names of the places by which things stand, in the order of the directory."""
    places = room().places
    found = places.regions(session) if me().everywhere else places.branches(session)
    return {each.id: each.name for each in found}
