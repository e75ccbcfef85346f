"""Confirming: somebody says that what we tell of a branch is right, and is asked again in time.

A branch that nobody has confirmed yet counts from the day on which the worker first saw it.
"""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.desk.finding import stale_since
from branches.desk.models import BranchConfirmation
from branches.models import Branch, BranchStatus, Region
from core import outbox
from core.database import insert_each_once
from staff import auditing
from staff.auditing import Subject

_MOST_NAMED = 40


def confirm(
    session: Session, branch: Branch, *, by: uuid.UUID, today: dt.date, now: dt.datetime
) -> None:
    """Note that what is said of a branch is right today; pressed twice on a day it is one note."""
    kept = session.get(BranchConfirmation, branch.id, with_for_update=True)
    if kept is None:
        row = {"branch_id": branch.id, "counted_from": today, "account_id": None}
        insert_each_once(session, BranchConfirmation, [row], unique="branch_id")
        kept = session.get_one(BranchConfirmation, branch.id, with_for_update=True)
    if (kept.counted_from, kept.account_id) == (today, by):
        return
    kept.counted_from, kept.account_id = today, by
    session.flush()
    subject = Subject("branch", branch.id)
    auditing.record(session, "change", by=by, now=now, subject=subject, detail="confirmed")


def begin_to_count(session: Session, *, today: dt.date) -> int:
    """Count from today for every open branch that was not seen before; return how many."""
    known = select(BranchConfirmation.branch_id)
    fresh = select(Branch.id).where(Branch.status == BranchStatus.OPEN, Branch.id.not_in(known))
    rows = [
        {"branch_id": key, "counted_from": today, "account_id": None}
        for key in session.scalars(fresh)
    ]
    if rows:
        insert_each_once(session, BranchConfirmation, rows, unique="branch_id")
    return len(rows)


def nudge(session: Session, *, today: dt.date, months: int, now: dt.datetime) -> int:
    """Write to each region of which branches have to be confirmed, once a quarter; say how many."""
    wanted = (
        select(Region, Branch, BranchConfirmation)
        .join(Branch, Branch.region_id == Region.id)
        .join(BranchConfirmation, BranchConfirmation.branch_id == Branch.id)
        .where(
            Region.closed_on.is_(None),
            BranchConfirmation.counted_from <= stale_since(today, months),
        )
        .order_by(Region.rank, BranchConfirmation.counted_from, Branch.name)
    )
    stale: dict[Region, list[dict[str, str | bool]]] = {}
    for region, branch, kept in session.execute(wanted):
        if branch.is_open(today):
            last = kept.counted_from.isoformat() if kept.account_id else ""
            stale.setdefault(region, []).append({"name": branch.name, "last": last})
    return sum(_write(session, region, found, today, now) for region, found in stale.items())


def _write(
    session: Session,
    region: Region,
    found: list[dict[str, str | bool]],
    today: dt.date,
    now: dt.datetime,
) -> bool:
    return outbox.mail(
        session,
        "branches_stale",
        key=f"branches-stale:{region.id}:{today.year}-{(today.month + 2) // 3}",
        to=region.notify_email,
        values={
            "region": region.name,
            "branches": found[:_MOST_NAMED],
            "others": len(found[_MOST_NAMED:]),
        },
        now=now,
    )
