"""Holding: what does not agree with our books is never booked, and waits here for a person.

Nothing here books or moves money. What is held is put right at Stripe (given back, or an agreement
ended), and then said to be; or the books look anew at what Stripe told, once whatever was in the
way is mended, and hold it again should it not agree still.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from payments.models import HeldSettlement, Pledge, WebhookEvent

A_PAGE = 25
_HELD = "held"
_PUT_RIGHT = "put-right"


class NotHeld(LookupError):
    """Nothing is held of this pledge, or not any more, or for another reason by now."""


@dataclass(frozen=True, slots=True)
class Held:
    """A pledge of which something is held, and when Stripe told of it first; null where it fell."""

    pledge: Pledge
    since: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """What is held, and by which pledge the next page begins, if there is more."""

    found: list[Held]
    more: uuid.UUID | None


def held(session: Session, *, after: uuid.UUID | None = None) -> Page:
    """Return a page of the pledges of which something is held."""
    wanted = select(Pledge).where(Pledge.held_because.is_not(None)).order_by(Pledge.id)
    if after is not None:
        wanted = wanted.where(Pledge.id > after)
    rows = list(session.scalars(wanted.limit(A_PAGE + 1)))
    found = rows[:A_PAGE]
    since = _since(session, [each.id for each in found])
    page = [Held(each, since.get(each.id)) for each in found]
    return Page(page, found[-1].id if len(rows) > A_PAGE else None)


def others(session: Session) -> Sequence[WebhookEvent]:
    """Return the newest notices that are held while no pledge is: a payout, or another mode."""
    wanted = (
        select(WebhookEvent)
        .outerjoin(Pledge, Pledge.id == WebhookEvent.pledge_id)
        .where(WebhookEvent.outcome == _HELD, Pledge.held_because.is_(None))
        .order_by(WebhookEvent.id.desc())
        .limit(A_PAGE)
    )
    return session.scalars(wanted).all()


def count(session: Session) -> int:
    """Return of how many pledges something is held."""
    of_them = select(func.count(Pledge.id)).where(Pledge.held_because.is_not(None))
    return session.scalar(of_them) or 0


def settle(session: Session, decided: HeldSettlement, *, now: dt.datetime) -> bool:
    """Keep a decision on what is held of a pledge; say whether it is new.

    The notices of the pledge are looked at anew by the worker (`look-again`), or count as put
    right. The same form sent again by the same person changes nothing.

    Raises:
        NotHeld: it is not held, or no longer for the reason that was seen.
    """
    locked = select(Pledge).where(Pledge.id == decided.pledge_id).with_for_update(of=Pledge)
    pledge = session.scalar(locked)
    if pledge is None:
        raise NotHeld(str(decided.pledge_id))
    if pledge.held_because != decided.because:
        if pledge.held_because is None and _is_mine(session, decided):
            return False
        raise NotHeld(str(decided.pledge_id))
    looks = decided.decision == "look-again"
    pledge.held_because = None
    if pledge.state == _HELD:
        pledge.state = "pending" if looks else "not-taken"
    then: dict[str, object] = {"due_at": now, "attempts": 0} if looks else {"outcome": _PUT_RIGHT}
    told = WebhookEvent.pledge_id == pledge.id, WebhookEvent.outcome == _HELD
    session.execute(update(WebhookEvent).where(*told).values(then))
    decided.at = now
    session.add(decided)
    session.flush()
    return True


def _since(session: Session, pledges: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, dt.datetime]:
    found = (
        select(WebhookEvent.pledge_id, func.min(WebhookEvent.received_at))
        .where(WebhookEvent.pledge_id.in_(pledges), WebhookEvent.outcome == _HELD)
        .group_by(WebhookEvent.pledge_id)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def _is_mine(session: Session, decided: HeldSettlement) -> bool:
    """Say whether the last decision on a pledge is this one: its button was pressed twice."""
    wanted = (
        select(HeldSettlement)
        .where(HeldSettlement.pledge_id == decided.pledge_id)
        .order_by(HeldSettlement.id.desc())
        .limit(1)
    )
    last = session.scalar(wanted)
    return last is not None and (last.decision, last.who, last.because) == (
        decided.decision,
        decided.who,
        decided.because,
    )
