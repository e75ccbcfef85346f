"""The outbox: mail is written in the caller's transaction and sent by the worker afterwards.

It is also the record of what was sent to whom. `key` is unique: one event, one mail, however often
we are told of the event.
"""

import datetime as dt
import uuid
from typing import Any

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
) -> bool:
    """Put a mail into the outbox, unless one with this key is or was there; say whether it is new.

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
        "due_at": now,
    }
    return insert_once(session, OutboxMail, row, unique="key")
