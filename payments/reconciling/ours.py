"""Ours against Stripe's: what our books have and none of Stripe's lists has named."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.database import reading
from payments.gateway import Gateway, PaymentRefused
from payments.models import Dispute, Payment, Payout, Pledge, Refund, StopRequest
from payments.notices import (
    CheckoutState,
    DisputeState,
    InvoicePaid,
    Notice,
    Outcome,
    PayoutState,
    RefundState,
    SubscriptionEnded,
)
from payments.reconciling.differences import Difference, Kind

_ROWS = 1000


@dataclass(slots=True)
class Seen:
    """The ids of what Stripe's lists have named, of all that is ours."""

    payments: set[str] = field(default_factory=set)
    refunds: set[str] = field(default_factory=set)
    disputes: set[str] = field(default_factory=set)
    payouts: set[str] = field(default_factory=set)
    subscriptions: set[str] = field(default_factory=set)

    def add(self, notice: Notice) -> None:
        """Remember that Stripe has this. A Checkout stands for its payment only once it is paid."""
        match notice:
            case CheckoutState(outcome=Outcome.PAID, payment_intent=str(intent)):
                self.payments.add(intent)
            case InvoicePaid():
                self.payments.add(notice.invoice)
            case RefundState():
                self.refunds.add(notice.refund)
            case DisputeState():
                self.disputes.add(notice.dispute)
            case PayoutState():
                self.payouts.add(notice.payout)
            case SubscriptionEnded():
                self.subscriptions.add(notice.subscription)


def not_at_stripe(seen: Seen, *, since: dt.datetime, until: dt.datetime) -> list[Difference]:
    """Return what our books have of this period (its end left out) and Stripe did not name."""
    others = (
        ("refund", Refund.stripe_refund, Refund.made_at, seen.refunds),
        ("dispute", Dispute.stripe_dispute, Dispute.opened_at, seen.disputes),
        ("payout", Payout.stripe_payout, Payout.made_at, seen.payouts),
    )
    with reading() as session:
        found = list(_payments(session, seen, since, until))
        for what, name, at, named in others:
            theirs = name.is_not(None)  # a payment undone offline is none of Stripe's business
            wanted = select(name).where(at >= since, at < until, theirs).order_by(at)
            rows = session.scalars(wanted.execution_options(yield_per=_ROWS))
            found += [
                Difference(Kind.NOT_AT_STRIPE, what, row)
                for row in rows
                if row and row not in named
            ]
    return found


def not_ended(gateway: Gateway, seen: Seen, *, until: dt.datetime, fix: bool) -> list[Difference]:
    """Return subscriptions that have ended here and not at Stripe, where payers may still pay.

    With `fix`, those that somebody wished to stop are stopped again. Stripe's list of ended ones is
    whole, so this looks at all of ours, whenever they ended.
    """
    wanted = (
        select(Pledge.id, Pledge.stripe_subscription, StopRequest.done_at)
        .outerjoin(StopRequest, StopRequest.pledge_id == Pledge.id)
        .where(Pledge.stopped_at < until, Pledge.stripe_subscription.is_not(None))
        .execution_options(yield_per=_ROWS)
    )
    with reading() as session:
        live = [
            (
                Difference(
                    Kind.NOT_ENDED, "subscription", row.stripe_subscription, pledge_id=row.id
                ),
                row,
            )
            for row in session.execute(wanted)
            if row.stripe_subscription not in seen.subscriptions
        ]
    return [
        replace(found, mended=fix and row.done_at is not None and _stopped(gateway, found.name))
        for found, row in live
    ]


def _stopped(gateway: Gateway, subscription: str) -> bool:
    try:
        gateway.stop(subscription)
    except PaymentRefused:
        return False
    return True


def _payments(
    session: Session, seen: Seen, since: dt.datetime, until: dt.datetime
) -> Iterator[Difference]:
    """Payments are named by their Checkout or their invoice; those offline have neither."""
    wanted = (
        select(Payment.pledge_id, Payment.payment_intent, Payment.invoice)
        .where(Payment.paid_at >= since, Payment.paid_at < until, Payment.booked_at < until)
        .where(or_(Payment.payment_intent.is_not(None), Payment.invoice.is_not(None)))
        .order_by(Payment.paid_at)
        .execution_options(yield_per=_ROWS)
    )
    for row in session.execute(wanted):
        if seen.payments.isdisjoint((row.payment_intent, row.invoice)):
            name = row.payment_intent or row.invoice
            yield Difference(Kind.NOT_AT_STRIPE, "payment", name, pledge_id=row.pledge_id)
