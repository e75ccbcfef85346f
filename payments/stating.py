"""Stating: a treasurer's month, from the ledger alone.

What Stripe held at the beginning, what came in by appeal and method, what it cost, what was given
back or argued about, what went to the bank, and what Stripe held at the end. A month is London's;
a movement belongs to the day it happened, whenever we were told.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.spreadsheets import harmless
from payments.models import (
    Appeal,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Payout,
    PayoutLine,
)
from payments.offline import reporting

_PAYOUTS = ("payout", "payout-failed")
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
    """Money that reached the bank on a day, or that came back from it (below nothing). Pence.

    `unmatched_pence` is what the lines that Stripe told us leave over: nothing, if all is well;
    null until it has told them. `at_bank_on` is the day on which the bank's own file has it.
    """

    payout: str
    moved_on: dt.date
    pence: int
    came_back: bool
    lines: int
    unmatched_pence: int | None
    at_bank_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A month. The opening, the lines and the payouts add up to the closing, in pence.

    What came past Stripe stands beside it in `offline`, and adds up to nothing that Stripe holds.
    """

    first: dt.date
    last: dt.date
    opening_pence: int
    lines: list[Line]
    payouts: list[PaidOut]
    paid_out_pence: int
    closing_pence: int
    offline: list[Line]


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
        payouts=list(_payouts(session, moved)),
        paid_out_pence=-_held(session, *moved, LedgerTransaction.kind.in_(_PAYOUTS)),
        closing_pence=_held(session, LedgerTransaction.moved_at < end),
        offline=[_past_stripe(each) for each in reporting.taken(session, moved)],
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
        .where(LedgerTransaction.kind.not_in(_PAYOUTS))
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
    if kind == "refund":
        return "refunds", title or "Dues"
    if kind == "refund-failed":
        return "refunds", f"{title or 'Dues'}, came back"
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


def _past_stripe(taken: reporting.Taken) -> Line:
    section = "offline-undone" if taken.undone else "offline"
    return Line(section, taken.title or "Dues", taken.method, taken.count, taken.pence)


def _payouts(session: Session, moved: list[ColumnElement[bool]]) -> Iterator[PaidOut]:
    """Return what went to the bank and what came back, as the ledger has it."""
    rows = session.execute(
        select(LedgerTransaction.kind, LedgerTransaction.moved_at, LedgerEntry.pence, Payout)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .join(Payout, LedgerTransaction.key == LedgerTransaction.kind + ":" + Payout.stripe_payout)
        .where(LedgerEntry.account == "bank", LedgerTransaction.kind.in_(_PAYOUTS), *moved)
        .order_by(LedgerTransaction.moved_at, Payout.stripe_payout)
    )
    moves = rows.all()
    payouts = [payout.id for *_move, payout in moves]
    at_bank, nets = reporting.at_the_bank(session, payouts), made_of(session, payouts)
    for kind, moved_at, pence, payout in moves:
        count, net = nets.get(payout.id, (0, 0))
        yield PaidOut(
            payout.stripe_payout,
            moved_at.astimezone(LONDON).date(),
            pence,
            kind == "payout-failed",
            count,
            None if payout.lines_at is None else payout.amount_pence - net,
            at_bank.get(payout.id),
        )


def made_of(session: Session, payouts: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """Return of how many lines payouts are made, and what they come to; of those with any."""
    found = session.execute(
        select(PayoutLine.payout_id, func.count(), func.sum(PayoutLine.net_pence))
        .where(PayoutLine.payout_id.in_(payouts))
        .group_by(PayoutLine.payout_id)
    )
    return {payout_id: (count, int(net)) for payout_id, count, net in found}


def rows(found: Statement) -> Iterator[tuple[object, ...]]:
    """Give the rows of a statement as CSV, in pence, the header first.

    What a spreadsheet would take for a formula is marked as text.
    """
    yield ("section", "what", "detail", "count", "pence")
    yield ("opening", "Held by Stripe", found.first, "", found.opening_pence)
    for line in found.lines:
        yield (line.section, harmless(line.what), harmless(line.detail), line.count, line.pence)
    for each in found.payouts:
        detail = f"{each.payout} {'came back' if each.came_back else 'paid'}"
        yield ("payouts", each.moved_on, harmless(detail), each.lines, -each.pence)
    for line in found.offline:
        yield (line.section, harmless(line.what), harmless(line.detail), line.count, line.pence)
    yield ("closing", "Held by Stripe", found.last, "", found.closing_pence)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON)
