"""Where people are sent, kept as JSON while members follow a change: the bones of a `Directory`."""

import datetime as dt
from typing import Any

from branches.charting import unit
from branches.models import CatchmentKind
from branches.snapshot import Directory, OpenBranch, OpenRegion


def written(directory: Directory) -> dict[str, Any]:
    """Give the regions, branches and catchments of a day: all by which a place is found."""
    return {
        "regions": [[each.id, each.slug, each.name, each.ons_code] for each in directory.regions],
        "branches": [
            [each.id, each.slug, each.name, each.region.id, each.lat, each.lon]
            for each in directory.all_branches()
        ],
        "catchments": sorted(
            [str(kind), code, branch.id] for (kind, code), branch in directory.catchments.items()
        ),
    }


def read(kept: dict[str, Any], *, today: dt.date) -> Directory:
    """Make the directory again; nobody can be rung by it."""
    regions = {
        key: OpenRegion(
            id=key, slug=slug, name=name, phone="", display="", ons_code=code, notify_email=""
        )
        for key, slug, name, code in kept["regions"]
    }
    branches = {
        key: _branch(key, slug, name, regions[region], lat, lon)
        for key, slug, name, region, lat, lon in kept["branches"]
    }
    return Directory(
        version=0,
        today=today,
        regions=tuple(regions.values()),
        branches={
            key: tuple(each for each in branches.values() if each.region.id == key)
            for key in regions
        },
        catchments={
            (CatchmentKind(kind), code): branches[branch]
            for kind, code, branch in kept["catchments"]
        },
    )


def _branch(
    key: int, slug: str, name: str, region: OpenRegion, lat: float, lon: float
) -> OpenBranch:
    return OpenBranch(
        id=key,
        slug=slug,
        name=name,
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
