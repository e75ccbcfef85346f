"""The outbox: mail is written in the caller's transaction and sent by the worker afterwards.

It is also the record of what was sent to whom. `key` is unique: one event, one mail, however often
we are told of the event.
"""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base, insert_once
from core.leasing import Leased


class OutboxMail(Leased, Base):
    """A mail to be sent: which template, to whom, with what values."""

    __tablename__ = "outbox_mail"

    key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    recipient: Mapped[str]
    values: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]


def mail(
    session: Session,
    template: str,
    *,
    key: str,
    to: str,
    values: dict[str, Any],
    now: dt.datetime,
    after: dt.timedelta = dt.timedelta(),
) -> bool:
    """Put a mail into the outbox, unless one with this key is or was there; say whether it is new.

    It is not sent before `after` has passed; until then it can be taken back.

    The Message-ID is made here, so that a mail sent twice by a dying worker is one mail to the
    reader's program (RFC 5322, 3.6.4).
    """
    row = {
        "key": key,
        "template": template,
        "recipient": to,
        "values": values,
        "message_id": str(uuid.uuid4()),
        "created_at": now,
        "due_at": now + after,
    }
    return insert_once(session, OutboxMail, row, unique="key")


def take_back(session: Session, keys: str, why: str) -> None:
    """Keep unsent what waits under keys that begin so; they stay taken, and what happened untold.

    `keys` ends with a colon, as what comes before the last part of a key does.
    """
    after = keys.removesuffix(":") + ";"  # what comes after the colon, so the index serves
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.key >= keys, OutboxMail.key < after, OutboxMail.done_at.is_(None))
        .values(due_at=None, last_error=why)
    )
