"""Stating: a treasurer's month, from the ledger alone.

What Stripe held at the beginning, what came in by appeal and method, what it cost, what was given
back or argued about, what went to the bank, and what Stripe held at the end. A month is London's;
a movement belongs to the day it happened, whenever we were told.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.spreadsheets import harmless
from payments import days
from payments.days import Sum
from payments.models import Appeal, LedgerEntry, LedgerTransaction, Payout
from payments.models.money import OFFLINE_METHODS
from payments.offline import reporting

_PAYOUTS = ("payout", "payout-failed")
_ACCOUNTS = ("stripe", "gifts", "dues")
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
    opening = days.held_before(session, first)
    sums = days.between(session, first, after, _ACCOUNTS)
    at_stripe = [each for each in sums if each.account == "stripe"]
    titles = _titles(session)
    paid_out = -sum(each.pence for each in at_stripe if each.kind in _PAYOUTS)
    moved = [
        LedgerTransaction.moved_at >= _midnight(first),
        LedgerTransaction.moved_at < _midnight(after),
    ]
    return Statement(
        first=first,
        last=after - dt.timedelta(days=1),
        opening_pence=opening,
        lines=list(_lines(at_stripe, titles)),
        payouts=list(_payouts(session, moved)),
        paid_out_pence=paid_out,
        closing_pence=opening + sum(each.pence for each in at_stripe),
        offline=list(_past_stripe(sums, titles)),
    )


def _titles(session: Session) -> dict[int, str]:
    found = session.execute(select(Appeal.id, Appeal.title))
    return {row.id: row.title for row in found}


def _lines(sums: Sequence[Sum], titles: Mapping[int, str]) -> Iterator[Line]:
    """Return what changed what Stripe holds, in the order of a statement."""
    found = [
        Line(
            *_named(each.kind, each.purpose, titles.get(each.appeal_id)),
            each.method,
            each.count,
            each.pence,
        )
        for each in sums
        if each.kind not in _PAYOUTS
    ]
    yield from sorted(_together(found), key=lambda line: (_ORDER.index(line.section), line.what))


_ORDER = ("gifts", "dues", "refunds", "disputes", "fees", "other")


def _named(kind: str, account: str, title: str | None) -> tuple[str, str]:
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


def _past_stripe(sums: Sequence[Sum], titles: Mapping[int, str]) -> Iterator[Line]:
    """Return what came past Stripe by purpose and method, and then what was undone of it."""
    taken = [
        Line(
            "offline-undone" if each.kind == "refund" else "offline",
            titles.get(each.appeal_id) or "Dues",
            each.method,
            each.count,
            -each.pence,
        )
        for each in sums
        if each.account in ("gifts", "dues") and each.method in OFFLINE_METHODS
    ]
    yield from sorted(
        taken, key=lambda line: (line.section, line.what != "Dues", line.what, line.detail)
    )


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
    at_bank = reporting.at_the_bank(session, payouts)
    for kind, moved_at, pence, payout in moves:
        yield PaidOut(
            payout.stripe_payout,
            moved_at.astimezone(LONDON).date(),
            pence,
            kind == "payout-failed",
            payout.line_count,
            unmatched(payout),
            at_bank.get(payout.id),
        )


def unmatched(payout: Payout) -> int | None:
    """Return what the lines of a payout leave over, in pence; null until they were told."""
    return None if payout.lines_at is None else payout.amount_pence - payout.lines_net_pence


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
