"""Alike: two members in scope who may be one person, side by side, and that they are two."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, update
from sqlalchemy.orm import Session

from core.months import first_day
from members.desk.person import find
from members.merging import pointers
from members.models import Likeness, Member
from members.standing import facts
from staff import auditing
from staff.auditing import Subject
from staff.principal import Principal


@dataclass(frozen=True, slots=True)
class Side:
    """One of two who may be the same; `paid_up_to` is the first day of the last month paid for."""

    member: Member
    paid_up_to: dt.date | None


def both(session: Session, principal: Principal, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Whether there are two such people, and both in this principal's scope."""
    return one != other and all(find(session, principal, each) for each in (one, other))


def look(
    session: Session, principal: Principal, one: uuid.UUID, other: uuid.UUID, *, now: dt.datetime
) -> Sequence[Side]:
    """Look at two people, which is written down of each; none where they are not two in scope."""
    if not both(session, principal, one, other):
        return []
    known = {row.id: row.facts.paid_up_to for row in facts.of(session, [one, other])}
    sides = []
    for each in (one, other):
        subject = Subject("member", each)
        auditing.record(session, "look", by=principal.account_id, now=now, subject=subject)
        month = known.get(each)
        paid_up_to = first_day(month) if month is not None else None
        sides.append(Side(session.get_one(Member, each), paid_up_to))
    return sides


def settle(session: Session, one: uuid.UUID, other: uuid.UUID, *, now: dt.datetime) -> bool:
    """Keep that two who are in scope are two people; say whether that is news."""
    pair = or_(
        and_(Likeness.newer_id == one, Likeness.older_id == other),
        and_(Likeness.newer_id == other, Likeness.older_id == one),
    )
    open_ones = update(Likeness).where(pair, Likeness.settled_at.is_(None))
    settled = session.execute(open_ones.values(settled_at=now).returning(Likeness.id))
    return bool(settled.scalars().all())


def became_one(
    session: Session, principal: Principal, one: uuid.UUID, other: uuid.UUID
) -> uuid.UUID | None:
    """Return as whom two are kept who have become one, where that one is in scope."""
    kept = {pointers.current(session, each) for each in (one, other)}
    if one == other or len(kept) != 1:
        return None
    (found,) = kept
    return found if find(session, principal, found) is not None else None
