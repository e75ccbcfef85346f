"""Stating: a treasurer's month, from the ledger alone.

What Stripe held at the beginning, what came in by appeal and method, what it cost, what was given
back or argued about, what went to the bank, and what Stripe held at the end. A month is London's;
a movement belongs to the day it happened, whenever we were told.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from payments.models import (
    Appeal,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Payout,
    PayoutLine,
)

_COSTS = ("fee", "dispute-fee", "line")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `section` and `what` name it, `count` is how many there were. Pence.

    What came to us is above nothing, what left us below it.
    """

    section: str
    what: str
    detail: str
    count: int
    pence: int


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payout that reached the bank, or came back from it. `unmatched_pence` is null until known.

    It is what the lines that Stripe told us leave over: nothing, if all is well.
    """

    payout: str
    arrives_on: dt.date
    pence: int
    status: str
    lines: int
    unmatched_pence: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A month. The opening, the lines and the payouts add up to the closing, in pence."""

    first: dt.date
    last: dt.date
    opening_pence: int
    lines: list[Line]
    payouts: list[PaidOut]
    paid_out_pence: int
    closing_pence: int


def month(session: Session, year: int, number: int) -> Statement:
    """Return the statement of a month."""
    first = dt.date(year, number, 1)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    begin, end = _midnight(first), _midnight(after)
    moved = [LedgerTransaction.moved_at >= begin, LedgerTransaction.moved_at < end]
    return Statement(
        first=first,
        last=after - dt.timedelta(days=1),
        opening_pence=_held(session, LedgerTransaction.moved_at < begin),
        lines=list(_lines(session, moved)),
        payouts=list(_payouts(session, first, after)),
        paid_out_pence=-_held(
            session, *moved, LedgerTransaction.kind.in_(["payout", "payout-failed"])
        ),
        closing_pence=_held(session, LedgerTransaction.moved_at < end),
    )


def _held(session: Session, *which: ColumnElement[bool]) -> int:
    """Return what such movements have added to what Stripe holds."""
    found = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.pence), 0))
        .join(LedgerTransaction)
        .where(LedgerEntry.account == "stripe", *which)
    )
    return int(found or 0)


def _lines(session: Session, moved: list[ColumnElement[bool]]) -> Iterator[Line]:
    """Return what changed what Stripe holds, in the order of a statement."""
    given = select(LedgerTransaction.id, LedgerEntry.account, LedgerEntry.appeal_id).join(
        LedgerEntry
    )
    purpose = given.where(LedgerEntry.account.in_(["gifts", "dues"])).subquery()
    rows = session.execute(
        select(
            LedgerTransaction.kind,
            purpose.c.account,
            Appeal.title,
            Payment.method,
            func.count(),
            func.sum(LedgerEntry.pence),
        )
        .select_from(LedgerTransaction)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .outerjoin(Payment, Payment.id == LedgerTransaction.payment_id)
        .outerjoin(purpose, purpose.c.id == LedgerTransaction.id)
        .outerjoin(Appeal, Appeal.id == purpose.c.appeal_id)
        .where(LedgerEntry.account == "stripe", *moved)
        .where(LedgerTransaction.kind.not_in(["payout", "payout-failed"]))
        .group_by(LedgerTransaction.kind, purpose.c.account, Appeal.title, Payment.method)
    )
    found = [
        Line(*_named(kind, account, title), method or "", count, int(pence))
        for kind, account, title, method, count, pence in rows
    ]
    yield from sorted(_together(found), key=lambda line: (_ORDER.index(line.section), line.what))


_ORDER = ("gifts", "dues", "refunds", "disputes", "fees", "other")


def _named(kind: str, account: str | None, title: str | None) -> tuple[str, str]:
    """Return the section and the name of a movement's line."""
    if kind == "payment":
        return (account or "gifts"), title or "Dues"
    if kind.startswith("refund"):
        return "refunds", title or "Dues"
    if kind == "dispute-money":
        return "disputes", "Money moved for disputes"
    names = {"fee": "Payments", "dispute-fee": "Disputes", "line": "Stripe's own, and other uses"}
    return ("fees" if kind in _COSTS else "other"), names.get(kind, kind)


def _together(lines: list[Line]) -> Iterator[Line]:
    """Add up the lines of one name, which different kinds of movement may share."""
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for line in lines:
        key = (line.section, line.what, line.detail)
        count, pence = sums.get(key, (0, 0))
        sums[key] = (count + line.count, pence + line.pence)
    for (section, what, detail), (count, pence) in sums.items():
        yield Line(section, what, detail, count, pence)


def _payouts(session: Session, first: dt.date, after: dt.date) -> Iterator[PaidOut]:
    rows = session.execute(
        select(Payout, func.count(PayoutLine.id), func.coalesce(func.sum(PayoutLine.net_pence), 0))
        .outerjoin(PayoutLine, PayoutLine.payout_id == Payout.id)
        .where(Payout.arrives_on >= first, Payout.arrives_on < after)
        .group_by(Payout.id)
        .order_by(Payout.arrives_on, Payout.stripe_payout)
    )
    for payout, lines, net in rows:
        unmatched = None if payout.lines_at is None else payout.amount_pence - int(net)
        yield PaidOut(
            payout.stripe_payout,
            payout.arrives_on,
            payout.amount_pence,
            payout.status,
            lines,
            unmatched,
        )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON)
