"""Checking: what must always be true of the books. Run by command, and by the worker on a clock."""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from core.database import reading
from payments.models import LedgerEntry, LedgerTransaction, Payment, Pledge, WebhookEvent

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that does not hold, and the id of what breaks it."""

    rule: str
    subject: str


def faults(session: Session) -> list[Fault]:
    """Return everything that is wrong with the books; nothing, if all is well."""
    return [
        Fault(rule, str(subject))
        for rule, query in _rules().items()
        for subject in session.scalars(query)
    ]


def check_due() -> int:
    """Check the running application's books and raise the alarm in the log; for the worker."""
    with reading() as session:
        found = faults(session)
    for fault in found:
        _log.critical("books do not agree", extra={"kind": fault.rule, "payment": fault.subject})
    return 0


def _rules() -> dict[str, Select[Any]]:
    """Each rule with a query that finds what breaks it."""
    booked, fee = -_moved("gifts", "dues"), _moved("fees")
    payments = (
        select(func.count()).where(Payment.pledge_id == Pledge.id).correlate(Pledge)
    ).scalar_subquery()
    return {
        "the entries of a transaction sum to nothing": select(LedgerEntry.transaction_id)
        .group_by(LedgerEntry.transaction_id)
        .having(func.sum(LedgerEntry.pence) != 0),
        "a payment is booked once, in full": select(Payment.id).where(
            booked != Payment.amount_pence
        ),
        "a fee is booked once, in full": select(Payment.id).where(
            fee != func.coalesce(Payment.fee_pence, 0)
        ),
        "a single gift is paid once": select(Pledge.id).where(
            Pledge.kind == "donation", payments > 1
        ),
        "a pledge is paid where it has a payment": select(Pledge.id).where(
            (Pledge.state == "paid") != (payments > 0)
        ),
        "a gift goes to the appeal it was given for": select(LedgerEntry.id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .join(Pledge, Pledge.id == Payment.pledge_id)
        .where(LedgerEntry.account == "gifts", LedgerEntry.appeal_id != Pledge.appeal_id),
        "nothing is held for a person to look at": select(Pledge.id).where(
            Pledge.held_because.is_not(None)
        ),
        "no notice is held for a person to look at": select(WebhookEvent.event_id).where(
            WebhookEvent.outcome == "held"
        ),
    }


def _moved(*accounts: str) -> ColumnElement[int]:
    """Return the sum of what a payment's entries moved on these accounts."""
    return (
        select(func.coalesce(func.sum(LedgerEntry.pence), 0))
        .join(LedgerTransaction)
        .where(LedgerTransaction.payment_id == Payment.id, LedgerEntry.account.in_(accounts))
        .scalar_subquery()
    )
