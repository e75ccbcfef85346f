"""Refunding: our own wish to give money back, kept first and carried out by the worker."""

import datetime as dt
import logging
import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import transaction
from payments import settling
from payments.gateway import Gateway, GatewayUnavailable, PaymentRefused, RefundOrder
from payments.models import Dispute, Payment, Pledge, RefundRequest
from payments.settling.returning import refundable_pence
from payments.trying import put_off_if_it_fails

_log = logging.getLogger(__name__)
_DISPUTED = ("needs_response", "under_review", "lost")


class NotRefundable(Exception):
    """This cannot be given back; the words say why, and `why` names them.

    `offline`: it came past Stripe; `unknown`: Stripe has not told which payment it was;
    `disputed`: the bank has it; `left`: more than the `left_pence` that are left of it.
    """

    def __init__(self, words: str, why: str, left_pence: int = 0) -> None:
        super().__init__(words)
        self.why = why
        self.left_pence = left_pence


def ask(
    session: Session, payment_id: uuid.UUID, *, pence: int | None, why: str, now: dt.datetime
) -> RefundRequest:
    """Keep the wish to give back `pence` of a payment, or all that is left of it.

    Wishes under way count as given, so that two people who press at one moment give back once.

    Raises:
        NotRefundable: more than is left, disputed (the bank has it), not known at Stripe
            yet, or did not come through Stripe.
    """
    payment = lock(session, payment_id)
    left = left_pence(session, payment)
    wanted = left if pence is None else pence
    if not 0 < wanted <= left:
        raise NotRefundable(f"{left} pence are left of it", "left", left)
    count = select(func.count()).where(RefundRequest.payment_id == payment.id)
    request = RefundRequest(
        payment_id=payment.id,
        key=f"refund:{payment.id}:{session.scalars(count).one() + 1}",
        amount_pence=wanted,
        why=why,
        asked_at=now,
        due_at=now,
    )
    session.add(request)
    session.flush()
    return request


def lock(session: Session, payment_id: uuid.UUID) -> Payment:
    """Return a payment; its pledge is locked, as by whoever settles."""
    return session.scalars(
        select(Payment)
        .join(Payment.pledge)
        .where(Payment.id == payment_id)
        .with_for_update(of=Pledge)
    ).one()


def left_pence(session: Session, payment: Payment) -> int:
    """Return how much of a payment can still be asked back, in pence; wishes under way count.

    Raises:
        NotRefundable: nothing of it can be, whatever is left.
    """
    if payment.offline:
        raise NotRefundable(
            "it did not come through Stripe: give it back by hand, "
            f"then: flask payments offline undo {payment.id} --why …",
            "offline",
        )
    if payment.payment_intent is None:
        raise NotRefundable("Stripe has not told us yet which payment it was", "unknown")
    disputed = select(Dispute.id).where(
        Dispute.payment_id == payment.id, Dispute.status.in_(_DISPUTED)
    )
    if session.scalar(disputed.limit(1)) is not None:
        raise NotRefundable("it is disputed, and with the bank", "disputed")
    return refundable_pence(session, payment) - _under_way(session, payment)


def refund_due(gateway: Gateway, rules: settling.Rules) -> int:
    """Carry out wishes to give money back; what Stripe refuses stays visible."""
    with transaction() as session:
        taken = leasing.claim(session, RefundRequest, now=clock.now())
        orders = {row.id: _order(session, row) for row in taken}
    for row in taken:
        with put_off_if_it_fails(RefundRequest, row.id):
            _refund(gateway, rules, row, orders[row.id])
    return len(taken)


def _refund(
    gateway: Gateway, rules: settling.Rules, row: RefundRequest, order: RefundOrder
) -> None:
    try:
        notice = gateway.refund(order)
    except GatewayUnavailable as error:
        _log.warning("refund put off", extra={"payment": str(row.payment_id)})
        with transaction() as session:
            leasing.put_off(session, RefundRequest, row.id, str(error), now=clock.now())
        return
    except PaymentRefused as error:
        _log.error("refund refused", extra={"payment": str(row.payment_id)})
        with transaction() as session:
            leasing.given_up(session.get_one(RefundRequest, row.id), str(error))
        return
    with transaction() as session:
        request = session.get_one(RefundRequest, row.id)
        request.stripe_refund = notice.refund
        settling.apply(session, notice, rules=rules, now=clock.now())
        leasing.done(request, now=clock.now())


def _order(session: Session, row: RefundRequest) -> RefundOrder:
    payment = session.get_one(Payment, row.payment_id)
    return RefundOrder(row.key, payment.payment_intent or "", row.amount_pence, payment.id)


def _under_way(session: Session, payment: Payment) -> int:
    """Return the sum of wishes that Stripe has not answered yet, in pence."""
    waiting = select(func.coalesce(func.sum(RefundRequest.amount_pence), 0)).where(
        RefundRequest.payment_id == payment.id,
        RefundRequest.stripe_refund.is_(None),
        RefundRequest.due_at.is_not(None),
    )
    return int(session.scalar(waiting) or 0)
