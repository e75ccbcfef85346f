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
from branches.postcodes import (
    NotAPostcode,
    Outcode,
    Postcode,
    Special,
    read,
    special,
    understand,
)
from branches.postcodes.districts import region_of
from branches.postcodes.index import Part, Placeless
from branches.register import Located, Told, Verdict
from branches.snapshot import Directory, Near, OpenBranch, OpenRegion, near
from branches.spots import Spot, areas_of, look_up

_ALTERNATIVES = 2
_PLACED, _IN_REGION = Step.PLACED, Step.IN_REGION


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
        found = look_up(query, self.postcodes)
        if isinstance(found, Spot):
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

    def plainly(self, text: str) -> Answer | None:
        """Answer for a whole postcode that is in the index as it was typed; None for all else.

        So for nearly everything that is asked, at a fraction of what the whole understanding takes.
        """
        try:
            query = read(text)
        except NotAPostcode:
            return None
        found = look_up(query, self.postcodes) if isinstance(query, Postcode) else None
        if isinstance(found, Spot):
            return _choose(found, self.directory, self.cut_off_km)
        return None

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
        return answer._replace(explanation=(why, *answer.explanation)) if answer else None

    def _told_spot(self, query: Postcode, told: Located) -> Spot | None:
        """Take the place that was told; without a district, the sector says in which it lies."""
        if told.district:
            parts: tuple[Part, ...] = ((told.district, None),)
            spot = Spot(query, Precision.POSTCODE, told.lat, told.lon, parts, 0, told.region)
        else:
            around = look_up(query.sector, self.postcodes)
            if not isinstance(around, Spot):
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


def _choose(spot: Spot, directory: Directory, cut_off_km: float) -> Answer:
    region = directory.region_at(spot.region)
    close = directory.nearest_in(region, spot.lat, spot.lon) if region else []
    rule, chosen, why = _decide(spot, directory, region, close, cut_off_km)
    reasons: tuple[Reason, ...] = (
        Reason(_PLACED, spot.parts[0][0]),
        Reason(_IN_REGION, region.name) if region else Reason(Step.NO_REGION),
        *why,
    )
    also = _also(spot, directory, chosen, cut_off_km) if spot.radius else None
    if also:
        reasons = (*reasons, Reason(Step.EITHER, also.branch.name, km=also.km))
    if chosen is None:
        branch, km, whose = None, None, region
        others: tuple[Near, ...] = ()
    else:
        branch, km = chosen
        whose = branch.region
        if whose is not region:
            close = directory.nearest_in(whose, spot.lat, spot.lon)
        others = _others(chosen, close)
    # By position, in the order of the fields: naming eleven of them takes as long as the rules do.
    return Answer(
        *(spot.query, spot.precision, spot.source, rule, branch, km, others, whose),
        *(None, also, reasons),
    )


def _decide(
    spot: Spot,
    directory: Directory,
    region: OpenRegion | None,
    close: list[Near],
    cut_off_km: float,
) -> tuple[Rule, Near | None, list[Reason]]:
    """Go through the rules until one gives an answer; `close` are the nearest of the region."""
    for kind, catchments in directory.kinds:
        code = spot.code(kind)
        branch = catchments.get(code) if code else None
        if branch:
            (chosen,) = near(spot.lat, spot.lon, [branch], most=1)
            why = Reason(Step.CATCHMENT, name=branch.name, area=f"{kind} {code}", km=chosen.km)
            return Rule.CATCHMENT, chosen, [why]
    if region is None:
        return Rule.NATIONAL, None, []
    if not close:
        return Rule.REGION, None, [Reason(Step.NO_BRANCH, name=region.name)]
    chosen = close[0]
    if chosen.km <= cut_off_km:
        return Rule.NEAREST, chosen, [Reason(Step.NEAREST, name=chosen.branch.name, km=chosen.km)]
    return Rule.REGION, None, [Reason(Step.TOO_FAR, name=chosen.branch.name, km=chosen.km)]


def _others(chosen: Near, close: list[Near]) -> tuple[Near, ...]:
    """Give the two nearest other branches of the chosen one's region."""
    if chosen is close[0]:
        return tuple(close[1:])
    return tuple(one for one in close if one.branch.slug != chosen.branch.slug)[:_ALTERNATIVES]


def _also(spot: Spot, directory: Directory, chosen: Near | None, cut_off_km: float) -> Near | None:
    """Give the nearest other branch that somebody in this sector or outcode may belong to."""
    possible = {branch.slug: branch for branch in _possible(spot, directory, cut_off_km)}
    if chosen:
        possible.pop(chosen.branch.slug, None)
    return next(iter(near(spot.lat, spot.lon, possible.values(), most=1)), None)


def _possible(spot: Spot, directory: Directory, cut_off_km: float) -> Iterator[OpenBranch]:
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
        covering = (directory.catchments.get(area) for area in areas_of(part))
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
