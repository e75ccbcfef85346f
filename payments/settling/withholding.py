"""Withholding: books are made good without anybody being written to."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.outbox import OutboxMail


@contextmanager
def letters(session: Session, *, now: dt.datetime) -> Iterator[None]:
    """Keep the letters unsent that the block puts into the outbox at this very moment.

    Other rooms write some when they hear what happened. They stay in the outbox, marked, so that
    their keys are taken and what happened is not told later either.
    """
    before = session.scalar(select(func.max(OutboxMail.id))) or 0
    yield
    session.flush()
    written = OutboxMail.id > before, OutboxMail.created_at == now, OutboxMail.done_at.is_(None)
    withheld = {"due_at": None, "last_error": "withheld"}
    session.execute(update(OutboxMail).where(*written).values(withheld))
