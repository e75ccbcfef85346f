"""Waking notices that came before what they speak of."""

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from payments.models import WebhookEvent


def wake(session: Session, *subjects: str | None, now: dt.datetime) -> None:
    """Have those notices applied again that spoke of what is now known here."""
    known = [subject for subject in subjects if subject]
    if known:
        session.execute(
            update(WebhookEvent)
            .where(WebhookEvent.about.in_(known), WebhookEvent.outcome == "unknown")
            .values(due_at=now, outcome=None, about=None)
        )
