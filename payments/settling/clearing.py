"""What becomes known of a payment after it was taken: its intent, its charge, its fee."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments import ledger
from payments.law import marking
from payments.models import DetailInquiry, Payment
from payments.notices import ChargeCleared, InvoiceSettledBy
from payments.settling import finding
from payments.settling.rules import Applied, Settled
from payments.settling.waking import wake


def link(session: Session, notice: InvoiceSettledBy, *, now: dt.datetime) -> Settled:
    """Note which payment has paid an invoice, and wake what waits for it."""
    payment = finding.payment_of(session, invoice=notice.invoice)
    if payment is None:
        return Settled(Applied.UNKNOWN)
    if payment.payment_intent is not None:
        return Settled(Applied.KNOWN, payment.pledge_id)
    payment.payment_intent = notice.payment_intent
    wake(session, notice.payment_intent, now=now)
    return Settled(Applied.APPLIED, payment.pledge_id)


def charged(
    session: Session, payment: Payment, at: dt.datetime | None, *, now: dt.datetime
) -> None:
    """Keep when a payment was charged, once, and have its clock start then."""
    if payment.charged_at is None and at is not None:
        payment.charged_at = at
        marking.mark(session, payment, now=now)


def cleared(
    session: Session, payment: Payment, notice: ChargeCleared, *, now: dt.datetime
) -> Applied:
    """Keep when it was charged, and have the fee asked for at once where it is not known yet."""
    charged(session, payment, notice.charged_at, now=now)
    if payment.fee_pence is not None:
        return Applied.KNOWN
    asked = session.scalar(select(DetailInquiry).where(DetailInquiry.payment_id == payment.id))
    if asked is None or asked.due_at is None:
        return Applied.KNOWN
    asked.due_at = now
    return Applied.APPLIED


def fee_known(session: Session, payment: Payment, fee_pence: int, *, now: dt.datetime) -> None:
    """Book the fee of a payment, once."""
    if payment.fee_pence is None:
        payment.fee_pence = fee_pence
        ledger.book_fee(session, payment, fee_pence, now=now)
