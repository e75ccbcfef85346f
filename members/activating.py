"""Activating: an applicant is a member once the first due has been taken.

Where the organisation asks for it, an organiser accepts them first (`members.accepting`).
"""

import datetime as dt
import uuid

from sqlalchemy.orm import Session

from core import links, outbox
from members import applying, likeness, rejoining, states
from members.models import Member
from members.places import Placed, Places
from members.rules import Rules
from members.standing import listening, recomputing
from payments.announcements import DuesPaid


def dues_paid(
    session: Session, paid: DuesPaid, *, places: Places, rules: Rules, now: dt.datetime
) -> None:
    """Act on a due that was taken: an applicant becomes a member or waits, a member stands anew.

    Who was a member before every due of theirs went back is accepted already.
    """
    member = states.of_dues(session, paid.pledge_id)
    if member is None:
        return
    if member.state != "applied":
        listening.paid(session, member, paid, rules=rules.months, now=now)
    elif rules.acceptance and member.joined_at is None:
        applying.wait(session, member, places=places, rules=rules, now=now)
    else:
        activate(
            session,
            member,
            paid_at=paid.paid_at,
            why="first due paid",
            who="gateway",
            places=places,
            rules=rules,
            now=now,
        )


def activate(  # noqa: PLR0913 -- what has happened, by whom, and what to go by
    session: Session,
    member: Member,
    *,
    paid_at: dt.datetime,
    why: str,
    who: str,
    places: Places,
    rules: Rules,
    now: dt.datetime,
) -> Member:
    """Make an applicant a member, welcome them and tell the region, once; return the member.

    The applicant is locked. Whoever was one before is the same member again, with all their
    history. `paid_at` is from when on they are a member.

    The branch that they were told when they sent the form stays theirs while it is open: they may
    have chosen it. A Direct Debit takes days to arrive, and where the branch has closed since, or
    there was none, the postcode is placed again.
    """
    letters = member.id
    older = None
    if member.rejoins_id is not None:
        older = rejoining.take_over(session, member, paid_at=paid_at, why=why, who=who, now=now)
    member = older or member
    placed = places.place(session, member.postcode, branch_id=member.branch_id)
    member.precision = placed.precision
    member.branch_id = placed.branch.id if placed.branch else None
    member.region_id = placed.region.id if placed.region else None
    if older is None:
        member.joined_at = paid_at
        states.change(session, member, "active", why=why, who=who, now=now)
    else:
        recomputing.stand(session, member, rules.months, who=who, paid=True, now=now)
    likeness.notice(session, member, now=now)
    _welcome(session, member, letters, placed, rules=rules, now=now)
    _tell_region(session, member, letters, placed, rules=rules, now=now)
    return member


def _welcome(
    session: Session,
    member: Member,
    letters: uuid.UUID,
    placed: Placed,
    *,
    rules: Rules,
    now: dt.datetime,
) -> None:
    if not member.email:  # who came on paper may have none
        return
    link = links.mint(session, member.email_key, lifetime=rules.welcome_link, now=now)
    values = {
        "member": {"first_name": member.first_name, "has_phone": member.phone is not None},
        "branch": applying.branch(placed),
        "contact": {"name": placed.contact.name, "display": placed.contact.display},
        "confirm": str(member.id),
        "link": str(link),
    }
    key = f"welcome:{letters}"
    outbox.mail(session, "welcome", key=key, to=member.email, values=values, now=now)


def _tell_region(
    session: Session,
    member: Member,
    letters: uuid.UUID,
    placed: Placed,
    *,
    rules: Rules,
    now: dt.datetime,
) -> None:
    values = applying.whom(member, placed, rules, now) | {"joiner": str(member.id)}
    key, to = f"new-member:{letters}", placed.notify_email or rules.office_email
    outbox.mail(session, "new_member_notice", key=key, to=to, values=values, now=now)
