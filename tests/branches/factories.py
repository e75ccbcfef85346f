"""Directories and indexes made up for a test. Regions and districts are real, branches are not."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from branches.charting import unit
from branches.directory import BRANCHES, CATCHMENTS, REGIONS
from branches.models import CatchmentKind
from branches.postcodes.packing import Points, pack
from branches.snapshot import Directory, OpenBranch, OpenRegion

TODAY = dt.date(2026, 11, 22)
ROOT = Path(__file__).resolve().parents[2]

REGIONS_CSV = """\
slug,name,phone,display,ons_code,notify_email
london,London,+447700900001,07700 900 001,E12000007,london@example.org
eastern,Eastern,+447700900002,07700 900 002,E12000006,eastern@example.org
"""
BRANCHES_CSV = """\
slug,name,region,postcode,lat,lon,place,meets,email,phone,status,opened,closed,sample
leyton,Leyton,london,ZZ1 1AA,,,Leyton,First Monday,leyton@example.org,07700 900123,open,,,no
hackney,Hackney,london,ZZ1 1ZZ,51.54000,-0.05000,Hackney,,,,open,2020-01-31,,yes
ipswich,Ipswich,eastern,ZZ4 1AA,,,Ipswich,,,,open,,,no
"""
CATCHMENTS_CSV = """\
branch,kind,code
hackney,sector,ZZ1 2
ipswich,district,E07000001
"""

# Made up: no such postcodes exist in the area ZZ.
ROWS = [
    ("ZZ1 1AA", "E09000001", 51.56, 0.00),
    ("ZZ1 1AB", "E09000001", 51.57, 0.00),
    ("ZZ1 1ZZ", "E09000002", 51.54, -0.05),
    ("ZZ1 2AA", "E09000003", 51.59, 0.00),
    ("ZZ1 2AB", "", float("nan"), float("nan")),
    ("ZZ4 1AA", "E07000200", 52.05, 1.15),
    ("ZZ4 2AA", "E07000001", 52.20, 0.12),
    ("ZZ5 1AA", "E09000001", 51.55, 0.01),
    ("ZZ5 1AB", "E07000200", 51.56, 0.03),
    ("ZZ6 1AA", "E07000200", 52.90, 0.10),
    ("ZZ7 1AA", "S12000036", 55.95, -3.19),
    ("ZZ8 1AA", "E06000001", 54.69, -1.21),
    ("ZZ9 1AA", "", float("nan"), float("nan")),
    ("XY1 0AA", "E09000001", 51.56, 0.00),
    ("XY1 1AA", "E09000001", 51.56, 0.00),
]


def files(
    *, regions: str = REGIONS_CSV, branches: str = BRANCHES_CSV, catchments: str = CATCHMENTS_CSV
) -> dict[str, bytes]:
    """The three files, as a folder would hold them."""
    return {
        REGIONS: regions.encode(),
        BRANCHES: branches.encode(),
        CATCHMENTS: catchments.encode(),
    }


def shipped() -> dict[str, bytes]:
    """The directory that the project ships."""
    return {name: (ROOT / "directory" / name).read_bytes() for name in files()}


def write_index(path: Path) -> Path:
    """Pack the made-up postcodes."""
    pack(Points.of(ROWS), path, source="made up", release="2001-02")
    return path


def make_region(slug: str = "london", ons_code: str | None = "E12000007") -> OpenRegion:
    """A region with nothing remarkable about it."""
    return OpenRegion(
        id=sum(slug.encode()),
        slug=slug,
        name=slug.capitalize(),
        phone="+447700900001",
        display="07700 900 001",
        ons_code=ons_code,
        notify_email=f"{slug}@example.org",
    )


def make_branch(slug: str, region: OpenRegion, lat: float, lon: float) -> OpenBranch:
    """An open branch at a place."""
    return OpenBranch(
        id=sum(slug.encode()),
        slug=slug,
        name=slug.capitalize(),
        region=region,
        lat=lat,
        lon=lon,
        place="",
        meets="",
        email=None,
        phone=None,
        sample=False,
        unit=unit(lat, lon),
    )


def make_directory(
    regions: Iterable[OpenRegion],
    branches: Iterable[OpenBranch] = (),
    catchments: dict[tuple[CatchmentKind, str], OpenBranch] | None = None,
) -> Directory:
    """A directory of these."""
    found = tuple(regions)
    every = tuple(branches)
    return Directory(
        version=1,
        today=TODAY,
        regions=found,
        branches={
            region.id: tuple(each for each in every if each.region == region) for region in found
        },
        catchments=catchments or {},
    )
