"""The ledger: balanced entries that are only ever added; totals are sums over them."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.models import LedgerEntry, LedgerTransaction, Payment, Pledge


def book_payment(
    session: Session, payment: Payment, pledge: Pledge, *, moved_at: dt.datetime, now: dt.datetime
) -> None:
    """Book money taken: what Stripe now holds for us, and what it was given for."""
    account = "dues" if pledge.kind == "dues" else "gifts"
    _book(
        session,
        LedgerTransaction(
            key=f"payment:{payment.id}", payment_id=payment.id, moved_at=moved_at, booked_at=now
        ),
        [
            LedgerEntry(account="stripe", pence=payment.amount_pence),
            LedgerEntry(account=account, pence=-payment.amount_pence, appeal_id=pledge.appeal_id),
        ],
    )


def book_fee(session: Session, payment: Payment, fee_pence: int, *, now: dt.datetime) -> None:
    """Book what Stripe kept of a payment. A fee of nothing moves nothing."""
    if fee_pence:
        _book(
            session,
            LedgerTransaction(
                key=f"fee:{payment.id}", payment_id=payment.id, moved_at=now, booked_at=now
            ),
            [
                LedgerEntry(account="stripe", pence=-fee_pence),
                LedgerEntry(account="fees", pence=fee_pence),
            ],
        )


def raised(session: Session, appeal_id: int) -> int:
    """Return what an appeal has raised, in pence, gross of fees."""
    found = session.scalar(
        select(func.coalesce(func.sum(-LedgerEntry.pence), 0)).where(
            LedgerEntry.appeal_id == appeal_id, LedgerEntry.account == "gifts"
        )
    )
    return int(found or 0)


def _book(session: Session, transaction: LedgerTransaction, entries: list[LedgerEntry]) -> None:
    if sum(entry.pence for entry in entries) != 0:
        raise ValueError("the entries of a transaction must sum to nothing")
    transaction.entries = entries
    session.add(transaction)
    session.flush()
