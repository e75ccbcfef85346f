"""Shelves: which cards stand where, found by what happened and by what is due again.

Nothing is written for a card to be there. Each shelf of members is two queries, what is due again
and what is fresh, each along an index and cut off after a page; counts are cut off as well.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.clock import day_in_london
from members.ages import youngest_adult
from members.enquiries import Enquiries, Which
from members.listing import listed
from members.models import Member
from members.records import MemberTransfer
from members.today import rules
from members.today.records import FollowUp
from staff.principal import Principal
from staff.scoping import scoped

PAGE = 20
COUNTED = 50
"""So many cards of a shelf are counted exactly; beyond it a page says that there are more."""
_MEMBERS = ("active", "arrears")
_DIGITS = 10  # every number of nine digits is one that a row can have


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page goes on: behind which row, among those due again or among the fresh."""

    again: bool
    id: str


@dataclass(frozen=True, slots=True)
class Found:
    """A card: of a member, or of who texted; for which reason, and since when."""

    reason: str
    subject: uuid.UUID | int
    since: dt.datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose desk it is, and when. `quiet` is after how long silence makes a card a quiet one."""

    principal: Principal
    now: dt.datetime
    quiet: dt.timedelta

    def narrowed(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """Narrow a query to what this principal sees, and to who may stand in a list."""
        return scoped(listed(query, today=day_in_london(self.now)), self.principal)


def counts(session: Session, desk: Desk, enquiries: Enquiries) -> list[tuple[str, int]]:
    """Return how many cards stand on each shelf, `COUNTED` + 1 of them at most."""
    return [(shelf, _count(session, desk, enquiries, shelf)) for shelf in rules.SHELVES]


def _count(session: Session, desk: Desk, enquiries: Enquiries, shelf: str) -> int:
    most = COUNTED + 1
    if shelf == rules.REASONS[0]:
        return enquiries.count(session, desk.principal, texted(desk), most=most)
    found = 0
    for query in (_again(desk, shelf), _fresh(desk, shelf)):
        found += len(session.execute(desk.narrowed(query.limit(most))).all())
    return min(found, most)


def page(
    session: Session, desk: Desk, enquiries: Enquiries, shelf: str, after: Place | None
) -> list[Found]:
    """Return a page of cards and one more, where there are: due again first, then the fresh.

    Where the row is gone behind which the page should begin, it is the first page.
    """
    most = PAGE + 1
    if shelf == rules.REASONS[0]:
        behind = _number(after.id) if after else None
        texts = enquiries.waiting(
            session, desk.principal, texted(desk), after=behind or 0, most=most
        )
        return [Found(shelf, id_, at, Place(again=False, id=str(id_))) for id_, at in texts]
    found: list[Found] = []
    if after is None or after.again:
        order = (FollowUp.due_at, FollowUp.id)
        query = _behind(session, desk, _again(desk, shelf), order, after)
        rows = session.execute(desk.narrowed(query.limit(most))).all()
        found = [Found(row[1], row[2], row[3], Place(again=True, id=str(row[0]))) for row in rows]
    if len(found) < most:
        fresh = after if after is not None and not after.again else None
        newest = shelf == rules.QUIET  # who joined last is the likeliest to be won back
        query = _behind(session, desk, _fresh(desk, shelf), _order(shelf), fresh, backwards=newest)
        rows = session.execute(desk.narrowed(query.limit(most - len(found)))).all()
        reason = _reason(shelf)
        found += [Found(reason, row[1], row[2], Place(again=False, id=str(row[0]))) for row in rows]
    return found


def texted(desk: Desk) -> Which:
    """Return the condition that an enquiry waits: nobody touched it, or it is due again.

    Whoever has joined since with the same number is shown as the member that they are.
    """

    def which(
        enquiry_id: InstrumentedAttribute[int],
        phone: InstrumentedAttribute[str | None],
        at: InstrumentedAttribute[dt.datetime],
    ) -> ColumnElement[bool]:
        waits = select(FollowUp.id).where(
            FollowUp.enquiry_id == enquiry_id,
            FollowUp.stepped_at.is_not(None),
            or_(FollowUp.due_at.is_(None), FollowUp.due_at > desk.now),
        )
        joined = select(Member.id).where(
            Member.phone == phone,
            Member.state.in_(_MEMBERS),
            Member.joined_at >= at,
            Member.date_of_birth <= youngest_adult(day_in_london(desk.now)),
        )
        there = enquiry_id.class_
        return and_(*(~each.correlate(there).exists() for each in (waits, joined)))

    return which


def _reason(shelf: str) -> str:
    """Return for which reason the fresh cards of a shelf stand there."""
    return "joined" if shelf == rules.QUIET else shelf


def _order(shelf: str) -> tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]]:
    """Return by what the fresh cards of a shelf are sorted."""
    if shelf == "moved":
        return MemberTransfer.at, MemberTransfer.id
    return Member.joined_at, Member.id


def _again(desk: Desk, shelf: str) -> Select[*tuple[Any, ...]]:
    """Ask for the cards of members that are due again: id, reason, member, since when."""
    query = (
        select(FollowUp.id, FollowUp.reason, FollowUp.member_id, FollowUp.stepped_at)
        .join(Member, Member.id == FollowUp.member_id)
        .where(FollowUp.due_at <= desk.now, Member.state.in_(_MEMBERS))
        .where((FollowUp.reason != "arrears") | (Member.state == "arrears"))
    )
    quiet = FollowUp.last_step.in_(rules.GOES_QUIET) & (FollowUp.due_at <= desk.now - desk.quiet)
    if shelf == rules.QUIET:
        return query.where(quiet)
    return query.where(FollowUp.reason == shelf, ~quiet)


def _fresh(desk: Desk, shelf: str) -> Select[*tuple[Any, ...]]:
    """Ask for the cards that nobody has touched since there was reason for them."""
    now = desk.now
    if shelf == "moved":
        newer = aliased(MemberTransfer)
        overtaken = select(newer.id).where(
            newer.member_id == MemberTransfer.member_id, newer.id > MemberTransfer.id
        )
        mine = MemberTransfer.account_id == desk.principal.account_id
        return (
            select(MemberTransfer.id, MemberTransfer.member_id, MemberTransfer.at)
            .join(Member, Member.id == MemberTransfer.member_id)
            .where(MemberTransfer.at > now - rules.FRESH, Member.state.in_(_MEMBERS))
            .where(MemberTransfer.account_id.is_(None) | ~mine)
            .where(~overtaken.correlate(MemberTransfer).exists())
            .where(~_touched(MemberTransfer.at, "moved"))
        )
    query = select(Member.id, Member.id.label("subject"), Member.joined_at)
    if shelf == "arrears":
        rested = now - rules.RESTS
        return query.where(Member.state == "arrears", ~_touched_since(rested, "arrears"))
    query = query.where(Member.state == "active")
    if shelf == "joined":
        lately = Member.joined_at > now - rules.FRESH
        return query.where(lately, ~_touched(Member.joined_at, "joined"))
    long_ago = Member.joined_at.between(now - rules.LOST, now - rules.FRESH)
    return query.where(long_ago, ~_touched(Member.joined_at))


def _touched(since: InstrumentedAttribute[Any], reason: str = "") -> ColumnElement[bool]:
    """Return what holds where somebody at the desk took a step since something happened."""
    return _step(FollowUp.stepped_at >= since, reason)


def _touched_since(moment: dt.datetime, reason: str) -> ColumnElement[bool]:
    return _step(FollowUp.stepped_at >= moment, reason)


def _step(when: ColumnElement[bool], reason: str) -> ColumnElement[bool]:
    taken = select(FollowUp.id).where(FollowUp.member_id == Member.id, when)
    if reason:
        taken = taken.where(FollowUp.reason == reason)
    return taken.correlate(Member, MemberTransfer).exists()


def _behind(
    session: Session,
    desk: Desk,
    query: Select[*tuple[Any, ...]],
    order: tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]],
    after: Place | None,
    *,
    backwards: bool = False,
) -> Select[*tuple[Any, ...]]:
    """Return the query in its order, from behind a row on."""
    query = query.order_by(*((each.desc() if backwards else each) for each in order))
    known_as = _id(after.id, order[1]) if after is not None else None
    if known_as is None:
        return query
    last = session.execute(desk.narrowed(select(*order).where(order[1] == known_as))).first()
    if last is None or last[0] is None:
        return query
    here = tuple_(*order)
    there = tuple_(*(literal(value, each.type) for each, value in zip(order, last, strict=True)))
    return query.where(here < there if backwards else here > there)


def _id(text: str, column: InstrumentedAttribute[Any]) -> uuid.UUID | int | None:
    """Read the id of a row out of an address; None where it can be none."""
    if column is not Member.id:
        return _number(text)
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < _DIGITS else None
