"""Charts: the branches of a region, laid out so that the nearest few are found without a search.

A chart halves the map again and again. Each box keeps the branches that can be among the nearest
few to *any* point in it, and only those: when the k-th nearest to the box's middle is `d` away and
no point of the box is further than `r` from the middle, then nothing further than `d + 2r` from the
middle can be among the nearest k to a point of the box. A box is divided when somebody first looks
into it, out of the few branches that the box around it has kept, so that a chart costs nothing to
make and fills in where people live. The answers are exact: distances are measured at the end, and
only between the few that are left.
"""

import heapq
import math
from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Generic, Protocol, TypeAlias, TypeVar

EARTH_KM = 6371.0088
"""The mean radius of the earth (IUGG), on which great circles are reckoned."""

MOST = 3
"""How many a chart can name: the nearest, and two beside it."""

_SOUTH, _WEST, _NORTH, _EAST = 49.0, -9.0, 61.0, 3.0
_FEW = 8
"""Branches that are simply gone through: dividing further would cost more than it saves."""
_DEEPEST = 22
"""Divisions after which a box is a few metres wide: where many branches share one address."""
_SLACK = 1e-7
"""What arithmetic may be out by, in radii of the earth: under a metre."""

Vector: TypeAlias = tuple[float, float, float]
"""A direction from the earth's centre, one long."""


class Placed(Protocol):
    """What has a place: degrees, the same as a direction from the earth's centre, and a name."""

    @property
    def slug(self) -> str:
        """What decides between two at one place."""

    @property
    def lat(self) -> float:
        """Degrees north."""

    @property
    def lon(self) -> float:
        """Degrees east."""

    @property
    def unit(self) -> Vector:
        """The direction from the earth's centre, one long."""


_Thing = TypeVar("_Thing", bound=Placed)
_Row: TypeAlias = tuple[Vector, int, _Thing]
"""The direction of a thing, its number in the order of slugs, and itself."""


class _Box(Generic[_Thing]):
    """A part of the map, and what may be nearest to somebody in it; divided when looked into."""

    __slots__ = ("deep", "east", "kept", "lat", "lon", "north", "parts", "south", "west")

    def __init__(self, edges: tuple[float, float, float, float], deep: int) -> None:
        self.south, self.west, self.north, self.east = edges
        self.lat, self.lon = (self.south + self.north) / 2, (self.west + self.east) / 2
        self.deep = deep
        self.kept: Sequence[_Row[_Thing]] = ()
        self.parts: list[_Box[_Thing] | None] | None = None

    def keep(self, of: Sequence["_Row[_Thing]"]) -> None:
        """Keep what may be among the nearest few to a point of this box, out of the one around."""
        x, y, z = middle = unit(self.lat, self.lon)
        reach = max(
            math.dist(middle, unit(lat, lon))
            for lat in (self.south, self.north)
            for lon in (self.west, self.east)
        )
        # The larger the product of two directions, the nearer they are: a chord is sqrt(2 - 2p).
        products = [x * a + y * b + z * c for (a, b, c), _, _ in of]
        last = min(heapq.nlargest(MOST, products))
        limit = math.sqrt(max(0.0, 2 - 2 * last)) + 2 * reach + _SLACK
        least = 1 - limit * limit / 2
        self.kept = [row for row, product in zip(of, products, strict=True) if product >= least]
        if len(self.kept) > _FEW and self.deep < _DEEPEST:
            self.parts = [None] * 4

    def part(self, number: int) -> "_Box[_Thing]":
        """Give a quarter of it: 1 is further north, 2 further east."""
        south, north = (self.lat, self.north) if number & 1 else (self.south, self.lat)
        west, east = (self.lon, self.east) if number & 2 else (self.west, self.lon)
        found: _Box[_Thing] = _Box((south, west, north, east), self.deep + 1)
        found.keep(self.kept)
        if self.parts is not None:
            # Two threads may make the same quarter: either will do.
            self.parts[number] = found
        return found


class Chart(Generic[_Thing]):
    """Where some things are, for asking which are nearest. Threads may share it."""

    __slots__ = ("_all", "_box")

    def __init__(self, things: Iterable[_Thing]) -> None:
        in_order = sorted(things, key=attrgetter("slug"))
        self._all: Sequence[_Row[_Thing]] = [
            (one.unit, number, one) for number, one in enumerate(in_order)
        ]
        self._box: _Box[_Thing] = _Box((_SOUTH, _WEST, _NORTH, _EAST), 0)
        if self._all:
            self._box.keep(self._all)

    def nearest(self, lat: float, lon: float) -> list[_Thing]:
        """Give the nearest `MOST` to a point (degrees), nearest first; ties by slug."""
        return [one for _, _, one in self.measured(lat, lon, unit(lat, lon))]

    def measured(self, lat: float, lon: float, point: Vector) -> list[tuple[float, int, _Thing]]:
        """Give the same, each after its chord and its number; `point` is the point's direction."""
        dist = math.dist
        ranked = [
            (dist(point, place), number, one) for place, number, one in self._may_be(lat, lon)
        ]
        ranked.sort()  # by the chord, and then by the number, which no two have
        return ranked[:MOST]

    def _may_be(self, lat: float, lon: float) -> Sequence["_Row[_Thing]"]:
        """Give those that may be among the nearest to a point; off the map, all of them."""
        if not (_SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST):
            return self._all
        box = self._box
        while box.parts is not None:
            number = (lat > box.lat) + 2 * (lon > box.lon)
            box = box.parts[number] or box.part(number)
        return box.kept


def nearest_of(lat: float, lon: float, things: Iterable[_Thing], *, most: int) -> list[_Thing]:
    """Give the nearest of some by going through them all, nearest first; ties by slug."""
    point = unit(lat, lon)
    ranked = ((math.dist(point, one.unit), one.slug, one) for one in things)
    return [one for _, _, one in heapq.nsmallest(most, ranked, key=itemgetter(0, 1))]


def distance_km(one: Vector, other: Vector) -> float:
    """Kilometres along the great circle between two directions."""
    return along_chord(math.dist(one, other))


def along_chord(chord: float) -> float:
    """Kilometres along the great circle whose ends are a chord apart, in radii of the earth.

    Unlike the angle between two directions it loses nothing where they are close.
    """
    return 2 * EARTH_KM * math.asin(min(1.0, chord / 2))


def unit(lat: float, lon: float) -> Vector:
    """Give the direction of a point (degrees) from the earth's centre, one long."""
    up, along = math.radians(lat), math.radians(lon)
    level = math.cos(up)
    return level * math.cos(along), level * math.sin(along), math.sin(up)
