"""Asking for a link: the same for every address, known or not.

The page only notes that somebody asked, which takes the same work and time for each address. The
worker finds out whether we know it and writes the letter, so no answer and no clock tells.
"""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, leasing, outbox
from core.addresses import EmailAddress
from core.database import transaction
from members import linking
from members.models import LinkRequest
from payments.models import Pledge


def ask(session: Session, email: EmailAddress, *, now: dt.datetime) -> None:
    """Note that somebody asks for a link to the pages of this address."""
    session.add(LinkRequest(email_key=email.key, asked_at=now, due_at=now))
    session.flush()


def answer_due(lifetime: dt.timedelta) -> int:
    """Write the letters that were asked for; say how many requests were taken up.

    Nothing is asked of anybody outside, so all of it is one transaction, and no request is kept.
    """
    with transaction() as session:
        taken = leasing.claim(session, LinkRequest, now=clock.now())
        for request in taken:
            answer(session, request, lifetime=lifetime, now=clock.now())
            session.delete(request)
    return len(taken)


def answer(
    session: Session, request: LinkRequest, *, lifetime: dt.timedelta, now: dt.datetime
) -> None:
    """Send a link where we know the address, unless it had three within the hour.

    It goes to the address as its owner gave it to us, never as the asker typed it: two spellings
    that compare equal need not be one mailbox.
    """
    recipient = session.scalar(
        select(Pledge.email)
        .where(Pledge.email_key == request.email_key)
        .order_by(Pledge.created_at.desc())
        .limit(1)
    )
    if recipient is None:
        return
    link = linking.mint(session, request.email_key, lifetime=lifetime, now=now)
    if link is not None:
        values = {"link": str(link), "minutes": int(lifetime.total_seconds() // 60)}
        outbox.mail(
            session, "access_link", key=f"access-link:{link}", to=recipient, values=values, now=now
        )
