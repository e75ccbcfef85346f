"""Knowing at a glance: a page of Stripe's objects looked up in a few queries.

What is fully known, and what is surely none of ours, needs no closer look; nearly all is one or the
other. Whatever this is not sure of is left to settling itself to judge.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from payments.models import (
    Checkout,
    Dispute,
    FraudWarning,
    LedgerTransaction,
    Payment,
    Payout,
    Pledge,
    Refund,
)
from payments.models.giving import MONTHLY
from payments.notices import (
    BalanceLine,
    CheckoutState,
    DisputeState,
    FraudWarned,
    InvoicePaid,
    Notice,
    Outcome,
    PayoutState,
    RefundState,
    SubscriptionEnded,
)
from payments.settling import Applied

Verdicts = Iterator[Applied | None]
_Value = TypeVar("_Value")


def at_a_glance(
    session: Session, notices: Sequence[Any], *, livemode: bool
) -> list[Applied | None]:
    """Say of notices of one kind which are known and which unknown; None means look closer."""
    looks: dict[type[Notice], Callable[[Session, Sequence[Any]], Verdicts]] = {
        CheckoutState: _checkouts,
        InvoicePaid: _invoices,
        SubscriptionEnded: _subscriptions,
        RefundState: _refunds,
        DisputeState: _disputes,
        FraudWarned: _warnings,
        PayoutState: _payouts,
    }
    verdicts = looks[type(notices[0])](session, notices)
    return [
        None if verdict is Applied.KNOWN and notice.livemode != livemode else verdict
        for notice, verdict in zip(notices, verdicts, strict=True)
    ]


def _checkouts(session: Session, notices: Sequence[CheckoutState]) -> Verdicts:
    found = select(
        Pledge.id,
        Pledge.amount_pence,
        Pledge.currency,
        Pledge.kind,
        Pledge.state,
        Pledge.stripe_subscription,
    ).where(Pledge.id.in_(_some(notice.pledge_id for notice in notices)))
    pledges = {row.id: row for row in session.execute(found)}
    ours = _known(session, Checkout.session_id, (notice.session_id for notice in notices))
    payments = select(Payment.pledge_id, Payment.payment_intent, Payment.amount_pence).where(
        Payment.payment_intent.in_(_some(notice.payment_intent for notice in notices))
    )
    booked = {tuple(row) for row in session.execute(payments)}
    for notice in notices:
        pledge = pledges.get(notice.pledge_id)
        if pledge is None:
            yield None if notice.session_id in ours else Applied.UNKNOWN
            continue
        due = (pledge.amount_pence, pledge.currency, pledge.kind in MONTHLY, pledge.state)
        agrees = due == (notice.pence, notice.currency, notice.monthly, "paid")
        money = (notice.pledge_id, notice.payment_intent, notice.pence)
        taken = pledge.stripe_subscription == notice.subscription and (
            notice.monthly or money in booked
        )
        sure = agrees and taken and notice.outcome is Outcome.PAID
        yield Applied.KNOWN if sure else None


def _invoices(session: Session, notices: Sequence[InvoicePaid]) -> Verdicts:
    payments = select(Payment.invoice, Payment.amount_pence, Payment.currency).where(
        Payment.invoice.in_([notice.invoice for notice in notices])
    )
    booked = {tuple(row) for row in session.execute(payments)}
    pledges = _pledges(session, notices)
    for notice in notices:
        if (notice.invoice, notice.pence, notice.currency) in booked:
            yield Applied.KNOWN
        else:
            yield _unless(pledges, notice.pledge_id, notice.subscription)


def _subscriptions(session: Session, notices: Sequence[SubscriptionEnded]) -> Verdicts:
    pledges = _pledges(session, notices)
    stopped = select(Pledge.stripe_subscription).where(
        Pledge.stripe_subscription.in_([notice.subscription for notice in notices]),
        Pledge.stopped_at.is_not(None),
    )
    ended = set(session.scalars(stopped))
    for notice in notices:
        if notice.subscription in ended:
            yield Applied.KNOWN
        else:
            yield _unless(pledges, notice.pledge_id, notice.subscription)


def _refunds(session: Session, notices: Sequence[RefundState]) -> Verdicts:
    refunds = (
        select(Refund.stripe_refund, Refund.amount_pence, Refund.status, Payment.currency)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.stripe_refund.in_([notice.refund for notice in notices]))
    )
    booked = {tuple(row) for row in session.execute(refunds)}
    payments = _payments(session, notices)
    for notice in notices:
        if (notice.refund, notice.pence, notice.status, notice.currency) in booked:
            yield Applied.KNOWN
        else:
            yield _unless(payments, notice.payment_intent, notice.charge)


def _disputes(session: Session, notices: Sequence[DisputeState]) -> Verdicts:
    disputes = select(Dispute.stripe_dispute, Dispute.amount_pence, Dispute.status).where(
        Dispute.stripe_dispute.in_([notice.dispute for notice in notices])
    )
    booked = {tuple(row) for row in session.execute(disputes)}
    lines = [key for notice in notices for line in notice.lines for key in _keys(line)]
    moved = _known(session, LedgerTransaction.key, lines)
    payments = _payments(session, notices)
    for notice in notices:
        whole = all(key in moved for line in notice.lines for key in _keys(line))
        if whole and (notice.dispute, notice.pence, notice.status) in booked:
            yield Applied.KNOWN
        else:
            yield _unless(payments, notice.payment_intent, notice.charge)


def _warnings(session: Session, notices: Sequence[FraudWarned]) -> Verdicts:
    kept = _known(session, FraudWarning.stripe_warning, (notice.warning for notice in notices))
    payments = _payments(session, notices)
    for notice in notices:
        if notice.warning in kept:
            yield Applied.KNOWN
        else:
            yield _unless(payments, notice.payment_intent, notice.charge)


def _payouts(session: Session, notices: Sequence[PayoutState]) -> Verdicts:
    payouts = select(Payout.stripe_payout, Payout.amount_pence, Payout.status).where(
        Payout.stripe_payout.in_([notice.payout for notice in notices])
    )
    booked = {tuple(row) for row in session.execute(payouts)}
    for notice in notices:
        yield Applied.KNOWN if (notice.payout, notice.pence, notice.status) in booked else None


def _keys(line: BalanceLine) -> list[str]:
    """Return the keys under which the ledger has booked what a dispute moved."""
    moved = (("dispute-money", line.pence), ("dispute-fee", line.fee_pence))
    return [f"{kind}:{line.line}" for kind, pence in moved if pence]


def _unless(ours: AbstractSet[Any], *names: object) -> Applied | None:
    """Return that a thing is none of ours, unless one of its names is."""
    return None if any(name in ours for name in names if name) else Applied.UNKNOWN


def _pledges(
    session: Session, notices: Sequence[InvoicePaid | SubscriptionEnded]
) -> set[uuid.UUID | str | None]:
    """Return the ids and subscriptions of the pledges that notices may speak of."""
    found = select(Pledge.id, Pledge.stripe_subscription).where(
        or_(
            Pledge.id.in_(_some(notice.pledge_id for notice in notices)),
            Pledge.stripe_subscription.in_([notice.subscription for notice in notices]),
        )
    )
    return {name for row in session.execute(found) for name in row}


def _payments(
    session: Session, notices: Sequence[RefundState | DisputeState | FraudWarned]
) -> set[str | None]:
    """Return the intents and charges of the payments that notices may speak of."""
    found = select(Payment.payment_intent, Payment.charge).where(
        or_(
            Payment.payment_intent.in_(_some(notice.payment_intent for notice in notices)),
            Payment.charge.in_(_some(notice.charge for notice in notices)),
        )
    )
    return {name for row in session.execute(found) for name in row}


def _known(session: Session, column: InstrumentedAttribute[Any], names: Iterable[str]) -> set[str]:
    return set(session.scalars(select(column).where(column.in_(list(names)))))


def _some(values: Iterable[_Value | None]) -> list[_Value]:
    return [value for value in values if value is not None]
