"""The treasurer's file: one row a payment, as CSV."""

import csv
import datetime as dt
from collections.abc import Iterator
from typing import TextIO

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from core.clock import LONDON
from core.spreadsheets import harmless
from payments import statuses
from payments.models import Payment, Pledge

COLUMNS = (
    "id",
    "kind",
    "status",
    "amount_pence",
    "refunded_pence",
    "fee_pence",
    "currency",
    "method",
    "appeal",
    "source",
    "created_at",
    "paid_at",
    "stripe_session",
    "stripe_payment_intent",
    "stripe_invoice",
)


def write(session: Session, file: TextIO, *, first: dt.date, last: dt.date) -> int:
    """Write the payments from the first to the last day, both counted, by the London day paid.

    Returns how many there were.
    """
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    count = 0
    paid = enumerate(_between(session, first, last), 1)
    for count, (payment, is_first) in paid:  # noqa: B007 -- counted
        rows.writerow(harmless(cell) for cell in _row(payment, is_first=is_first))
    return count


def _between(session: Session, first: dt.date, last: dt.date) -> Iterator[Row[Payment, bool]]:
    begin = dt.datetime.combine(first, dt.time.min, LONDON)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min, LONDON)
    wanted = (
        select(Payment, statuses.is_first())
        .options(
            joinedload(Payment.pledge).joinedload(Pledge.appeal),
            joinedload(Payment.pledge).selectinload(Pledge.checkouts),
            *statuses.loaded(),
        )
        .where(Payment.paid_at >= begin, Payment.paid_at < end)
        .order_by(Payment.paid_at, Payment.id)
        .execution_options(yield_per=1000)
    )
    yield from session.execute(wanted)


def _row(payment: Payment, *, is_first: bool) -> tuple[object, ...]:
    pledge = payment.pledge
    sessions = [checkout.session_id for checkout in pledge.checkouts if checkout.session_id]
    return (
        payment.id,
        pledge.kind,
        statuses.status_of(payment),
        payment.amount_pence,
        statuses.refunded_pence(payment),
        payment.fee_pence,
        payment.currency,
        payment.method,
        pledge.appeal.slug if pledge.appeal else None,
        pledge.source,
        pledge.created_at.isoformat(),
        payment.paid_at.isoformat(),
        sessions[-1] if sessions and is_first and not payment.offline else None,
        payment.payment_intent,
        payment.invoice,
    )
