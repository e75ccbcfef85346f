"""Settling: the one writer of money. The webhook, the return page and the sweep all come here.

A notice may come twice, late, in any order, or never; the result is the same. What does not agree
with our own row (amount, currency, mode) is held for a person to look at and never booked as paid.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.events import Announce
from payments import ledger, receipts
from payments.announcements import DonationPaid, DuesPaid, MonthlyStopped
from payments.gateway import CheckoutState, InvoicePaid, Notice, Outcome, SubscriptionEnded
from payments.models import Checkout, DetailInquiry, Payment, Pledge, StopRequest

# Stripe knows the fee a moment after the money (docs.stripe.com/changelog, 2024-04-10).
FEE_WAIT = dt.timedelta(seconds=3)


class Applied(StrEnum):
    """What became of a notice."""

    APPLIED = "applied"
    KNOWN = "known"
    UNKNOWN = "unknown"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Rules:
    """What settling goes by: whether our money is real, whom to tell, how long links work."""

    livemode: bool
    announce: Announce
    link_lifetime: dt.timedelta


@dataclass(frozen=True, slots=True)
class _Money:
    """Money that was taken, known by its intent, its invoice, or both."""

    at: dt.datetime
    intent: str | None
    invoice: str | None = None

    def booked(self) -> ColumnElement[bool]:
        """Find the payment that books this very money."""
        keys = ((Payment.payment_intent, self.intent), (Payment.invoice, self.invoice))
        return or_(*(column == key for column, key in keys if key))


def apply(session: Session, notice: Notice, *, rules: Rules, now: dt.datetime) -> Applied:
    """Bring our books in line with a notice, once, however often we are told."""
    pledge = _pledge_of(session, notice)
    if pledge is None:
        return Applied.UNKNOWN
    if notice.livemode != rules.livemode:
        return Applied.HELD
    match notice:
        case CheckoutState():
            return _checkout(session, pledge, notice, rules, now)
        case InvoicePaid():
            return _invoice(session, pledge, notice, rules, now)
        case SubscriptionEnded():
            return _ended(session, pledge, notice, rules, now)


def _pledge_of(session: Session, notice: Notice) -> Pledge | None:
    """Find and lock the pledge, by our own id or by the subscription's."""
    named = Pledge.id == notice.pledge_id
    if isinstance(notice, CheckoutState):
        named = or_(named, Pledge.checkouts.any(Checkout.session_id == notice.session_id))
    else:
        named = or_(named, Pledge.stripe_subscription == notice.subscription)
    return session.scalar(select(Pledge).where(named).with_for_update())


def _checkout(
    session: Session, pledge: Pledge, notice: CheckoutState, rules: Rules, now: dt.datetime
) -> Applied:
    checkout = session.scalar(
        select(Checkout).where(
            Checkout.pledge_id == pledge.id, Checkout.session_id == notice.session_id
        )
    )
    if checkout is not None:
        checkout.checked_at = now
        checkout.state = _reached(notice.outcome, checkout.state)
    if notice.monthly != pledge.monthly:
        return _held(pledge, "mode")
    if (notice.pence, notice.currency) != (pledge.amount_pence, pledge.currency):
        return _held(pledge, "amount")
    pledge.stripe_customer = notice.customer or pledge.stripe_customer
    pledge.stripe_subscription = notice.subscription or pledge.stripe_subscription
    if notice.invoice is not None:
        return _invoice(session, pledge, notice.invoice, rules, now)
    if notice.outcome is Outcome.PAID and not pledge.monthly:
        if notice.payment_intent is None:
            return _held(pledge, "no payment behind it")
        return _paid(session, pledge, _Money(notice.at, notice.payment_intent), rules, now)
    return _moved(pledge, notice.outcome)


def _invoice(
    session: Session, pledge: Pledge, notice: InvoicePaid, rules: Rules, now: dt.datetime
) -> Applied:
    if not pledge.monthly:
        return _held(pledge, "mode")
    pledge.stripe_subscription = pledge.stripe_subscription or notice.subscription
    if notice.pence == 0:  # nothing was due, so nothing was paid
        return Applied.KNOWN
    if (notice.pence, notice.currency) != (pledge.amount_pence, pledge.currency):
        return _held(pledge, "amount")
    money = _Money(notice.paid_at, notice.payment_intent, notice.invoice)
    return _paid(session, pledge, money, rules, now)


def _paid(
    session: Session, pledge: Pledge, money: _Money, rules: Rules, now: dt.datetime
) -> Applied:
    """Book the money, thank the payer, tell the other rooms: together or not at all."""
    if session.scalar(select(Payment.id).where(money.booked())) is not None:
        return Applied.KNOWN
    latest = select(func.max(Payment.number)).where(Payment.pledge_id == pledge.id)
    payment = Payment(
        id=uuid.uuid4(),
        pledge_id=pledge.id,
        number=(session.scalar(latest) or 0) + 1,
        amount_pence=pledge.amount_pence,
        currency=pledge.currency,
        paid_at=money.at,
        booked_at=now,
        payment_intent=money.intent,
        invoice=money.invoice,
    )
    session.add(payment)
    pledge.state = "paid"
    session.flush()
    session.add(DetailInquiry(payment_id=payment.id, due_at=now + FEE_WAIT))
    ledger.book_payment(session, payment, pledge, moved_at=money.at, now=now)
    receipts.receive(session, pledge, payment, link_lifetime=rules.link_lifetime, now=now)
    paid = DuesPaid if pledge.kind == "dues" else DonationPaid
    rules.announce(
        session, paid(pledge.id, payment.id, payment.amount_pence, payment.number, money.at), now
    )
    return Applied.APPLIED


def _ended(
    session: Session, pledge: Pledge, notice: SubscriptionEnded, rules: Rules, now: dt.datetime
) -> Applied:
    if pledge.stopped_at is not None:
        return Applied.KNOWN
    pledge.stopped_at = notice.at
    pledge.stripe_subscription = pledge.stripe_subscription or notice.subscription
    asked = session.scalar(select(StopRequest).where(StopRequest.pledge_id == pledge.id))
    if asked is not None:
        asked.due_at, asked.done_at = None, now
    receipts.say_stopped(session, pledge, now=now)
    rules.announce(session, MonthlyStopped(pledge.id, pledge.kind, notice.at), now)
    return Applied.APPLIED


def _reached(outcome: Outcome, before: str) -> str:
    """Return how far a Checkout is; it never goes back from complete."""
    if outcome in (Outcome.PAID, Outcome.SETTLING, Outcome.FAILED):
        return "complete"
    return "expired" if outcome is Outcome.EXPIRED and before == "open" else before


def _moved(pledge: Pledge, outcome: Outcome) -> Applied:
    """Note progress without money. Paid stays paid, and a failure outlives an older success."""
    steps = {
        ("pending", Outcome.SETTLING): "confirming",
        ("pending", Outcome.PAID): "confirming",  # a month's money is told by its invoice
        ("pending", Outcome.FAILED): "not-taken",
        ("confirming", Outcome.FAILED): "not-taken",
        ("pending", Outcome.EXPIRED): "not-taken",
    }
    after = steps.get((pledge.state, outcome))
    if after is None:
        return Applied.KNOWN
    pledge.state = after
    return Applied.APPLIED


def _held(pledge: Pledge, why: str) -> Applied:
    pledge.held_because = why
    if pledge.state in ("pending", "confirming"):
        pledge.state = "held"
    return Applied.HELD
