"""States: the one place where a membership changes, with the event that says so."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from members.models import STEPS, Member, MemberPledge, MembershipEvent

GONE = ("left", "lapsed")


class CannotBe(ValueError):
    """No membership changes so."""


def of_dues(session: Session, pledge_id: uuid.UUID) -> Member | None:
    """Find and lock the member whose dues an agreement pays, or paid before they had another."""
    owner = select(MemberPledge.member_id).where(MemberPledge.pledge_id == pledge_id)
    return session.scalar(
        select(Member)
        .where(Member.id == owner.scalar_subquery())
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def change(
    session: Session, member: Member, to: str, *, why: str, who: str, now: dt.datetime
) -> None:
    """Bring a membership into another state. The member is locked.

    Raises:
        CannotBe: no membership changes so; the database would refuse the event as well.
    """
    if to not in STEPS[member.state]:
        raise CannotBe(f"who is {member.state} cannot become {to}")
    _note(session, member, "state", to, why, who, now)
    member.state = to
    if to != "applied":
        member.waiting_since = None
    session.flush()


def wait(session: Session, member: Member, *, why: str, who: str, now: dt.datetime) -> None:
    """Let somebody who has paid wait for an organiser.

    Raises:
        CannotBe: they have not just applied.
    """
    if member.state != "applied":
        raise CannotBe(f"who is {member.state} cannot wait to be accepted")
    member.waiting_since = now
    _note(session, member, "waiting", "applied", why, who, now)
    session.flush()


def decline(session: Session, member: Member, *, why: str, who: str, now: dt.datetime) -> None:
    """Let an application end that an organiser did not accept.

    Raises:
        CannotBe: there is none that waits.
    """
    if member.waiting_since is None:
        raise CannotBe(f"who is {member.state} and does not wait cannot be declined")
    _note(session, member, "declined", "left", why, who, now)
    member.state, member.waiting_since = "left", None
    session.flush()


def rejoin(
    session: Session, member: Member, *, why: str, now: dt.datetime, who: str = "gateway"
) -> None:
    """Make somebody who left or lapsed a member again, by a due that was taken.

    Raises:
        CannotBe: they are no such person.
    """
    if member.state not in GONE:
        raise CannotBe(f"who is {member.state} cannot rejoin")
    _note(session, member, "rejoined", "active", why, who, now)
    member.state, member.rejoined_at = "active", now
    session.flush()


def last(session: Session, member_id: uuid.UUID) -> MembershipEvent | None:
    """Return what was written down last of a member."""
    return session.scalar(
        select(MembershipEvent)
        .where(MembershipEvent.member_id == member_id)
        .order_by(MembershipEvent.id.desc())
        .limit(1)
    )


def note(
    session: Session, member: Member, kind: str, *, why: str, who: str, now: dt.datetime
) -> None:
    """Note what changed of a membership but its state: `moved` or `rate`."""
    _note(session, member, kind, member.state, why, who, now)
    session.flush()


def note_each(
    session: Session,
    members: Sequence[tuple[uuid.UUID, str]],
    kind: str,
    *,
    why: str,
    who: str,
    now: dt.datetime,
) -> None:
    """Note likewise of many at once, each with the state that they have; they are locked."""
    rows = [
        {
            "member_id": member_id,
            "kind": kind,
            "from_state": state,
            "to_state": state,
            "at": now,
            "why": why,
            "who": who,
        }
        for member_id, state in members
    ]
    if rows:
        session.execute(insert(MembershipEvent), rows)


def _note(
    session: Session, member: Member, kind: str, to: str, why: str, who: str, now: dt.datetime
) -> None:
    session.add(
        MembershipEvent(
            member_id=member.id,
            kind=kind,
            from_state=member.state,
            to_state=to,
            at=now,
            why=why,
            who=who,
        )
    )
