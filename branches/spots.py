"""Spots: a place as the rules of locating see it, and what catchments may cover it."""

from collections.abc import Iterator
from dataclasses import dataclass

from branches.answers import Postcodes, Precision, Query, Source
from branches.models import CatchmentKind
from branches.postcodes import Outcode, Postcode, Sector
from branches.postcodes.districts import region_of
from branches.postcodes.index import Centre, Part, Place, Placeless
from branches.snapshot import Area

_SECTOR, _OUTCODE = CatchmentKind.SECTOR, CatchmentKind.OUTCODE
_CONSTITUENCY, _DISTRICT = CatchmentKind.CONSTITUENCY, CatchmentKind.DISTRICT


@dataclass(slots=True)
class Spot:
    """A place to be answered for: within `radius` metres of a point, in these districts.

    `region` is the ONS code of the English region, or country, that it lies in.
    """

    query: Query
    precision: Precision
    lat: float
    lon: float
    parts: tuple[Part, ...]
    radius: float
    region: str | None
    source: Source = Source.INDEX

    def code(self, kind: CatchmentKind) -> str | None:
        """Give the code of the area of a kind that it lies in, or mostly lies in."""
        query = self.query
        if kind is _DISTRICT:
            return self.parts[0][0]
        if kind is _CONSTITUENCY:
            return self.parts[0][1]
        if kind is _OUTCODE:
            return query.code if isinstance(query, Outcode) else query.outward
        if isinstance(query, Postcode):
            return f"{query.outward} {query.inward[0]}"
        return str(query) if isinstance(query, Sector) else None

    def areas_of_post(self) -> Iterator[Area]:
        """Give what catchments may cover the whole of it by, the smaller kind first."""
        for kind in (_SECTOR, _OUTCODE):
            code = self.code(kind)
            if code:
                yield kind, code


def areas_of(part: Part) -> Iterator[Area]:
    """Give what catchments may cover a part of the map by, the smaller kind first."""
    district, constituency = part
    if constituency:
        yield _CONSTITUENCY, constituency
    yield _DISTRICT, district


def look_up(query: Query, postcodes: Postcodes) -> Spot | Placeless | None:
    """Find where something is; None when the index does not know it."""
    if isinstance(query, Postcode):
        found = postcodes.find(query)
        if not isinstance(found, Place):
            return found
        parts = ((found.district, found.constituency),)
        region = region_of(found.district)
        return Spot(query, Precision.POSTCODE, found.lat, found.lon, parts, 0, region)
    if isinstance(query, Sector):
        precision, centre = Precision.SECTOR, postcodes.sector(query)
    else:
        precision, centre = Precision.OUTCODE, postcodes.outcode(query)
    if not isinstance(centre, Centre):
        return centre
    region = region_of(centre.district)
    return Spot(query, precision, centre.lat, centre.lon, centre.parts, centre.radius, region)
