"""The ledger: balanced entries that are only ever added; totals are sums over them.

Accounts: `stripe`, `bank` and `cash` are what is held for us, and grow above nothing; `gifts` and
`dues` are what was given, and grow below it; `fees` is what it cost; `disputed` is what payers'
banks argue about; `other` is what moved at the same Stripe account and is none of ours.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.database import insert_each_once, insert_once
from payments.models import (
    AppealDonor,
    Dispute,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Payout,
    PayoutLine,
    Pledge,
    Refund,
)
from payments.notices import BalanceLine


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved: `kind` and `subject` make the key under which it is booked once."""

    kind: str
    subject: object
    moved_at: dt.datetime
    payment_id: uuid.UUID | None = None


def book(
    session: Session,
    movement: Movement,
    entries: list[LedgerEntry],
    *,
    now: dt.datetime,
    fresh: bool = False,
) -> int | None:
    """Book a movement and return its transaction's id, or None where it is booked already.

    Entries of nothing are left out. The caller holds the lock on what moved, and says `fresh` where
    it knows that nothing of it can be booked.

    Raises:
        ValueError: the entries do not sum to nothing.
    """
    if sum(entry.pence for entry in entries) != 0:
        raise ValueError("the entries of a transaction must sum to nothing")
    key = f"{movement.kind}:{movement.subject}"
    moved = [entry for entry in entries if entry.pence]
    known = select(LedgerTransaction.id).where(LedgerTransaction.key == key)
    if not moved or (not fresh and session.scalar(known) is not None):
        return None
    booked = LedgerTransaction(
        key=key,
        kind=movement.kind,
        payment_id=movement.payment_id,
        moved_at=movement.moved_at,
        booked_at=now,
        entries=moved,
    )
    session.add(booked)
    session.flush()
    return booked.id


def book_payment(
    session: Session, payment: Payment, pledge: Pledge, *, moved_at: dt.datetime, now: dt.datetime
) -> None:
    """Book money just taken: what Stripe, the bank or the cash box now holds, and what it is for.

    Who gives to an appeal for the first time is counted among its donors.
    """
    movement = Movement("payment", payment.id, moved_at, payment.id)
    entries = _swap(_held_by(payment), payment.amount_pence, _purpose(pledge))
    booked = book(session, movement, entries, now=now, fresh=True)
    if booked is not None and pledge.appeal_id is not None:
        donor = {
            "key": f"{pledge.appeal_id}:{pledge.email_key}",
            "appeal_id": pledge.appeal_id,
            "transaction_id": booked,
        }
        insert_once(session, AppealDonor, donor, unique="key")


def book_payments(
    session: Session, paid: Sequence[tuple[Payment, Pledge]], *, now: dt.datetime
) -> None:
    """Book payments just made, each with its pledge, as of when they were paid, in one go."""
    booked = [
        LedgerTransaction(
            key=f"payment:{payment.id}",
            kind="payment",
            payment_id=payment.id,
            moved_at=payment.paid_at,
            booked_at=now,
            entries=_swap(_held_by(payment), payment.amount_pence, _purpose(pledge)),
        )
        for payment, pledge in paid
    ]
    session.add_all(booked)
    session.flush()
    givers = [
        {
            "key": f"{pledge.appeal_id}:{pledge.email_key}",
            "appeal_id": pledge.appeal_id,
            "transaction_id": row.id,
        }
        for row, (_payment, pledge) in zip(booked, paid, strict=True)
        if pledge.appeal_id is not None
    ]
    if givers:
        insert_each_once(session, AppealDonor, givers, unique="key")


def book_fee(session: Session, payment: Payment, fee_pence: int, *, now: dt.datetime) -> None:
    """Book what Stripe kept of a payment, as of when it was paid. Nothing moves nothing."""
    movement = Movement("fee", payment.id, payment.paid_at, payment.id)
    book(session, movement, _swap("fees", fee_pence, ("stripe", None)), now=now)


def book_refund(session: Session, payment: Payment, refund: Refund, *, now: dt.datetime) -> None:
    """Book money given back, or never had: out of where it was held, off what was given."""
    name = refund.stripe_refund or refund.id
    movement = Movement("refund", name, refund.made_at, payment.id)
    entries = _swap(_held_by(payment), -refund.amount_pence, _purpose(payment.pledge))
    book(session, movement, entries, now=now)


def book_refund_failed(
    session: Session, payment: Payment, refund: Refund, *, now: dt.datetime
) -> None:
    """Book that a refund came back to us."""
    movement = Movement("refund-failed", refund.stripe_refund, refund.changed_at, payment.id)
    entries = _swap("stripe", refund.amount_pence, _purpose(payment.pledge))
    book(session, movement, entries, now=now)


def book_dispute(
    session: Session, payment: Payment, dispute: Dispute, *, now: dt.datetime
) -> int | None:
    """Book that a payment is argued about: off what was given, whoever holds the money."""
    movement = Movement("dispute", dispute.stripe_dispute, dispute.opened_at, payment.id)
    entries = _swap("disputed", -dispute.amount_pence, _purpose(payment.pledge))
    return book(session, movement, entries, now=now)


def book_dispute_won(
    session: Session, payment: Payment, dispute: Dispute, *, now: dt.datetime
) -> int | None:
    """Book that what was argued about is given after all."""
    movement = Movement("dispute-won", dispute.stripe_dispute, dispute.changed_at, payment.id)
    entries = _swap("disputed", dispute.amount_pence, _purpose(payment.pledge))
    return book(session, movement, entries, now=now)


def book_dispute_line(
    session: Session, payment: Payment, line: BalanceLine, *, now: dt.datetime
) -> bool:
    """Book what Stripe has moved for a dispute, and what it charged for that, each once."""
    money = Movement("dispute-money", line.line, line.at, payment.id)
    fee = Movement("dispute-fee", line.line, line.at, payment.id)
    moved = book(session, money, _swap("stripe", line.pence, ("disputed", None)), now=now)
    charged = book(session, fee, _swap("fees", line.fee_pence, ("stripe", None)), now=now)
    return moved is not None or charged is not None


def book_payout(session: Session, payout: Payout, *, now: dt.datetime) -> None:
    """Book money that the bank has, as of the day it arrived."""
    movement = Movement("payout", payout.stripe_payout, _morning(payout.arrives_on))
    book(session, movement, _swap("bank", payout.amount_pence, ("stripe", None)), now=now)


def book_payout_failed(session: Session, payout: Payout, *, now: dt.datetime) -> None:
    """Book back money that the bank did not take after all; nothing, had it not been booked."""
    paid = select(LedgerTransaction.id).where(
        LedgerTransaction.key == f"payout:{payout.stripe_payout}"
    )
    if session.scalar(paid) is not None:
        movement = Movement("payout-failed", payout.stripe_payout, payout.changed_at)
        book(session, movement, _swap("stripe", payout.amount_pence, ("bank", None)), now=now)


def book_line(
    session: Session, line: PayoutLine, *, moved_at: dt.datetime, now: dt.datetime
) -> None:
    """Book a line of a payout that is no payment of ours: Stripe's own charge, or another use."""
    account = "fees" if "fee" in line.kind else "other"
    movement = Movement("line", line.balance_transaction, moved_at)
    book(session, movement, _swap("stripe", line.net_pence, (account, None)), now=now)


def _swap(account: str, pence: int, other: tuple[str, int | None]) -> list[LedgerEntry]:
    """Return what one account gains and the other gives; `other` with its appeal."""
    name, appeal_id = other
    return [
        LedgerEntry(account=account, pence=pence),
        LedgerEntry(account=name, pence=-pence, appeal_id=appeal_id),
    ]


def _held_by(payment: Payment) -> str:
    if not payment.offline:
        return "stripe"
    return "cash" if payment.method == "cash" else "bank"


def _purpose(pledge: Pledge) -> tuple[str, int | None]:
    return ("dues", None) if pledge.kind == "dues" else ("gifts", pledge.appeal_id)


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON)
