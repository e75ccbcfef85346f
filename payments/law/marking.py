"""Marking: a payment above the threshold waits for the treasurer, and its clock starts.

The Act gives so many days *beginning with the date* of receipt (PPERA 2000, s.56(2)), so that the
day of receipt is the first of them; what is kept longer counts as accepted. A day that we learn of
later can only make the clock start earlier.
"""

import datetime as dt

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.clock import LONDON, day_in_london
from core.database import insert_once
from payments.law.declaring import THRESHOLD
from payments.law.figures import Figure, figure, shipped, since
from payments.models import CheckDecision, Dispute, Payment, PermissibilityCheck, Refund

BOOKS = "the books"
GIVEN_BACK, LOST, CAME_BACK = "given back in whole", "dispute lost", "the money came back to us"
_MOST = 500


def mark(session: Session, payment: Payment, *, now: dt.datetime) -> PermissibilityCheck | None:
    """Mark a payment for the treasurer where it is above the threshold; return its check.

    Called again it changes nothing, but that the clock goes back to an earlier day of receipt that
    has become known. Whether its donor has declared anything makes no difference.
    """
    received = received_on(payment)
    if payment.amount_pence <= _value(THRESHOLD, received):
        return None
    session.flush()
    due = received + dt.timedelta(days=_value("check_days", received) - 1)
    row = {
        "payment_id": payment.id,
        "received_on": received,
        "due_on": due,
        "state": "waiting",
        "marked_at": now,
        "reminded": 0,
    }
    if insert_once(session, PermissibilityCheck, row, unique="payment_id"):
        follow(session, payment, now=now)
    check = of(session, payment)
    if check is not None and received < check.received_on:
        check.received_on, check.due_on = received, due
    return check


def received_on(payment: Payment) -> dt.date:
    """Return the earliest day in Britain on which a payment can be said to have been received."""
    moments = [payment.paid_at, payment.charged_at]
    days = [day_in_london(moment) for moment in moments if moment is not None]
    return min([*days, payment.payout_arrived_on] if payment.payout_arrived_on else days)


def of(session: Session, payment: Payment) -> PermissibilityCheck | None:
    """Return the check of a payment, if it is marked."""
    wanted = select(PermissibilityCheck).where(PermissibilityCheck.payment_id == payment.id)
    return session.scalar(wanted)


def follow(session: Session, payment: Payment, *, now: dt.datetime) -> None:
    """Bring a check in line with the money: what went back in whole has been returned.

    Should it come back to us (a refund fails, a lost dispute is won after all), the check stands
    where a person had left it, and else waits again: nothing is accepted by lying about.
    """
    check = of(session, payment)
    if check is None:
        return
    gone = why_gone(session, payment)
    if gone is not None and check.state != "returned":
        decide(session, check, "returned", why=gone, who=BOOKS, now=now)
    elif gone is None and check.who == BOOKS:
        last = session.scalar(
            select(CheckDecision)
            .where(CheckDecision.check_id == check.id, CheckDecision.who != BOOKS)
            .order_by(CheckDecision.id.desc())
            .limit(1)
        )
        decide(session, check, "waiting", why=CAME_BACK, who=BOOKS, now=now)
        if last is not None:
            check.state, check.decided_at = last.state, last.at
            check.why, check.who = last.why, last.who


def why_gone(session: Session, payment: Payment) -> str | None:
    """Say why nothing of a payment is ours any more; None while something is."""
    lost = select(Dispute.id).where(Dispute.payment_id == payment.id, Dispute.status == "lost")
    if session.scalar(lost.limit(1)) is not None:
        return LOST
    back = select(func.coalesce(func.sum(Refund.amount_pence), 0)).where(
        Refund.payment_id == payment.id, Refund.status.not_in(("failed", "canceled"))
    )
    return GIVEN_BACK if (session.scalar(back) or 0) >= payment.amount_pence else None


def decide(
    session: Session,
    check: PermissibilityCheck,
    state: str,
    *,
    why: str,
    who: str,
    now: dt.datetime,
) -> None:
    """Bring a check to a state, and keep that it was, why and by whom."""
    check.state = state
    waits = state == "waiting"
    check.decided_at = None if waits else now
    check.why, check.who = (None, None) if waits else (why, who)
    session.add(CheckDecision(check_id=check.id, state=state, why=why, who=who, at=now))
    session.flush()


def unmarked(session: Session) -> list[Payment]:
    """Find payments that should be marked and are not: booked before this house knew the law."""
    marked = select(PermissibilityCheck.id).where(PermissibilityCheck.payment_id == Payment.id)
    above = [_above(each) for each in shipped() if each.name == THRESHOLD]
    wanted = select(Payment).where(or_(*above), ~marked.exists())
    return list(session.scalars(wanted.order_by(Payment.paid_at).limit(_MOST)))


def _above(threshold: Figure) -> ColumnElement[bool]:
    """Return the condition that a payment was above a threshold while that was in force."""
    above = Payment.amount_pence > threshold.value
    if threshold.valid_from > since(THRESHOLD):
        above &= Payment.paid_at >= _begin(threshold.valid_from)
    if threshold.valid_to is not None:
        above &= Payment.paid_at < _begin(threshold.valid_to + dt.timedelta(days=1))
    return above


def _begin(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON)


def _value(name: str, on: dt.date) -> int:
    """Return a figure's value on a day; before the first day that we know of, that day's."""
    return figure(name, max(on, since(name))).value
