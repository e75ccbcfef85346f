"""What somebody gives: the agreements that run or ran, and the money that has arrived."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from payments import statuses
from payments.models import MonthlyChange, MonthlyStanding, Payment, Pledge, StopRequest
from payments.models.giving import MONTHLY
from payments.monthly import amounts, calendar, wishing
from payments.monthly.amounts import Amount

_BEGUN = ("confirming", "paid", "held")


@dataclass(frozen=True, slots=True)
class Agreement:
    """A monthly payment as its payer sees it.

    `state` is `starting`, `active`, `paused`, `ending` (with its month, on `ends_at`), `stopping`
    (asked for, Stripe has not confirmed it) or `stopped`. `waits` is the kind of a change that
    Stripe has not heard yet, `failed` of one that it would not make. `paused_until` is None in a
    pause without an end. `customer` is Stripe's id of the payer.
    """

    id: uuid.UUID
    kind: str
    title: str
    amount_pence: int
    state: str
    since: dt.datetime | None
    last_paid: dt.datetime | None
    customer: str | None
    cover_pence: int = 0
    paused_until: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    next_month: dt.datetime | None = None
    waits: str | None = None
    failed: str | None = None

    @property
    def can_be_stopped(self) -> bool:
        """Whether there is anything left to stop."""
        return self.state in ("starting", "active", "paused", "ending")

    @property
    def can_be_changed(self) -> bool:
        """Whether another amount can be given: of a gift that runs, while no change waits."""
        return self.kind == "monthly" and self.can_be_asked

    @property
    def can_be_asked(self) -> bool:
        """Whether Stripe can be asked for a change: of what runs there, while none waits."""
        runs = self.customer is not None and self.state in ("active", "paused")
        return runs and self.waits is None

    @property
    def can_be_paused(self) -> bool:
        """Whether months can be left out from now on."""
        return self.can_be_changed and self.state == "active"

    @property
    def can_be_resumed(self) -> bool:
        """Whether a pause can end before its time."""
        return self.can_be_changed and self.state == "paused"


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money that was taken. `back_pence` went back since; `disputed` says that the bank has it."""

    title: str
    amount_pence: int
    paid_at: dt.datetime
    back_pence: int
    disputed: bool


def agreements(session: Session, email_key: str, *, now: dt.datetime) -> list[Agreement]:
    """Return the monthly payments of this address, newest first."""
    rows = session.execute(
        select(
            Pledge,
            MonthlyStanding,
            func.count(StopRequest.id),
            func.min(Payment.paid_at),
            func.max(Payment.paid_at),
        )
        .outerjoin(StopRequest, StopRequest.pledge_id == Pledge.id)
        .outerjoin(MonthlyStanding, MonthlyStanding.pledge_id == Pledge.id)
        .outerjoin(Payment, Payment.pledge_id == Pledge.id)
        .where(Pledge.email_key == email_key, Pledge.kind.in_(MONTHLY), Pledge.state.in_(_BEGUN))
        .group_by(Pledge.id, MonthlyStanding.id)
        .order_by(Pledge.created_at.desc())
    ).all()
    pledges = [row[0] for row in rows]
    given, changes = amounts.current_of(session, pledges), _newest_changes(session, pledges)
    return [
        _agreement(
            pledge,
            given[pledge.id],
            stood,
            changes.get(pledge.id),
            since=first,
            last_paid=last,
            state=_state(pledge, stood, asked_to_stop=bool(asked), now=now),
            now=now,
        )
        for pledge, stood, asked, first, last in rows
    ]


def agreement(
    session: Session, email_key: str, pledge_id: uuid.UUID, *, now: dt.datetime
) -> Agreement | None:
    """Return one of the monthly payments of this address; None for anybody else's."""
    own = agreements(session, email_key, now=now)
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


def _agreement(  # noqa: PLR0913 -- a row of the query, and what was found beside it
    pledge: Pledge,
    given: Amount,
    stood: MonthlyStanding | None,
    change: MonthlyChange | None,
    *,
    state: str,
    since: dt.datetime | None,
    last_paid: dt.datetime | None,
    now: dt.datetime,
) -> Agreement:
    waits = change is not None and change.due_at is not None
    failed = change is not None and change.due_at is None and change.done_at is None
    return Agreement(
        id=pledge.id,
        kind=pledge.kind,
        title=pledge.title,
        amount_pence=given.pence,
        state=state,
        since=since,
        last_paid=last_paid,
        customer=pledge.stripe_customer,
        cover_pence=given.cover_pence,
        paused_until=stood.resumes_at if stood and state == "paused" else None,
        ends_at=stood.ends_at if stood and state == "ending" else None,
        next_month=calendar.upcoming(stood.period_ends, now=now) if stood else None,
        waits=change.kind if change and waits else None,
        failed=change.kind if change and failed else None,
    )


def _newest_changes(session: Session, pledges: list[Pledge]) -> dict[uuid.UUID, MonthlyChange]:
    """Return the newest change that was asked for of each of these."""
    found = select(MonthlyChange).where(MonthlyChange.pledge_id.in_([each.id for each in pledges]))
    return {each.pledge_id: each for each in session.scalars(found.order_by(MonthlyChange.id))}


def _state(
    pledge: Pledge, stood: MonthlyStanding | None, *, asked_to_stop: bool, now: dt.datetime
) -> str:
    if pledge.stopped_at is not None:
        return "stopped"
    if asked_to_stop:
        return "stopping"
    if stood is not None and stood.ends_at is not None:
        return "ending"
    if wishing.is_paused(stood, now=now):
        return "paused"
    return "active" if pledge.state == "paid" else "starting"
