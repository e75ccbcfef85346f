"""What the desks have done in the two years: calls, notes, hand-overs, branches asked about."""

import datetime as dt
import uuid
from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from branches.desk import confirming
from branches.desk.models import BranchConfirmation
from branches.models import Branch, BranchStatus
from core.clock import day_in_london
from core.outbox import OutboxMail
from members.models import Likeness, MembershipEvent
from members.records import MemberNote, MemberTransfer
from members.today import rules
from members.today.records import FollowUp, FollowUpStep, key_of
from sample.people import ident
from sample.writing import Joiner, rows_in
from staff import seats
from staff.models import StaffAccount
from staff.principal import Role

_CALLED, _NOTED, _HANDED_ON, _ALIKE = 0.7, 0.05, 0.015, 0.03
_STALE = 0.4
_NOTES = (
    "Works shifts; ring after six.",
    "Would help with a stall on a Saturday.",
    "Asked for the branch's calendar. Sent it.",
    "Prefers a text to a call.",
    "New to the area and knows nobody yet.",
    "Can drive others to meetings.",
    "Away until the end of next month.",
)
_HAND_OVERS = (
    "Has moved for work. Knows nobody there; please ring before the next meeting.",
    "Lives nearer to you. Used to keep our books, and would again.",
    "Studies there in term. Was promised a call this week.",
)
_STEPS = (("called", 75), ("left-word", 15), ("will-come", 6), ("not-now", 4))


def write(
    session: Session, rng: Random, joiners: Sequence[Joiner], *, stale_months: int, now: dt.datetime
) -> None:
    """Write what the desks would have kept of some of these people, and of the branches."""
    joined = [each for each in joiners if each.life.state in ("active", "arrears")]
    _call(session, rng, [each for each in joined if rng.random() < _CALLED], now)
    noted = [each for each in joined if rng.random() < _NOTED]
    rows_in(session, MemberNote, [_note(rng, each, now) for each in noted])
    _hand_on(session, rng, [each for each in joined if rng.random() < _HANDED_ON], now)
    _liken(session, rng, joined, now)
    _confirm(session, rng, stale_months, now)


def _call(session: Session, rng: Random, joiners: Sequence[Joiner], now: dt.datetime) -> None:
    """Let somebody have rung these after they joined, some days later, with whatever came of it."""
    rows: dict[str, dict[str, Any]] = {}
    for each in joiners:
        joined = each.life.joined_at or each.life.applied_at
        at = joined + dt.timedelta(days=min(rng.expovariate(0.3), 40), hours=1)
        if at < now:
            step = rng.choices([name for name, _share in _STEPS], [many for _, many in _STEPS])[0]
            day = day_in_london(at) + dt.timedelta(days=5) if step == "will-come" else None
            taken = rules.Taken(0, step, at, day)
            rows[key_of("joined", each.who.id)] = {
                **_place(each),
                "reason": "joined",
                "last_step": step,
                "stepped_at": at,
                "day": day,
                "due_at": rules.due_at(taken, other_way=True),
                "version": 1,
            }
    rows_in(session, FollowUp, [{"key": key} | row for key, row in rows.items()])
    ids = session.execute(select(FollowUp.key, FollowUp.id).where(FollowUp.reason == "joined"))
    steps = [_step(rng, card, rows[key]) for key, card in ids if key in rows]
    rows_in(session, FollowUpStep, steps)


def _step(rng: Random, card: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "follow_up_id": card,
        "step": row["last_step"],
        "account_id": seats.ident(Role.ORGANISER),
        "at": row["stepped_at"],
        "day": row["day"],
        "nonce": ident(rng),
    }


def _hand_on(session: Session, rng: Random, joiners: Sequence[Joiner], now: dt.datetime) -> None:
    """Let these have been handed on lately from where others live, by somebody of the office."""
    regions = {each.placed.region.id for each in joiners if each.placed.region}
    moves = []
    for each in joiners:
        at = now - dt.timedelta(days=rng.uniform(1, 25))
        if each.placed.region and each.life.events[-1].at < at:
            others = sorted(regions - {each.placed.region.id}) or [each.placed.region.id]
            moves.append((each, at, rng.choice(others)))
    by = seats.ident(Role.ADMIN)
    transfers = [
        {
            "member_id": each.who.id,
            "account_id": by,
            "from_region_id": before,
            "from_branch_id": None,
            "to_region_id": _place(each)["region_id"],
            "to_branch_id": _place(each)["branch_id"],
            "at": at,
        }
        for each, at, before in moves
    ]
    rows_in(session, MemberTransfer, transfers)
    notes = [
        _words(rng, each, rng.choice(_HAND_OVERS), at, kind="hand-over", by=by)
        for each, at, _before in moves
    ]
    rows_in(session, MemberNote, notes)
    events = [
        {
            "member_id": each.who.id,
            "kind": "moved",
            "from_state": each.life.state,
            "to_state": each.life.state,
            "at": at,
            "why": "handed on",
            "who": f"staff:{by}",
        }
        for each, at, _before in moves
    ]
    rows_in(session, MembershipEvent, events)


def _liken(session: Session, rng: Random, joiners: Sequence[Joiner], now: dt.datetime) -> None:
    """Let some share a number with somebody of their region: they may be one person."""
    first: dict[tuple[object, str], Joiner] = {}
    rows = []
    for each in joiners:
        if each.who.phone and each.placed.region:
            other = first.setdefault((each.placed.region.id, each.who.phone), each)
            if other is not each and rng.random() < _ALIKE:
                ids = {"newer_id": each.who.id, "older_id": other.who.id}
                rows.append(ids | {"why": "phone", "noticed_at": now})
    rows_in(session, Likeness, rows)


def _confirm(session: Session, rng: Random, stale_months: int, now: dt.datetime) -> None:
    """Let branches have been confirmed at some time, and the regions have been asked about some.

    Who is to be written to about stale ones has been, so that nothing leaves.
    """
    today, by = day_in_london(now), seats.ident(Role.ORGANISER)
    known = session.get(StaffAccount, by) is not None
    rows = [
        {
            "branch_id": branch,
            "counted_from": today - dt.timedelta(days=_days(rng, stale_months)),
            "account_id": by if known else None,
        }
        for branch in session.scalars(
            select(Branch.id).where(Branch.status == BranchStatus.OPEN).order_by(Branch.slug)
        )
    ]
    rows_in(session, BranchConfirmation, rows)
    confirming.nudge(session, today=today, months=stale_months, now=now)
    written = update(OutboxMail).where(OutboxMail.template == "branches_stale")
    session.execute(written.values(done_at=now, due_at=None, attempts=1))


def _days(rng: Random, stale_months: int) -> int:
    """Draw how many days ago a branch was confirmed: longer ago than it should be, or not."""
    longest = stale_months * 28
    return (
        rng.randint(longest + 40, 2 * longest) if rng.random() < _STALE else rng.randrange(longest)
    )


def _note(rng: Random, joiner: Joiner, now: dt.datetime) -> dict[str, Any]:
    joined = joiner.life.joined_at or joiner.life.applied_at
    at = joined + (now - joined) * rng.random()
    return _words(rng, joiner, rng.choice(_NOTES), at)


def _words(
    rng: Random,
    joiner: Joiner,
    text: str,
    at: dt.datetime,
    *,
    kind: str = "note",
    by: uuid.UUID | None = None,
) -> dict[str, Any]:
    return {
        "member_id": joiner.who.id,
        "account_id": by or seats.ident(Role.ORGANISER),
        "kind": kind,
        "text": text,
        "at": at,
        "nonce": ident(rng),
    }


def _place(joiner: Joiner) -> dict[str, Any]:
    branch, region = joiner.placed.branch, joiner.placed.region
    return {
        "member_id": joiner.who.id,
        "region_id": region.id if region else None,
        "branch_id": branch.id if branch else None,
    }
