"""Listing: what the treasurer has to look at, by the day it is due."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from core.clock import LONDON
from payments import statuses
from payments.law import declaring, marking
from payments.law.figures import figure
from payments.models import Declaration, Dispute, Payment, PermissibilityCheck, Pledge, Refund


@dataclass(frozen=True, slots=True)
class Entry:
    """A check as it is shown. `still_here` says that what is to go back has not gone.

    `past_stripe` says that it came by hand or the bank, and goes back in the same way.
    """

    check: PermissibilityCheck
    payment: Payment
    declaration: Declaration | None
    still_here: bool
    past_stripe: bool

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.check.state == "waiting" or self.still_here

    def days_left(self, today: dt.date) -> int:
        """Return how many days are left; none on the last day, below nothing when it is late."""
        return (self.check.due_on - today).days


@dataclass(frozen=True, slots=True)
class Split:
    """Gifts of one giver in a year, none above the threshold and together above it."""

    pence: int
    count: int
    monthly: int
    pledges: tuple[uuid.UUID, ...]


def entries(
    session: Session,
    *,
    everything: bool = False,
    most: int | None = None,
    after: int | None = None,
) -> list[Entry]:
    """Return the checks that are open, or all, those due first before the others.

    Where so many are wanted at `most`, `after` is the check at which the list before ended.
    """
    of_payment = joinedload(PermissibilityCheck.payment)
    wanted = (
        select(PermissibilityCheck)
        .options(
            of_payment.joinedload(Payment.pledge),
            of_payment.selectinload(Payment.refunds),
            of_payment.selectinload(Payment.disputes),
        )
        .order_by(PermissibilityCheck.due_on, PermissibilityCheck.id)
        .execution_options(populate_existing=True)  # what went back since the session first looked
    )
    if not everything:  # what the books returned is gone; what a person did may still be here
        state, who = PermissibilityCheck.state, PermissibilityCheck.who
        by_hand = (state == "returned") & or_(who.is_(None), who != marking.BOOKS)
        wanted = wanted.where((state == "waiting") | (by_hand & _is_here()))
    last = session.get(PermissibilityCheck, after) if after is not None else None
    if last is not None:
        place = tuple_(literal(last.due_on), literal(last.id))
        here = tuple_(PermissibilityCheck.due_on, PermissibilityCheck.id)
        wanted = wanted.where(here > place)
    if most is not None:
        wanted = wanted.limit(most)
    checks = list(session.scalars(wanted))
    declared = _declared(session, [check.payment.pledge_id for check in checks])
    found = [_entry(check, declared.get(check.payment.pledge_id)) for check in checks]
    return [each for each in found if everything or each.open]


def split_gifts(session: Session, year: int, *, on: dt.date) -> list[Split]:
    """Find givers whose gifts of a calendar year are each within the threshold, and above together.

    A sign and no more: to give in parts so as not to be checked is an offence, to give often is
    none. `on` is the day whose threshold is meant.
    """
    threshold = figure(declaring.THRESHOLD, on).value
    begin, end = (dt.datetime(each, 1, 1, tzinfo=LONDON) for each in (year, year + 1))
    of_year = (
        Payment.paid_at >= begin,
        Payment.paid_at < end,
        Payment.amount_pence <= threshold,
        Pledge.email_key != "",
    )
    keys = (
        select(Pledge.email_key)
        .join(Pledge.payments)
        .where(*of_year)
        .group_by(Pledge.email_key)
        .having(func.sum(Payment.amount_pence) > threshold)
    )
    rows = session.execute(
        select(Pledge.email_key, Pledge.id, Pledge.kind, Payment.amount_pence)
        .join(Pledge.payments)
        .where(*of_year, Pledge.email_key.in_(keys))
        .order_by(Pledge.email_key, Payment.paid_at)
    ).all()
    by_giver: dict[str, list[tuple[uuid.UUID, str, int]]] = {}
    for key, pledge_id, kind, pence in rows:
        by_giver.setdefault(key, []).append((pledge_id, kind, pence))
    found = [_split(gifts) for gifts in by_giver.values()]
    return sorted(found, key=lambda each: (each.monthly - each.count, -each.pence))


def _entry(check: PermissibilityCheck, declared: Declaration | None) -> Entry:
    payment = check.payment
    to_go = check.state == "returned" and check.who != marking.BOOKS
    lost = statuses.status_of(payment) is statuses.Status.LOST
    gone = lost or statuses.refunded_pence(payment) >= payment.amount_pence
    return Entry(check, payment, declared, to_go and not gone, payment.offline)


def _is_here() -> ColumnElement[bool]:
    """Return the condition that something of a check's payment is ours still."""
    payment_id = PermissibilityCheck.payment_id
    lost = select(Dispute.id).where(Dispute.payment_id == payment_id, Dispute.status == "lost")
    back = select(func.coalesce(func.sum(Refund.amount_pence), 0)).where(
        Refund.payment_id == payment_id, Refund.status.not_in(("failed", "canceled"))
    )
    whole = select(Payment.amount_pence).where(Payment.id == payment_id)
    return ~lost.exists() & (back.scalar_subquery() < whole.scalar_subquery())


def _declared(session: Session, pledges: Sequence[uuid.UUID]) -> dict[uuid.UUID, Declaration]:
    """Return what was declared of these pledges, of each the last."""
    wanted = select(Declaration).where(Declaration.pledge_id.in_(pledges))
    return {each.pledge_id: each for each in session.scalars(wanted.order_by(Declaration.id))}


def _split(gifts: Sequence[tuple[uuid.UUID, str, int]]) -> Split:
    return Split(
        pence=sum(pence for _id, _kind, pence in gifts),
        count=len(gifts),
        monthly=sum(kind != "donation" for _id, kind, _pence in gifts),
        pledges=tuple(dict.fromkeys(pledge_id for pledge_id, _kind, _pence in gifts)),
    )
