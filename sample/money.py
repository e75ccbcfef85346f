"""Money that came past Stripe: payments with their entries and movements, as booking makes them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import case, insert, literal, select
from sqlalchemy.orm import Session

from core.money import Money
from payments import searching
from payments.models import (
    Appeal,
    AppealDonor,
    LedgerEntry,
    LedgerTransaction,
    OfflineEntry,
    Payment,
    Pledge,
)
from payments.offline.booking import fingerprint, morning
from sample import NONCE
from sample.people import ident, names

AT_ONCE = 5_000
_ENTERED = dt.timedelta(hours=14)
_POUNDS = (5, 5, 10, 10, 10, 15, 20, 25, 30, 50, 100)
_METHODS = ("cash", "cheque", "bank", "standing-order")
_AGAIN = 0.2


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment: the `number`-th of its pledge, of its kind. `method` is how it came."""

    pledge_id: uuid.UUID
    kind: str
    number: int
    day: dt.date
    amount: Money
    method: str
    reference: str


def book(session: Session, paid: Sequence[Paid], rng: Random) -> None:
    """Book payments in bulk, as `payments.offline.booking` books them one by one."""
    for first in range(0, len(paid), AT_ONCE):
        some = [(ident(rng), each) for each in paid[first : first + AT_ONCE]]
        session.execute(insert(Payment), [_payment(*each) for each in some])
        session.execute(insert(OfflineEntry), [_entry(*each) for each in some])
        session.execute(insert(LedgerTransaction), [_movement(*each) for each in some])
    of_ours = (
        select(LedgerTransaction.id)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .join(Pledge, Pledge.id == Payment.pledge_id)
        .where(Pledge.form_nonce.startswith(NONCE))
    )
    held = case((Payment.method == "cash", "cash"), else_="bank")
    given = case((Pledge.kind == "dues", "dues"), else_="gifts")
    columns = ["transaction_id", "account", "pence", "appeal_id"]
    sides = (
        of_ours.add_columns(held, Payment.amount_pence, literal(None, Pledge.appeal_id.type)),
        of_ours.add_columns(given, -Payment.amount_pence, Pledge.appeal_id),
    )
    for side in sides:
        session.execute(insert(LedgerEntry).from_select(columns, side))


def gifts(session: Session, rng: Random, appeal: Appeal, many: int, today: dt.date) -> list[Paid]:
    """Make up gifts to an appeal from its first day to yesterday; give their payments.

    Some give again: then they are one donor with one address.
    """
    days = min(730, (today - appeal.starts).days)
    if days < 1:
        return []
    pledges, paid, givers = [], [], [(names(rng), ident(rng).hex)]
    for serial in range(many):
        if rng.random() > _AGAIN:
            givers.append((names(rng), ident(rng).hex))
        name, giver = givers[-1]
        day = today - dt.timedelta(days=rng.randint(1, days))
        amount = Money(rng.choice(_POUNDS) * 100)
        row = _gift(ident(rng), appeal, name, f"offline:{giver}", f"{NONCE}gift:{serial}")
        pledges.append(row | {"amount_pence": amount.pence, "created_at": morning(day) + _ENTERED})
        method = rng.choice(_METHODS)
        paid.append(Paid(row["id"], "offline", 1, day, amount, method, row["form_nonce"]))
    session.execute(insert(Pledge), pledges)
    searching.write(session, pledges)
    return paid


def count_donors(session: Session) -> None:
    """Count each giver of an appeal once, at their first gift."""
    first = (
        select(Pledge.appeal_id, Pledge.email_key, LedgerTransaction.id)
        .join(Payment, Payment.pledge_id == Pledge.id)
        .join(LedgerTransaction, LedgerTransaction.payment_id == Payment.id)
        .where(Pledge.form_nonce.startswith(f"{NONCE}gift:"))
        .order_by(LedgerTransaction.id)
    )
    seen: dict[str, dict[str, Any]] = {}
    for appeal_id, email_key, movement in session.execute(first):
        key = f"{appeal_id}:{email_key}"
        row = {"key": key, "appeal_id": appeal_id, "transaction_id": movement}
        seen.setdefault(key, row)
    if seen:
        session.execute(insert(AppealDonor), list(seen.values()))


def _payment(payment_id: uuid.UUID, paid: Paid) -> dict[str, Any]:
    return {
        "id": payment_id,
        "pledge_id": paid.pledge_id,
        "number": paid.number,
        "kind": paid.kind,
        "amount_pence": paid.amount.pence,
        "currency": "GBP",
        "paid_at": morning(paid.day),
        "booked_at": morning(paid.day) + _ENTERED,
        "method": paid.method,
    }


def _entry(payment_id: uuid.UUID, paid: Paid) -> dict[str, Any]:
    print_ = fingerprint(
        paid.method, paid.amount.pence, paid.day, paid.pledge_id, paid.pledge_id, paid.reference
    )
    return {
        "payment_id": payment_id,
        "key": f"{print_}:1",
        "fingerprint": print_,
        "received_on": paid.day,
        "reference": paid.reference,
        "entered_at": morning(paid.day) + _ENTERED,
    }


def _movement(payment_id: uuid.UUID, paid: Paid) -> dict[str, Any]:
    return {
        "key": f"payment:{payment_id}",
        "kind": "payment",
        "payment_id": payment_id,
        "moved_at": morning(paid.day),
        "booked_at": morning(paid.day) + _ENTERED,
    }


def _gift(
    pledge_id: uuid.UUID, appeal: Appeal, name: str, email_key: str, nonce: str
) -> dict[str, Any]:
    return {
        "id": pledge_id,
        "kind": "offline",
        "state": "paid",
        "title": appeal.title,
        "appeal_id": appeal.id,
        "name": name,
        "email": "",
        "email_key": email_key,
        "message": "",
        "display": "anonymous",
        "source": "",
        "form_nonce": nonce,
    }
