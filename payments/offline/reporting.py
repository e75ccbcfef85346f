"""Reporting: what came past Stripe, and where Stripe's payouts stand in the bank's own file."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from payments.models import (
    Appeal,
    BankLine,
    OfflineEntry,
    Payment,
    Pledge,
    Refund,
)


def at_the_bank(session: Session, payouts: list[uuid.UUID]) -> dict[uuid.UUID, dt.date]:
    """Return on which day the bank's own file has these payouts, of those that it has."""
    wanted = select(BankLine.payout_id, BankLine.on_day).where(BankLine.payout_id.in_(payouts))
    return {payout: day for payout, day in session.execute(wanted) if payout is not None}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are wanted; what is None does not matter. Both days are counted in."""

    first: dt.date | None = None
    last: dt.date | None = None
    method: str | None = None
    appeal: str | None = None
    dues: bool | None = None
    undone: bool | None = None


def entries(session: Session, filters: Filters, *, most: int) -> list[OfflineEntry]:
    """Return the offline payments that are wanted, the newest received first."""
    undone = select(Refund.id).where(
        Refund.payment_id == OfflineEntry.payment_id, Refund.stripe_refund.is_(None)
    )
    which: list[ColumnElement[bool]] = []
    if filters.first is not None:
        which.append(OfflineEntry.received_on >= filters.first)
    if filters.last is not None:
        which.append(OfflineEntry.received_on <= filters.last)
    if filters.method is not None:
        which.append(Payment.method == filters.method)
    if filters.appeal is not None:
        which.append(Appeal.slug == filters.appeal)
    if filters.dues is not None:
        which.append((Pledge.kind == "dues") == filters.dues)
    if filters.undone is not None:
        which.append(undone.exists() == filters.undone)
    wanted = (
        select(OfflineEntry)
        .join(OfflineEntry.payment)
        .join(Payment.pledge)
        .outerjoin(Appeal, Appeal.id == Pledge.appeal_id)
        .options(
            contains_eager(OfflineEntry.payment).options(
                contains_eager(Payment.pledge), selectinload(Payment.refunds)
            )
        )
        .where(*which)
        .order_by(OfflineEntry.received_on.desc(), OfflineEntry.entered_at.desc(), OfflineEntry.key)
        .limit(most)
    )
    return list(session.scalars(wanted))
