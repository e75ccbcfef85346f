"""A month that could not be taken: what its payer is told, try by try, and no more than that.

The first try that fails is told gently, with the day of the next; the second with how to mend it;
those between say nothing; after the last the agreement ends, which has a letter of its own. Where
Stripe gives up without ending it, the last try is told once that has not come within the hour.
"""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import outbox
from core.outbox import OutboxMail
from payments import receipts
from payments.models import Payment, Pledge, StopRequest
from payments.monthly import letters
from payments.notices import InvoiceUnpaid

_TOLD = (1, 2)
"""The tries after which the payer is told that another follows."""
_MAY_STILL_END = dt.timedelta(hours=1)
_TOO_LATE = dt.timedelta(days=3)
"""What we hear of later than this is no news to the payer any more."""


def say(
    session: Session,
    pledge: Pledge,
    notice: InvoiceUnpaid,
    *,
    link_lifetime: dt.timedelta,
    now: dt.datetime,
) -> None:
    """Tell the payer of a try that failed, once, unless it is over, or news no more.

    The caller has found the month unpaid and holds the pledge.
    """
    if not _is_news(session, pledge, notice, now=now):
        return
    values = {
        "agreement": receipts.agreement(session, pledge),
        "amount_pence": notice.pence,
        "stage": _stage(notice),
        "retry_at": notice.retry_at.isoformat() if notice.retry_at else None,
        "first": not _has_paid(session, pledge),
        "link": letters.link(session, pledge, link_lifetime=link_lifetime, now=now),
    }
    receipts.write(
        session,
        "month_unpaid",
        pledge,
        key=f"{_keys(notice.invoice)}{notice.attempt:04}",
        values=values,
        now=now,
        after=dt.timedelta() if notice.retry_at else _MAY_STILL_END,
    )


def paid(session: Session, invoice: str) -> None:
    """Take back what has not left yet of a month that was paid after all."""
    outbox.take_back(session, _keys(invoice), "paid meanwhile")


def ended(session: Session, pledge: Pledge, *, unpaid: bool, now: dt.datetime) -> None:
    """Say that an agreement has ended; where its payer did not wish it, with the last word."""
    asked = session.scalar(select(StopRequest.id).where(StopRequest.pledge_id == pledge.id))
    waiting = select(OutboxMail).where(
        OutboxMail.template == "month_unpaid",
        OutboxMail.recipient == pledge.email,
        OutboxMail.done_at.is_(None),
        OutboxMail.due_at.is_not(None),
    )
    for letter in session.scalars(waiting):
        if letter.values["agreement"]["id"] == str(pledge.id):
            letter.due_at, letter.last_error = None, "ended meanwhile"
    if unpaid and asked is None:
        letters.say_ended_unpaid(session, pledge, now=now)
    else:
        receipts.say_stopped(session, pledge, now=now)


def _is_news(session: Session, pledge: Pledge, notice: InvoiceUnpaid, *, now: dt.datetime) -> bool:
    """Say whether the payer can still make something of it, and has not heard of a later try."""
    over = select(StopRequest.id).where(StopRequest.pledge_id == pledge.id)
    if pledge.stopped_at is not None or session.scalar(over) is not None:
        return False
    if notice.at + _TOO_LATE < now or (notice.retry_at is not None and notice.retry_at <= now):
        return False
    if notice.retry_at is not None and notice.attempt not in _TOLD:
        return False
    begin = _keys(notice.invoice)
    newest = session.scalar(
        select(func.max(OutboxMail.key)).where(
            OutboxMail.key >= begin, OutboxMail.key < begin.removesuffix(":") + ";"
        )
    )
    return newest is None or newest < f"{begin}{notice.attempt:04}"


def _stage(notice: InvoiceUnpaid) -> str:
    if notice.retry_at is None:
        return "last"
    return "first" if notice.attempt == 1 else "again"


def _has_paid(session: Session, pledge: Pledge) -> bool:
    found = select(Payment.id).where(Payment.pledge_id == pledge.id).limit(1)
    return session.scalar(found) is not None


def _keys(invoice: str) -> str:
    """Return what the keys of a month's letters begin with; the try follows."""
    return f"unpaid:{invoice}:"
