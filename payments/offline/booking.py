"""Booking: the one place where money that came past Stripe enters the books, once.

A payment is booked in the ledger, counted among its appeal's donors, receipted where that is asked
for, and announced: together, in the caller's transaction, or not at all.
"""

import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.database import insert_each_once
from payments import ledger, receipts, searching, settling
from payments.announcements import DonationPaid, DuesPaid
from payments.law import marking
from payments.models import Appeal, OfflineEntry, Payment, Pledge, Refund
from payments.offline.givers import Giver

_BATCH = 500
_Thing = TypeVar("_Thing")


class LooksLike(Exception):
    """The same was entered before; `payment_id` is what it looks like."""

    def __init__(self, payment_id: uuid.UUID | None) -> None:
        super().__init__(str(payment_id))
        self.payment_id = payment_id


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift about to be booked. `purpose` is its appeal, or the pledge of somebody's dues.

    `email_key` says whose it is (`givers`). `fingerprint` says what was entered, so that the same
    again is noticed.
    """

    method: str
    pence: int
    received_on: dt.date
    purpose: Appeal | Pledge
    giver: Giver
    email_key: str
    fingerprint: str
    reference: str = ""
    message: str = ""
    display: str = "anonymous"
    receipt: bool = False


def fingerprint(*parts: object) -> str:
    """Return what two entries of the same thing have in common; nothing can be read from it."""
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()


def book(session: Session, gift: Gift, *, rules: settling.Rules, now: dt.datetime) -> Payment:
    """Book a gift and return its payment.

    Raises:
        LooksLike: somebody enters the same at this very moment.
    """
    (payment,) = book_each(session, [gift], rules=rules, now=now)
    return payment


def book_each(
    session: Session,
    gifts: Sequence[Gift],
    *,
    rules: settling.Rules,
    now: dt.datetime,
    known_as: Sequence[str] | None = None,
) -> list[Payment]:
    """Book gifts, all of them or none, and return their payments in the same order.

    One above the threshold of the law is marked for the treasurer, from the day it was received.
    `known_as` are their `keys` as they were before anybody looked for what is like them: whatever
    is entered in between has one of these.

    Raises:
        LooksLike: somebody enters the same at this very moment.
    """
    dues = _locked(session, gifts)
    if known_as is not None:
        _refuse_taken(session, known_as)
    keyed = list(zip(gifts, known_as or keys(session, gifts), strict=True))
    pledged = _pledged(session, keyed, now)
    pledges = [
        dues[gift.purpose.id] if isinstance(gift.purpose, Pledge) else pledged[_nonce(key)]
        for gift, key in keyed
    ]
    payments = _payments(session, list(zip(gifts, pledges, strict=True)), now)
    session.add_all(
        OfflineEntry(
            payment_id=payment.id,
            key=key,
            fingerprint=gift.fingerprint,
            received_on=gift.received_on,
            reference=gift.reference,
            entered_at=now,
        )
        for payment, (gift, key) in zip(payments, keyed, strict=True)
    )
    ledger.book_payments(session, list(zip(payments, pledges, strict=True)), now=now)
    for gift, pledge, payment in zip(gifts, pledges, payments, strict=True):
        marking.mark(session, payment, now=now)
        if gift.receipt and rules.letters:
            receipts.receive(session, pledge, payment, link_lifetime=rules.link_lifetime, now=now)
        paid = DuesPaid if pledge.kind == "dues" else DonationPaid
        told = paid(pledge.id, payment.id, payment.amount_pence, payment.number, payment.paid_at)
        rules.announce(session, told, now)
    return payments


def standing(session: Session, print_: str) -> list[uuid.UUID]:
    """Return the payments with this fingerprint that were not undone, oldest first."""
    undone = select(Refund.id).where(
        Refund.payment_id == OfflineEntry.payment_id, Refund.stripe_refund.is_(None)
    )
    found = (
        select(OfflineEntry.payment_id)
        .where(OfflineEntry.fingerprint == print_, ~undone.exists())
        .order_by(OfflineEntry.entered_at, OfflineEntry.key)
    )
    return list(session.scalars(found))


def morning(day: dt.date) -> dt.datetime:
    """Return the beginning of a day in Britain, as which what was received on it is booked."""
    return dt.datetime.combine(day, dt.time(), LONDON)


def _locked(session: Session, gifts: Sequence[Gift]) -> dict[uuid.UUID, Pledge]:
    """Lock the dues that are paid, by their ids, so that two who pay never wait in a ring."""
    wanted = {gift.purpose.id for gift in gifts if isinstance(gift.purpose, Pledge)}
    found: dict[uuid.UUID, Pledge] = {}
    for some in _batches(sorted(wanted)):
        lock = select(Pledge).where(Pledge.id.in_(some)).order_by(Pledge.id).with_for_update()
        found |= {pledge.id: pledge for pledge in session.scalars(lock)}
    return found


def keys(session: Session, gifts: Sequence[Gift]) -> list[str]:
    """Return each gift's key: its fingerprint, and how often that has been entered with it."""
    prints = OfflineEntry.fingerprint
    counts: Counter[str] = Counter()
    for some in _batches(list({gift.fingerprint for gift in gifts})):
        entered = select(prints, func.count()).where(prints.in_(some)).group_by(prints)
        for each, count in session.execute(entered):
            counts[each] = count
    found = []
    for gift in gifts:
        counts[gift.fingerprint] += 1
        found.append(f"{gift.fingerprint}:{counts[gift.fingerprint]}")
    return found


def _refuse_taken(session: Session, known_as: Sequence[str]) -> None:
    """Refuse what was entered since its keys were made; single gifts their pledges tell as well."""
    for some in _batches(known_as):
        taken = select(OfflineEntry.payment_id).where(OfflineEntry.key.in_(some)).limit(1)
        if (payment_id := session.scalar(taken)) is not None:
            raise LooksLike(payment_id)


def _pledged(
    session: Session, keyed: Sequence[tuple[Gift, str]], now: dt.datetime
) -> dict[str, Pledge]:
    """Make the pledges of single gifts, by nonce; that is made of the key, so that there is one."""
    rows = [
        _pledge(gift, gift.purpose, key, now)
        for gift, key in keyed
        if isinstance(gift.purpose, Appeal)
    ]
    if not rows:
        return {}
    insert_each_once(session, Pledge, rows, unique="form_nonce")
    made: dict[str, Pledge] = {}
    for some in _batches(rows):
        nonces = [row["form_nonce"] for row in some]
        there = select(Pledge).where(Pledge.form_nonce.in_(nonces))
        made |= {pledge.form_nonce: pledge for pledge in session.scalars(there)}
    if any(made[row["form_nonce"]].id != row["id"] for row in rows):
        raise LooksLike(None)
    searching.write(session, rows)
    return made


def _pledge(gift: Gift, appeal: Appeal, key: str, now: dt.datetime) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "kind": "offline",
        "state": "paid",
        "amount_pence": gift.pence,
        "cover_pence": 0,
        "currency": "GBP",
        "title": appeal.title,
        "appeal_id": appeal.id,
        "name": gift.giver.name,
        "email": gift.giver.email.text if gift.giver.email else "",
        "email_key": gift.email_key,
        "postcode": gift.giver.postcode,
        "message": gift.message,
        "display": gift.display,
        "consent_wording": None,
        "source": "",
        "form_nonce": _nonce(key),
        "created_at": now,
    }


def _nonce(key: str) -> str:
    return f"offline:{key}"


def _payments(
    session: Session, pairs: Sequence[tuple[Gift, Pledge]], now: dt.datetime
) -> list[Payment]:
    numbers: Counter[uuid.UUID] = Counter()
    dues = [pledge.id for _gift, pledge in pairs if pledge.kind == "dues"]
    for some in _batches(dues):
        latest = select(Payment.pledge_id, func.max(Payment.number))
        found = latest.where(Payment.pledge_id.in_(some)).group_by(Payment.pledge_id)
        for pledge_id, number in session.execute(found):
            numbers[pledge_id] = number
    payments = []
    for gift, pledge in pairs:
        numbers[pledge.id] += 1
        payment = Payment(
            id=uuid.uuid4(),
            pledge_id=pledge.id,
            number=numbers[pledge.id],
            kind=pledge.kind,
            amount_pence=gift.pence,
            currency="GBP",
            paid_at=morning(gift.received_on),
            booked_at=now,
            method=gift.method,
        )
        payments.append(payment)
        pledge.state = "paid"
    session.add_all(payments)
    session.flush()
    return payments


def _batches(things: Sequence[_Thing]) -> Iterator[Sequence[_Thing]]:
    for begin in range(0, len(things), _BATCH):
        yield things[begin : begin + _BATCH]
