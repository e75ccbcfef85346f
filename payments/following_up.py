"""Following up with Stripe, from the worker: fees and methods, stops, and Checkouts gone quiet.

The row is claimed in one transaction, Stripe is asked outside any, the answer is kept in another.
"""

import datetime as dt
import logging
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import reading, transaction
from payments import days, settling
from payments.gateway import Gateway, GatewayUnavailable, PaymentDetails, PaymentRefused
from payments.models import Checkout, DetailInquiry, Payment, Pledge, StopRequest
from payments.notices import CheckoutState
from payments.settling import clearing
from payments.trying import put_off_if_it_fails

_log = logging.getLogger(__name__)
# A Checkout that nobody told us about for this long is looked at; the webhook is quicker.
QUIET = dt.timedelta(minutes=10)
_MOST = 50


def ask_details(gateway: Gateway) -> int:
    """Ask the method and fee of payments; where the fee is not known yet, ask again later."""
    with transaction() as session:
        taken = leasing.claim(session, DetailInquiry, now=clock.now())
        payments = {row.id: session.get_one(Payment, row.payment_id) for row in taken}
    for row in taken:
        with put_off_if_it_fails(DetailInquiry, row.id):
            _ask_details(gateway, row.id, payments[row.id])
    return len(taken)


def _ask_details(gateway: Gateway, row_id: int, payment: Payment) -> None:
    try:
        found = gateway.details(payment_intent=payment.payment_intent, invoice=payment.invoice)
    except (GatewayUnavailable, PaymentRefused) as error:
        _put_off(DetailInquiry, row_id, str(error))
        return
    with transaction() as session:
        _keep_details(session, session.get_one(DetailInquiry, row_id), found)


def stop_due(gateway: Gateway, rules: settling.Rules) -> int:
    """Carry out wishes to stop that Stripe has not heard yet."""
    with transaction() as session:
        taken = leasing.claim(session, StopRequest, now=clock.now())
    for row in taken:
        with put_off_if_it_fails(StopRequest, row.id):
            stop(gateway, rules, row.pledge_id)
    return len(taken)


def stop(gateway: Gateway, rules: settling.Rules, pledge_id: uuid.UUID) -> bool:
    """Tell Stripe to take nothing more for this pledge; say whether it heard us.

    Where it did not, the worker goes on trying.
    """
    with reading() as session:
        pledge = session.get_one(Pledge, pledge_id)
        request = session.scalars(
            select(StopRequest).where(StopRequest.pledge_id == pledge.id)
        ).one()
    if pledge.stripe_subscription is None:
        _put_off(StopRequest, request.id, "no subscription yet")
        return False
    try:
        notice = gateway.stop(pledge.stripe_subscription)
    except (GatewayUnavailable, PaymentRefused) as error:
        _log.warning("not stopped yet", extra={"pledge": str(pledge.id), "error": str(error)})
        _put_off(StopRequest, request.id, str(error))
        return False
    with transaction() as session:
        settling.apply(session, notice, rules=rules, now=clock.now())
        leasing.done(session.get_one(StopRequest, request.id), now=clock.now())
    return True


def look_at_quiet(gateway: Gateway, rules: settling.Rules) -> int:
    """Ask what became of Checkouts that went quiet, so that a lost notice loses no money."""
    now = clock.now()
    quiet = (
        select(Checkout)
        .join(Pledge)
        .where(
            Checkout.session_id.is_not(None),
            Checkout.checked_at <= now - QUIET,
            Checkout.state.in_(["open", "complete"]),
            Pledge.state.in_(["pending", "confirming"]),
        )
        .order_by(Checkout.checked_at)
        .limit(_MOST)
    )
    with reading() as session:
        found = list(session.scalars(quiet))
    for checkout in found:
        look_at(gateway, rules, checkout)
    with transaction() as session:
        close_unopened(session, now=now)
    return 0


def close_unopened(session: Session, *, now: dt.datetime) -> None:
    """Close Checkouts of which Stripe never gave us the page, once they would be over.

    Nobody was sent there. Should Stripe have taken money all the same, its notice still books it.
    """
    over = select(Checkout).where(
        Checkout.state == "open", Checkout.session_id.is_(None), Checkout.expires_at <= now
    )
    for checkout in session.scalars(over):
        checkout.state = "expired"
        if checkout.pledge.state == "pending":
            checkout.pledge.state = "not-taken"


def look_at(gateway: Gateway, rules: settling.Rules, checkout: Checkout) -> CheckoutState | None:
    """Ask Stripe about one Checkout, settle and return what it says; None where it says nothing."""
    if checkout.session_id is None:
        return None
    try:
        notice: CheckoutState | None = gateway.checkout(checkout.session_id)
    except (GatewayUnavailable, PaymentRefused) as error:
        _log.warning(
            "checkout not looked at", extra={"pledge": str(checkout.pledge_id), "error": str(error)}
        )
        notice = None
    with transaction() as session:
        if notice is not None:  # first, since it locks the pledge, as whoever settles does
            settling.apply(session, notice, rules=rules, now=clock.now())
        session.get_one(Checkout, checkout.id).checked_at = clock.now()
    return notice


def _keep_details(session: Session, row: DetailInquiry, found: PaymentDetails) -> None:
    payment = session.scalars(  # its pledge is locked first, as by whoever settles
        select(Payment)
        .join(Payment.pledge)
        .where(Payment.id == row.payment_id)
        .with_for_update(of=Pledge)
    ).one()
    payment.payment_intent = payment.payment_intent or found.payment_intent
    payment.charge = payment.charge or found.charge
    settling.wake(session, payment.payment_intent, payment.charge, now=clock.now())
    if payment.method is None and found.method is not None:
        days.method_known(session, payment, found.method)
    clearing.charged(session, payment, found.charged_at, now=clock.now())
    if found.fee_pence is None:
        leasing.failed(row, "fee not known yet", now=clock.now())
        return
    clearing.fee_known(session, payment, found.fee_pence, now=clock.now())
    leasing.done(row, now=clock.now())


def _put_off(kind: type[DetailInquiry | StopRequest], row_id: int, error: str) -> None:
    with transaction() as session:
        leasing.put_off(session, kind, row_id, error, now=clock.now())
