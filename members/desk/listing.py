"""Listing: a page of people, and whom a search finds. A page costs the same wherever it stands."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from branches.models import Branch, BranchStatus, Region
from members import searching
from members.desk import filters as filtering
from members.desk.filters import Filters
from members.models import Member
from members.searching import Reading
from staff.principal import Principal
from staff.scoping import scoped

PAGE = 25
MOST_FOUND = 50
COUNTED = 1_000
"""So many people are counted exactly; beyond it a page says that there are more."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Some people: `more` says whether there are others, `count` how many, up to `COUNTED` + 1."""

    people: Sequence[Row[*tuple[Any, ...]]]
    more: bool
    count: int


@dataclass(frozen=True, slots=True)
class Choices:
    """The regions and branches by which a list can be narrowed."""

    regions: Sequence[Row[*tuple[Any, ...]]]
    branches: Sequence[Row[*tuple[Any, ...]]]


def page(
    session: Session,
    principal: Principal,
    filters: Filters,
    *,
    after: uuid.UUID | None,
    now: dt.datetime,
) -> Listed:
    """Return a page of those whom the filters show: the first, or what comes behind one of them.

    Where that one is gone by now, or is nobody this principal sees, it is the first page.
    """
    last = session.execute(
        scoped(select(Member.sort_key, Member.created_at, Member.id), principal).where(
            Member.id == after
        )
    ).first()
    shown = filtering.narrow(_rows(), filters, now=now)
    shown = filtering.after(shown, filters, tuple(last) if last else None)  # type: ignore[arg-type]  # three of them
    people = session.execute(scoped(shown.limit(PAGE + 1), principal)).all()
    return Listed(people[:PAGE], len(people) > PAGE, count(session, principal, filters, now=now))


def count(
    session: Session,
    principal: Principal,
    filters: Filters,
    *,
    now: dt.datetime,
    most: int | None = COUNTED + 1,
) -> int:
    """Return how many people the filters show, `most` of them at most; None counts them all."""
    shown = filtering.narrow(select(Member.id), filters, now=now).limit(most)
    counted = select(func.count()).select_from(shown.subquery())
    return session.scalar(scoped(counted, principal)) or 0


def search(
    session: Session,
    principal: Principal,
    readings: Sequence[Reading],
    filters: Filters,
    *,
    after: uuid.UUID | None,
    now: dt.datetime,
) -> Listed:
    """Return a page of those whom a search finds among whom the filters show.

    They are in the order of what they are found by; nothing typed finds nobody. Of a first page
    that is the last as well `count` is how many there are, of others at least so many. Who is
    under 18 is found by what names them alone, an e-mail address, a telephone number or their
    number, so that whoever rings can be helped.
    """
    behind = searching.place(session, principal, readings, after) if after else None
    found: list[Row[*tuple[Any, ...]]] = []
    for at in range(behind.reading if behind else 0, len(readings)):
        last = behind if behind and behind.reading == at else None
        wanted = searching.found_by(_rows(), readings, at, behind=last)
        named = searching.named_by(readings[at])
        wanted = filtering.narrow(wanted, filters, now=now, named=named)
        most = MOST_FOUND + 1 - len(found)
        found += session.execute(scoped(wanted.limit(most), principal)).all()
        if len(found) > MOST_FOUND:
            break
    return Listed(found[:MOST_FOUND], len(found) > MOST_FOUND, len(found))


def choices(session: Session, principal: Principal, filters: Filters) -> Choices:
    """Return by which places the list can be narrowed.

    Who looks after all regions, or several, chooses one first; then there are its branches.
    """
    regions = select(Region.id, Region.slug, Region.name).order_by(Region.rank)
    if not principal.everywhere:
        regions = regions.where(Region.id.in_(principal.regions))
    offered = session.execute(scoped(regions, principal)).all()
    chosen = [each.id for each in offered if each.slug == filters.region or len(offered) == 1]
    mine = Branch.region_id.in_(chosen) | Branch.id.in_(principal.branches)
    branches = (
        select(Branch.id, Branch.slug, Branch.name)
        .where(mine, Branch.status == BranchStatus.OPEN)
        .order_by(Branch.rank)
    )
    return Choices(offered, session.execute(scoped(branches, principal)).all())


def _rows() -> Select[*tuple[Any, ...]]:
    """Ask for what a list shows of each."""
    return (
        select(
            Member.id,
            Member.name,
            Member.state,
            Member.phone,
            Member.created_at,
            Member.joined_at,
            Branch.name.label("branch"),
            Region.name.label("region"),
        )
        .outerjoin(Branch, Branch.id == Member.branch_id)
        .outerjoin(Region, Region.id == Member.region_id)
    )
