"""The lists of the money desk, a page at a time and each in a handful of queries.

Payouts against the bank's own file, disputes by their dates, warnings, and what came past Stripe.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from core.clock import LONDON, day_in_london
from payments import stating, statuses
from payments.desk.figures import ANSWERABLE, unanswered
from payments.models import (
    Dispute,
    FraudWarning,
    LedgerTransaction,
    OfflineEntry,
    Payment,
    Payout,
)
from payments.offline import reporting
from payments.wall.showing import Cursor

A_PAGE = 50
A_PART = 20
"""Of each of several lists on one page."""
DISPUTES = ("answer", "bank", "over")


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payout; `unmatched_pence` is null until Stripe has told of what it is made.

    `at_bank_on` is the day on which the bank's own file has it, null while it has not.
    """

    payout: Payout
    lines: int
    unmatched_pence: int | None
    at_bank_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Payouts:
    """A page of payouts, the latest first, and where earlier ones begin."""

    found: list[PaidOut]
    older: Cursor | None


def payouts(session: Session, *, before: Cursor | None = None) -> Payouts:
    """Return the latest payouts, or those before a cursor."""
    wanted = select(Payout).order_by(Payout.arrives_on.desc(), Payout.id.desc())
    if before is not None:
        wanted = wanted.where(
            tuple_(Payout.arrives_on, Payout.id)
            < tuple_(
                literal(day_in_london(before.given_at), Payout.arrives_on.type),
                literal(before.public_id, Payout.id.type),
            )
        )
    rows = list(session.scalars(wanted.limit(A_PAGE + 1)))
    page = rows[:A_PAGE]
    at_bank = reporting.at_the_bank(session, [each.id for each in page])
    found = [
        PaidOut(each, each.line_count, stating.unmatched(each), at_bank.get(each.id))
        for each in page
    ]
    more = len(rows) > A_PAGE
    return Payouts(found, _cursor(page[-1]) if more else None)


@dataclass(frozen=True, slots=True)
class Argued:
    """A page of disputes with their payments, and at which the list ended, if there are more."""

    found: list[Dispute]
    payments: dict[uuid.UUID, Payment]
    more: uuid.UUID | None


def disputes(session: Session, which: str, *, after: uuid.UUID | None = None) -> Argued:
    """Return a page of disputes: those to `answer`, those with the `bank`, or those `over`.

    What is to be answered and what is with the bank stand by when they end, what is over by when it
    began, the latest first. `after` is the dispute at which the list before this one ended.
    """
    last = session.get(Dispute, after) if after is not None else None
    running = Dispute.closed_at.is_(None) & Dispute.status.not_in(_OVER)
    if which == "over":
        at: Any = Dispute.opened_at
        wanted = select(Dispute).where(~running).order_by(at.desc(), Dispute.id.desc())
    else:
        at = func.coalesce(Dispute.answer_by, Dispute.opened_at)
        asked = Dispute.status.in_(ANSWERABLE)
        wanted = select(Dispute).where(running, asked if which == "answer" else ~asked)
        wanted = wanted.order_by(at, Dispute.id)
    if last is not None:
        stood = last.opened_at if which == "over" else last.answer_by or last.opened_at
        place = tuple_(literal(stood, Dispute.opened_at.type), literal(last.id, Dispute.id.type))
        here = tuple_(at, Dispute.id)
        wanted = wanted.where(here < place if which == "over" else here > place)
    rows = list(session.scalars(wanted.limit(A_PART + 1)))
    found = rows[:A_PART]
    return Argued(found, _payments(session, found), found[-1].id if len(rows) > A_PART else None)


@dataclass(frozen=True, slots=True)
class Warnings:
    """Warnings of fraud of payments that are wholly ours still, the latest first, by payment."""

    found: list[FraudWarning]
    payments: dict[uuid.UUID, Payment]
    more: int | None


def warnings(session: Session, *, before: int | None = None) -> Warnings:
    """Return a page of the warnings of fraud that nothing was done about yet."""
    wanted = select(FraudWarning).where(unanswered()).order_by(FraudWarning.id.desc())
    if before is not None:
        wanted = wanted.where(FraudWarning.id < before)
    rows = list(session.scalars(wanted.limit(A_PART + 1)))
    found = rows[:A_PART]
    return Warnings(found, _payments(session, found), found[-1].id if len(rows) > A_PART else None)


def warned(session: Session, payment_id: uuid.UUID) -> bool:
    """Say whether somebody should do something about a warning of fraud of this payment."""
    wanted = select(FraudWarning.id).where(FraudWarning.payment_id == payment_id, unanswered())
    return session.scalar(wanted.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Entered:
    """A page of what came past Stripe, the latest received first; `more` is where it ended."""

    found: list[OfflineEntry]
    more: uuid.UUID | None


def entered(
    session: Session, *, method: str | None = None, before: uuid.UUID | None = None
) -> Entered:
    """Return a page of what was entered or matched, of a method or of all."""
    past_stripe = Payment.payment_intent.is_(None) & Payment.invoice.is_(None)
    wanted = (
        select(OfflineEntry)
        .join(OfflineEntry.payment)
        .join(Payment.pledge)
        .options(
            contains_eager(OfflineEntry.payment).options(
                statuses.of_pledge(contains_eager(Payment.pledge)), selectinload(Payment.refunds)
            )
        )
        .where(past_stripe)
        .order_by(Payment.paid_at.desc(), Payment.id.desc())
        .limit(A_PAGE + 1)
    )
    if method is not None:
        wanted = wanted.where(Payment.method == method)
    last = session.get(Payment, before) if before is not None else None
    if last is not None:
        place = tuple_(
            literal(last.paid_at, Payment.paid_at.type), literal(last.id, Payment.id.type)
        )
        wanted = wanted.where(tuple_(Payment.paid_at, Payment.id) < place)
    rows = list(session.scalars(wanted))
    more = rows[A_PAGE - 1].payment_id if len(rows) > A_PAGE else None
    return Entered(rows[:A_PAGE], more)


def months(session: Session, *, today: dt.date) -> Sequence[dt.date]:
    """Return the first days of the months from the first movement to this, the latest first."""
    begun = session.scalar(select(func.min(LedgerTransaction.moved_at)))
    first = day_in_london(begun).replace(day=1) if begun else today.replace(day=1)
    found = [today.replace(day=1)]
    while found[-1] > first:
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found


_OVER = ("won", "lost", "warning_closed", "prevented")


def _payments(
    session: Session, of: Sequence[Dispute] | Sequence[FraudWarning]
) -> dict[uuid.UUID, Payment]:
    """Return the payments that these are about, by their ids."""
    ids = [each.payment_id for each in of]
    wanted = (
        select(Payment)
        .where(Payment.id.in_(ids))
        .options(statuses.of_pledge(joinedload(Payment.pledge)))
    )
    return {each.id: each for each in session.scalars(wanted)}


def _cursor(payout: Payout) -> Cursor:
    noon = dt.datetime.combine(payout.arrives_on, dt.time(12), LONDON)
    return Cursor(noon, payout.id)
