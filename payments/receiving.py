"""Receiving: notices are stored as they came, then applied by the worker, each until it is done."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import insert_each_once, insert_once, transaction
from payments import settling
from payments.gateway import Gateway, SignedNotice
from payments.models import WebhookEvent

_log = logging.getLogger(__name__)


def row(notice: SignedNotice, raw: bytes, *, now: dt.datetime) -> dict[str, Any]:
    """Return a verified notice as it is kept, to be applied at once."""
    return {
        "event_id": notice.event_id,
        "type": notice.type,
        "api_version": notice.api_version,
        "livemode": notice.livemode,
        "created": notice.created,
        "received_at": now,
        "raw": raw,
        "due_at": now,
    }


def store(session: Session, notice: SignedNotice, raw: bytes, *, now: dt.datetime) -> bool:
    """Keep a verified notice; one that is here already stays as it is. Say whether it is new."""
    kept = row(notice, raw, now=now)
    return insert_once(session, WebhookEvent, kept, unique="event_id")


def store_all(rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep verified notices as `row` gives them, in one transaction; those here already stay."""
    with transaction() as session:
        insert_each_once(session, WebhookEvent, rows, unique="event_id")


def apply_due(gateway: Gateway, rules: settling.Rules) -> int:
    """Apply what is due in the running application; say how many notices were taken up.

    All of them in one transaction, since a disk takes longer over a commit than we do over a
    notice; where that fails, each in its own. One that fails is tried again later and stays
    visible with its error.
    """
    with transaction() as session:
        taken = [event.id for event in leasing.claim(session, WebhookEvent, now=clock.now())]
    try:
        _apply(gateway, taken, rules)
    except Exception as fault:  # noqa: BLE001 -- whatever it is, the others must not wait for it
        _log.warning("notices applied one by one", extra={"error": type(fault).__name__})
        for row_id in taken:
            apply_one(gateway, row_id, rules)
    return len(taken)


def apply_one(gateway: Gateway, row_id: int, rules: settling.Rules) -> str:
    """Apply one stored notice, done before or not; return its outcome, or `failed`."""
    try:
        return _apply(gateway, [row_id], rules)[row_id]
    except Exception as fault:  # noqa: BLE001 -- whatever it is, the notice must stay
        with transaction() as session:
            event = session.get_one(WebhookEvent, row_id)
            leasing.failed(event, type(fault).__name__, now=clock.now())
        _log.exception("notice not applied", extra={"event": event.event_id})
        return "failed"


def _apply(gateway: Gateway, row_ids: Sequence[int], rules: settling.Rules) -> dict[int, str]:
    """Apply stored notices together or not at all; return the outcome of each."""
    outcomes = {}
    with transaction() as session:
        wanted = select(WebhookEvent).where(WebhookEvent.id.in_(row_ids))
        events = list(session.scalars(wanted.order_by(WebhookEvent.id)))
        for event in events:
            outcomes[event.id] = event.outcome = _settle(session, gateway, event, rules)
            leasing.done(event, now=clock.now())
    for event in events:
        if event.outcome == "held":
            _log.error("notice held: it does not agree", extra={"event": event.event_id})
    return outcomes


def _settle(session: Session, gateway: Gateway, event: WebhookEvent, rules: settling.Rules) -> str:
    notice = gateway.read(event.raw)
    if notice is None:
        return "ignored"
    settled = settling.settle(session, notice, rules=rules, now=clock.now())
    event.pledge_id = settled.pledge_id
    event.about = notice.subject if settled.applied is settling.Applied.UNKNOWN else None
    return str(settled.applied)
