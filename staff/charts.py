"""Charts: columns in SVG, put together here so that a template has only to draw them.

Lengths are the units of the picture, which is `WIDTH` wide and `HEIGHT` high.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from staff.numbers import Point

WIDTH, HEIGHT = 320, 150
_LEFT, _TOP, _BOTTOM = 46, 12, 126
_GAP = 3
_STEPS = (1, 2, 5)
_LINES = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A month's column, from `y` down for `height`; `middle` is where its letter stands."""

    first: dt.date
    value: int | None
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """How far from the left the column's middle is."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, and the value that it stands for."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: columns from left to right, and lines from below to above."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    left: float = _LEFT
    zero: float = _BOTTOM


def draw(points: Sequence[Point], *, least: int = 1) -> Chart:
    """Draw the points of a series, each month's beside the next; what goes back hangs down.

    Lines are `least` apart or more.
    """
    values = [each.value or 0 for each in points]
    lowest, highest = min((0, *values)), max((0, *values))
    step = max(_step(highest - lowest), least)
    low = step * (lowest // step)
    high = max(step * -(-highest // step), low + step)

    def y(value: int) -> float:
        return round(_BOTTOM - (value - low) * (_BOTTOM - _TOP) / (high - low), 1)

    width = (WIDTH - _LEFT) / max(len(points), 1)
    columns = [
        Column(
            first=each.first,
            value=each.value,
            x=round(_LEFT + number * width + _GAP / 2, 1),
            y=min(y(value), y(0)),
            width=round(width - _GAP, 1),
            height=round(abs(y(value) - y(0)), 1),
        )
        for number, (each, value) in enumerate(zip(points, values, strict=True))
    ]
    lines = [Line(y(value), value) for value in range(low, high + 1, step)]
    return Chart(columns, lines, zero=y(0))


def _step(reach: int) -> int:
    """Return the distance of the lines: the first of 1, 2, 5, 10, 20 … that needs few of them."""
    tens = 1
    while True:
        for each in _STEPS:
            if each * tens * _LINES >= reach:
                return each * tens
        tens *= 10
