"""Disputes: a payer's bank takes money back, and may return it; and warnings before it does.

A total shows a dispute from its opening, whether or not Stripe has handed the money over yet; what
Stripe moved is booked beside it, line by line. An *inquiry* (`warning_…`) moves nothing and counts
for nothing unless it grows into a dispute (docs.stripe.com/disputes/how-disputes-work).
"""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import insert_once
from payments import ledger
from payments.announcements import DisputeWon, PaymentDisputed
from payments.law import marking
from payments.models import Dispute, FraudWarning, Payment
from payments.models.money import DISPUTE_STATUSES
from payments.notices import DisputeState, FraudWarned
from payments.settling.rules import Applied, Rules

# How far each status has come; it never goes back, but what was lost may still be won.
_RANK = {
    "warning_needs_response": 0,
    "warning_under_review": 1,
    "needs_response": 2,
    "under_review": 3,
    "warning_closed": 4,
    "prevented": 4,
    "lost": 5,
    "won": 6,
}
_CLOSED = ("warning_closed", "prevented", "won", "lost")


def apply(
    session: Session, payment: Payment, notice: DisputeState, *, rules: Rules, now: dt.datetime
) -> Applied:
    """Bring the books in line with how a dispute stands. The payment's pledge is locked."""
    row = session.scalar(select(Dispute).where(Dispute.stripe_dispute == notice.dispute))
    if notice.currency != payment.currency or notice.status not in DISPUTE_STATUSES:
        return Applied.HELD
    if not 0 < notice.pence <= payment.amount_pence:
        return Applied.HELD
    if row is None:
        row = _opened(session, payment, notice)
        moved = True
    elif row.amount_pence != notice.pence or row.payment_id != payment.id:
        return Applied.HELD
    else:
        moved = _RANK[notice.status] > _RANK[row.status]
    if moved:
        row.status, row.changed_at = notice.status, notice.at
        row.answer_by = notice.answer_by or row.answer_by
        row.closed_at = notice.at if row.status in _CLOSED else None
        _book(session, payment, row, rules, now)
        marking.follow(session, payment, now=now)
    lines = [ledger.book_dispute_line(session, payment, line, now=now) for line in notice.lines]
    return Applied.APPLIED if moved or any(lines) else Applied.KNOWN


def warned(session: Session, payment: Payment, notice: FraudWarned) -> Applied:
    """Keep a warning, once."""
    row = {
        "payment_id": payment.id,
        "stripe_warning": notice.warning,
        "kind": notice.kind,
        "warned_at": notice.at,
    }
    fresh = insert_once(session, FraudWarning, row, unique="stripe_warning")
    return Applied.APPLIED if fresh else Applied.KNOWN


def _opened(session: Session, payment: Payment, notice: DisputeState) -> Dispute:
    row = Dispute(
        id=uuid.uuid4(),
        payment_id=payment.id,
        stripe_dispute=notice.dispute,
        amount_pence=notice.pence,
        status=notice.status,
        reason=notice.reason,
        opened_at=notice.opened_at,
        answer_by=notice.answer_by,
        changed_at=notice.at,
    )
    session.add(row)
    session.flush()
    return row


def _book(session: Session, payment: Payment, row: Dispute, rules: Rules, now: dt.datetime) -> None:
    """Book what the status means: money argued about, and money that is ours again."""
    if row.status.startswith("warning_"):
        return
    event = (payment.pledge_id, payment.id, row.amount_pence)
    if ledger.book_dispute(session, payment, row, now=now) is not None:
        rules.announce(session, PaymentDisputed(*event, row.opened_at), now)
    won = row.status in ("won", "prevented")
    if won and ledger.book_dispute_won(session, payment, row, now=now) is not None:
        rules.announce(session, DisputeWon(*event, row.changed_at), now)
