"""The day's figures from the ledger, and what waits for a treasurer."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from payments.desk import giving_back
from payments.models import (
    BankLine,
    Dispute,
    LedgerEntry,
    LedgerTransaction,
    PermissibilityCheck,
    RefundRequest,
    RefundWish,
)

ANSWERABLE = ("warning_needs_response", "needs_response")
"""Disputes that wait for our answer (docs.stripe.com/api/disputes/object, status)."""


@dataclass(frozen=True, slots=True)
class Day:
    """What moved on a day of London's. Pence; what left us is below nothing."""

    day: dt.date
    gifts: int
    dues: int
    count: int
    given_back: int
    disputed: int
    fees: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person, and until when the most urgent of it can."""

    wishes: int
    refused: int
    checks: int
    checks_by: dt.date | None
    disputes: int
    disputes_by: dt.datetime | None
    lines: int

    @property
    def nothing(self) -> bool:
        """Whether nobody has to do anything."""
        return not (self.wishes or self.refused or self.checks or self.disputes or self.lines)


def of_day(session: Session, day: dt.date) -> Day:
    """Return what moved on a day, as the ledger has it by now."""
    begin = dt.datetime.combine(day, dt.time(), LONDON)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LONDON)
    rows = session.execute(
        select(
            LedgerTransaction.kind,
            LedgerEntry.account,
            func.count(),
            func.sum(LedgerEntry.pence),
        )
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(LedgerTransaction.moved_at >= begin, LedgerTransaction.moved_at < end)
        .group_by(LedgerTransaction.kind, LedgerEntry.account)
    )
    sums = {(kind, account): (count, int(pence)) for kind, account, count, pence in rows}

    def moved(kinds: tuple[str, ...], *accounts: str) -> int:
        return sum(
            pence
            for (kind, account), (_count, pence) in sums.items()
            if kind in kinds and account in accounts
        )

    paid = [sums.get(("payment", account), (0, 0))[0] for account in ("gifts", "dues")]
    return Day(
        day,
        gifts=-moved(("payment",), "gifts"),
        dues=-moved(("payment",), "dues"),
        count=sum(paid),
        given_back=-moved(("refund", "refund-failed"), "gifts", "dues"),
        disputed=-moved(("dispute", "dispute-won"), "gifts", "dues"),
        fees=-moved(("fee", "dispute-fee", "line"), "fees"),
    )


def waiting(session: Session) -> Waiting:
    """Return what waits for a treasurer now."""
    wishes = select(func.count()).where(RefundWish.state == "waiting")
    refused = select(func.count(RefundRequest.id)).where(giving_back.refused())
    checks = select(func.count(), func.min(PermissibilityCheck.due_on)).where(
        PermissibilityCheck.state == "waiting"
    )
    disputes = select(func.count(), func.min(Dispute.answer_by)).where(
        Dispute.status.in_(ANSWERABLE)
    )
    lines = select(func.count()).where(BankLine.state == "waiting")
    many, soonest = session.execute(checks).one()
    argued, answer_by = session.execute(disputes).one()
    return Waiting(
        wishes=session.scalar(wishes) or 0,
        refused=session.scalar(refused) or 0,
        checks=many,
        checks_by=soonest,
        disputes=argued,
        disputes_by=answer_by,
        lines=session.scalar(lines) or 0,
    )
