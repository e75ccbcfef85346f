"""Stopping: the wish is kept first, so that it is carried out whatever fails afterwards."""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import leasing
from payments.models import Pledge, StopRequest


def ask(session: Session, pledge_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Keep the wish to stop, once. The worker takes it up where the caller does not finish it.

    The pledge's row is locked, so that of two requests the second sees what the first has kept.
    """
    session.get_one(Pledge, pledge_id, with_for_update=True)
    kept = select(StopRequest.id).where(StopRequest.pledge_id == pledge_id)
    if session.scalar(kept) is None:
        session.add(StopRequest(pledge_id=pledge_id, asked_at=now, due_at=now + leasing.LEASE))
        session.flush()
