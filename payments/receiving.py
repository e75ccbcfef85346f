"""Receiving: notices are stored as they came, then applied by the worker, each until it is done."""

import datetime as dt
import logging

from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import insert_once, transaction
from payments import settling
from payments.gateway import Gateway, SignedNotice
from payments.models import WebhookEvent

_log = logging.getLogger(__name__)


def store(session: Session, notice: SignedNotice, raw: bytes, *, now: dt.datetime) -> None:
    """Keep a verified notice; one that is here already stays as it is."""
    row = {
        "event_id": notice.event_id,
        "type": notice.type,
        "api_version": notice.api_version,
        "livemode": notice.livemode,
        "created": notice.created,
        "received_at": now,
        "raw": raw,
        "due_at": now,
    }
    insert_once(session, WebhookEvent, row, unique="event_id")


def apply_due(gateway: Gateway, rules: settling.Rules) -> int:
    """Apply what is due in the running application; say how many notices were taken up.

    One that fails is tried again later and stays visible with its error.
    """
    with transaction() as session:
        taken = leasing.claim(session, WebhookEvent, now=clock.now())
    for event in taken:
        try:
            _apply(gateway, event.id, rules)
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the notice must stay
            _log.exception("notice not applied", extra={"event": event.event_id})
            _put_off(event.id, type(fault).__name__)
    return len(taken)


def _apply(gateway: Gateway, row_id: int, rules: settling.Rules) -> None:
    with transaction() as session:
        event = session.get_one(WebhookEvent, row_id)
        notice = gateway.read(event.raw)
        if notice is None:
            event.outcome = "ignored"
        else:
            settled = settling.settle(session, notice, rules=rules, now=clock.now())
            event.pledge_id, event.outcome = settled.pledge_id, str(settled.applied)
            event.about = notice.subject if event.outcome == "unknown" else None
        leasing.done(event, now=clock.now())
        outcome, event_id = event.outcome, event.event_id
    if outcome == "held":
        _log.error("notice held: it does not agree with our books", extra={"event": event_id})


def _put_off(row_id: int, error: str) -> None:
    with transaction() as session:
        leasing.put_off(session, WebhookEvent, row_id, error, now=clock.now())
