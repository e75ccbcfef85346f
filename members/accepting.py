"""Accepting: where the organisation asks for it, an organiser decides of who has joined and paid.

Whoever waits is an applicant: they stand by no rule, fall into no arrears and lapse by no clock.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from members import activating, applying, states
from members.models import Member
from members.places import Places
from members.rules import Rules
from members.self_service import stopping
from members.standing import facts, recomputing
from payments import statuses
from payments.models import Payment, Pledge


class NotWaiting(LookupError):
    """There is no application of this id that waits for an organiser."""


class NothingPaid(Exception):
    """Every due of the applicant went back, so there is nothing to be a member by."""


class NoReason(ValueError):
    """Whoever declines an application says why."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application that waits. `ended` says that its dues have stopped meanwhile."""

    member: Member
    since: dt.datetime
    ended: bool


def waiting(session: Session) -> list[Waiting]:
    """Return the applications that wait for an organiser, the longest first."""
    rows = session.execute(
        select(Member, Member.waiting_since, Pledge.stopped_at)
        .join(Pledge, Pledge.id == Member.dues_pledge_id)
        .where(Member.waiting_since.is_not(None))
        .order_by(Member.waiting_since, Member.id)
    )
    return [
        Waiting(member, since, stopped is not None)
        for member, since, stopped in rows
        if since is not None
    ]


def accept(
    session: Session,
    member_id: uuid.UUID,
    *,
    who: str,
    places: Places,
    rules: Rules,
    now: dt.datetime,
) -> Member:
    """Make an applicant who waits a member, welcome them and tell the region; return the member.

    Whoever was a member before is the same again. `who` is the id of the account that decides, or
    what else stands for them.

    Raises:
        NotWaiting: nobody waits under this id; another has decided meanwhile.
        NothingPaid: every due went back.
    """
    member = _locked(session, member_id)
    (row,) = facts.of(session, [member.id])
    if row.facts.paid_up_to is None:
        raise NothingPaid(str(member_id))
    waited = f"accepted, had waited since {member.waiting_since:%Y-%m-%d}"
    accepted = activating.activate(
        session, member, paid_at=now, why=waited, who=who, places=places, rules=rules, now=now
    )
    recomputing.stand(session, accepted, rules.months, who="clock", paid=False, now=now)
    return accepted


def decline(
    session: Session, member_id: uuid.UUID, *, why: str, who: str, rules: Rules, now: dt.datetime
) -> uuid.UUID | None:
    """Let an application end, have its dues stopped, and tell applicant and treasurer.

    Nothing is given back by itself: the treasurer is told what can be. `why` is for organisers and
    stands in the applicant's own data, which they may ask for. Returns the agreement of dues that
    Stripe is to be told to stop, None where it has stopped; the worker tells it in any case.

    Raises:
        NotWaiting: nobody waits under this id; another has decided meanwhile.
        NoReason: `why` is empty.
    """
    if not why.strip():
        raise NoReason("says nothing")
    member = _locked(session, member_id)
    pledge = session.get_one(Pledge, member.dues_pledge_id)
    runs = pledge.stopped_at is None
    if runs:
        stopping.ask(session, pledge.id, now=now)
    states.decline(session, member, why=why.strip(), who=who, now=now)
    back = _refundable(session, pledge)
    applying.say_declined(session, member, back, rules=rules, now=now)
    return pledge.id if runs else None


def _locked(session: Session, member_id: uuid.UUID) -> Member:
    """Lock dues and applicant, in the order in which money is settled."""
    found = session.get(Member, member_id)
    if found is None:
        raise NotWaiting(str(member_id))
    session.get_one(Pledge, found.dues_pledge_id, with_for_update=True, populate_existing=True)
    member = session.get(Member, member_id, with_for_update=True, populate_existing=True)
    if member is None or member.waiting_since is None:
        raise NotWaiting(str(member_id))
    return member


def _refundable(session: Session, pledge: Pledge) -> Sequence[tuple[uuid.UUID, int]]:
    """Return the dues that are still ours, and how much of each, in pence."""
    paid = select(Payment).where(Payment.pledge_id == pledge.id).options(*statuses.loaded())
    found = session.scalars(paid.order_by(Payment.number)).all()
    rest = {each.id: each.amount_pence - statuses.refunded_pence(each) for each in found}
    return [(id_, pence) for id_, pence in rest.items() if pence > 0]
