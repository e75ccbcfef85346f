"""Arriving: the day on which the money of each payment reached the bank.

A payout that the bank sends back has brought nothing there; its money is available again at Stripe,
and goes out with a later one, which holds it as a line of its own
(docs.stripe.com/payouts#payout-failures).
"""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.law import marking
from payments.models import Payment, Payout, PayoutLine

CAME_BACK = ("payout_failure", "payout_cancel")


def follow(session: Session, payout: Payout, *, now: dt.datetime) -> None:
    """Keep the day of arrival of all that a payout carries, or that none is known any more."""
    session.flush()
    for carried in _carried(session, payout):
        arrived = _arrival(session, carried)
        wanted = select(Payment).where(
            Payment.payout_id == carried.id,
            Payment.payout_arrived_on.is_distinct_from(arrived),
        )
        for payment in session.scalars(wanted.order_by(Payment.id)):
            payment.payout_arrived_on = arrived
            marking.mark(session, payment, now=now)
    session.flush()


def _carried(session: Session, payout: Payout) -> list[Payout]:
    """Return a payout and those that came back before and go out again with it."""
    found = [payout]
    for each in found:  # which grows as we go
        sources = select(PayoutLine.source).where(
            PayoutLine.payout_id == each.id, PayoutLine.kind.in_(CAME_BACK)
        )
        before = select(Payout).where(Payout.stripe_payout.in_(sources))
        found += [one for one in session.scalars(before) if one not in found]
    return found


def _arrival(session: Session, payout: Payout) -> dt.date | None:
    """Return when the money of a payout reached the bank: with it, or with one that followed."""
    seen: set[str] = set()
    while payout.status != "paid":
        seen.add(payout.stripe_payout)
        again = (
            select(Payout)
            .join(Payout.lines)
            .where(PayoutLine.source == payout.stripe_payout, PayoutLine.kind.in_(CAME_BACK))
        )
        following = session.scalar(again.limit(1))
        if following is None or following.stripe_payout in seen:
            return None
        payout = following
    return payout.arrives_on
