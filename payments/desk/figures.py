"""The day's figures from the ledger, and what waits for a treasurer."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from payments import days
from payments.desk import giving_back, holding
from payments.models import (
    BankLine,
    Dispute,
    FraudWarning,
    PermissibilityCheck,
    Refund,
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
    warnings: int = 0
    held: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nobody has to do anything."""
        waits = (self.wishes, self.refused, self.checks, self.disputes, self.lines)
        return not any((*waits, self.warnings, self.held))


def unanswered() -> ColumnElement[bool]:
    """Return the condition that nothing came of a warning of fraud yet.

    No money went back, nor is to, and the payer's bank has not begun to argue.
    """
    payment_id = FraudWarning.payment_id
    went_back = select(Refund.id).where(
        Refund.payment_id == payment_id, Refund.status.not_in(("failed", "canceled"))
    )
    asked = select(RefundRequest.id).where(
        RefundRequest.payment_id == payment_id, RefundRequest.due_at.is_not(None)
    )
    argued = select(Dispute.id).where(Dispute.payment_id == payment_id)
    return giving_back.none_of(went_back) & giving_back.none_of(asked) & giving_back.none_of(argued)


def of_day(session: Session, day: dt.date) -> Day:
    """Return what moved on a day, as the ledger has it by now."""
    sums = days.between(session, day, day + dt.timedelta(days=1), ("gifts", "dues", "fees"))

    def moved(kinds: tuple[str, ...], *accounts: str) -> int:
        return sum(each.pence for each in sums if each.kind in kinds and each.account in accounts)

    return Day(
        day,
        gifts=-moved(("payment",), "gifts"),
        dues=-moved(("payment",), "dues"),
        count=sum(each.count for each in sums if each.kind == "payment"),
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
        warnings=session.scalar(select(func.count(FraudWarning.id)).where(unanswered())) or 0,
        held=holding.count(session),
    )
