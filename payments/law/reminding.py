"""Reminding: the treasurer is told by letter when the clock of a check runs down."""

import datetime as dt
import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, outbox
from core.clock import day_in_london
from core.database import reading, transaction
from payments.law import listing, marking
from payments.law.listing import Entry
from payments.models import PermissibilityCheck, Pledge
from payments.receipts import reference

EVERY = dt.timedelta(hours=1)
# With so many days left (of thirty: on days 20, 25 and 28), and once the time is over.
_LEFT = (10, 5, 2, -1)
_log = logging.getLogger(__name__)


def remind_due(to: str) -> int:
    """Mark what should have been marked, then write the letter that is due, if one is."""
    mark_missing()
    today = day_in_london(clock.now())
    with reading() as session:
        due = any(_stage(each, today) > each.check.reminded for each in listing.entries(session))
    if due:
        with transaction() as session:
            remind(session, to, now=clock.now())
    return 0


def mark_missing() -> None:
    """Mark payments that were booked before their figure was known here."""
    with reading() as session:
        found = [(payment.id, payment.pledge_id) for payment in marking.unmarked(session)]
    if not found:
        return
    with transaction() as session:
        pledges = select(Pledge.id).where(Pledge.id.in_({pledge for _id, pledge in found}))
        session.execute(pledges.order_by(Pledge.id).with_for_update())
        checks = [
            marking.mark(session, payment, now=clock.now()) for payment in marking.unmarked(session)
        ]
    many = sum(check is not None for check in checks)
    if many:
        _log.warning("payments above the threshold had not been marked", extra={"count": many})


def remind(session: Session, to: str, *, now: dt.datetime) -> bool:
    """Put one letter about all checks that have come to a new stage into the outbox.

    Each stage of each check is told once; one that nobody was told of in time is told by the next.
    It holds references and days, and nothing of any donor.
    """
    today = day_in_london(now)
    lock = select(PermissibilityCheck.id).order_by(PermissibilityCheck.id).with_for_update()
    session.execute(lock.where(PermissibilityCheck.state != "accepted"))
    every = listing.entries(session)
    news = [each for each in every if _stage(each, today) > each.check.reminded]
    if not news:
        return False
    for each in news:
        each.check.reminded = _stage(each, today)
    values = {
        "checks": [_line(each, today) for each in news],
        "late": sum(each.days_left(today) < 0 for each in every),
        "open": len(every),
    }
    first = news[0].check
    key = f"checks:{first.id}:{first.reminded}"
    return outbox.mail(session, "checks_due", key=key, to=to, values=values, now=now)


def _stage(entry: Entry, today: dt.date) -> int:
    """Return how many of the stages a check has come to."""
    return sum(entry.days_left(today) <= left for left in _LEFT)


def _line(entry: Entry, today: dt.date) -> dict[str, object]:
    return {
        "reference": reference(entry.payment.pledge_id),
        "payment": str(entry.payment.id),
        "due_on": entry.check.due_on.isoformat(),
        "left": entry.days_left(today),
        "still_here": entry.still_here,
        "declared": entry.declaration is not None,
    }
