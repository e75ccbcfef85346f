"""Cards that run out: their payers are told some weeks before the first month they cannot pay."""

import datetime as dt

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.clock import day_in_london
from core.database import reading, transaction
from core.outbox import OutboxMail
from payments import receipts, settling
from payments.models import MonthlyStanding, Payment, Pledge, StopRequest
from payments.monthly import calendar, letters, standing

EVERY = dt.timedelta(hours=1)
_FRESH = dt.timedelta(days=1)
"""How lately Stripe must have been asked: networks renew cards by themselves."""
_MOST = 200


def tell_due(rules: settling.Rules, notice_for: dt.timedelta) -> int:
    """Write to those whose card runs out within `notice_for`, once a card and day.

    Whoever was not asked about lately is asked about first, and told in a later round.
    """
    now = clock.now()
    last: int | None = 0
    while last is not None:
        with reading() as session:
            rows = _running_out(session, last, now=now, notice_for=notice_for)
        for row in rows:
            with transaction() as session:
                _consider(session, row, rules, now=now, notice_for=notice_for)
        last = rows[-1].id if len(rows) == _MOST else None
    return 0


def first_month_untaken(
    period_ends: dt.datetime | None, card_expires: dt.date, *, now: dt.datetime
) -> dt.datetime | None:
    """Return when the first month falls due that a card cannot pay, from now on."""
    due = calendar.upcoming(period_ends, now=now)
    if due is None:
        return None
    months = 0
    while day_in_london(calendar.later(due, months)) <= card_expires:
        months += 1
    return calendar.later(due, months)


def _running_out(
    session: Session, after: int, *, now: dt.datetime, notice_for: dt.timedelta
) -> list[MonthlyStanding]:
    """Return agreements whose card may run out in time, by their ids, that wait for nothing."""
    soon = day_in_london(now + notice_for)
    paid_since = select(func.max(Payment.paid_at)).where(
        Payment.pledge_id == MonthlyStanding.pledge_id
    )
    stopping = select(StopRequest.pledge_id)
    found = (
        select(MonthlyStanding)
        .join(Pledge, Pledge.id == MonthlyStanding.pledge_id)
        .where(
            MonthlyStanding.id > after,
            MonthlyStanding.card_expires < soon,
            # one that has paid since is good, whatever is printed on it
            MonthlyStanding.card_expires >= func.date(paid_since.scalar_subquery()),
            MonthlyStanding.due_at.is_(None),
            or_(MonthlyStanding.paused.is_(False), MonthlyStanding.resumes_at <= now),
            MonthlyStanding.ends_at.is_(None),
            Pledge.stopped_at.is_(None),
            Pledge.id.not_in(stopping),
        )
        .order_by(MonthlyStanding.id)
        .limit(_MOST)
    )
    return list(session.scalars(found))


def _consider(
    session: Session,
    row: MonthlyStanding,
    rules: settling.Rules,
    *,
    now: dt.datetime,
    notice_for: dt.timedelta,
) -> None:
    """Write to a payer, or have Stripe asked first whether it is still so."""
    if row.card_expires is None:
        return
    key = f"card-expires:{row.pledge_id}:{row.payment_method}:{row.card_expires}"
    if session.scalar(select(OutboxMail.id).where(OutboxMail.key == key)) is not None:
        return
    due = first_month_untaken(row.period_ends, row.card_expires, now=now)
    if due is None or due > now + notice_for:
        return
    pledge = session.get_one(Pledge, row.pledge_id, with_for_update=True)
    if row.known_at is None or row.known_at < now - _FRESH:
        standing.touch(session, pledge, now=now)
        return
    values = {
        "agreement": receipts.agreement(session, pledge),
        "card_expires": row.card_expires.isoformat(),
        "due": due.isoformat(),
        "link": letters.link(session, pledge, link_lifetime=rules.link_lifetime, now=now),
    }
    receipts.write(session, "card_expires", pledge, key=key, values=values, now=now)
