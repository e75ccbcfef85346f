"""Payouts against the bank's own file, and disputes by their dates, in a handful of queries."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session, joinedload

from core.clock import LONDON, day_in_london
from payments import stating
from payments.desk.figures import ANSWERABLE
from payments.models import Dispute, LedgerTransaction, Payment, Payout
from payments.offline import reporting
from payments.wall.showing import Cursor

A_PAGE = 50


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
    ids = [each.id for each in page]
    nets, at_bank = stating.made_of(session, ids), reporting.at_the_bank(session, ids)
    found = [_paid_out(each, nets.get(each.id, (0, 0)), at_bank.get(each.id)) for each in page]
    more = len(rows) > A_PAGE
    return Payouts(found, _cursor(page[-1]) if more else None)


def disputes(session: Session) -> tuple[list[Dispute], list[Dispute], dict[uuid.UUID, Payment]]:
    """Return the disputes that are open, by when an answer is due, those over, and the payments.

    Of those that are over the latest fifty.
    """
    still = select(Dispute).where(Dispute.closed_at.is_(None), Dispute.status.not_in(_OVER))
    running = sorted(session.scalars(still), key=_urgency)
    closed = (
        select(Dispute)
        .where(Dispute.closed_at.is_not(None) | Dispute.status.in_(_OVER))
        .order_by(Dispute.opened_at.desc(), Dispute.id)
        .limit(A_PAGE)
    )
    over = list(session.scalars(closed))
    ids = [each.payment_id for each in (*running, *over)]
    wanted = select(Payment).where(Payment.id.in_(ids)).options(joinedload(Payment.pledge))
    return running, over, {each.id: each for each in session.scalars(wanted)}


def months(session: Session, *, today: dt.date) -> Sequence[dt.date]:
    """Return the first days of the months from the first movement to this, the latest first."""
    begun = session.scalar(select(func.min(LedgerTransaction.moved_at)))
    first = day_in_london(begun).replace(day=1) if begun else today.replace(day=1)
    found = [today.replace(day=1)]
    while found[-1] > first:
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found


_OVER = ("won", "lost", "warning_closed", "prevented")


def _urgency(dispute: Dispute) -> tuple[bool, dt.datetime]:
    """Order by what can still be answered, and by when."""
    return dispute.status not in ANSWERABLE, dispute.answer_by or dispute.opened_at


def _paid_out(payout: Payout, made_of: tuple[int, int], at_bank: dt.date | None) -> PaidOut:
    count, net = made_of
    left = None if payout.lines_at is None else payout.amount_pence - net
    return PaidOut(payout, count, left, at_bank)


def _cursor(payout: Payout) -> Cursor:
    noon = dt.datetime.combine(payout.arrives_on, dt.time(12), LONDON)
    return Cursor(noon, payout.id)
