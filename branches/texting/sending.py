"""Texts that leave by themselves: put out in the caller's transaction, sent by the worker.

Replies go first, for somebody waits. A notice, which answers nobody, goes when no reply is due; it
is held against its number's wishes and the line's limits once more as it goes (`notifying`).

A worker that dies may send one twice, under the same id of ours: the phone takes it once.
"""

import datetime as dt
import logging
import uuid
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import OutboxText
from branches.texting import notifying, switching
from branches.texting.deciding import Rules
from core import clock, leasing
from core.database import reading, transaction

_log = logging.getLogger(__name__)
_WORTH = dt.timedelta(hours=1)
_STOPPED = "called back: the number said STOP"


class TextRefused(Exception):
    """The text will never be taken."""


class TextUnsent(Exception):
    """The text did not leave this time."""


class Phone(Protocol):
    """Whoever can send a text."""

    def send(self, to: str, text: str, *, message_id: str, seconds: int) -> None:
        """Hand a text over, to be sent within so many seconds or not at all.

        One `message_id` is one text, however often it is handed over.

        Raises:
            TextRefused: when it can never be taken.
            TextUnsent: when it is worth another try.
        """


def put_out(session: Session, text_id: int, to: str, text: str, *, now: dt.datetime) -> None:
    """Put the reply to a stored text into the outbox: worth sending for an hour."""
    session.add(
        OutboxText(
            inbound_text_id=text_id,
            message_id=str(uuid.uuid4()),
            recipient=to,
            text=text,
            created_at=now,
            expires_at=now + _WORTH,
            due_at=now,
        )
    )


def call_back(session: Session, number: str) -> None:
    """Give up what waits for a number: it said STOP."""
    waiting = select(OutboxText).where(
        OutboxText.recipient == number, OutboxText.due_at.is_not(None)
    )
    for text in session.scalars(waiting):
        leasing.given_up(text, _STOPPED)


def send_due(phone: Phone, rules: Rules) -> int:
    """Send what is due in the running application's outbox; say how many were taken up.

    While replies are turned off nothing is, no notice either.
    """
    with reading() as session:
        if not switching.replies_on(session):
            return 0
    with transaction() as session:
        replies = OutboxText.key.is_(None)
        taken = leasing.claim(session, OutboxText, now=clock.now(), which=replies)
        if not taken:
            taken = notifying.claim(session, rules, now=clock.now())
    for text in taken:
        _send(phone, text)
    return len(taken)


def _send(phone: Phone, text: OutboxText) -> None:
    now = clock.now()
    seconds = int((text.expires_at - now).total_seconds())
    error, final = "", False
    if seconds <= 0 or text.recipient is None or text.text is None:
        error, final = "too late", True
    else:
        try:
            phone.send(text.recipient, text.text, message_id=text.message_id, seconds=seconds)
        except TextRefused as refused:
            error, final = str(refused), True
        except TextUnsent as unsent:
            error = str(unsent)
    with transaction() as session:
        row = session.get_one(OutboxText, text.id)
        if not error:
            leasing.done(row, now=now)
        elif final:
            leasing.given_up(row, error)
        elif row.due_at is not None:  # not called back or forgotten meanwhile
            leasing.failed(row, error, now=now)
    if error:
        _log.warning("text not sent", extra={"error": error, "final": final})
