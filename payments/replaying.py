"""Replaying: notices are applied again, as many times as one likes.

What Stripe told once is kept as it came, and settling does nothing twice; so after a fault was
mended, or a backup restored, what was told is simply gone through again.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from core import clock
from core.database import reading, transaction
from payments import receiving, settling, sweeping
from payments.gateway import Gateway
from payments.models import WebhookEvent


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a notice: `applied`, `known`, `unknown`, `held`, `ignored` or `failed`."""

    event_id: str
    type: str
    outcome: str

    @property
    def well(self) -> bool:
        """Whether nobody has to look at it."""
        return self.outcome not in ("held", "failed")


def one(gateway: Gateway, event_id: str, *, rules: settling.Rules) -> Iterator[Replayed]:
    """Apply one notice again; one that is not here is fetched from Stripe.

    Raises:
        GatewayUnavailable: Stripe gave no answer.
        PaymentRefused: it is not here, and Stripe has none of this id (any more: after 30 days).
    """
    named = WebhookEvent.event_id == event_id
    with reading() as session:
        known = session.scalar(select(WebhookEvent.id).where(named)) is not None
    if not known:
        notice, raw = gateway.event(event_id)
        with transaction() as session:
            receiving.store(session, notice, raw, now=clock.now())
    return _again(gateway, rules, named)


def failed(gateway: Gateway, *, rules: settling.Rules) -> Iterator[Replayed]:
    """Apply again what failed, what was held, and what was tried and is not done."""
    unfinished = and_(WebhookEvent.due_at.is_not(None), WebhookEvent.attempts > 0)
    wanted = or_(WebhookEvent.last_error.is_not(None), WebhookEvent.outcome == "held", unfinished)
    return _again(gateway, rules, wanted)


def since(gateway: Gateway, first: dt.datetime, *, rules: settling.Rules) -> Iterator[Replayed]:
    """Fetch what Stripe has told since then and is not here, and apply all since then again.

    Raises:
        GatewayUnavailable: Stripe gave no answer; what it had told until then is stored.
        PaymentRefused: the key may not read events.
    """
    sweeping.store_missing(gateway.events_since(first))
    return _again(gateway, rules, WebhookEvent.created >= first)


def _again(
    gateway: Gateway, rules: settling.Rules, wanted: ColumnElement[bool]
) -> Iterator[Replayed]:
    """Apply what is wanted, in the order in which it happened, each in its own transaction."""
    order = (WebhookEvent.created, WebhookEvent.id)
    with reading() as session:
        rows = list(session.scalars(select(WebhookEvent.id).where(wanted).order_by(*order)))
    for row_id in rows:
        outcome = receiving.apply_one(gateway, row_id, rules)
        with reading() as session:
            event_id, kind = session.execute(
                select(WebhookEvent.event_id, WebhookEvent.type).where(WebhookEvent.id == row_id)
            ).one()
        yield Replayed(event_id, kind, outcome)
