"""Which branch a postcode belongs to, and why: pure rules over the directory of a day.

The rules, in their order: a catchment that covers the place; else the nearest open branch of the
place's own region, if it is within the cut-off; else the region's organiser; else the national
office. The region is exact, since each postcode's district is known and each district lies in one
region (`branches.postcodes.districts`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from branches.answers import (
    Answer,
    Postcodes,
    Precision,
    Query,
    Reason,
    Rule,
    Source,
    Step,
    UnknownPostcode,
)
from branches.models import CatchmentKind
from branches.postcodes import Outcode, Postcode, Sector, Special, special, understand
from branches.postcodes.districts import region_of
from branches.postcodes.index import Centre, Place, Placeless
from branches.snapshot import Area, Directory, Near, OpenBranch, OpenRegion, near


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place to be answered for: within `radius` metres of a point, in these districts."""

    query: Query
    precision: Precision
    lat: float
    lon: float
    districts: tuple[str, ...]
    radius: float

    def areas(self) -> Iterator[Area]:
        """Give what catchments may cover it by, the closest description first."""
        yield from self.areas_of_post()
        yield CatchmentKind.DISTRICT, self.districts[0]

    def areas_of_post(self) -> Iterator[Area]:
        """Give those of them that cover the whole of it."""
        if not isinstance(self.query, Outcode):
            sector = self.query.sector if isinstance(self.query, Postcode) else self.query
            yield CatchmentKind.SECTOR, str(sector)
        outcode = self.query if isinstance(self.query, Outcode) else self.query.outcode
        yield CatchmentKind.OUTCODE, str(outcode)


def parse(text: str, postcodes: Postcodes) -> Query:
    """Read what was typed, putting mixed-up O and 0, I and 1 right where one reading exists.

    Raises:
        NotAPostcode: when it is neither postcode nor sector nor outcode.
    """
    return understand(text, postcodes.knows)


def locate(
    query: Query, *, directory: Directory, postcodes: Postcodes, cut_off_km: float
) -> Answer:
    """Say which branch answers for a postcode, a sector or an outcode.

    Distances are great circles in kilometres.

    Raises:
        UnknownPostcode: when it is well formed and the index does not have it.
    """
    found = _look_up(query, postcodes)
    if isinstance(found, _Spot):
        return _choose(found, directory, cut_off_km)
    note = special(query) or (Special.NON_GEOGRAPHIC if isinstance(found, Placeless) else None)
    if note:
        return _nowhere(query, note)
    district = None
    if not isinstance(query, Outcode) and postcodes.has_outcode(query.outcode):
        district = locate(
            query.outcode, directory=directory, postcodes=postcodes, cut_off_km=cut_off_km
        )
    raise UnknownPostcode(query, district)


def roughly(
    query: Postcode, *, directory: Directory, postcodes: Postcodes, cut_off_km: float
) -> Answer | None:
    """Answer for an unknown postcode by its sector, or else by its district; None without either.

    For those who join or give: their postcode may be newer than the index.
    """
    for wider in (query.sector, query.outcode):
        try:
            return locate(wider, directory=directory, postcodes=postcodes, cut_off_km=cut_off_km)
        except UnknownPostcode:
            continue
    return None


def _look_up(query: Query, postcodes: Postcodes) -> _Spot | Placeless | None:
    if isinstance(query, Postcode):
        found = postcodes.find(query)
        if not isinstance(found, Place):
            return found
        districts = (found.district,)
        return _Spot(query, Precision.POSTCODE, found.lat, found.lon, districts, radius=0)
    if isinstance(query, Sector):
        precision, centre = Precision.SECTOR, postcodes.sector(query)
    else:
        precision, centre = Precision.OUTCODE, postcodes.outcode(query)
    if not isinstance(centre, Centre):
        return centre
    return _Spot(query, precision, centre.lat, centre.lon, centre.districts, centre.radius)


def _nowhere(query: Query, note: Special) -> Answer:
    return Answer(
        query=query,
        precision=Precision.NONE,
        source=Source.INDEX,
        rule=Rule.NATIONAL,
        branch=None,
        distance_km=None,
        alternatives=(),
        region=None,
        note=note,
        also=None,
        explanation=(Reason(Step.PLACELESS, name=note),),
    )


def _choose(spot: _Spot, directory: Directory, cut_off_km: float) -> Answer:
    region = directory.region_at(region_of(spot.districts[0]))
    reasons = [
        Reason(Step.PLACED, name=spot.districts[0]),
        Reason(Step.IN_REGION, name=region.name) if region else Reason(Step.NO_REGION),
    ]
    rule, chosen, why = _decide(spot, directory, region, cut_off_km)
    reasons += why
    also = _also(spot, directory, chosen, cut_off_km) if spot.radius else None
    if also:
        reasons.append(Reason(Step.EITHER, name=also.branch.name, km=also.km))
    return Answer(
        query=spot.query,
        precision=spot.precision,
        source=Source.INDEX,
        rule=rule,
        branch=chosen.branch if chosen else None,
        distance_km=chosen.km if chosen else None,
        alternatives=_others(spot, directory, chosen),
        region=chosen.branch.region if chosen else region,
        note=None,
        also=also,
        explanation=tuple(reasons),
    )


def _decide(
    spot: _Spot, directory: Directory, region: OpenRegion | None, cut_off_km: float
) -> tuple[Rule, Near | None, list[Reason]]:
    """Go through the rules until one gives an answer."""
    for area in spot.areas():
        branch = directory.catchments.get(area)
        if branch:
            (chosen,) = near(spot.lat, spot.lon, [branch], most=1)
            why = Reason(Step.CATCHMENT, name=branch.name, area=" ".join(area), km=chosen.km)
            return Rule.CATCHMENT, chosen, [why]
    if region is None:
        return Rule.NATIONAL, None, []
    for chosen in near(spot.lat, spot.lon, directory.branches_of(region), most=1):
        if chosen.km <= cut_off_km:
            why = Reason(Step.NEAREST, name=chosen.branch.name, km=chosen.km)
            return Rule.NEAREST, chosen, [why]
        return Rule.REGION, None, [Reason(Step.TOO_FAR, name=chosen.branch.name, km=chosen.km)]
    return Rule.REGION, None, [Reason(Step.NO_BRANCH, name=region.name)]


def _others(spot: _Spot, directory: Directory, chosen: Near | None) -> tuple[Near, ...]:
    """Give the two nearest other branches of the chosen one's region."""
    if chosen is None:
        return ()
    others = directory.branches_of(chosen.branch.region)
    found = near(spot.lat, spot.lon, (each for each in others if each != chosen.branch), most=2)
    return tuple(found)


def _also(spot: _Spot, directory: Directory, chosen: Near | None, cut_off_km: float) -> Near | None:
    """Give the nearest other branch that somebody in this sector or outcode may belong to."""
    possible = {branch.slug: branch for branch in _possible(spot, directory, cut_off_km)}
    if chosen:
        possible.pop(chosen.branch.slug, None)
    return next(iter(near(spot.lat, spot.lon, possible.values(), most=1)), None)


def _possible(spot: _Spot, directory: Directory, cut_off_km: float) -> Iterator[OpenBranch]:
    """Give the branches that the rules may come to, depending on where in it somebody is.

    They are those whose catchments lie in it and, unless it has its branch by decision, for each
    district that it reaches into the district's own, or else the nearest of its region, and the
    second nearest too where that may be nearer from some point within the radius.
    """
    if isinstance(spot.query, Outcode):
        yield from directory.catchments_by_sector_of(spot.query)
    if any(directory.catchments.get(area) for area in spot.areas_of_post()):
        return
    for district in spot.districts:
        branch = directory.catchments.get((CatchmentKind.DISTRICT, district))
        region = directory.region_at(region_of(district))
        if branch:
            yield branch
        elif region:
            yield from _nearest_from_within(spot, directory.branches_of(region), cut_off_km)


def _nearest_from_within(
    spot: _Spot, branches: Iterable[OpenBranch], cut_off_km: float
) -> Iterator[OpenBranch]:
    """Give the nearest branch, and the second where it may be nearer for somebody within.

    The distances to two branches differ by at most twice the radius more, or less, from a point
    within the radius than they do from the centre.
    """
    radius_km = spot.radius / 1000
    found = near(spot.lat, spot.lon, branches, most=2)
    within = [one for one in found if one.km <= cut_off_km + radius_km]
    for one in within:
        if one is within[0] or one.km - within[0].km < 2 * radius_km:
            yield one.branch
