"""The directory as it stands on a day: read once, then shared by every request of the process."""

import datetime as dt
import heapq
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from branches.models import Branch, Catchment, CatchmentKind, DirectoryState, Region
from branches.postcodes import Outcode

EARTH_KM = 6371.0088
"""The mean radius of the earth (IUGG), on which great circles are reckoned."""

Area: TypeAlias = tuple[CatchmentKind, str]
"""What a catchment is: its kind and its code."""


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


@dataclass(frozen=True, slots=True)
class Near:
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

    def region_at(self, ons_code: str | None) -> OpenRegion | None:
        """Give the region that covers an English region or a country."""
        found = (region for region in self.regions if region.ons_code == ons_code)
        return next(found, None) if ons_code else None

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


class DirectoryCache:
    """The directory of today, read again when a load has changed it or a day has gone by.

    Each look costs one small SELECT. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._directory: Directory | None = None

    def current(self, session: Session, *, today: dt.date) -> Directory:
        """Give the directory as it stands in this session's view of the database."""
        version = session.scalar(select(DirectoryState.version)) or 0
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
    """Give the nearest of the branches to a point (degrees), nearest first; ties by slug."""
    x, y, z = unit(lat, lon)
    ranked = (
        (-(x * branch.unit[0] + y * branch.unit[1] + z * branch.unit[2]), branch.slug, branch)
        for branch in branches
    )
    best = heapq.nsmallest(most, ranked, key=lambda one: one[:2])
    return [Near(branch, distance_km(lat, lon, branch.lat, branch.lon)) for _, _, branch in best]


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres along the great circle between two points in degrees (haversine)."""
    up, along = math.radians(lat2 - lat1) / 2, math.radians(lon2 - lon1) / 2
    shrink = math.cos(math.radians(lat1)) * math.cos(math.radians(lat2))
    half_chord = math.sin(up) ** 2 + shrink * math.sin(along) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half_chord)))


def unit(lat: float, lon: float) -> tuple[float, float, float]:
    """Give the direction of a point (degrees) from the earth's centre, one long."""
    up, along = math.radians(lat), math.radians(lon)
    return math.cos(up) * math.cos(along), math.cos(up) * math.sin(along), math.sin(up)


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
