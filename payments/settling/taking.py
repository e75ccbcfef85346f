"""Taking: what became of Checkouts, months' money, and agreements that end."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from payments import ledger, receipts
from payments.announcements import DonationPaid, DuesPaid, DuesUnpaid, MonthlyStopped
from payments.law import marking
from payments.models import Checkout, DetailInquiry, Payment, Pledge, StopRequest
from payments.monthly import amounts, failing, standing, wishing
from payments.notices import (
    CheckoutState,
    InvoicePaid,
    InvoiceUnpaid,
    Outcome,
    SubscriptionEnded,
    SubscriptionTouched,
)
from payments.settling.rules import Applied, Rules, Settled
from payments.settling.waking import wake

# Stripe knows the fee a moment after the money (docs.stripe.com/changelog, 2024-04-10).
FEE_WAIT = dt.timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class _Money:
    """Money that was taken, in pence, known by its intent, its invoice, or both."""

    pence: int
    at: dt.datetime
    intent: str | None
    invoice: str | None = None
    charged_at: dt.datetime | None = None

    @property
    def name(self) -> str:
        """What the payment is called after, so that books made anew give it the same id."""
        return self.invoice or self.intent or ""

    def booked(self) -> ColumnElement[bool]:
        """Find the payment that books this very money."""
        keys = ((Payment.payment_intent, self.intent), (Payment.invoice, self.invoice))
        return or_(*(column == key for column, key in keys if key))


def checkout(
    session: Session, pledge: Pledge, notice: CheckoutState, rules: Rules, now: dt.datetime
) -> Applied:
    """Settle what became of a Checkout. The pledge is locked."""
    row = session.scalar(
        select(Checkout).where(
            Checkout.pledge_id == pledge.id, Checkout.session_id == notice.session_id
        )
    )
    if row is not None:
        row.checked_at = now
        row.state = _reached(notice.outcome, row.state)
    if notice.monthly != pledge.monthly:
        return _held(pledge, "mode")
    if (notice.pence, notice.currency) != (pledge.amount_pence, pledge.currency):
        return _held(pledge, "amount")
    pledge.stripe_customer = notice.customer or pledge.stripe_customer
    _subscribed(session, pledge, notice.subscription, now)
    if notice.invoice is not None:
        return invoice(session, pledge, notice.invoice, rules, now)
    if notice.outcome is Outcome.PAID and not pledge.monthly:
        if notice.payment_intent is None:
            return _held(pledge, "no payment behind it")
        money = _Money(notice.pence, notice.at, notice.payment_intent, charged_at=notice.charged_at)
        return _paid(session, pledge, money, rules, now)
    return _moved(pledge, notice.outcome)


def invoice(
    session: Session, pledge: Pledge, notice: InvoicePaid, rules: Rules, now: dt.datetime
) -> Applied:
    """Settle one month's money: of an amount agreed to when its invoice was drawn up.

    The pledge is locked. What somebody made of the amount in Stripe's dashboard is nothing that
    the giver agreed to here, so a month of it is held.
    """
    if not pledge.monthly:
        return _held(pledge, "mode")
    _subscribed(session, pledge, notice.subscription, now)
    if notice.outside_pence:
        return _held(pledge, "paid outside of Stripe")
    if notice.pence == 0:  # nothing was due, so nothing was paid
        return Applied.KNOWN
    agreed = amounts.agreed_at(session, pledge, notice.made_at or notice.paid_at)
    if notice.currency != pledge.currency or notice.pence not in agreed:
        return _held(pledge, "amount")
    money = _Money(notice.pence, notice.paid_at, notice.payment_intent, notice.invoice)
    return _paid(session, pledge, money, rules, now)


def _paid(
    session: Session, pledge: Pledge, money: _Money, rules: Rules, now: dt.datetime
) -> Applied:
    """Book the money, thank the payer, tell the other rooms: together or not at all."""
    booked, latest = session.execute(
        select(func.count().filter(money.booked()), func.max(Payment.number)).where(
            or_(Payment.pledge_id == pledge.id, money.booked())
        )
    ).one()
    if booked:
        return Applied.KNOWN
    payment = Payment(
        id=uuid.uuid5(pledge.id, money.name),
        pledge_id=pledge.id,
        number=(latest or 0) + 1,
        kind=pledge.kind,
        amount_pence=money.pence,
        currency=pledge.currency,
        paid_at=money.at,
        charged_at=money.charged_at,
        booked_at=now,
        payment_intent=money.intent,
        invoice=money.invoice,
    )
    session.add(payment)
    pledge.state = "paid"
    session.flush()
    session.add(DetailInquiry(payment_id=payment.id, due_at=now + FEE_WAIT))
    ledger.book_payment(session, payment, pledge, moved_at=money.at, now=now)
    marking.mark(session, payment, now=now)
    if rules.letters:
        receipts.receive(session, pledge, payment, link_lifetime=rules.link_lifetime, now=now)
    if money.invoice is not None:
        failing.paid(session, money.invoice)
    wake(session, money.intent, money.invoice, now=now)
    paid = DuesPaid if pledge.kind == "dues" else DonationPaid
    rules.announce(
        session, paid(pledge.id, payment.id, payment.amount_pence, payment.number, money.at), now
    )
    return Applied.APPLIED


def touched(
    session: Session, notice: SubscriptionTouched, rules: Rules, now: dt.datetime
) -> Settled:
    """Have Stripe asked how the agreements stand that a notice may speak of."""
    found = standing.pledges(session, notice)
    if not found:
        return Settled(Applied.UNKNOWN)
    if notice.livemode != rules.livemode:
        return Settled(Applied.HELD, found[0].id)
    for pledge in found:
        standing.touch(session, pledge, now=now)
    return Settled(Applied.APPLIED, found[0].id)


def unpaid(
    session: Session, pledge: Pledge, notice: InvoiceUnpaid, rules: Rules, now: dt.datetime
) -> Applied:
    """Tell payer and rooms that a month's money could not be taken, unless it has been since."""
    paid = session.scalar(select(Payment.id).where(Payment.invoice == notice.invoice))
    if not pledge.monthly or paid is not None:
        return Applied.KNOWN
    if rules.letters:
        failing.say(session, pledge, notice, link_lifetime=rules.link_lifetime, now=now)
    if pledge.kind == "dues":
        rules.announce(session, DuesUnpaid(pledge.id, notice.at, notice.retry_at), now)
    return Applied.APPLIED


def ended(
    session: Session, pledge: Pledge, notice: SubscriptionEnded, rules: Rules, now: dt.datetime
) -> Applied:
    """Note that nothing more will be taken, and say so. The pledge is locked."""
    second = pledge.stripe_subscription not in (None, notice.subscription)
    if second or pledge.stopped_at is not None:
        return Applied.KNOWN
    pledge.stopped_at = notice.at
    _subscribed(session, pledge, notice.subscription, now)
    asked = session.scalar(select(StopRequest).where(StopRequest.pledge_id == pledge.id))
    if asked is not None:
        asked.due_at, asked.done_at = None, now
    wishing.end(session, pledge, now=now)
    if rules.letters:
        failing.ended(session, pledge, unpaid=notice.unpaid, now=now)
    rules.announce(session, MonthlyStopped(pledge.id, pledge.kind, notice.at), now)
    return Applied.APPLIED


def _subscribed(
    session: Session, pledge: Pledge, subscription: str | None, now: dt.datetime
) -> None:
    """Keep the subscription's id, once, and wake what waits for it.

    A second one takes money as well, and a wish to stop would not reach it: a person has to look.
    """
    if subscription and pledge.stripe_subscription is None:
        pledge.stripe_subscription = subscription
        standing.touch(session, pledge, now=now)
        wake(session, subscription, now=now)
    elif subscription and subscription != pledge.stripe_subscription:
        pledge.held_because = "a second subscription"


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
