"""Applying: what is said while an application waits for an organiser, and where it is declined."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from core import links, outbox
from core.addresses import PhoneNumber
from core.clock import day_in_london
from members import ages, states
from members.models import OWN_RATE, Member
from members.places import Placed, Places
from members.rules import Rules


def wait(
    session: Session, member: Member, *, places: Places, rules: Rules, now: dt.datetime
) -> None:
    """Let who has paid a first due wait for an organiser, once; tell them and the region."""
    if member.waiting_since is not None:
        return
    states.wait(session, member, why="first due paid, awaits acceptance", who="gateway", now=now)
    placed = places.place(session, member.postcode, branch_id=member.branch_id)
    link = links.mint(session, member.email_key, lifetime=rules.welcome_link, now=now)
    values = {
        "member": {"first_name": member.first_name},
        "contact": {"name": placed.contact.name, "display": placed.contact.display},
        "confirm": str(member.id),
        "link": str(link),
    }
    key = f"application:{member.id}"
    outbox.mail(session, "application_waits", key=key, to=member.email, values=values, now=now)
    to = placed.notify_email or rules.office_email
    told = whom(member, placed, rules, now)
    key = f"applicant:{member.id}"
    outbox.mail(session, "applicant_notice", key=key, to=to, values=told, now=now)


def whom(member: Member, placed: Placed, rules: Rules, now: dt.datetime) -> dict[str, object]:
    """Return what the organiser of a region is told of who has joined there."""
    rate = rules.rate(member.rate)
    return {
        "name": member.name,
        "phone": PhoneNumber(member.phone).national if member.phone else None,
        "email": member.email,
        "postcode": member.postcode,
        "branch": branch(placed),
        "rate": rate.name if rate else None if member.rate == OWN_RATE else member.rate,
        "amount_pence": member.dues.amount_pence,
        "minor": ages.is_minor(member.date_of_birth, today=day_in_london(now)),
    }


def branch(placed: Placed) -> dict[str, str] | None:
    """Return a branch as letters show it."""
    return {"name": placed.branch.name, "slug": placed.branch.slug} if placed.branch else None


def say_declined(
    session: Session,
    member: Member,
    back: Sequence[tuple[uuid.UUID, int]],
    *,
    rules: Rules,
    now: dt.datetime,
) -> None:
    """Tell an applicant kindly, and the treasurer which dues, in pence, can be given back."""
    values: dict[str, object] = {"name": member.name, "paid": bool(back)}
    key = f"declined:{member.id}"
    outbox.mail(session, "declined", key=key, to=member.email, values=values, now=now)
    if not back:
        return
    values = {"payments": [{"id": str(id_), "pence": pence} for id_, pence in back]}
    key, to = f"declined-applicant:{member.id}", rules.treasurer_email
    outbox.mail(session, "declined_notice", key=key, to=to, values=values, now=now)
