"""Writing the directory as the files that would make it again."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from branches.directory.checking import BRANCH_COLUMNS, CATCHMENT_COLUMNS, REGION_COLUMNS
from branches.directory.sheets import BRANCHES, CATCHMENTS, REGIONS
from branches.models import Branch, Catchment, Region
from core.spreadsheets import harmless


def export(session: Session, folder: Path) -> None:
    """Write the three files into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files_of(session).items():
        (folder / name).write_bytes(content)


def files_of(session: Session) -> dict[str, bytes]:
    """Give the three files by name: loaded again, they change nothing.

    Closed branches are in them with the day on which they closed. A closed region is not, since
    its file cannot say so, nor are the branches that it had.
    """
    regions = session.scalars(
        select(Region).where(Region.closed_on.is_(None)).order_by(Region.rank, Region.id)
    )
    branches = session.scalars(
        select(Branch)
        .join(Branch.region)
        .where(Region.closed_on.is_(None))
        .order_by(Branch.rank, Branch.id)
        .options(joinedload(Branch.region))
    )
    catchments = session.scalars(
        select(Catchment)
        .order_by(Catchment.rank, Catchment.id)
        .options(joinedload(Catchment.branch))
    )
    return {
        REGIONS: _csv(REGION_COLUMNS, map(_region_cells, regions)),
        BRANCHES: _csv(BRANCH_COLUMNS, map(_branch_cells, branches)),
        CATCHMENTS: _csv(CATCHMENT_COLUMNS, map(_catchment_cells, catchments)),
    }


def _csv(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)  # None is written as an empty cell, a date as ISO 8601
    return text.getvalue().encode()


def _region_cells(region: Region) -> tuple[object, ...]:
    return (
        *(region.slug, harmless(region.name), region.phone, region.display),
        *(region.ons_code, harmless(region.notify_email)),
    )


def _branch_cells(branch: Branch) -> tuple[object, ...]:
    given = branch.position_given
    return (
        *(branch.slug, harmless(branch.name), branch.region.slug, branch.postcode),
        f"{branch.lat:.5f}" if given else "",
        f"{branch.lon:.5f}" if given else "",
        *(harmless(branch.place), harmless(branch.meets)),
        *(harmless(branch.email), branch.phone),
        *(branch.status, branch.opened, branch.closed),
        "yes" if branch.sample else "no",
    )


def _catchment_cells(catchment: Catchment) -> tuple[object, ...]:
    return (catchment.branch.slug, catchment.kind, catchment.code)
