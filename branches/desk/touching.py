"""Which sectors a change of the directory touches at all: all but few are passed over at once."""

from collections.abc import Iterator, Mapping

from branches.answers import UnknownPostcode
from branches.locating import Locating
from branches.models import CatchmentKind
from branches.postcodes import NotAPostcode, Sector
from branches.postcodes.districts import region_of
from branches.snapshot import Area, Directory
from branches.spots import Spot, areas_of, look_up


class Touched:
    """Says of a sector whether anybody in it may be sent elsewhere by a change.

    An area that other catchments cover touches each sector that has any ground in it. Besides,
    a sector is touched by branches of its own regions alone, and only where the rules say anything
    else of it than before: another branch, another second one, another distance.
    """

    def __init__(self, before: Locating, after: Locating) -> None:
        self._before, self._after = before, after
        old, new = _areas(before.directory), _areas(after.directory)
        self._areas = {area for area in {*old, *new} if old.get(area) != new.get(area)}
        was, will = _regions(before.directory), _regions(after.directory)
        self._regions = {code for code in {*was, *will} if was.get(code) != will.get(code)}

    def __call__(self, sector: str) -> bool:
        """Tell whether anybody there may move."""
        try:
            query = Sector.parse(sector)
        except NotAPostcode:
            return False
        found = (look_up(each, self._before.postcodes) for each in (query, query.outcode))
        spot = next((each for each in found if each is not None), None)
        if not isinstance(spot, Spot):  # it has no place at all
            return False
        if any(area in self._areas for area in _lies_in(spot)):
            return True
        return any(region_of(part[0]) in self._regions for part in spot.parts) and (
            _outlook(self._before, query) != _outlook(self._after, query)
        )


def _lies_in(spot: Spot) -> Iterator[Area]:
    yield from spot.areas_of_post()
    for part in spot.parts:
        yield from areas_of(part)


def _areas(directory: Directory) -> Mapping[Area, tuple[int, int]]:
    """Give who looks after each area: a branch, and its region."""
    return {
        (CatchmentKind(kind), code): (branch.id, branch.region.id)
        for (kind, code), branch in directory.catchments.items()
    }


def _regions(directory: Directory) -> Mapping[str, object]:
    """Give what the nearest branch depends on, by the ONS code of the region: who is where."""
    return {
        region.ons_code: (
            region.id,
            {(each.id, each.lat, each.lon) for each in directory.branches_of(region)},
        )
        for region in directory.regions
        if region.ons_code
    }


def _outlook(locating: Locating, sector: Sector) -> tuple[object, ...] | None:
    """Give all that the rules say of a sector, or else of its outcode."""
    for query in (sector, sector.outcode):
        try:
            found = locating.locate(query)
        except UnknownPostcode:
            continue
        near = (each for each in (*found.alternatives, found.also) if each)
        return (
            found.rule,
            found.branch.id if found.branch else None,
            found.region.id if found.region else None,
            found.distance_km,
            *((each.branch.id, each.km) for each in near),
        )
    return None
