"""What somebody gives: the agreements that run or ran, and the money that has arrived."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from payments import statuses
from payments.models import Payment, Pledge, StopRequest
from payments.models.giving import MONTHLY

_BEGUN = ("confirming", "paid", "held")


@dataclass(frozen=True, slots=True)
class Agreement:
    """A monthly payment as its payer sees it.

    `state` is `starting`, `active`, `stopping` (asked for, Stripe has not confirmed it) or
    `stopped`. `customer` is Stripe's id of the payer.
    """

    id: uuid.UUID
    kind: str
    title: str
    amount_pence: int
    state: str
    since: dt.datetime | None
    last_paid: dt.datetime | None
    customer: str | None

    @property
    def can_be_stopped(self) -> bool:
        """Whether there is anything left to stop."""
        return self.state in ("starting", "active")


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money that was taken. `back_pence` went back since; `disputed` says that the bank has it."""

    title: str
    amount_pence: int
    paid_at: dt.datetime
    back_pence: int
    disputed: bool


def agreements(session: Session, email_key: str) -> list[Agreement]:
    """Return the monthly payments of this address, newest first."""
    rows = session.execute(
        select(
            Pledge,
            func.count(StopRequest.id),
            func.min(Payment.paid_at),
            func.max(Payment.paid_at),
        )
        .outerjoin(StopRequest, StopRequest.pledge_id == Pledge.id)
        .outerjoin(Payment, Payment.pledge_id == Pledge.id)
        .where(Pledge.email_key == email_key, Pledge.kind.in_(MONTHLY), Pledge.state.in_(_BEGUN))
        .group_by(Pledge.id)
        .order_by(Pledge.created_at.desc())
    )
    return [
        Agreement(
            id=pledge.id,
            kind=pledge.kind,
            title=pledge.title,
            amount_pence=pledge.amount_pence,
            state=_state(pledge, asked_to_stop=bool(asked)),
            since=first,
            last_paid=last,
            customer=pledge.stripe_customer,
        )
        for pledge, asked, first, last in rows
    ]


def agreement(session: Session, email_key: str, pledge_id: uuid.UUID) -> Agreement | None:
    """Return one of the monthly payments of this address; None for anybody else's."""
    own = agreements(session, email_key)
    return next((each for each in own if each.id == pledge_id), None)


def arrived(session: Session, email_key: str) -> list[Arrived]:
    """Return everything that this address has paid, newest first."""
    payments = session.scalars(
        select(Payment)
        .join(Payment.pledge)
        .where(Pledge.email_key == email_key)
        .options(contains_eager(Payment.pledge), *statuses.loaded())
        .order_by(Payment.paid_at.desc(), Payment.id)
    )
    return [_arrived(payment) for payment in payments]


def _arrived(payment: Payment) -> Arrived:
    status = statuses.status_of(payment)
    return Arrived(
        title=payment.pledge.title,
        amount_pence=payment.amount_pence,
        paid_at=payment.paid_at,
        back_pence=statuses.refunded_pence(payment),
        disputed=status in (statuses.Status.DISPUTED, statuses.Status.LOST),
    )


def _state(pledge: Pledge, *, asked_to_stop: bool) -> str:
    if pledge.stopped_at is not None:
        return "stopped"
    if asked_to_stop:
        return "stopping"
    return "active" if pledge.state == "paid" else "starting"
