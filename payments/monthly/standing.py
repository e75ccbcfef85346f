"""Standing: how each agreement stands at Stripe, asked anew whenever something touched it.

A pause, a card, an end with the period may be changed here, on Stripe's portal and in its
dashboard, and the notices of it may come late, twice, in any order or never together. So none of
them is believed: each has the agreement read again, and what was read holds.
"""

import datetime as dt
import logging
import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, lazyload

from core import clock, leasing
from core.database import insert_once, reading, transaction
from payments.gateway import Gateway, GatewayUnavailable, PaymentRefused
from payments.models import MonthlyStanding, Pledge
from payments.notices import SubscriptionState, SubscriptionTouched
from payments.trying import put_off_if_it_fails

_log = logging.getLogger(__name__)


def of(session: Session, pledge_id: uuid.UUID) -> MonthlyStanding | None:
    """Return how an agreement stood when it was last asked; None while it never was."""
    return session.scalar(select(MonthlyStanding).where(MonthlyStanding.pledge_id == pledge_id))


def pledges(session: Session, notice: SubscriptionTouched) -> list[Pledge]:
    """Find and lock the running agreements that a notice may speak of, by their ids."""
    named = [Pledge.id == notice.pledge_id] if notice.pledge_id else []
    if notice.subscription:
        named.append(Pledge.stripe_subscription == notice.subscription)
    if notice.customer:
        named.append(Pledge.stripe_customer == notice.customer)
    if notice.payment_method:
        paid_so = MonthlyStanding.payment_method == notice.payment_method
        named.append(Pledge.id.in_(select(MonthlyStanding.pledge_id).where(paid_so)))
    found = (
        select(Pledge)
        .where(or_(*named), Pledge.stripe_subscription.is_not(None))
        .options(lazyload(Pledge.appeal), lazyload(Pledge.checkouts))
        .order_by(Pledge.id)
        .with_for_update()
    )
    return list(session.scalars(found))


def touch(session: Session, pledge: Pledge, *, now: dt.datetime) -> None:
    """Have Stripe asked how an agreement stands. Its pledge is locked; one that ended is over."""
    if pledge.stopped_at is not None:
        return
    first = {"pledge_id": pledge.id, "touches": 0, "attempts": 0, "paused": False}
    insert_once(session, MonthlyStanding, first, unique="pledge_id")
    row = session.scalars(
        select(MonthlyStanding)
        .where(MonthlyStanding.pledge_id == pledge.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.touches, row.due_at, row.attempts = row.touches + 1, now, 0
    session.flush()


def keep(row: MonthlyStanding, state: SubscriptionState, *, now: dt.datetime) -> None:
    """Keep how an agreement stands, as Stripe has just said."""
    row.paused, row.resumes_at, row.ends_at = state.paused, state.resumes_at, state.ends_at
    row.period_ends, row.known_at = state.period_ends, now
    row.payment_method, row.card_expires = state.payment_method, state.card_expires


def ask_due(gateway: Gateway) -> int:
    """Ask how the agreements stand that something has touched; say how many were taken up."""
    with transaction() as session:
        taken = leasing.claim(session, MonthlyStanding, now=clock.now())
    for row in taken:
        with put_off_if_it_fails(MonthlyStanding, row.id):
            _ask(gateway, row)
    return len(taken)


def _ask(gateway: Gateway, row: MonthlyStanding) -> None:
    with reading() as session:
        subscription = session.get_one(Pledge, row.pledge_id).stripe_subscription
    try:
        state = gateway.subscription(subscription or "")
    except GatewayUnavailable as error:
        with transaction() as session:
            leasing.put_off(session, MonthlyStanding, row.id, str(error), now=clock.now())
        return
    except PaymentRefused as error:
        _log.warning("standing not told", extra={"pledge": str(row.pledge_id)})
        with transaction() as session:
            leasing.given_up(session.get_one(MonthlyStanding, row.id), str(error))
        return
    with transaction() as session:
        _keep_unless_touched(session, row, state)


def _keep_unless_touched(session: Session, row: MonthlyStanding, state: SubscriptionState) -> None:
    """Keep what was read, unless something has touched the agreement since: then it is old."""
    session.get_one(Pledge, row.pledge_id, with_for_update=True)
    now_there = session.get_one(MonthlyStanding, row.id, with_for_update=True)
    if now_there.touches == row.touches:
        keep(now_there, state, now=clock.now())
        leasing.done(now_there, now=clock.now())
