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


def store(session: Session, notice: SignedNotice, raw: bytes, *, now: dt.datetime) -> bool:
    """Keep a verified notice; one that is here already stays as it is. Say whether it is new."""
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
    return insert_once(session, WebhookEvent, row, unique="event_id")


def apply_due(gateway: Gateway, rules: settling.Rules) -> int:
    """Apply what is due in the running application; say how many notices were taken up.

    One that fails is tried again later and stays visible with its error.
    """
    with transaction() as session:
        taken = leasing.claim(session, WebhookEvent, now=clock.now())
    for event in taken:
        apply_one(gateway, event.id, rules)
    return len(taken)


def apply_one(gateway: Gateway, row_id: int, rules: settling.Rules) -> str:
    """Apply one stored notice, done before or not; return its outcome, or `failed`."""
    try:
        return _apply(gateway, row_id, rules)
    except Exception as fault:  # noqa: BLE001 -- whatever it is, the notice must stay
        with transaction() as session:
            event = session.get_one(WebhookEvent, row_id)
            leasing.failed(event, type(fault).__name__, now=clock.now())
        _log.exception("notice not applied", extra={"event": event.event_id})
        return "failed"


def _apply(gateway: Gateway, row_id: int, rules: settling.Rules) -> str:
    with transaction() as session:
        event = session.get_one(WebhookEvent, row_id)
        notice = gateway.read(event.raw)
        if notice is None:
            outcome = "ignored"
        else:
            settled = settling.settle(session, notice, rules=rules, now=clock.now())
            event.pledge_id, outcome = settled.pledge_id, str(settled.applied)
            event.about = notice.subject if outcome == "unknown" else None
        event.outcome = outcome
        leasing.done(event, now=clock.now())
    if outcome == "held":
        _log.error("notice held: it does not agree with our books", extra={"event": event.event_id})
    return outcome
