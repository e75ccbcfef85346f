"""Deciding: a moderator approves a message, hides it, or leaves it to be decided again."""

import datetime as dt
import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.models import MessageDecision, Payment, Pledge, WallEntry


class NoSuchMessage(LookupError):
    """There is no gift with a message under this id."""


class NotPaidYet(Exception):
    """The money has not come, so there is nothing to decide yet."""


def approve(session: Session, pledge_id: uuid.UUID, *, who: str, now: dt.datetime) -> bool:
    """Let the message of this pledge be shown; say whether that is new.

    Raises:
        NoSuchMessage: the pledge is not there, is no gift, or came without a message.
        NotPaidYet: the money has not come.
    """
    return _decide(session, pledge_id, "approved", MessageDecision(decision="approve"), who, now)


def hide(session: Session, pledge_id: uuid.UUID, *, why: str, who: str, now: dt.datetime) -> bool:
    """Keep the message of this pledge off the wall; say whether that is new.

    Raises as `approve` does.
    """
    decision = MessageDecision(decision="hide", why=why)
    return _decide(session, pledge_id, "hidden", decision, who, now)


def undo(session: Session, pledge_id: uuid.UUID, *, who: str, now: dt.datetime) -> bool:
    """Put the message of this pledge back into the queue; say whether it was out of it.

    Raises as `approve` does.
    """
    return _decide(session, pledge_id, None, MessageDecision(decision="undo"), who, now)


def _decide(
    session: Session,
    pledge_id: uuid.UUID,
    state: str | None,
    decision: MessageDecision,
    who: str,
    now: dt.datetime,
) -> bool:
    """Bring the entry to this state and keep the decision, unless it is there already."""
    pledge, given_at = given(session, pledge_id)
    entry = session.get(WallEntry, pledge.id)
    if (entry.state if entry else None) == state:
        return False
    if state is None:
        session.delete(entry)
    elif entry is None:
        session.add(_entry(pledge, given_at, state, now))
    else:
        entry.state, entry.changed_at = state, now
    pledge.message_read = state is not None
    decision.pledge_id, decision.why = pledge.id, decision.why or ""
    decision.who, decision.at = who, now
    session.add(decision)
    session.flush()
    return True


def given(session: Session, pledge_id: uuid.UUID) -> tuple[Pledge, dt.datetime]:
    """Return the pledge, locked so that two who decide at once wait, and when it was first paid.

    Raises as `approve` does.
    """
    wanted = select(Pledge).where(Pledge.id == pledge_id).with_for_update(of=Pledge)
    pledge = session.scalar(wanted)
    if pledge is None or pledge.appeal_id is None or not pledge.message:
        raise NoSuchMessage(str(pledge_id))
    first = select(func.min(Payment.paid_at)).where(Payment.pledge_id == pledge.id)
    given_at = session.scalar(first)
    if given_at is None:
        raise NotPaidYet(str(pledge_id))
    return pledge, given_at


def _entry(pledge: Pledge, given_at: dt.datetime, state: str, now: dt.datetime) -> WallEntry:
    return WallEntry(
        pledge_id=pledge.id,
        public_id=uuid.uuid5(pledge.id, "wall"),
        appeal_id=pledge.appeal_id,
        given_at=given_at,
        state=state,
        changed_at=now,
    )
