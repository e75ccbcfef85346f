"""Moderating at the desk: what waits, what was decided lately, and decisions that see each other.

A moderator sees what the wall would show, and nothing else of a giver. Whoever decides says which
decision they had before their eyes; where another has been made since, they are told instead.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from payments.models import Appeal, MessageDecision, Pledge
from payments.wall import deciding, showing
from payments.wall.flagging import Part, parts
from payments.wall.naming import shown
from payments.wall.showing import Cursor, Waiting

A_PAGE = 20


class ChangedMeanwhile(Exception):
    """Somebody has decided since: what, who and why; all of it empty where nobody had."""

    def __init__(self, theirs: MessageDecision | None) -> None:
        super().__init__("changed meanwhile")
        self.decision = theirs.decision if theirs else ""
        self.who = theirs.who if theirs else ""
        self.why = theirs.why if theirs else ""


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits; `seen` names the last decision on it, 0 where there was none."""

    message: Waiting
    parts: list[Part]
    seen: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of what waits, oldest first, and where the next begins, if there is more."""

    messages: list[Queued]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A message and the last decision on it; `text` is empty where it was erased since."""

    decision: MessageDecision
    appeal: str
    name: str | None
    text: str


def queue(session: Session, *, after: Cursor | None = None) -> Queue:
    """Return a page of the messages that wait."""
    found = showing.queue(session, most=A_PAGE + 1, after=after)
    page = found[:A_PAGE]
    last = _last_decisions(session, [each.pledge_id for each in page])
    queued = [Queued(each, parts(each.text), last.get(each.pledge_id, 0)) for each in page]
    more = len(found) > A_PAGE
    return Queue(queued, Cursor(page[-1].since, page[-1].pledge_id) if more else None)


def decided(session: Session, *, before: int | None = None) -> Sequence[Decided]:
    """Return what was decided last of messages, newest first; one more than a page if there is."""
    newer = aliased(MessageDecision)
    later = select(newer.id).where(
        newer.pledge_id == MessageDecision.pledge_id, newer.id > MessageDecision.id
    )
    wanted = _with_message().where(
        MessageDecision.decision != "undo", ~later.correlate(MessageDecision).exists()
    )
    if before is not None:
        wanted = wanted.where(MessageDecision.id < before)
    ordered = wanted.order_by(MessageDecision.id.desc()).limit(A_PAGE + 1)
    return [
        _decided(decision, pledge, title) for decision, pledge, title in session.execute(ordered)
    ]


def last(session: Session, pledge_id: uuid.UUID) -> Decided | None:
    """Return the last decision on a message, if there was one."""
    wanted = _with_message().where(MessageDecision.pledge_id == pledge_id)
    for decision, pledge, title in session.execute(
        wanted.order_by(MessageDecision.id.desc()).limit(1)
    ):
        return _decided(decision, pledge, title)
    return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides: `approve`, `hide` (with `why`) or `undo`, having seen a decision."""

    decision: str
    who: str
    seen: int
    why: str = ""


def decide(session: Session, pledge_id: uuid.UUID, verdict: Verdict, *, now: dt.datetime) -> bool:
    """Decide on a message; say whether that is new: the same form sent again changes nothing.

    Raises:
        NoSuchMessage, NotPaidYet: there is nothing to decide, or not any more.
        ChangedMeanwhile: somebody has decided since; nothing is changed.
    """
    deciding.given(session, pledge_id)  # locks it
    latest = session.scalar(
        select(MessageDecision)
        .where(MessageDecision.pledge_id == pledge_id)
        .order_by(MessageDecision.id.desc())
        .limit(1)
    )
    if (latest.id if latest else 0) != verdict.seen:
        if latest and (latest.who, latest.decision) == (verdict.who, verdict.decision):
            return False
        raise ChangedMeanwhile(latest)
    if verdict.decision == "approve":
        return deciding.approve(session, pledge_id, who=verdict.who, now=now)
    if verdict.decision == "hide":
        return deciding.hide(session, pledge_id, why=verdict.why, who=verdict.who, now=now)
    return deciding.undo(session, pledge_id, who=verdict.who, now=now)


def _with_message() -> Select[MessageDecision, Pledge, str]:
    return (
        select(MessageDecision, Pledge, Appeal.title)
        .join(Pledge, Pledge.id == MessageDecision.pledge_id)
        .join(Appeal, Appeal.id == Pledge.appeal_id)
    )


def _decided(decision: MessageDecision, pledge: Pledge, appeal: str) -> Decided:
    return Decided(decision, appeal, shown(pledge.name, pledge.display), pledge.message)


def _last_decisions(session: Session, pledges: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    found = (
        select(MessageDecision.pledge_id, func.max(MessageDecision.id))
        .where(MessageDecision.pledge_id.in_(pledges))
        .group_by(MessageDecision.pledge_id)
    )
    return {row[0]: row[1] for row in session.execute(found)}
