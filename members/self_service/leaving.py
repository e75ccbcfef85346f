"""Leaving: in two clicks, for good, with the dues stopped and a kind word."""

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import outbox
from members import states
from members.models import Member
from members.self_service import stopping
from members.standing import reminding
from payments.models import Pledge

_RUNS = ("confirming", "paid", "held")


def memberships(session: Session, email_key: str) -> list[Member]:
    """Return the memberships of an address that can be left, oldest first.

    An application that waits for an organiser is among them: it can be taken back.
    """
    return list(
        session.scalars(
            select(Member)
            .where(
                Member.email_key == email_key,
                or_(
                    Member.state.in_(("active", "arrears", "lapsed")),
                    Member.waiting_since.is_not(None),
                ),
            )
            .order_by(Member.created_at, Member.id)
        )
    )


def leave(session: Session, member: Member, *, now: dt.datetime) -> bool:
    """End a membership at its holder's wish, once; say whether there are dues to stop.

    The state changes at once, whatever Stripe answers; the wish to stop is kept first, so that
    nothing more is taken even where Stripe does not hear us now.
    """
    pledge = session.get_one(Pledge, member.dues_pledge_id, with_for_update=True)
    locked = session.get_one(Member, member.id, with_for_update=True, populate_existing=True)
    runs = pledge.stopped_at is None and pledge.state in _RUNS
    if locked.state == "left":
        return False
    if runs:
        stopping.ask(session, pledge.id, now=now)
    applied = locked.state == "applied"
    states.change(session, locked, "left", why="left on their own pages", who="member", now=now)
    reminding.take_back(session, locked.id, "left meanwhile")
    key = f"left:{locked.id}:{now.isoformat()}"
    values = {"name": locked.name, "dues": runs, "applied": applied}
    outbox.mail(session, "left", key=key, to=locked.email, values=values, now=now)
    return runs
