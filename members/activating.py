"""Activating: an applicant is a member once the first due has been taken."""

import datetime as dt
import uuid

from sqlalchemy.orm import Session

from core import links, outbox
from core.addresses import PhoneNumber
from members import likeness, rejoining, states
from members.models import Member
from members.places import Placed, Places
from members.rules import Rules
from members.standing import listening, recomputing
from payments.announcements import DuesPaid


def dues_paid(
    session: Session, paid: DuesPaid, *, places: Places, rules: Rules, now: dt.datetime
) -> None:
    """Act on a due that was taken: an applicant becomes a member, a member stands anew."""
    member = states.of_dues(session, paid.pledge_id)
    if member is None:
        return
    if member.state == "applied":
        _activate(session, member, paid, places=places, rules=rules, now=now)
    else:
        listening.paid(session, member, paid, rules=rules.months, now=now)


def _activate(
    session: Session,
    member: Member,
    paid: DuesPaid,
    *,
    places: Places,
    rules: Rules,
    now: dt.datetime,
) -> None:
    """Make an applicant a member, welcome them and tell the region, once, however often told.

    Whoever was one before is the same member again, with all their history.

    The branch that they were told when they sent the form stays theirs while it is open: they may
    have chosen it. A Direct Debit takes days to arrive, and where the branch has closed since, or
    there was none, the postcode is placed again.
    """
    letters = member.id
    older = None
    if member.rejoins_id is not None:
        older = rejoining.take_over(session, member, paid_at=paid.paid_at, now=now)
    member = older or member
    placed = places.place(session, member.postcode, branch_id=member.branch_id)
    member.precision = placed.precision
    member.branch_id = placed.branch.id if placed.branch else None
    member.region_id = placed.region.id if placed.region else None
    if older is None:
        member.joined_at = paid.paid_at
        states.change(session, member, "active", why="first due paid", who="gateway", now=now)
    else:
        recomputing.stand(session, member, rules.months, who="gateway", paid=True, now=now)
    likeness.notice(session, member, now=now)
    _welcome(session, member, letters, placed, rules=rules, now=now)
    _tell_region(session, member, letters, placed, rules=rules, now=now)


def _welcome(
    session: Session,
    member: Member,
    letters: uuid.UUID,
    placed: Placed,
    *,
    rules: Rules,
    now: dt.datetime,
) -> None:
    link = links.mint(session, member.email_key, lifetime=rules.welcome_link, now=now)
    values = {
        "member": {"first_name": member.first_name, "has_phone": member.phone is not None},
        "branch": _branch(placed),
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
    rate = rules.rate(member.rate)
    values = {
        "name": member.name,
        "phone": PhoneNumber(member.phone).national if member.phone else None,
        "email": member.email,
        "postcode": member.postcode,
        "branch": _branch(placed),
        "rate": rate.name if rate else member.rate,
        "amount_pence": member.dues.amount_pence,
    }
    key, to = f"new-member:{letters}", placed.notify_email or rules.office_email
    outbox.mail(session, "new_member_notice", key=key, to=to, values=values, now=now)


def _branch(placed: Placed) -> dict[str, str] | None:
    return {"name": placed.branch.name, "slug": placed.branch.slug} if placed.branch else None
