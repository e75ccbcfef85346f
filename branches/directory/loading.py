"""Making the database's directory what the files say, all of it or nothing."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from branches.directory.cells import Areas
from branches.directory.checking import (
    BranchRow,
    CatchmentRow,
    PlaceOf,
    RegionRow,
    Sheets,
    branches_in,
    catchments_in,
    regions_in,
)
from branches.directory.sheets import BRANCHES, CATCHMENTS, REGIONS, BadDirectory
from branches.models import Branch, BranchStatus, Catchment, DirectoryState, Region


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to: how many there are now, and how many branches it closed."""

    regions: int
    branches: int
    catchments: int
    closed: int


def load(
    session: Session,
    files: Mapping[str, bytes],
    *,
    place_of: PlaceOf | None,
    today: dt.date,
    areas: Areas | None = None,
) -> Loaded:
    """Make the directory what the three files say; what they leave out is closed today.

    `place_of` is the index's `find`, or None where no index is built: then every branch needs its
    position in the file. `areas` is the index itself, to hold catchments against. Nothing is ever
    deleted but catchments, which nothing points to.

    Raises:
        BadDirectory: with every fault of every file; then nothing is changed.
    """
    regions, branches, catchments = _checked(files, place_of=place_of, today=today, areas=areas)
    state = session.get(DirectoryState, 1, with_for_update=True)
    if state is None:
        state = DirectoryState(id=1, version=0)
        session.add(state)
        session.flush()
    region_ids = _keep_regions(session, regions, today)
    branch_ids, closed = _keep_branches(session, branches, region_ids, today)
    _keep_catchments(session, catchments, branch_ids)
    state.version += 1
    session.flush()
    return Loaded(len(regions), len(branches), len(catchments), closed)


def _checked(
    files: Mapping[str, bytes],
    *,
    place_of: PlaceOf | None,
    today: dt.date,
    areas: Areas | None,
) -> tuple[list[RegionRow], list[BranchRow], list[CatchmentRow]]:
    sheets = Sheets.fresh()
    regions = regions_in(sheets.regions, files.get(REGIONS))
    branches = branches_in(
        sheets.branches,
        files.get(BRANCHES),
        regions=regions if sheets.regions.usable else None,
        place_of=place_of,
        today=today,
    )
    catchments = catchments_in(
        sheets.catchments,
        files.get(CATCHMENTS),
        branches=branches if sheets.branches.usable else None,
        areas=areas,
    )
    faults = [*sheets.regions.faults, *sheets.branches.faults, *sheets.catchments.faults]
    if faults:
        raise BadDirectory(faults)
    return regions, branches, catchments


def _keep_regions(session: Session, rows: list[RegionRow], today: dt.date) -> dict[str, int]:
    known = {region.slug: region for region in session.scalars(select(Region))}
    for region in known.values():
        region.ons_code = None
    session.flush()  # two regions may have exchanged their codes, which are unique
    for rank, row in enumerate(rows):
        region = known.get(row.slug) or Region(slug=row.slug)
        for name, value in dataclasses.asdict(row).items():
            setattr(region, name, value)
        region.rank, region.closed_on = rank, None
        session.add(region)
        known[row.slug] = region
    for slug in known.keys() - {row.slug for row in rows}:
        known[slug].closed_on = known[slug].closed_on or today
    session.flush()
    return {row.slug: known[row.slug].id for row in rows}


def _keep_branches(
    session: Session, rows: list[BranchRow], region_ids: Mapping[str, int], today: dt.date
) -> tuple[dict[str, int], int]:
    known = {branch.slug: branch for branch in session.scalars(select(Branch))}
    were_open = {slug for slug, branch in known.items() if branch.is_open(today)}
    for rank, row in enumerate(rows):
        branch = known.get(row.slug) or Branch(slug=row.slug, closed=None)
        _write(branch, row, today)
        branch.region_id, branch.rank = region_ids[row.region], rank
        session.add(branch)
        known[row.slug] = branch
    for slug in known.keys() - {row.slug for row in rows}:
        _close(known[slug], today)
    session.flush()
    closed = sum(not known[slug].is_open(today) for slug in were_open)
    return {row.slug: known[row.slug].id for row in rows}, closed


def _write(branch: Branch, row: BranchRow, today: dt.date) -> None:
    closed_before = branch.closed
    values = dataclasses.asdict(row)
    del values["region"]
    for name, value in values.items():
        setattr(branch, name, value)
    if row.status == BranchStatus.CLOSED and row.closed is None:
        branch.closed = min(closed_before or today, today)
        if row.opened and branch.closed < row.opened:
            branch.closed = today


def _close(branch: Branch, today: dt.date) -> None:
    branch.status = BranchStatus.CLOSED
    branch.closed = min(branch.closed or today, today)
    if branch.opened and branch.opened > today:
        branch.opened = None  # it was announced and never came to be


def _keep_catchments(
    session: Session, rows: list[CatchmentRow], branch_ids: Mapping[str, int]
) -> None:
    session.execute(delete(Catchment))
    session.add_all(
        Catchment(branch_id=branch_ids[row.branch], kind=row.kind, code=row.code, rank=rank)
        for rank, row in enumerate(rows)
    )
