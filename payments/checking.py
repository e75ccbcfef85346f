"""Checking: what must always be true of the books. Run by command, and by the worker on a clock.

The command checks everything. The worker checks what has moved every ten minutes, and everything
once a day, in parts (`payments.proving`).
"""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Function, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import clock
from core.database import reading, transaction
from payments import days, totals
from payments.models import (
    AppealCheckpoint,
    AppealDonor,
    Dispute,
    LedgerDay,
    LedgerDaysKept,
    LedgerEntry,
    LedgerTransaction,
    MonthlyAmount,
    Payment,
    Payout,
    PayoutLine,
    Pledge,
    Refund,
    RefundRequest,
    Sweep,
    WallEntry,
    WebhookEvent,
)
from payments.offline import proving as offline
from payments.parts import EVERYTHING, Part, moved_since

PROVED = "books"
"""The row of `Sweep` that says since when all of the books was last proved."""
_NEVER_PROVED = dt.timedelta(days=1)
_log = logging.getLogger(__name__)
_FAILED = ("failed", "canceled")
_DISPUTED = ("needs_response", "under_review", "lost")
_MANY_ATTEMPTS = 5
_DAYS = "what is kept of the days agrees with the ledger"
_KEPT = "what is kept of an appeal's total agrees with the ledger"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that does not hold, and the id of what breaks it."""

    rule: str
    subject: str


def faults(session: Session, part: Part = EVERYTHING) -> list[Fault]:
    """Return everything that is wrong with a part of the books; nothing, if all is well."""
    return [
        Fault(rule, str(subject))
        for rule, query in _rules(part).items()
        for subject in session.scalars(query)
    ]


def check_due() -> int:
    """Check what has moved since all of the running application's books was proved."""
    with reading() as session:
        proved = session.get(Sweep, PROVED)
        since = proved.done_until if proved else clock.now() - _NEVER_PROVED
        part = moved_since(session, since)
    check(part)
    return 0


def check(part: Part) -> None:
    """Check a part of the running application's books, and raise the alarm in the log."""
    with reading() as session:
        found = faults(session, part)
    for fault in found:
        _log.critical("books do not agree", extra={"kind": fault.rule, "payment": fault.subject})
        if fault.rule == _KEPT:
            with transaction() as session:
                totals.forget(session, int(fault.subject))
        elif fault.rule == _DAYS:
            with transaction() as session:
                days.forget(session)


def _rules(part: Part) -> dict[str, Select[Any]]:
    """Each rule with a query that finds what breaks it."""
    rest = (
        {**_rules_of_totals(), **_rules_of_payouts(), **offline.rules_of_payouts(), **_waiting()}
        if part.rest
        else {}
    )
    ledger, payments = _rules_of_the_ledger(part), _rules_of_payments(part)
    return {**ledger, **payments, **offline.rules(part), **_rules_of_pledges(part), **rest}


def _rules_of_the_ledger(part: Part) -> dict[str, Select[Any]]:
    return {
        "the entries of a transaction sum to nothing": select(LedgerEntry.transaction_id)
        .where(part.movements(LedgerEntry.transaction_id))
        .group_by(LedgerEntry.transaction_id)
        .having(func.sum(LedgerEntry.pence) != 0),
        "a gift goes to the appeal it was given for": select(LedgerEntry.id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .join(Pledge, Pledge.id == Payment.pledge_id)
        .where(
            part.movements(LedgerTransaction.id),
            LedgerEntry.account == "gifts",
            LedgerEntry.appeal_id != Pledge.appeal_id,
        ),
    }


def _rules_of_totals() -> dict[str, Select[Any]]:
    pence = _total_of(
        func.sum(-LedgerEntry.pence),
        LedgerEntry.appeal_id == AppealCheckpoint.appeal_id,
        LedgerEntry.account == "gifts",
        LedgerEntry.transaction_id <= AppealCheckpoint.upto,
    )
    donors = _total_of(
        func.count(AppealDonor.id),
        AppealDonor.appeal_id == AppealCheckpoint.appeal_id,
        AppealDonor.transaction_id <= AppealCheckpoint.upto,
    )
    return {
        _DAYS: select(LedgerEntry.account)
        .where(
            LedgerEntry.transaction_id
            <= func.coalesce(select(LedgerDaysKept.upto).scalar_subquery(), 0)
        )
        .group_by(LedgerEntry.account)
        .having(
            or_(
                func.sum(LedgerEntry.pence) != _kept(LedgerDay.pence),
                func.count() != _kept(LedgerDay.count),
            )
        ),
        _KEPT: select(AppealCheckpoint.appeal_id).where(
            or_(AppealCheckpoint.raised_pence != pence, AppealCheckpoint.donors != donors)
        ),
    }


def _kept(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Return what the kept days of an account come to."""
    return _total(column, LedgerDay.account == LedgerEntry.account)


def _rules_of_payments(part: Part) -> dict[str, Select[Any]]:
    given_back = _sum(Refund.amount_pence, Refund.status.not_in(_FAILED))
    argued = _sum(Dispute.amount_pence, Dispute.status.in_(_DISPUTED))
    of_it = select(Payment.id).where(part.payments(Payment.id))
    return {
        "a payment is booked once, in full": of_it.where(
            -_moved("payment", "gifts", "dues") != Payment.amount_pence
        ),
        "a payment is of an amount that its giver agreed to": of_it.join(Pledge).where(
            Payment.amount_pence != Pledge.amount_pence,
            func.coalesce(Payment.payment_intent, Payment.invoice).is_not(None),
            ~select(MonthlyAmount.id)
            .where(
                MonthlyAmount.pledge_id == Payment.pledge_id,
                MonthlyAmount.amount_pence == Payment.amount_pence,
            )
            .correlate(Payment)
            .exists(),
        ),
        "a fee is booked once, in full": of_it.where(
            _moved("fee", "fees") != func.coalesce(Payment.fee_pence, 0)
        ),
        "no more is given back than was paid": of_it.where(given_back > Payment.amount_pence),
        "what counts is what was paid, less what was given back or is disputed": of_it.where(
            -_moved("", "gifts", "dues") != Payment.amount_pence - given_back - argued
        ),
    }


def _rules_of_pledges(part: Part) -> dict[str, Select[Any]]:
    count = select(func.count()).where(Payment.pledge_id == Pledge.id).correlate(Pledge)
    payments = count.scalar_subquery()
    of_it = select(Pledge.id).where(part.pledges(Pledge.id))
    return {
        "a payment is of its pledge's kind": select(Payment.id)
        .join(Payment.pledge)
        .where(part.payments(Payment.id), Payment.kind != Pledge.kind),
        "a message was read where it was decided on": of_it.where(
            Pledge.message != "",
            Pledge.message_read
            != select(WallEntry.pledge_id).where(WallEntry.pledge_id == Pledge.id).exists(),
        ),
        "a single gift is paid once": of_it.where(
            Pledge.kind.in_(["donation", "offline"]), payments > 1
        ),
        "a pledge is paid where it has a payment": of_it.where(
            (Pledge.state == "paid") != (payments > 0)
        ),
    }


def _rules_of_payouts() -> dict[str, Select[Any]]:
    lines = _total(PayoutLine.net_pence, PayoutLine.payout_id == Payout.id)
    at_bank = (
        select(func.coalesce(func.sum(LedgerEntry.pence), 0))
        .join(LedgerTransaction)
        .where(
            LedgerEntry.account == "bank",
            LedgerTransaction.key.in_(
                ["payout:" + Payout.stripe_payout, "payout-failed:" + Payout.stripe_payout]
            ),
        )
        .correlate(Payout)
        .scalar_subquery()
    )
    reached = case((Payout.status == "paid", Payout.amount_pence), else_=0)
    return {
        "a payout is the sum of its lines": select(Payout.stripe_payout).where(
            Payout.lines_at.is_not(None),
            or_(lines != Payout.amount_pence, lines != Payout.lines_net_pence),
        ),
        "the bank has what was paid out": select(Payout.stripe_payout).where(at_bank != reached),
    }


def _waiting() -> dict[str, Select[Any]]:
    """What waits for a person."""
    return {
        "nothing is held for a person to look at": select(Pledge.id).where(
            Pledge.held_because.is_not(None)
        ),
        "no notice is held for a person to look at": select(WebhookEvent.event_id).where(
            WebhookEvent.outcome == "held"
        ),
        "no notice fails again and again": select(WebhookEvent.event_id).where(
            WebhookEvent.due_at.is_not(None), WebhookEvent.attempts >= _MANY_ATTEMPTS
        ),
        "no refund that we asked for was refused": select(RefundRequest.key).where(
            RefundRequest.due_at.is_(None), RefundRequest.stripe_refund.is_(None)
        ),
    }


def _moved(kind: str, *accounts: str) -> ColumnElement[int]:
    """Return the sum of what a payment's movements of a kind (or of all) did to these accounts."""
    which = [LedgerTransaction.kind == kind] if kind else []
    return (
        select(func.coalesce(func.sum(LedgerEntry.pence), 0))
        .join(LedgerTransaction)
        .where(
            LedgerTransaction.payment_id == Payment.id,
            LedgerEntry.account.in_(accounts),
            *which,
        )
        .correlate(Payment)
        .scalar_subquery()
    )


def _sum(column: InstrumentedAttribute[int], which: ColumnElement[bool]) -> ColumnElement[int]:
    """Return the sum over a payment's refunds or disputes."""
    return _total(column, column.class_.payment_id == Payment.id, which)


def _total(column: InstrumentedAttribute[int], *which: ColumnElement[bool]) -> ColumnElement[int]:
    return _total_of(func.sum(column), *which)


def _total_of(what: Function[int], *which: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.coalesce(what, 0)).where(*which).scalar_subquery()
