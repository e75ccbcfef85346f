"""Telling: what the law asked for in the story of a payment; nothing of who the donor is."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import LONDON
from payments.law import marking
from payments.models import CheckDecision, Declaration, Payment, Pledge

Told = tuple[dt.datetime, str, dict[str, str]]


def declared(session: Session, pledge: Pledge) -> Iterator[Told]:
    """Tell that something was declared of a pledge, and of what kind the donor is."""
    rows = select(Declaration).where(Declaration.pledge_id == pledge.id).order_by(Declaration.id)
    for row in session.scalars(rows):
        yield row.at, "declared", {"donor": row.donor_type}


def of_payment(session: Session, payment: Payment) -> Iterator[Told]:
    """Tell when a payment was charged and reached the bank, and what became of its check."""
    values = {"number": str(payment.number)}
    if payment.charged_at is not None:
        yield payment.charged_at, "charged", values
    if payment.payout_arrived_on is not None:
        arrived = dt.datetime.combine(payment.payout_arrived_on, dt.time(), LONDON)
        yield arrived, "arrived", {**values, "day": _day(payment.payout_arrived_on)}
    check = marking.of(session, payment)
    if check is None:
        return
    yield payment.paid_at, "marked", {**values, "day": _day(check.due_on)}
    decisions = select(CheckDecision).where(CheckDecision.check_id == check.id)
    for row in session.scalars(decisions.order_by(CheckDecision.id)):
        yield row.at, f"decided_{row.state}", {**values, "who": row.who, "why": row.why}


def _day(day: dt.date) -> str:
    return f"{day:%d %b %Y}"
