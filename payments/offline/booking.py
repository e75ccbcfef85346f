"""Booking: the one place where money that came past Stripe enters the books, once.

A payment is booked in the ledger, counted among its appeal's donors, receipted where that is asked
for, and announced: together, in the caller's transaction, or not at all.
"""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.database import insert_once
from payments import ledger, receipts, settling
from payments.announcements import DonationPaid, DuesPaid
from payments.models import Appeal, OfflineEntry, Payment, Pledge, Refund
from payments.offline.givers import Giver


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

    Whatever has to follow on every payment that came past Stripe, such as a mark for the treasurer
    on a large one, belongs at the end of this function: `gift.received_on` is the day received.

    Raises:
        LooksLike: somebody enters the same at this very moment.
    """
    earlier = select(func.count()).where(OfflineEntry.fingerprint == gift.fingerprint)
    if isinstance(gift.purpose, Pledge):
        pledge = session.get_one(Pledge, gift.purpose.id, with_for_update=True)
    key = f"{gift.fingerprint}:{session.scalars(earlier).one() + 1}"
    if isinstance(gift.purpose, Appeal):
        pledge = _pledged(session, gift, gift.purpose, key, now)
    payment = _payment(session, gift, pledge, now)
    entry = OfflineEntry(
        payment_id=payment.id,
        key=key,
        fingerprint=gift.fingerprint,
        received_on=gift.received_on,
        reference=gift.reference,
        entered_at=now,
    )
    session.add(entry)
    ledger.book_payment(session, payment, pledge, moved_at=payment.paid_at, now=now)
    if gift.receipt and rules.letters:
        receipts.receive(session, pledge, payment, link_lifetime=rules.link_lifetime, now=now)
    paid = DuesPaid if pledge.kind == "dues" else DonationPaid
    told = paid(pledge.id, payment.id, payment.amount_pence, payment.number, payment.paid_at)
    rules.announce(session, told, now)
    return payment


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


def _pledged(session: Session, gift: Gift, appeal: Appeal, key: str, now: dt.datetime) -> Pledge:
    """Make the pledge of a single gift; its nonce is the entry's key, so that there is one."""
    nonce = f"offline:{key}"
    row = {
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
        "form_nonce": nonce,
        "created_at": now,
    }
    if not insert_once(session, Pledge, row, unique="form_nonce"):
        raise LooksLike(None)
    return session.get_one(Pledge, row["id"])


def _payment(session: Session, gift: Gift, pledge: Pledge, now: dt.datetime) -> Payment:
    latest = select(func.max(Payment.number)).where(Payment.pledge_id == pledge.id)
    first = pledge.kind == "offline"
    payment = Payment(
        id=uuid.uuid4(),
        pledge_id=pledge.id,
        number=1 if first else (session.scalar(latest) or 0) + 1,
        amount_pence=gift.pence,
        currency="GBP",
        paid_at=morning(gift.received_on),
        booked_at=now,
        method=gift.method,
    )
    session.add(payment)
    pledge.state = "paid"
    session.flush()
    return payment
