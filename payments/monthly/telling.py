"""Telling Stripe what monthly givers and members wish.

It is told at once or, while it does not hear us, by the worker.
"""

import datetime as dt
import logging

from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import reading, transaction
from payments import settling
from payments.announcements import DuesChanged
from payments.gateway import ChangeOrder, Gateway, GatewayUnavailable, PaymentRefused
from payments.models import MonthlyChange, Pledge
from payments.monthly import amounts, letters, standing
from payments.notices import SubscriptionState
from payments.trying import put_off_if_it_fails

_log = logging.getLogger(__name__)
# How often Stripe may say no before a wish is given up, and told in the log.
MOST_REFUSALS = 5


def tell_due(gateway: Gateway, rules: settling.Rules) -> int:
    """Carry out wishes that Stripe has not heard yet; say how many were taken up."""
    with transaction() as session:
        taken = leasing.claim(session, MonthlyChange, now=clock.now())
    for row in taken:
        with put_off_if_it_fails(MonthlyChange, row.id):
            tell(gateway, rules, row.id)
    return len(taken)


def tell(gateway: Gateway, rules: settling.Rules, change_id: int) -> bool:
    """Tell Stripe of a wish; say whether it heard us. Where it did not, the worker goes on."""
    with reading() as session:
        change = session.get_one(MonthlyChange, change_id)
        subscription = session.get_one(Pledge, change.pledge_id).stripe_subscription
    if change.due_at is None or subscription is None:
        return change.done_at is not None
    order = ChangeOrder(
        key=change.idempotency_key,
        subscription=subscription,
        kind=change.kind,
        until=change.until,
        pence=change.amount_pence,
    )
    try:
        state = gateway.change(order)
    except GatewayUnavailable as error:
        _log.warning("not changed yet", extra={"pledge": str(change.pledge_id)})
        with transaction() as session:
            _put_off(session, change_id, str(error))
        return False
    except PaymentRefused as error:
        _log.warning("change refused", extra={"pledge": str(change.pledge_id)})
        with transaction() as session:
            _refused(session, change, str(error), now=clock.now())
        return False
    with transaction() as session:
        _heard(session, change_id, state, rules, now=clock.now())
    return True


def _heard(
    session: Session,
    change_id: int,
    state: SubscriptionState,
    rules: settling.Rules,
    *,
    now: dt.datetime,
) -> None:
    """Keep that Stripe has heard, once, and how the agreement stands since.

    An answer kept for a repeated key is as old as the first try: so it is read again at once.
    """
    found = session.get_one(MonthlyChange, change_id)
    pledge = session.get_one(Pledge, found.pledge_id, with_for_update=True)
    change = session.get_one(MonthlyChange, change_id, with_for_update=True)
    if change.due_at is None:
        return
    leasing.done(change, now=now)
    amounts.heard(session, change, now=now)
    standing.touch(session, pledge, now=now)
    stood = standing.of(session, pledge.id)
    if stood is not None:
        standing.keep(stood, state, now=now)
    letters.say_changed(session, pledge, change, link_lifetime=rules.link_lifetime, now=now)
    if pledge.kind == "dues" and change.amount_pence is not None:
        changed = DuesChanged(pledge.id, change.amount_pence, change.label, now)
        rules.announce(session, changed, now)


def _refused(session: Session, change: MonthlyChange, error: str, *, now: dt.datetime) -> None:
    """Try again under another key, for this one brings the same answer; give up in the end."""
    session.get_one(Pledge, change.pledge_id, with_for_update=True)
    there = session.get_one(MonthlyChange, change.id, with_for_update=True)
    if there.due_at is None or there.refusals != change.refusals:
        return
    there.refusals += 1
    if there.refusals < MOST_REFUSALS:
        leasing.failed(there, error, now=now)
        return
    leasing.given_up(there, error)
    _log.error("change given up", extra={"pledge": str(change.pledge_id)})
    amounts.refused(session, there, now=now)


def _put_off(session: Session, change_id: int, error: str) -> None:
    row = session.get_one(MonthlyChange, change_id, with_for_update=True)
    if row.due_at is not None:
        leasing.failed(row, error, now=clock.now())
