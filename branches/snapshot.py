"""The directory as it stands on a day: read once, then shared by every request of the process."""

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from branches.charting import Chart, along_chord, distance_km, nearest_of, unit
from branches.models import Branch, Catchment, CatchmentKind, DirectoryState, Region
from branches.postcodes import Outcode
from core.database import Database

Area: TypeAlias = tuple[CatchmentKind, str]
"""What a catchment is: its kind and its code."""
_VERSION = select(DirectoryState.version)
SMALLEST_FIRST = (
    CatchmentKind.SECTOR,
    CatchmentKind.OUTCODE,
    CatchmentKind.CONSTITUENCY,
    CatchmentKind.DISTRICT,
)
"""Where several catchments cover a place, the first of these kinds decides."""


@dataclass(frozen=True, slots=True)
class OpenRegion:
    """A region, and its organiser's public line."""

    id: int
    slug: str
    name: str
    phone: str
    display: str
    ons_code: str | None
    notify_email: str


@dataclass(frozen=True, slots=True)
class OpenBranch:
    """A branch that people can be sent to today; `unit` points to it from the earth's centre."""

    id: int
    slug: str
    name: str
    region: OpenRegion
    lat: float
    lon: float
    place: str
    meets: str
    email: str | None
    phone: str | None
    sample: bool
    unit: tuple[float, float, float] = field(repr=False)


class Near(NamedTuple):
    """A branch and how far away it is."""

    branch: OpenBranch
    km: float


@dataclass(frozen=True, slots=True)
class Directory:
    """The open regions in the directory's order, their open branches by name, the catchments."""

    version: int
    today: dt.date
    regions: tuple[OpenRegion, ...]
    branches: Mapping[int, tuple[OpenBranch, ...]]
    """By the region's id."""
    catchments: Mapping[Area, OpenBranch]
    charts: Mapping[int, Chart[OpenBranch]] = field(init=False, repr=False, compare=False)
    """Where the open branches of each region are, by the region's id."""
    by_code: Mapping[str, OpenRegion] = field(init=False, repr=False, compare=False)
    """The regions by the ONS code of the English region, or country, that each covers."""
    kinds: tuple[tuple[CatchmentKind, Mapping[str, OpenBranch]], ...] = field(
        init=False, repr=False, compare=False
    )
    """The catchments of each kind that there are any of, by code; the smallest kind first."""

    def __post_init__(self) -> None:
        charts = {key: Chart(branches) for key, branches in self.branches.items()}
        by_code = {region.ons_code: region for region in self.regions if region.ons_code}
        # What is derived of a frozen value is set as its own constructor sets the rest.
        object.__setattr__(self, "charts", charts)
        object.__setattr__(self, "by_code", by_code)
        object.__setattr__(self, "kinds", tuple(_by_kind(self.catchments)))

    def region_at(self, ons_code: str | None) -> OpenRegion | None:
        """Give the region that covers an English region or a country."""
        return self.by_code.get(ons_code) if ons_code else None

    def nearest_in(self, region: OpenRegion, lat: float, lon: float) -> list[Near]:
        """Give the three open branches of a region nearest to a point (degrees), nearest first."""
        chart = self.charts.get(region.id)
        found = chart.measured(lat, lon, unit(lat, lon)) if chart else ()
        return [Near(branch, along_chord(chord)) for chord, _, branch in found]

    def branches_of(self, region: OpenRegion) -> tuple[OpenBranch, ...]:
        """Give the region's open branches, by name."""
        return self.branches.get(region.id, ())

    def all_branches(self) -> Iterator[OpenBranch]:
        """Give every open branch, region by region."""
        for region in self.regions:
            yield from self.branches_of(region)

    def catchments_by_sector_of(self, outcode: Outcode) -> Iterator[OpenBranch]:
        """Give the branches that have a sector of this outcode for their catchment."""
        for (kind, code), branch in self.catchments.items():
            if kind == CatchmentKind.SECTOR and code.split(" ")[0] == outcode.code:
                yield branch


def _by_kind(
    catchments: Mapping[Area, OpenBranch],
) -> Iterator[tuple[CatchmentKind, dict[str, OpenBranch]]]:
    for kind in SMALLEST_FIRST:
        found = {code: branch for (of, code), branch in catchments.items() if of == kind}
        if found:
            yield kind, found


class DirectoryCache:
    """The directory of today, read again when a load has changed it or a day has gone by.

    Each look costs one small SELECT. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._directory: Directory | None = None

    def now(self, database: Database, *, today: dt.date) -> Directory:
        """Give the directory as it stands in the database, to whoever has no session."""
        known = self._directory
        if known and known.today == today:
            with database.engine.connect() as connection:
                if known.version == (connection.scalar(_VERSION) or 0):
                    return known
        with database.reading() as session:
            return self.current(session, today=today)

    def current(self, session: Session, *, today: dt.date) -> Directory:
        """Give the directory as it stands in this session's view of the database."""
        version = session.scalar(_VERSION) or 0
        with self._lock:
            known = self._directory
            if known is None or (known.version, known.today) != (version, today):
                # The version was read first: rows newer than it are merely read once more.
                known = self._directory = take(session, version=version, today=today)
            return known


def take(session: Session, *, version: int, today: dt.date) -> Directory:
    """Read the directory as it stands on a day."""
    regions = {
        region.id: _region(region)
        for region in session.scalars(
            select(Region).where(Region.closed_on.is_(None)).order_by(Region.rank, Region.id)
        )
    }
    open_branches = {
        branch.id: _branch(branch, regions[branch.region_id])
        for branch in session.scalars(select(Branch).order_by(Branch.name, Branch.id))
        if branch.region_id in regions and branch.is_open(today)
    }
    by_region: dict[int, list[OpenBranch]] = {key: [] for key in regions}
    for branch in open_branches.values():
        by_region[branch.region.id].append(branch)
    rows = session.scalars(select(Catchment).options(joinedload(Catchment.branch)))
    return Directory(
        version=version,
        today=today,
        regions=tuple(regions.values()),
        branches={key: tuple(found) for key, found in by_region.items()},
        catchments={
            (CatchmentKind(row.kind), row.code): open_branches[row.branch_id]
            for row in rows
            if row.branch_id in open_branches
        },
    )


def near(lat: float, lon: float, branches: Iterable[OpenBranch], *, most: int) -> list[Near]:
    """Give the nearest of a few branches to a point (degrees), nearest first; ties by slug."""
    point = unit(lat, lon)
    found = nearest_of(lat, lon, branches, most=most)
    return [Near(branch, distance_km(point, branch.unit)) for branch in found]


def _region(region: Region) -> OpenRegion:
    return OpenRegion(
        id=region.id,
        slug=region.slug,
        name=region.name,
        phone=region.phone,
        display=region.display,
        ons_code=region.ons_code,
        notify_email=region.notify_email,
    )


def _branch(branch: Branch, region: OpenRegion) -> OpenBranch:
    return OpenBranch(
        id=branch.id,
        slug=branch.slug,
        name=branch.name,
        region=region,
        lat=branch.lat,
        lon=branch.lon,
        place=branch.place,
        meets=branch.meets,
        email=branch.email,
        phone=branch.phone,
        sample=branch.sample,
        unit=unit(branch.lat, branch.lon),
    )
