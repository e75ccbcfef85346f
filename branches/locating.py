"""Which branch a postcode belongs to, and why: pure rules over the directory of a day.

The rules, in their order: a catchment that covers the place; else the nearest open branch of the
place's own region, if it is within the cut-off; else the region's organiser; else the national
office. The region is exact, since each postcode's district is known and each district lies in one
region (`branches.postcodes.districts`).

Of several catchments the smallest kind of area goes first: a sector before an outcode, an outcode
before a constituency, a constituency before a district.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
from branches.postcodes.index import Centre, Part, Place, Placeless
from branches.register import Located, Told, Verdict
from branches.snapshot import Area, Directory, Near, OpenBranch, OpenRegion, near

_ALTERNATIVES = 2


@dataclass(slots=True)
class _Spot:
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

    def areas(self) -> Iterator[Area]:
        """Give what catchments may cover it by, the smallest kind of area first."""
        yield from self.areas_of_post()
        yield from _areas_of(self.parts[0])

    def areas_of_post(self) -> Iterator[Area]:
        """Give those of them that cover the whole of it."""
        if not isinstance(self.query, Outcode):
            sector = self.query.sector if isinstance(self.query, Postcode) else self.query
            yield CatchmentKind.SECTOR, str(sector)
        outcode = self.query if isinstance(self.query, Outcode) else self.query.outcode
        yield CatchmentKind.OUTCODE, str(outcode)


@dataclass(frozen=True, slots=True)
class Locating:
    """What is located by: the directory of a day, where postcodes are, how far is too far.

    Distances are great circles in kilometres.
    """

    directory: Directory
    postcodes: Postcodes
    cut_off_km: float

    def locate(self, query: Query, told: Told | None = None) -> Answer:
        """Say which branch answers for a postcode, a sector or an outcode.

        `told` is what another source says of a postcode that the index lacks. Where it was asked
        and could not say, the answer is that for the postcode's sector, or else for its outcode.

        Raises:
            UnknownPostcode: when it is well formed and no source has it.
        """
        found = _look_up(query, self.postcodes)
        if isinstance(found, _Spot):
            return _choose(found, self.directory, self.cut_off_km)
        note = special(query) or (Special.NON_GEOGRAPHIC if isinstance(found, Placeless) else None)
        if note:
            return _nowhere(query, note)
        elsewhere = self._as_told(query, told) if isinstance(query, Postcode) else None
        if elsewhere:
            return elsewhere
        district = None
        if not isinstance(query, Outcode) and self.postcodes.has_outcode(query.outcode):
            district = self.locate(query.outcode)
        raise UnknownPostcode(query, district)

    def roughly(self, query: Postcode) -> Answer | None:
        """Answer for an unknown postcode by its sector, or else its outcode; None without either.

        For those who join or give: their postcode may be newer than the index.
        """
        for wider in (query.sector, query.outcode):
            try:
                return self.locate(wider)
            except UnknownPostcode:
                continue
        return None

    def _as_told(self, query: Postcode, told: Told | None) -> Answer | None:
        """Answer by what another source told; None when it knows nothing, or was not asked."""
        if told is None or told is Verdict.UNKNOWN:
            return None
        step = Step.NOT_SAID
        spot = self._told_spot(query, told) if isinstance(told, Located) else None
        if spot:
            answer: Answer | None = _choose(spot, self.directory, self.cut_off_km)
            step = Step.ELSEWHERE
        else:
            answer = self.roughly(query)
        why = Reason(step, name=str(query))
        return replace(answer, explanation=(why, *answer.explanation)) if answer else None

    def _told_spot(self, query: Postcode, told: Located) -> _Spot | None:
        """Take the place that was told; without a district, the sector says in which it lies."""
        if told.district:
            parts: tuple[Part, ...] = ((told.district, None),)
            spot = _Spot(query, Precision.POSTCODE, told.lat, told.lon, parts, 0, told.region)
        else:
            around = _look_up(query.sector, self.postcodes)
            if not isinstance(around, _Spot):
                return None
            spot = replace(around, lat=told.lat, lon=told.lon)
        spot.source = Source.POSTCODES_IO
        return spot


def parse(text: str, postcodes: Postcodes) -> Query:
    """Read what was typed, putting mixed-up O and 0, I and 1 right where one reading exists.

    Raises:
        NotAPostcode: when it is neither postcode nor sector nor outcode.
    """
    return understand(text, postcodes.knows)


def _areas_of(part: Part) -> Iterator[Area]:
    """Give what catchments may cover a part of the map by, the smaller kind first."""
    district, constituency = part
    if constituency:
        yield CatchmentKind.CONSTITUENCY, constituency
    yield CatchmentKind.DISTRICT, district


def _look_up(query: Query, postcodes: Postcodes) -> _Spot | Placeless | None:
    if isinstance(query, Postcode):
        found = postcodes.find(query)
        if not isinstance(found, Place):
            return found
        parts = ((found.district, found.constituency),)
        region = region_of(found.district)
        return _Spot(query, Precision.POSTCODE, found.lat, found.lon, parts, 0, region)
    if isinstance(query, Sector):
        precision, centre = Precision.SECTOR, postcodes.sector(query)
    else:
        precision, centre = Precision.OUTCODE, postcodes.outcode(query)
    if not isinstance(centre, Centre):
        return centre
    region = region_of(centre.district)
    return _Spot(query, precision, centre.lat, centre.lon, centre.parts, centre.radius, region)


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
    region = directory.region_at(spot.region)
    close = directory.nearest_in(region, spot.lat, spot.lon) if region else []
    rule, chosen, why = _decide(spot, directory, region, close, cut_off_km)
    reasons = [
        Reason(Step.PLACED, name=spot.parts[0][0]),
        Reason(Step.IN_REGION, name=region.name) if region else Reason(Step.NO_REGION),
        *why,
    ]
    also = _also(spot, directory, chosen, cut_off_km) if spot.radius else None
    if also:
        reasons.append(Reason(Step.EITHER, name=also.branch.name, km=also.km))
    if chosen and (region is None or chosen.branch.region.id != region.id):
        close = directory.nearest_in(chosen.branch.region, spot.lat, spot.lon)
    return Answer(
        query=spot.query,
        precision=spot.precision,
        source=spot.source,
        rule=rule,
        branch=chosen.branch if chosen else None,
        distance_km=chosen.km if chosen else None,
        alternatives=_others(chosen, close),
        region=chosen.branch.region if chosen else region,
        note=None,
        also=also,
        explanation=tuple(reasons),
    )


def _decide(
    spot: _Spot,
    directory: Directory,
    region: OpenRegion | None,
    close: list[Near],
    cut_off_km: float,
) -> tuple[Rule, Near | None, list[Reason]]:
    """Go through the rules until one gives an answer; `close` are the nearest of the region."""
    if directory.catchments:
        for area in spot.areas():
            branch = directory.catchments.get(area)
            if branch:
                (chosen,) = near(spot.lat, spot.lon, [branch], most=1)
                why = Reason(Step.CATCHMENT, name=branch.name, area=" ".join(area), km=chosen.km)
                return Rule.CATCHMENT, chosen, [why]
    if region is None:
        return Rule.NATIONAL, None, []
    if not close:
        return Rule.REGION, None, [Reason(Step.NO_BRANCH, name=region.name)]
    chosen = close[0]
    if chosen.km <= cut_off_km:
        return Rule.NEAREST, chosen, [Reason(Step.NEAREST, name=chosen.branch.name, km=chosen.km)]
    return Rule.REGION, None, [Reason(Step.TOO_FAR, name=chosen.branch.name, km=chosen.km)]


def _others(chosen: Near | None, close: list[Near]) -> tuple[Near, ...]:
    """Give the two nearest other branches of the chosen one's region."""
    if chosen is None:
        return ()
    return tuple(one for one in close if one.branch.slug != chosen.branch.slug)[:_ALTERNATIVES]


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
    regions: dict[int, OpenRegion] = {}
    for part in spot.parts:
        covering = (directory.catchments.get(area) for area in _areas_of(part))
        branch = next((found for found in covering if found), None)
        region = directory.region_at(region_of(part[0]))
        if branch:
            yield branch
        elif region:
            regions[region.id] = region
    for region in regions.values():
        yield from _nearest_from_within(
            directory.nearest_in(region, spot.lat, spot.lon), spot.radius / 1000, cut_off_km
        )


def _nearest_from_within(
    close: list[Near], radius_km: float, cut_off_km: float
) -> Iterator[OpenBranch]:
    """Give the nearest branch, and the second where it may be nearer for somebody within.

    The distances to two branches differ by at most twice the radius more, or less, from a point
    within the radius than they do from the centre.
    """
    within = [one for one in close[:2] if one.km <= cut_off_km + radius_km]
    for one in within:
        if one is within[0] or one.km - within[0].km < 2 * radius_km:
            yield one.branch
