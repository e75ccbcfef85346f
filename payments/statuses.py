"""How a payment stands, from its refunds and disputes."""

from enum import StrEnum

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import aliased, lazyload, selectinload
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.orm.strategy_options import _AbstractLoad

from payments.models import Payment, Pledge


class Status(StrEnum):
    """How a payment stands: a dispute outweighs a refund."""

    PAID = "paid"
    PART_REFUNDED = "part-refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    LOST = "lost"


def loaded() -> tuple[ORMOption, ORMOption]:
    """Return what a query for payments needs so that their status can be told."""
    return selectinload(Payment.refunds), selectinload(Payment.disputes)


def of_pledge(way: _AbstractLoad) -> _AbstractLoad:
    """Let a list load pledges in this way, without their Checkouts and appeals: none is shown."""
    return way.options(lazyload(Pledge.appeal), lazyload(Pledge.checkouts))


def is_first() -> ColumnElement[bool]:
    """Return the condition that a payment is its pledge's first, by when it was paid.

    `Payment.number` counts in the order in which we were told, which may be another.
    """
    earlier = aliased(Payment)
    before = tuple_(earlier.paid_at, earlier.number) < tuple_(Payment.paid_at, Payment.number)
    found = select(earlier.id).where(earlier.pledge_id == Payment.pledge_id, before)
    return ~found.correlate(Payment).exists()


def refunded_pence(payment: Payment) -> int:
    """Return how much of a payment was given back, in pence; what came back to us is left out."""
    return sum(refund.amount_pence for refund in payment.refunds if not refund.failed)


def status_of(payment: Payment) -> Status:
    """Return how a payment stands."""
    disputes = {dispute.status for dispute in payment.disputes}
    if "lost" in disputes:
        return Status.LOST
    if disputes & {"needs_response", "under_review"}:
        return Status.DISPUTED
    back = refunded_pence(payment)
    if back == 0:
        return Status.PAID
    return Status.REFUNDED if back == payment.amount_pence else Status.PART_REFUNDED
