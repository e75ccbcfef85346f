"""Places to hand somebody on to, as a form offers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from branches.models import Branch, BranchStatus, Region
from members.models import Member
from members.places import Placed

MOST_ID = 2**31
"""No row of a database has this number, or one above it."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Every region at work with its branches, in the order of the directory."""

    regions: Sequence[Row[*tuple[Any, ...]]]
    branches: Sequence[Row[*tuple[Any, ...]]]


def offered(session: Session) -> Offered:
    """Return the places that somebody can be handed on to: the whole directory, open to all."""
    regions = (
        select(Region.id, Region.slug, Region.name)
        .where(Region.closed_on.is_(None))
        .order_by(Region.rank)
    )
    branches = (
        select(Branch.id, Branch.slug, Branch.name, Branch.region_id)
        .where(Branch.status == BranchStatus.OPEN)
        .order_by(Branch.name)
    )
    return Offered(session.execute(regions).all(), session.execute(branches).all())


def named(session: Session, member: Member) -> tuple[str | None, str | None]:
    """Return the names of a member's branch and region."""
    branch = session.scalar(select(Branch.name).where(Branch.id == member.branch_id))
    return branch, session.scalar(select(Region.name).where(Region.id == member.region_id))


def value(placed: Placed) -> str | None:
    """Return what the form calls the place of a postcode."""
    if placed.branch:
        return f"branch:{placed.branch.slug}"
    return f"region:{placed.region.slug}" if placed.region else None


def mark(member: Member) -> str:
    """Return where a member is, for a form to say what it was made from."""
    return f"{member.region_id or ''}:{member.branch_id or ''}"


def read_mark(text: str) -> tuple[int | None, int | None]:
    """Return region and branch of a mark; of one that is none, a place where nobody is."""
    region, _colon, branch = text.partition(":")
    try:
        return int(region) if region else None, int(branch) if branch else None
    except ValueError:
        return -1, -1
