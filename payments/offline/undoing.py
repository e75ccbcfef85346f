"""Undoing: an offline payment is taken back by the reverse of it; nothing is ever changed.

Entered by mistake, a cheque that bounced, money given back by hand: the books treat all alike, and
keep the reason.
"""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import day_in_london
from payments import ledger, settling, totals
from payments.announcements import PaymentRefunded
from payments.law import marking
from payments.models import AppealDonor, OfflineEntry, Payment, Pledge, Refund
from payments.offline.booking import morning


class NotOffline(Exception):
    """The payment came through Stripe: it is given back there."""


class AlreadyUndone(Exception):
    """The payment was undone before."""


class BeforeItCame(ValueError):
    """It cannot be undone on a day before it was received, nor on one to come."""


def undo(
    session: Session,
    payment_id: uuid.UUID,
    *,
    why: str,
    on: dt.date | None = None,
    rules: settling.Rules,
    now: dt.datetime,
) -> Refund:
    """Book the reverse of an offline payment, once, as of a day or of this moment.

    Raises:
        NotOffline, AlreadyUndone, BeforeItCame: nothing is changed.
    """
    payment = session.scalars(
        select(Payment)
        .join(Payment.pledge)
        .where(Payment.id == payment_id)
        .with_for_update(of=Pledge)
    ).one()
    undoable_pence(session, payment)
    entry = session.get_one(OfflineEntry, payment_id)
    if on is not None and not entry.received_on <= on <= day_in_london(now):
        raise BeforeItCame(on)
    refund = Refund(
        id=uuid.uuid4(),
        payment_id=payment.id,
        amount_pence=payment.amount_pence,
        status="succeeded",
        reason=why,
        made_at=morning(on) if on else now,
        changed_at=now,
    )
    session.add(refund)
    session.flush()
    ledger.book_refund(session, payment, refund, now=now)
    _count_donors_anew(session, payment)
    marking.follow(session, payment, now=now)
    told = PaymentRefunded(payment.pledge_id, payment.id, refund.amount_pence, refund.made_at)
    rules.announce(session, told, now)
    return refund


def undoable_pence(session: Session, payment: Payment) -> int:
    """Return what undoing a payment takes back: all of it. Its pledge is locked.

    Raises:
        NotOffline, AlreadyUndone: nothing of it can be.
    """
    if session.get(OfflineEntry, payment.id) is None:
        raise NotOffline(payment.id)
    if session.scalar(select(Refund.id).where(Refund.payment_id == payment.id)) is not None:
        raise AlreadyUndone(payment.id)
    return payment.amount_pence


def _count_donors_anew(session: Session, payment: Payment) -> None:
    """Count its giver no more among the appeal's donors, if nothing of theirs is left there.

    What was undone was never a gift, unlike one that was given and later given back.
    """
    pledge = payment.pledge
    if pledge.appeal_id is None:
        return
    key = f"{pledge.appeal_id}:{pledge.email_key}"
    row = session.scalar(select(AppealDonor).where(AppealDonor.key == key).with_for_update())
    undone = select(Refund.id).where(
        Refund.payment_id == Payment.id, Refund.stripe_refund.is_(None)
    )
    others = (
        select(Payment.id)
        .join(Payment.pledge)
        .where(
            Pledge.appeal_id == pledge.appeal_id,
            Pledge.email_key == pledge.email_key,
            ~undone.exists(),
        )
    )
    if row is not None and session.scalar(others.limit(1)) is None:
        session.delete(row)
        session.flush()
        totals.forget(session, pledge.appeal_id)
