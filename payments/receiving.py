"""Receiving: notices are stored as they came, then applied by the worker, each until it is done."""

import datetime as dt
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, leasing
from core.database import insert_each_once, insert_once, transaction
from payments import settling
from payments.gateway import Gateway, SignedNotice
from payments.models import WebhookEvent
from payments.notices import Notice

_log = logging.getLogger(__name__)
_UNKNOWN = str(settling.Applied.UNKNOWN)
# What a person has to look at, though it is booked and our books are well.
_ALARMS = {
    "charge.dispute.created": "a bank disputes a payment: look at it",
    "radar.early_fraud_warning.created": "a payment may be fraud: look at it",
    "refund.failed": "a refund came back: look at it",
    "payout.failed": "a payout came back: look at it",
}


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
    with transaction() as session:
        wanted = select(WebhookEvent).where(WebhookEvent.id.in_(row_ids))
        events = list(session.scalars(wanted.order_by(WebhookEvent.id)))
        new = {event.id for event in events if event.outcome is None}
        notices = [gateway.read(event.raw) if event.raw else None for event in events]
        settling.pledges_of(session, [notice for notice in notices if notice is not None])
        pairs = zip(events, notices, strict=True)
        settled = [_settle(session, event, notice, rules) for event, notice in pairs]
        for event, (outcome, pledge_id) in zip(events, settled, strict=True):
            if outcome != _UNKNOWN:
                event.pledge_id, event.outcome, event.about = pledge_id, outcome, None
                leasing.done(event, now=clock.now())
    outcomes = {event.id: outcome for event, (outcome, _) in zip(events, settled, strict=True)}
    for event in events:
        _alarm(event, outcomes[event.id], new=event.id in new)
    return outcomes


def _alarm(event: WebhookEvent, outcome: str, *, new: bool) -> None:
    """Tell in the log what a person has to look at; what was told before, only if it is held."""
    if outcome == "held":
        _log.error("notice held: it does not agree with our books", extra={"event": event.event_id})
    elif new and outcome in ("applied", "known") and event.type in _ALARMS:
        _log.warning(_ALARMS[event.type], extra={"event": event.event_id})


def _settle(
    session: Session, event: WebhookEvent, notice: Notice | None, rules: settling.Rules
) -> tuple[str, uuid.UUID | None]:
    """Settle one notice. One of something unknown is marked at once: the next may wake it."""
    if not event.raw:  # emptied when its person was erased: what it told was booked before that
        return event.outcome or "ignored", event.pledge_id
    if notice is None:
        return "ignored", None
    settled = settling.settle(session, notice, rules=rules, now=clock.now())
    if settled.applied is settling.Applied.UNKNOWN:
        event.outcome, event.about = _UNKNOWN, notice.subject
        leasing.done(event, now=clock.now())
    return str(settled.applied), settled.pledge_id
