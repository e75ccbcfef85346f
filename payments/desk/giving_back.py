"""Giving back at the desk: a treasurer asks, and above a set sum a second one has to agree.

Which sum counts is that of the whole payment: what went back before, what is under way and what is
asked for now, so that nobody gets round it in parts. What is granted becomes a `RefundRequest`,
which the worker carries out; nothing here speaks to Stripe. What came past Stripe goes back by
hand: there the wish is to book the reverse of the entry, in whole (`payments.offline.undoing`).
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload

from payments import refunding, settling, statuses
from payments.models import Payment, Refund, RefundRequest, RefundWish
from payments.offline import undoing
from staff.principal import Role

A_PAGE = 50
MONEY = (Role.TREASURER, Role.ADMIN)


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

    `nonce` is the number used once of the form; `who` is the treasurer's account. `past_stripe`
    says that an entry is to be undone, which is done in whole or not at all.
    """

    payment_id: uuid.UUID
    pence: int | None
    why: str
    nonce: str
    who: uuid.UUID
    past_stripe: bool = False


def ask(
    session: Session, want: Want, *, above: int, rules: settling.Rules, now: dt.datetime
) -> RefundWish:
    """Keep a wish to give money back, and grant it where no second person is needed.

    `above` is the sum in pence that one person may give back of a payment. The same form sent again
    gets the wish that it made.

    Raises:
        OneWaits: another wish for this payment waits.
        NotRefundable: it cannot be given back, or not so much.
        NotOffline, AlreadyUndone: it is no entry that can be undone.
    """
    made = known(session, want)
    if made is not None:
        return made
    payment = refunding.lock(session, want.payment_id)
    if waiting(session, payment.id) is not None:
        raise OneWaits(str(payment.id))
    if want.past_stripe:
        left = undoing.undoable_pence(session, payment)
    else:
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
        needs_second=needs_second(payment, left, pence, above),
        state="waiting",
        asked_by=want.who,
        asked_at=now,
    )
    if not wish.needs_second:
        _grant(session, wish, None, rules, now)
    session.add(wish)
    session.flush()
    return wish


def needs_second(payment: Payment, left: int, pence: int, above: int) -> bool:
    """Say whether so much more of a payment, of which so much is left, takes a second person."""
    return payment.amount_pence - left + pence > above


def known(session: Session, want: Want) -> RefundWish | None:
    """Return the wish that this form has made before, if it has; the payment is locked meanwhile.

    Raises:
        NotRefundable: there is no such payment that could be given back.
    """
    refunding.lock(session, want.payment_id)
    return session.scalar(select(RefundWish).where(RefundWish.form_nonce == want.nonce))


def confirm(
    session: Session,
    wish_id: uuid.UUID,
    *,
    who: uuid.UUID,
    rules: settling.Rules,
    now: dt.datetime,
) -> RefundWish:
    """Agree to a wish, as somebody else than who asked: the money is given back.

    Raises:
        NoSuchWish, DecidedBefore, SamePerson: nothing has changed.
        NotRefundable, AlreadyUndone: it cannot be given back any more; the wish waits on, and can
            be refused.
    """
    wish = _waiting(session, wish_id)
    if wish.asked_by == who:
        raise SamePerson(str(wish_id))
    _grant(session, wish, who, rules, now)
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


def every_waiting(
    session: Session, *, after: uuid.UUID | None = None
) -> Sequence[tuple[RefundWish, Payment]]:
    """Return the wishes that wait, the oldest first, each with its payment.

    There is one more than a page, if there is. `after` is the wish at which the list before ended.
    """
    wanted = (
        select(RefundWish, Payment)
        .join(Payment, Payment.id == RefundWish.payment_id)
        .options(statuses.of_pledge(joinedload(Payment.pledge)))
        .where(RefundWish.state == "waiting")
        .order_by(RefundWish.asked_at, RefundWish.id)
        .limit(A_PAGE + 1)
    )
    last = session.get(RefundWish, after) if after is not None else None
    if last is not None:
        place = tuple_(
            literal(last.asked_at, RefundWish.asked_at.type),
            literal(last.id, RefundWish.id.type),
        )
        wanted = wanted.where(tuple_(RefundWish.asked_at, RefundWish.id) > place)
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
        none_of(asked_again.correlate(RefundRequest)),
        none_of(went_back.correlate(RefundRequest)),
    )


def none_of(rows: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that there is no such row, looked up for each row of the query around.

    Said with EXISTS it may be planned as one pass over all there ever were.
    """
    return rows.limit(1).scalar_subquery().is_(None)


def refused_by_stripe(
    session: Session, *, before: int | None = None
) -> Sequence[tuple[RefundRequest, Payment]]:
    """Return what we asked Stripe to give back and it would not, the latest first.

    There is one more than a page, if there is. `before` is the request at which the list ended.
    """
    wanted = (
        select(RefundRequest, Payment)
        .join(Payment, Payment.id == RefundRequest.payment_id)
        .options(statuses.of_pledge(joinedload(Payment.pledge)))
        .where(refused())
        .order_by(RefundRequest.id.desc())
        .limit(A_PAGE + 1)
    )
    if before is not None:
        wanted = wanted.where(RefundRequest.id < before)
    return [(request, payment) for request, payment in session.execute(wanted)]


def _grant(
    session: Session,
    wish: RefundWish,
    who: uuid.UUID | None,
    rules: settling.Rules,
    now: dt.datetime,
) -> None:
    payment = session.get_one(Payment, wish.payment_id)
    if payment.offline:
        wish.refund_id = undoing.undo(session, payment.id, why=wish.why, rules=rules, now=now).id
    else:
        request = refunding.ask(session, payment.id, pence=wish.amount_pence, why=wish.why, now=now)
        wish.request_id = request.id
    wish.state, wish.decided_by, wish.decided_at = "granted", who, now


def _waiting(session: Session, wish_id: uuid.UUID) -> RefundWish:
    """Lock a wish that waits: two who decide at one moment decide one after the other."""
    wish = session.scalar(select(RefundWish).where(RefundWish.id == wish_id).with_for_update())
    if wish is None:
        raise NoSuchWish(str(wish_id))
    if wish.state != "waiting":
        raise DecidedBefore(wish)
    return wish
