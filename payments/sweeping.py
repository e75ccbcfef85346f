"""Sweeping: what Stripe told and we did not hear is fetched from its list of events.

A webhook may be dropped, or find us away for longer than Stripe tries. What is missing is stored as
the webhook would have, and the worker applies it as usual.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.database import insert_once, transaction
from payments import receiving
from payments.gateway import Gateway, GatewayUnavailable, PaymentRefused, SignedNotice
from payments.models import Sweep, WebhookEvent

_log = logging.getLogger(__name__)
EVERY = dt.timedelta(minutes=5)
# What is younger may still come by itself; the next look finds it if it did not.
_ON_ITS_WAY = dt.timedelta(minutes=1)
# An event may stand in the list only a while after its time.
_OVERLAP = dt.timedelta(minutes=15)
_FIRST_LOOK = dt.timedelta(days=1)
_BATCH = 100
NAME = "events"
"""The row of `Sweep` that says up to when the list was read."""


def look_for_missed(gateway: Gateway) -> int:
    """Store the events since the last look that no webhook brought; say how many.

    Where Stripe does not answer, the next look begins where this one did.
    """
    now = clock.now()
    with transaction() as session:
        first = {"name": NAME, "done_until": now - _FIRST_LOOK}
        insert_once(session, Sweep, first, unique="name")
        since = session.get_one(Sweep, NAME).done_until - _OVERLAP
    try:
        missed = store_missing(
            event for event in gateway.events_since(since) if event[0].created <= now - _ON_ITS_WAY
        )
    except (GatewayUnavailable, PaymentRefused) as error:
        _log.warning("events not looked through", extra={"error": str(error)})
        return 0
    with transaction() as session:
        session.get_one(Sweep, NAME).done_until = now
    if missed:
        _log.warning("notices had been missed", extra={"count": missed})
    return missed


def store_missing(events: Iterable[tuple[SignedNotice, bytes]]) -> int:
    """Store the events that are not here yet; say how many.

    A batch is stored in a transaction, and the list is read between these; no more than a batch of
    it is held.
    """
    waiting, count = iter(events), 0
    while batch := list(islice(waiting, _BATCH)):
        with transaction() as session:
            count += sum(_store(session, batch, clock.now()))
    return count


def _store(
    session: Session, batch: list[tuple[SignedNotice, bytes]], now: dt.datetime
) -> Iterator[bool]:
    names = [notice.event_id for notice, _raw in batch]
    here = select(WebhookEvent.event_id).where(WebhookEvent.event_id.in_(names))
    known = set(session.scalars(here))
    for notice, raw in batch:
        if notice.event_id not in known:
            yield receiving.store(session, notice, raw, now=now)
