"""Finding branches for the desk: those that somebody looks after, what is stalest first."""

import calendar
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, false, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import ColumnElement

from branches.desk.models import BranchConfirmation
from branches.models import Branch, BranchStatus, Region
from staff.principal import Principal
from staff.scoping import may_touch

MOST_ID = 2**31
"""No row of a database has this number, or one above it."""
SHOWN = ("open", "stale", "closed")


@dataclass(frozen=True, slots=True)
class Listed:
    """A branch as the desk lists it. `counted_from` is None before the worker has seen it."""

    branch: Branch
    counted_from: dt.date | None
    confirmed_by: uuid.UUID | None
    stale: bool


def listed(
    session: Session, principal: Principal, *, shown: str, region: str, today: dt.date, months: int
) -> list[Listed]:
    """Return the branches that this principal looks after, the stalest first, then by name.

    `shown` is one of `SHOWN`; `region` a slug, or empty for all.
    """
    wanted = _with_confirmation().where(_looked_after(principal))
    if region:
        wanted = wanted.where(Region.slug == region)
    is_open = Branch.status == BranchStatus.OPEN
    wanted = wanted.where(Branch.status != BranchStatus.OPEN if shown == "closed" else is_open)
    wanted = wanted.order_by(BranchConfirmation.counted_from.asc().nulls_last(), Branch.name)
    found = [_listed(row, today, months) for row in session.execute(wanted)]
    return [each for each in found if each.stale] if shown == "stale" else found


def one(
    session: Session, principal: Principal, branch_id: int, *, today: dt.date, months: int
) -> Listed | None:
    """Return a branch that this principal looks after; None where there is none."""
    if branch_id >= MOST_ID:
        return None
    row = session.execute(_with_confirmation().where(Branch.id == branch_id)).first()
    if row is None or not may_touch(principal, region_id=row[0].region_id, branch_id=row[0].id):
        return None
    return _listed(row, today, months)


def regions(session: Session, principal: Principal) -> Sequence[Region]:
    """Return the regions at work of which this principal looks after any branch, in their order."""
    wanted = select(Region).where(Region.closed_on.is_(None)).order_by(Region.rank)
    if not principal.everywhere:
        of = select(Branch.region_id).where(Branch.id.in_(sorted(principal.branches)))
        wanted = wanted.where(or_(Region.id.in_(sorted(principal.regions)), Region.id.in_(of)))
    return session.scalars(wanted).all()


def stale_since(today: dt.date, months: int) -> dt.date:
    """Return the last day that is so many months ago: what was confirmed by then is stale.

    Where a month is too short for the day it is its last one.
    """
    month = today.year * 12 + today.month - 1 - months
    year, number = month // 12, month % 12 + 1
    return dt.date(year, number, min(today.day, calendar.monthrange(year, number)[1]))


def _looked_after(principal: Principal) -> ColumnElement[bool]:
    if principal.everywhere:
        return ~false()
    return or_(
        Branch.region_id.in_(sorted(principal.regions)), Branch.id.in_(sorted(principal.branches))
    )


def _with_confirmation() -> Select[Branch, BranchConfirmation | None]:
    return (
        select(Branch, BranchConfirmation)
        .join(Branch.region)
        .outerjoin(BranchConfirmation, BranchConfirmation.branch_id == Branch.id)
        .where(Region.closed_on.is_(None))
        .options(joinedload(Branch.region))
    )


def _listed(row: Row[Branch, BranchConfirmation | None], today: dt.date, months: int) -> Listed:
    branch, confirmation = row
    since = confirmation.counted_from if confirmation else None
    return Listed(
        branch=branch,
        counted_from=since,
        confirmed_by=confirmation.account_id if confirmation else None,
        stale=since is not None and branch.is_open(today) and since <= stale_since(today, months),
    )
