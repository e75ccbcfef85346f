"""About: what gives reason for the cards of members, as far as a caller should know it."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from branches.models import Branch
from core.months import first_day, month_of
from members.models import Member
from members.records import MemberTransfer
from members.standing import facts
from members.today import rules
from members.today.records import FollowUp, FollowUpStep
from members.today.shelves import Desk
from staff.scoping import scoped

_Ids = Collection[uuid.UUID]


@dataclass(frozen=True, slots=True)
class About:
    """What gives reason for a card, and since when.

    `came_back` says that they were a member before, `waits` that they wait to be accepted.
    `paid_up_to` is the first day of the last month that is paid and `behind` how many months have
    begun since, of who is in arrears; `left_branch` is where they were before they moved in.
    `reached_at` is when somebody of ours last spoke with them, where that is asked for.
    """

    since: dt.datetime
    came_back: bool = False
    waits: bool = False
    paid_up_to: dt.date | None = None
    behind: int = 0
    left_branch: str | None = None
    reached_at: dt.datetime | None = None


def of(
    session: Session, desk: Desk, cards: Collection[tuple[str, Member]], *, reached: bool = False
) -> dict[tuple[str, uuid.UUID], About]:
    """Return what gives reason for these cards, by reason and member, by so many queries at most.

    `reached` asks as well when they were reached last.
    """
    ids = {why: {each.id for reason, each in cards if reason == why} for why in rules.REASONS}
    dues = _dues(session, desk, ids["arrears"])
    moves = _moves(session, desk, ids["moved"])
    spoken = _spoken(session, desk, {each.id for _reason, each in cards} if reached else ())
    found = {}
    for reason, each in cards:
        moved_at, left_branch = moves.get(each.id, (None, None))
        returned = each.rejoined_at if reason == "joined" else None
        paid_up_to, behind = dues.get(each.id, (None, 0))
        known = returned or (moved_at if reason == "moved" else None) or each.waiting_since
        found[reason, each.id] = About(
            since=known or each.joined_at or each.created_at,
            came_back=returned is not None,
            waits=each.waiting_since is not None,
            paid_up_to=paid_up_to,
            behind=behind,
            left_branch=left_branch,
            reached_at=spoken.get(each.id),
        )
    return found


def _dues(session: Session, desk: Desk, ids: _Ids) -> Mapping[uuid.UUID, tuple[dt.date, int]]:
    """Return up to when those have paid, who were found in scope, and how many months it is."""
    month = month_of(desk.now)
    return {
        row.id: (first_day(row.facts.paid_up_to), month - row.facts.paid_up_to)
        for row in (facts.of(session, list(ids)) if ids else ())
        if row.facts.paid_up_to is not None
    }


def _moves(
    session: Session, desk: Desk, ids: _Ids
) -> Mapping[uuid.UUID, tuple[dt.datetime, str | None]]:
    """Return when those moved in last, and which branch they left: its name and nothing else."""
    if not ids:
        return {}
    wanted = (
        select(MemberTransfer.member_id, MemberTransfer.at, Branch.name)
        .outerjoin(Branch, Branch.id == MemberTransfer.from_branch_id)
        .where(MemberTransfer.member_id.in_(ids))
        .order_by(MemberTransfer.id)
    )
    rows = session.execute(scoped(wanted, desk.principal))
    return {row.member_id: (row.at, row.name) for row in rows}


def _spoken(session: Session, desk: Desk, ids: _Ids) -> Mapping[uuid.UUID, dt.datetime]:
    """Return when somebody of ours last spoke with each of those."""
    if not ids:
        return {}
    undo = aliased(FollowUpStep)
    gone = exists(undo.id).where(undo.undoes_id == FollowUpStep.id).correlate(FollowUpStep)
    wanted = (
        select(FollowUp.member_id, func.max(FollowUpStep.at))
        .join(FollowUp, FollowUp.id == FollowUpStep.follow_up_id)
        .where(FollowUp.member_id.in_(ids), FollowUpStep.step.in_(rules.REACHES), ~gone)
        .group_by(FollowUp.member_id)
    )
    rows = session.execute(scoped(wanted, desk.principal))
    return {row[0]: row[1] for row in rows if row[0] is not None}
