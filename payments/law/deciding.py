"""Deciding: the treasurer accepts a payment, or says that it has to go back."""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.law import marking
from payments.models import Payment, PermissibilityCheck, Pledge


class NotMarked(LookupError):
    """The payment is not above the threshold, so there is nothing to decide."""


class GoneAlready(Exception):
    """The money is not ours any more, so it cannot be accepted."""


def accept(
    session: Session, payment_id: uuid.UUID, *, why: str, who: str, now: dt.datetime
) -> bool:
    """Accept a payment as from a permissible donor; say whether that is new.

    Raises:
        NotMarked: it needs no check.
        GoneAlready: it was given back in whole, or lost to a dispute.
    """
    payment, check = _check(session, payment_id)
    if marking.why_gone(session, payment) is not None:
        raise GoneAlready(str(payment_id))
    return _decide(session, check, "accepted", why, who, now)


def give_back(
    session: Session, payment_id: uuid.UUID, *, why: str, who: str, now: dt.datetime
) -> bool:
    """Note that a payment has to go back; say whether that is new. The refund is another matter.

    Raises:
        NotMarked: it needs no check.
    """
    _payment, check = _check(session, payment_id)
    return _decide(session, check, "returned", why, who, now)


def marked(session: Session, payment_id: uuid.UUID) -> PermissibilityCheck:
    """Return the check of a payment; its pledge is locked, as by whoever settles.

    Raises:
        NotMarked: it needs no check.
    """
    return _check(session, payment_id)[1]


def _decide(
    session: Session, check: PermissibilityCheck, state: str, why: str, who: str, now: dt.datetime
) -> bool:
    if check.state == state:
        return False
    marking.decide(session, check, state, why=why, who=who, now=now)
    return True


def _check(session: Session, payment_id: uuid.UUID) -> tuple[Payment, PermissibilityCheck]:
    """Return a payment and its check; its pledge is locked, as by whoever settles."""
    payment = session.scalar(
        select(Payment)
        .join(Payment.pledge)
        .where(Payment.id == payment_id)
        .with_for_update(of=Pledge)
    )
    check = marking.of(session, payment) if payment is not None else None
    if payment is None or check is None:
        raise NotMarked(str(payment_id))
    return payment, check
