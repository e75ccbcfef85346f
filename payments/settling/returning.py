"""Refunds: money given back, by us or in Stripe's dashboard, in part or whole.

The money leaves our balance when a refund is made, whatever becomes of it; one that fails brings
it back (docs.stripe.com/refunds#failed-refunds).
"""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments import ledger, receipts
from payments.announcements import PaymentRefunded, RefundFailed
from payments.law import marking
from payments.models import Payment, Refund, RefundRequest
from payments.models.money import REFUND_STATUSES
from payments.notices import RefundState
from payments.settling.rules import Applied, Rules

# How far each status has come; it never goes back.
_RANK = {"pending": 0, "requires_action": 0, "succeeded": 1, "failed": 2, "canceled": 2}


def apply(
    session: Session, payment: Payment, notice: RefundState, *, rules: Rules, now: dt.datetime
) -> Applied:
    """Bring the books in line with how a refund stands. The payment's pledge is locked."""
    row = session.scalar(select(Refund).where(Refund.stripe_refund == notice.refund))
    if row is None:
        return _first_heard(session, payment, notice, rules, now)
    if row.amount_pence != notice.pence or row.payment_id != payment.id:
        return Applied.HELD
    if notice.status not in _RANK or _RANK[notice.status] <= _RANK[row.status]:
        return Applied.KNOWN
    row.status, row.changed_at = notice.status, notice.at
    if row.failed:
        _came_back(session, payment, row, rules, now)
    marking.follow(session, payment, now=now)
    return Applied.APPLIED


def refundable_pence(session: Session, payment: Payment) -> int:
    """Return how much of a payment could still be given back, in pence."""
    given = session.scalars(select(Refund).where(Refund.payment_id == payment.id))
    return payment.amount_pence - sum(row.amount_pence for row in given if not row.failed)


def _first_heard(
    session: Session, payment: Payment, notice: RefundState, rules: Rules, now: dt.datetime
) -> Applied:
    too_much = notice.pence > refundable_pence(session, payment)
    failed = notice.status in ("failed", "canceled")
    if notice.pence <= 0 or notice.currency != payment.currency or (too_much and not failed):
        return Applied.HELD
    row = Refund(
        id=uuid.uuid4(),
        payment_id=payment.id,
        stripe_refund=notice.refund,
        amount_pence=notice.pence,
        status=notice.status if notice.status in REFUND_STATUSES else "pending",
        reason=notice.reason,
        made_at=notice.made_at,
        changed_at=notice.at,
    )
    session.add(row)
    session.flush()
    _carried_out(session, notice, now)
    ledger.book_refund(session, payment, row, now=now)
    if rules.letters:
        receipts.say_refunded(session, payment, row, now=now)
    refunded = PaymentRefunded(payment.pledge_id, payment.id, row.amount_pence, row.made_at)
    rules.announce(session, refunded, now)
    if row.failed:
        _came_back(session, payment, row, rules, now)
    marking.follow(session, payment, now=now)
    return Applied.APPLIED


def _came_back(
    session: Session, payment: Payment, row: Refund, rules: Rules, now: dt.datetime
) -> None:
    ledger.book_refund_failed(session, payment, row, now=now)
    failed = RefundFailed(payment.pledge_id, payment.id, row.amount_pence, row.changed_at)
    rules.announce(session, failed, now)


def _carried_out(session: Session, notice: RefundState, now: dt.datetime) -> None:
    """Note that a wish of ours has been carried out, should Stripe's notice outrun its answer."""
    asked = session.scalar(
        select(RefundRequest).where(RefundRequest.stripe_refund == notice.refund)
    )
    if asked is not None and asked.done_at is None:
        asked.due_at, asked.done_at = None, now
