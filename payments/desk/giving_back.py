"""Giving back at the desk: a treasurer asks, and above a set sum a second one has to agree.

Which sum counts is that of the whole payment: what went back before, what is under way and what is
asked for now, so that nobody gets round it in parts. What is granted becomes a `RefundRequest`,
which the worker carries out; nothing here speaks to Stripe.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased, joinedload

from payments import refunding
from payments.models import Payment, Refund, RefundRequest, RefundWish

MOST_LISTED = 100


class OneWaits(Exception):
    """Another wish for this payment waits for its second person."""


class NoSuchWish(LookupError):
    """There is no wish of this id."""


class DecidedBefore(Exception):
    """Somebody has decided on the wish already: who, what, and of which payment."""

    def __init__(self, wish: RefundWish) -> None:
        super().__init__(str(wish.id))
        self.state, self.decided_by, self.payment_id = wish.state, wish.decided_by, wish.payment_id


class SamePerson(Exception):
    """Who asked cannot be the second person as well."""


@dataclass(frozen=True, slots=True)
class Want:
    """What a treasurer wants given back of a payment: pence, or all that is left, and why.

    `nonce` is the number used once of the form; `who` is the treasurer's account.
    """

    payment_id: uuid.UUID
    pence: int | None
    why: str
    nonce: str
    who: uuid.UUID


def ask(session: Session, want: Want, *, above: int, now: dt.datetime) -> RefundWish:
    """Keep a wish to give money back, and grant it where no second person is needed.

    `above` is the sum in pence that one person may give back of a payment. The same form sent again
    gets the wish that it made.

    Raises:
        OneWaits: another wish for this payment waits.
        NotRefundable: it cannot be given back, or not so much.
    """
    made = known(session, want)
    if made is not None:
        return made
    payment = refunding.lock(session, want.payment_id)
    if waiting(session, payment.id) is not None:
        raise OneWaits(str(payment.id))
    left = refunding.left_pence(session, payment)
    pence = left if want.pence is None else want.pence
    if not 0 < pence <= left:
        raise refunding.NotRefundable(f"{left} pence are left of it", "left", left)
    wish = RefundWish(
        id=uuid.uuid4(),
        payment_id=payment.id,
        form_nonce=want.nonce,
        amount_pence=pence,
        why=want.why,
        needs_second=payment.amount_pence - left + pence > above,
        state="waiting",
        asked_by=want.who,
        asked_at=now,
    )
    if not wish.needs_second:
        _grant(session, wish, None, now)
    session.add(wish)
    session.flush()
    return wish


def known(session: Session, want: Want) -> RefundWish | None:
    """Return the wish that this form has made before, if it has; the payment is locked meanwhile.

    Raises:
        NotRefundable: there is no such payment that could be given back.
    """
    refunding.lock(session, want.payment_id)
    return session.scalar(select(RefundWish).where(RefundWish.form_nonce == want.nonce))


def confirm(
    session: Session, wish_id: uuid.UUID, *, who: uuid.UUID, now: dt.datetime
) -> RefundWish:
    """Agree to a wish, as somebody else than who asked: the money is given back.

    Raises:
        NoSuchWish, DecidedBefore, SamePerson: nothing has changed.
        NotRefundable: it cannot be given back any more; the wish waits on, and can be refused.
    """
    wish = _waiting(session, wish_id)
    if wish.asked_by == who:
        raise SamePerson(str(wish_id))
    _grant(session, wish, who, now)
    session.flush()
    return wish


def refuse(session: Session, wish_id: uuid.UUID, *, who: uuid.UUID, now: dt.datetime) -> RefundWish:
    """Refuse a wish; who asked takes it back by the same.

    Raises:
        NoSuchWish, DecidedBefore: nothing has changed.
    """
    wish = _waiting(session, wish_id)
    wish.state, wish.decided_by, wish.decided_at = "refused", who, now
    session.flush()
    return wish


def waiting(session: Session, payment_id: uuid.UUID) -> RefundWish | None:
    """Return the wish for this payment that waits for its second person, if one does."""
    return session.scalar(
        select(RefundWish).where(RefundWish.payment_id == payment_id, RefundWish.state == "waiting")
    )


def every_waiting(session: Session) -> Sequence[tuple[RefundWish, Payment]]:
    """Return the wishes that wait, the oldest first, each with its payment."""
    wanted = (
        select(RefundWish, Payment)
        .join(Payment, Payment.id == RefundWish.payment_id)
        .options(joinedload(Payment.pledge))
        .where(RefundWish.state == "waiting")
        .order_by(RefundWish.asked_at, RefundWish.id)
        .limit(MOST_LISTED)
    )
    return [(wish, payment) for wish, payment in session.execute(wanted)]


def refused() -> ColumnElement[bool]:
    """Return the condition that Stripe would not give money back, and nothing was done since."""
    newer = aliased(RefundRequest)
    asked_again = select(newer.id).where(
        newer.payment_id == RefundRequest.payment_id, newer.id > RefundRequest.id
    )
    went_back = select(Refund.id).where(
        Refund.payment_id == RefundRequest.payment_id, Refund.made_at >= RefundRequest.asked_at
    )
    return and_(
        RefundRequest.due_at.is_(None),
        RefundRequest.stripe_refund.is_(None),
        ~asked_again.correlate(RefundRequest).exists(),
        ~went_back.correlate(RefundRequest).exists(),
    )


def refused_by_stripe(session: Session) -> Sequence[tuple[RefundRequest, Payment]]:
    """Return what we asked Stripe to give back and it would not, the latest first."""
    wanted = (
        select(RefundRequest, Payment)
        .join(Payment, Payment.id == RefundRequest.payment_id)
        .options(joinedload(Payment.pledge))
        .where(refused())
        .order_by(RefundRequest.id.desc())
        .limit(MOST_LISTED)
    )
    return [(request, payment) for request, payment in session.execute(wanted)]


def _grant(session: Session, wish: RefundWish, who: uuid.UUID | None, now: dt.datetime) -> None:
    request = refunding.ask(
        session, wish.payment_id, pence=wish.amount_pence, why=wish.why, now=now
    )
    wish.state, wish.request_id = "granted", request.id
    wish.decided_by, wish.decided_at = who, now


def _waiting(session: Session, wish_id: uuid.UUID) -> RefundWish:
    """Lock a wish that waits: two who decide at one moment decide one after the other."""
    wish = session.scalar(select(RefundWish).where(RefundWish.id == wish_id).with_for_update())
    if wish is None:
        raise NoSuchWish(str(wish_id))
    if wish.state != "waiting":
        raise DecidedBefore(wish)
    return wish
