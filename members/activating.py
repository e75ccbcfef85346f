"""Activating: an applicant is a member once the first due has been taken."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import links, outbox
from core.addresses import PhoneNumber
from members.models import Member, MembershipEvent
from members.places import Placed, Places
from members.rules import Rules
from payments.announcements import DuesPaid


def activate(
    session: Session, paid: DuesPaid, *, places: Places, rules: Rules, now: dt.datetime
) -> None:
    """Make an applicant a member, welcome them and tell the region, once, however often told.

    The branch that they were told when they sent the form stays theirs while it is open: they may
    have chosen it. A Direct Debit takes days to arrive, and where the branch has closed since, or
    there was none, the postcode is placed again.
    """
    member = session.scalar(
        select(Member).where(Member.dues_pledge_id == paid.pledge_id).with_for_update()
    )
    if member is None or member.state != "applied":
        return
    placed = places.place(session, member.postcode, branch_id=member.branch_id)
    member.precision = placed.precision
    member.branch_id = placed.branch.id if placed.branch else None
    member.region_id = placed.region.id if placed.region else None
    member.state, member.joined_at = "active", paid.paid_at
    member.events.append(
        MembershipEvent(
            from_state="applied", to_state="active", at=now, why="first due paid", who="gateway"
        )
    )
    session.flush()
    _welcome(session, member, placed, rules, now)
    _tell_region(session, member, placed, rules, now)


def _welcome(
    session: Session, member: Member, placed: Placed, rules: Rules, now: dt.datetime
) -> None:
    link = links.mint(session, member.email_key, lifetime=rules.welcome_link, now=now)
    values = {
        "member": {"first_name": member.first_name, "has_phone": member.phone is not None},
        "branch": _branch(placed),
        "contact": {"name": placed.contact.name, "display": placed.contact.display},
        "confirm": str(member.id),
        "link": str(link),
    }
    key = f"welcome:{member.id}"
    outbox.mail(session, "welcome", key=key, to=member.email, values=values, now=now)


def _tell_region(
    session: Session, member: Member, placed: Placed, rules: Rules, now: dt.datetime
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
    key, to = f"new-member:{member.id}", placed.notify_email or rules.office_email
    outbox.mail(session, "new_member_notice", key=key, to=to, values=values, now=now)


def _branch(placed: Placed) -> dict[str, str] | None:
    return {"name": placed.branch.name, "slug": placed.branch.slug} if placed.branch else None
