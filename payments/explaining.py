"""Explaining: the whole story of one payment, as kinds and values in the order they happened."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from core.outbox import OutboxMail
from payments.models import Checkout, LedgerTransaction, Payment, Pledge, StopRequest, WebhookEvent

_COURSE = ("pledged", "checkout", "paid", "fee", "notice", "receipt", "stop")
_REFERENCE = re.compile(r"[0-9a-f]{8}")


class NoSuchPayment(LookupError):
    """Nothing of ours has this id."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `kind` names the sentence, `values` fill it."""

    at: dt.datetime
    kind: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """A pledge and what happened to it."""

    pledge: Pledge
    steps: list[Step]


def explain(session: Session, some_id: str) -> Story:
    """Tell the story of a payment by our id, its short reference, or any of Stripe's ids.

    Raises:
        NoSuchPayment: when nothing has this id.
    """
    pledge = _find(session, some_id.strip())
    steps = [Step(pledge.created_at, "pledged", {"amount": str(pledge.amount_pence)})]
    for checkout in pledge.checkouts:
        steps += _of_checkout(checkout)
    for payment in pledge.payments:
        steps += _of_payment(session, payment)
    steps += _of_notices(session, pledge)
    asked = session.scalar(select(StopRequest).where(StopRequest.pledge_id == pledge.id))
    if asked is not None:
        steps.append(Step(asked.asked_at, "stop_asked"))
    if pledge.stopped_at is not None:
        steps.append(Step(pledge.stopped_at, "stopped"))
    return Story(pledge, sorted(steps, key=_order))


def _order(step: Step) -> tuple[dt.datetime, int]:
    """Order by the second, since Stripe tells no less, and within one by what leads to what."""
    rank = next(n for n, begin in enumerate(_COURSE) if step.kind.startswith(begin))
    return step.at.replace(microsecond=0), rank


def _find(session: Session, some_id: str) -> Pledge:
    named = [
        Pledge.stripe_subscription == some_id,
        Pledge.id.in_(select(WebhookEvent.pledge_id).where(WebhookEvent.event_id == some_id)),
        Pledge.stripe_customer == some_id,
        Pledge.checkouts.any(Checkout.session_id == some_id),
        Pledge.payments.any(
            or_(
                Payment.payment_intent == some_id,
                Payment.invoice == some_id,
                Payment.charge == some_id,
            )
        ),
    ]
    try:
        own = uuid.UUID(some_id)
        named += [Pledge.id == own, Pledge.payments.any(Payment.id == own)]
    except ValueError:
        if _REFERENCE.fullmatch(some_id.lower()):
            named.append(cast(Pledge.id, Text).startswith(some_id.lower()))
    newest = select(Pledge).where(or_(*named)).order_by(Pledge.created_at.desc()).limit(1)
    found = session.scalar(newest)
    if found is None:
        raise NoSuchPayment(some_id)
    return found


def _of_checkout(checkout: Checkout) -> list[Step]:
    values = {"session": checkout.session_id or "-", "attempt": str(checkout.attempt)}
    return [Step(checkout.created_at, f"checkout_{checkout.state}", values)]


def _of_payment(session: Session, payment: Payment) -> list[Step]:
    values = {
        "payment": str(payment.id),
        "number": str(payment.number),
        "amount": str(payment.amount_pence),
        "method": payment.method or "-",
        "intent": payment.payment_intent or "-",
        "invoice": payment.invoice or "-",
    }
    steps = [Step(payment.paid_at, "paid", values)]
    fee = session.scalar(
        select(LedgerTransaction).where(LedgerTransaction.key == f"fee:{payment.id}")
    )
    if fee is not None:
        steps.append(Step(fee.booked_at, "fee", {"amount": str(payment.fee_pence)}))
    receipt = session.scalar(select(OutboxMail).where(OutboxMail.key == f"receipt:{payment.id}"))
    if receipt is not None:
        sent = receipt.done_at is not None
        moment = receipt.done_at or receipt.created_at
        steps.append(Step(moment, "receipt_sent" if sent else "receipt_waits"))
    return steps


def _of_notices(session: Session, pledge: Pledge) -> list[Step]:
    wanted = select(WebhookEvent).where(WebhookEvent.pledge_id == pledge.id)
    return [
        Step(event.received_at, "notice", {"type": event.type, "outcome": event.outcome or "-"})
        for event in session.scalars(wanted)
    ]
