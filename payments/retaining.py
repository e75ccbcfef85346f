"""What goes by clock in this room, and how much of it there is to do."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session

from core.protection import Lapse
from core.retention import Retention
from payments import erasing, letting_go
from payments.models import Checkout, Payment, Pledge, Quarantine, WebhookEvent
from payments.offline import agreeing


def _before(now: dt.datetime, days: int) -> dt.datetime:
    return now - dt.timedelta(days=days)


def _unpaid(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    """Find pledges that nobody paid, nor can pay any more; those held wait for a person.

    What was agreed for a member who pays past Stripe can be paid for as long as it runs.
    """
    payable = exists().where(
        Checkout.pledge_id == Pledge.id, Checkout.state == "open", Checkout.expires_at > now
    )
    waits = exists().where(
        Quarantine.pledge_id == Pledge.id,
        Quarantine.closed.is_(None),
        Quarantine.kept_at > _before(now, retention.put_aside_days),
    )
    return (
        Pledge.state.in_(("pending", "not-taken"))
        & (Pledge.created_at <= _before(now, retention.unpaid_pledge_days))
        & ~Pledge.email_key.startswith("erased:")
        & ~exists().where(Payment.pledge_id == Pledge.id)
        & ~payable
        & ~waits
        & ~agreeing.runs()
    )


def _count_unpaid(session: Session, retention: Retention, now: dt.datetime) -> int:
    return _count(session, select(Pledge.id).where(_unpaid(retention, now)))


def _empty_unpaid(session: Session, retention: Retention, now: dt.datetime, most: int) -> int:
    over = select(Pledge.id).where(_unpaid(retention, now)).order_by(Pledge.created_at).limit(most)
    return erasing.empty(session, session.scalars(over.with_for_update()).all())


def _notices(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    """Find notices that are applied and old; what waits for a person or another notice stays."""
    return (
        (WebhookEvent.received_at <= _before(now, retention.notice_days))
        & WebhookEvent.due_at.is_(None)
        & WebhookEvent.outcome.is_distinct_from("held")
    )


def _count_notices(session: Session, retention: Retention, now: dt.datetime) -> int:
    return _count(session, select(WebhookEvent.id).where(_notices(retention, now)))


def _drop_notices(session: Session, retention: Retention, now: dt.datetime, most: int) -> int:
    over = select(WebhookEvent.id).where(_notices(retention, now)).limit(most)
    gone = session.scalars(over).all()
    session.execute(delete(WebhookEvent).where(WebhookEvent.id.in_(gone)))
    return len(gone)


def _aside(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    return Quarantine.kept_at <= _before(now, retention.put_aside_days)


def _count_aside(session: Session, retention: Retention, now: dt.datetime) -> int:
    return _count(session, select(Quarantine.pledge_id).where(_aside(retention, now)))


def _drop_aside(session: Session, retention: Retention, now: dt.datetime, most: int) -> int:
    over = select(Quarantine.pledge_id).where(_aside(retention, now)).limit(most)
    gone = session.scalars(over).all()
    session.execute(delete(Quarantine).where(Quarantine.pledge_id.in_(gone)))
    return len(gone)


def _count(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


LAPSES = (
    Lapse("unpaid pledges", _count_unpaid, _empty_unpaid),
    Lapse("notices of the payment company", _count_notices, _drop_notices),
    Lapse("payments put aside", _count_aside, _drop_aside),
    Lapse("names of donors", letting_go.count_due, letting_go.let_go),
)
