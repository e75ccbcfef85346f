"""Proving: what must always be true of money that came past Stripe, for `payments check`."""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from payments.models import (
    BankLine,
    LedgerEntry,
    LedgerTransaction,
    OfflineEntry,
    Payment,
    Payout,
    Pledge,
)
from payments.parts import Part


def rules(part: Part) -> dict[str, Select[Any]]:
    """Return each rule with a query that finds what breaks it, among a part of the payments."""
    of_it = select(Payment.id).where(part.payments(Payment.id))
    entry = select(OfflineEntry.payment_id).where(OfflineEntry.payment_id == Payment.id)
    offline = (Payment.payment_intent.is_(None)) & (Payment.invoice.is_(None))
    other = aliased(Payment)
    beside = select(other.id).where(
        other.pledge_id == Payment.pledge_id,
        or_(other.payment_intent.is_not(None), other.invoice.is_not(None)),
    )
    return {
        "a payment that came past Stripe was entered, and no other": of_it.where(
            offline != entry.exists()
        ),
        "what came past Stripe is held by the bank or the cash box": of_it.where(
            offline, _held_elsewhere().exists()
        ),
        "a gift that came past Stripe is that alone": of_it.join(Payment.pledge).where(
            Pledge.kind == "offline", or_(~offline, beside.exists())
        ),
        "a line of the bank is booked for what it moved": select(BankLine.id)
        .join(Payment, Payment.id == BankLine.payment_id)
        .where(part.payments(Payment.id), func.abs(BankLine.pence) != Payment.amount_pence),
    }


def rules_of_payouts() -> dict[str, Select[Any]]:
    """Return the rules of payouts that the bank's own file has."""
    return {
        "a payout is what the bank's line says": select(Payout.stripe_payout)
        .join(BankLine, BankLine.payout_id == Payout.id)
        .where(BankLine.pence != Payout.amount_pence)
    }


def _held_elsewhere() -> Select[Any]:
    """Find movements of a payment that touch what Stripe holds, or not the right one of ours."""
    holds = func.coalesce(Payment.method, "")
    return (
        select(LedgerEntry.id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(
            LedgerTransaction.payment_id == Payment.id,
            LedgerEntry.account.not_in(["gifts", "dues"]),
            or_(
                LedgerEntry.account.not_in(["bank", "cash"]),
                (LedgerEntry.account == "cash") != (holds == "cash"),
            ),
        )
        .correlate(Payment)
    )
