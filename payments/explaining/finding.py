"""Finding what a story is about: by any id, of ours or of Stripe's."""

import re
import uuid

from sqlalchemy import ColumnElement, CompoundSelect, select, union_all
from sqlalchemy.orm import Session

from payments.models import (
    Checkout,
    Dispute,
    FraudWarning,
    Payment,
    Pledge,
    Refund,
    WebhookEvent,
)

_REFERENCE = re.compile(r"[0-9a-f]{8}")


class NoSuchPayment(LookupError):
    """Nothing of ours has this id."""


def payment(session: Session, some_id: str) -> Payment:
    """Return the one payment with this id, of ours or Stripe's; a single gift's by any of its ids.

    Raises:
        NoSuchPayment: there is none, or the id is that of an agreement with several payments.
    """
    some_id = some_id.strip()
    pledge = find(session, some_id)
    named = [
        each
        for each in pledge.payments
        if some_id in (str(each.id), each.payment_intent, each.invoice, each.charge)
    ]
    found = named or pledge.payments
    if len(found) != 1:
        raise NoSuchPayment(some_id)
    return found[0]


def pledge(session: Session, some_id: str) -> Pledge:
    """Return the pledge with this id or reference, or of a payment with it, the newest first.

    Raises:
        NoSuchPayment: there is none.
    """
    return find(session, some_id.strip())


def begins_with(reference: str) -> ColumnElement[bool]:
    """Return the condition that a pledge has this short reference: a piece of its key's index."""
    first, last = (uuid.UUID(reference + end * 24) for end in "0f")
    return Pledge.id.between(first, last)


def find(session: Session, some_id: str) -> Pledge:
    """Return the pledge that an id speaks of; see `pledge`."""
    if not some_id.isprintable():  # no id is like that, nor could it be asked for
        raise NoSuchPayment(some_id)
    wanted = select(Pledge).where(Pledge.id.in_(_named(some_id)))
    found = session.scalar(wanted.order_by(Pledge.created_at.desc()).limit(1))
    if found is None:
        raise NoSuchPayment(some_id)
    return found


def _named(some_id: str) -> CompoundSelect[uuid.UUID]:
    """Return a query for the ids of pledges that an id speaks of.

    Each kind of id is looked up by its own index; asked with `or` of all tables at once, a database
    reads them from end to end.
    """
    paid = select(Payment.pledge_id)
    named = [
        select(Pledge.id).where(Pledge.stripe_subscription == some_id),
        select(Pledge.id).where(Pledge.stripe_customer == some_id),
        select(WebhookEvent.pledge_id).where(WebhookEvent.event_id == some_id),
        select(Checkout.pledge_id).where(Checkout.session_id == some_id),
        paid.where(Payment.payment_intent == some_id),
        paid.where(Payment.invoice == some_id),
        paid.where(Payment.charge == some_id),
        paid.join(Payment.refunds).where(Refund.stripe_refund == some_id),
        paid.join(Payment.disputes).where(Dispute.stripe_dispute == some_id),
        paid.join(FraudWarning, FraudWarning.payment_id == Payment.id).where(
            FraudWarning.stripe_warning == some_id
        ),
    ]
    try:
        own = uuid.UUID(some_id)
        named += [select(Pledge.id).where(Pledge.id == own), paid.where(Payment.id == own)]
    except ValueError:
        if _REFERENCE.fullmatch(some_id.lower()):
            named.append(select(Pledge.id).where(begins_with(some_id)))
    return union_all(*named)
