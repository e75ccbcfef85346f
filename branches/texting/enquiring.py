"""Somebody who texted becomes an enquiry, and the region's organiser is told at once."""

import datetime as dt

from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText
from branches.texting.answered import Outcome
from branches.texting.answering import Read
from core import outbox
from core.addresses import PhoneNumber

FOLLOWED_UP = frozenset({Outcome.MATCH, Outcome.OUTCODE, Outcome.CHOOSE, Outcome.UNKNOWN_POSTCODE})
"""The outcomes of texts that ask for a branch."""


def enquire(
    session: Session,
    inbound: InboundText,
    read: Read,
    *,
    number: str,
    office_email: str | None,
    now: dt.datetime,
) -> Enquiry:
    """Note the enquiry, kept as long as its text, and put the mail about it into the outbox.

    It goes to the region's organiser; outside the regions to the national office, if it has an
    address.
    """
    answer = read.answer
    enquiry = Enquiry(
        inbound_text_id=inbound.id,
        branch_id=answer.branch.id if answer and answer.branch else None,
        region_id=answer.region.id if answer and answer.region else None,
        name=read.name,
        phone=number,
        postcode=read.postcode,
        created_at=now,
        forget_on=inbound.forget_on,
    )
    session.add(enquiry)
    session.flush()
    to = answer.region.notify_email if answer and answer.region else office_email
    if to:
        values = _values(read, number, now) | {"enquiry": enquiry.id}
        outbox.mail(
            session, "enquiry_notice", key=mail_key(enquiry.id), to=to, values=values, now=now
        )
    return enquiry


def mail_key(enquiry_id: int) -> str:
    """Give the key under which the mail about an enquiry stands in the outbox."""
    return f"enquiry:{enquiry_id}"


def _values(read: Read, number: str, now: dt.datetime) -> dict[str, object]:
    branch = read.answer.branch if read.answer else None
    return {
        "name": read.name,
        "number": PhoneNumber(number).national,
        "postcode": read.postcode,
        "branch": {"slug": branch.slug, "name": branch.name} if branch else None,
        "outcome": read.outcome.value,
        "received_at": now.isoformat(),
    }
