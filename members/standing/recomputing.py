"""Recomputing: how members stand now, one of them when money moved, or all of them by the clock."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core.database import reading, transaction
from members import states
from members.models import Member, MembershipEvent
from members.standing import facts, reminding
from members.standing.facts import Row
from members.standing.reminding import Reminder, Texter
from members.standing.rules import MonthRules, standing

BATCH = 5_000
_CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Change:
    """A member who stands otherwise than before."""

    member_id: uuid.UUID
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: how many were looked at, who changed, how many letters went out."""

    looked_at: int
    changes: Sequence[Change]
    letters: int = 0


def everybody(
    rules: MonthRules,
    *,
    link: dt.timedelta,
    now: dt.datetime,
    keep: bool,
    size: int = BATCH,
    texter: Texter | None = None,
) -> Iterator[Batch]:
    """Recompute all members batch by batch, each in a transaction of its own.

    Where it is not to be kept nothing is written, and the same changes are found. `link` is how
    long the link in a reminder works; a `texter` reminds by text as well.
    """
    after: uuid.UUID | None = None
    while True:
        with transaction() if keep else reading() as session:
            page = facts.unsettled(session, after, size, rules=rules, now=now)
            if page is None:
                return
            done = (
                _keep(session, page.rows, rules, link=link, now=now, texter=texter)
                if keep
                else Batch(0, _changes(page.rows, rules, now))
            )
        after = page.last
        yield replace(done, looked_at=page.looked_at)


def stand(
    session: Session, member: Member, rules: MonthRules, *, who: str, paid: bool, now: dt.datetime
) -> None:
    """Bring one member, who is locked, to where they stand. `paid` says that a due has just come.

    Who was in arrears or lapsed and has paid is active at once, and what would have reminded them
    is taken back.
    """
    session.flush()
    (row,) = facts.of(session, [member.id])
    found = standing(row.facts, rules, now=now)
    if member.state == "applied" and found.state in ("arrears", "lapsed"):
        states.change(session, member, "active", why=found.why, who=who, now=now)
    if found.state == member.state:
        return
    if found.state == "active":
        reminding.take_back(session, member.id, "paid meanwhile")
    if paid and member.state == "lapsed" and found.state == "active":
        states.rejoin(session, member, why=found.why, now=now)
    else:
        states.change(session, member, found.state, why=found.why, who=who, now=now)


def _changes(rows: Sequence[Row], rules: MonthRules, now: dt.datetime) -> list[Change]:
    found = ((row, standing(row.facts, rules, now=now)) for row in rows)
    return [
        Change(row.id, row.facts.state, stands.state, stands.why)
        for row, stands in found
        if stands.state != row.facts.state
    ]


def _keep(
    session: Session,
    rows: Sequence[Row],
    rules: MonthRules,
    *,
    link: dt.timedelta,
    now: dt.datetime,
    texter: Texter | None = None,
) -> Batch:
    """Keep what changes of a batch, and write the letters that are due.

    Whom that concerns is locked and looked at again: a due may have come while the batch was read.
    """
    concerned = [row.id for row in rows if _concerns(row, rules, now)]
    if not concerned:
        return Batch(len(rows), [])
    lock = select(Member.id).where(Member.id.in_(concerned)).order_by(Member.id)
    session.execute(lock.with_for_update())
    again = [row for row in facts.of(session, concerned) if row.facts.state in facts.STANDS]
    changes = _changes(again, rules, now)
    _change(session, changes, now)
    letters = [each for row in again if (each := _reminder(row, rules, now)) is not None]
    written = reminding.write(session, letters, link=link, now=now, texter=texter)
    return Batch(len(rows), changes, written)


def _concerns(row: Row, rules: MonthRules, now: dt.datetime) -> bool:
    changes = standing(row.facts, rules, now=now).state != row.facts.state
    return changes or _reminder(row, rules, now) is not None


def _reminder(row: Row, rules: MonthRules, now: dt.datetime) -> Reminder | None:
    found = standing(row.facts, rules, now=now)
    return reminding.due(row.id, row.facts.state, found, row.facts.paid_up_to, rules)


def _change(session: Session, changes: Sequence[Change], now: dt.datetime) -> None:
    """Write states and events of a batch, by as few statements as there are kinds of change."""
    if not changes:
        return
    grouped: dict[str, list[uuid.UUID]] = defaultdict(list)
    for each in changes:
        grouped[each.after].append(each.member_id)
    for after, ids in sorted(grouped.items()):
        session.execute(
            update(Member)
            .where(Member.id.in_(ids))
            .values(state=after)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        insert(MembershipEvent),
        [
            {
                "member_id": each.member_id,
                "kind": "state",
                "from_state": each.before,
                "to_state": each.after,
                "at": now,
                "why": each.why,
                "who": _CLOCK,
            }
            for each in changes
        ],
    )
