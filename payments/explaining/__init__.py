"""Explaining: the whole story of one payment, as kinds and values in the order they happened."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.explaining.finding import NoSuchPayment, find, payment, pledge
from payments.explaining.steps import (
    Step,
    of_change,
    of_checkout,
    of_notices,
    of_payment,
    of_quarantine,
    of_settlements,
)
from payments.law import telling as law
from payments.models import (
    MonthlyChange,
    Payment,
    Pledge,
    Quarantine,
    StopRequest,
)
from payments.statuses import Status, status_of

__all__ = ["NoSuchPayment", "Step", "Story", "explain", "explain_one", "payment", "pledge"]

_COURSE = (
    "pledged",
    "declared",
    "aside",
    "checkout",
    "charged",
    "paid",
    "marked",
    "offline_line",
    "offline_entered",
    "offline_undone",
    "fee",
    "warned",
    "refund",
    "dispute",
    "payout",
    "arrived",
    "decided",
    "notice",
    "held",
    "receipt",
    "change",
    "stop",
    "not_taken",
)


@dataclass(frozen=True, slots=True)
class Story:
    """A pledge and what happened to it; `statuses` are those of payments not plainly paid."""

    pledge: Pledge
    steps: list[Step]
    statuses: list[str]


def explain(session: Session, some_id: str) -> Story:
    """Tell the story of a payment by our id, its short reference, or any of Stripe's ids.

    Raises:
        NoSuchPayment: when nothing has this id.
    """
    pledge = find(session, some_id.strip())
    return _story(session, pledge, pledge.payments)


def explain_one(session: Session, payment: Payment) -> Story:
    """Tell the story of one payment alone, with what happened to its whole agreement."""
    return _story(session, payment.pledge, [payment])


def _story(session: Session, pledge: Pledge, payments: Sequence[Payment]) -> Story:
    steps = []
    if pledge.kind != "offline":
        steps.append(Step(pledge.created_at, "pledged", {"amount": str(pledge.amount_pence)}))
    steps += [Step(*told) for told in law.declared(session, pledge)]
    steps += of_quarantine(session.get(Quarantine, pledge.id))
    for checkout in pledge.checkouts:
        steps += of_checkout(checkout)
    for each in payments:
        steps += of_payment(session, each)
    steps += of_notices(session, pledge)
    steps += of_settlements(session, pledge)
    changes = select(MonthlyChange).where(MonthlyChange.pledge_id == pledge.id)
    for change in session.scalars(changes):
        steps += of_change(change)
    asked = session.scalar(select(StopRequest).where(StopRequest.pledge_id == pledge.id))
    if asked is not None:
        steps.append(Step(asked.asked_at, "stop_asked"))
    if pledge.stopped_at is not None:
        steps.append(Step(pledge.stopped_at, "stopped"))
    if pledge.state == "not-taken":
        steps.append(Step(max(step.at for step in steps), "not_taken"))
    moved = [status_of(each) for each in payments]
    unusual = [str(status) for status in moved if status is not Status.PAID]
    return Story(pledge, sorted(steps, key=_order), unusual)


def _order(step: Step) -> tuple[dt.datetime, int]:
    """Order by the second, since Stripe tells no less, and within one by what leads to what."""
    rank = max(n for n, begin in enumerate(_COURSE) if step.kind.startswith(begin))
    return step.at.replace(microsecond=0), rank
