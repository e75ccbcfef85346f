"""The outbox: mail is written in the caller's transaction and sent by the worker afterwards.

It is also the record of what was sent to whom. `key` is unique: one event, one mail, however often
we are told of the event.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index, text, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from core import suppression, unsubscribing
from core.addresses import EmailAddress
from core.database import Base, insert_once
from core.leasing import Leased
from core.reach import as_the_service


class OutboxMail(Leased, Base):
    """A mail to be sent: which template, to whom, with what values.

    One that is part of a `campaign` is no service: it can be unsubscribed from, and is not sent to
    an address that was (`core.suppression`).
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        Index(None, "due_at"),
        Index(
            "ix_outbox_mail_unsent",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    values: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    campaign: Mapped[bool] = mapped_column(default=False)


_KEYS: list[InstrumentedAttribute[Any]] = [OutboxMail.key]


def holds(key: InstrumentedAttribute[Any]) -> None:
    """Let what waits in another outbox be taken back by its `key`, as mail is."""
    _KEYS.append(key)


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
    return _put(session, row)


def campaign(  # noqa: PLR0913 -- as for any mail, and whose it is
    session: Session,
    template: str,
    *,
    key: str,
    to: EmailAddress,
    values: dict[str, Any],
    keys: Sequence[str],
    now: dt.datetime,
    member_id: uuid.UUID | None = None,
) -> bool:
    """Put news or an appeal into the outbox, unless its address was unsubscribed; say whether.

    Nothing but a service goes out in any other way. It is looked at again before it is sent, for
    it may lie here for a while, and carries how to unsubscribe (RFC 8058). `keys` are the
    service's, newest first. Whether its reader has consented is for the caller to know;
    `member_id` is who they are, if a member.
    """
    if suppression.is_suppressed(session, to.key, keys):
        return False
    row = {
        "key": key,
        "template": template,
        "recipient": to.text,
        "values": {**values, "unsubscribe": unsubscribing.kept(to.key, member_id, keys)},
        "message_id": str(uuid.uuid4()),
        "created_at": now,
        "due_at": now,
        "campaign": True,
    }
    return _put(session, row)


def take_back(session: Session, keys: str, why: str) -> None:
    """Keep unsent what waits under keys that begin so; they stay taken, and what happened untold.

    That goes for every outbox: that of mail, and each that `holds` was told of. `keys` ends with a
    colon, as what comes before the last part of a key does.
    """
    after = keys.removesuffix(":") + ";"  # what comes after the colon, so the index serves
    with as_the_service(session):
        for key in _KEYS:
            outbox = key.class_
            session.execute(
                update(outbox)
                .where(key >= keys, key < after, outbox.done_at.is_(None))
                .values(due_at=None, last_error=why)
            )


def _put(session: Session, row: dict[str, Any]) -> bool:
    """Insert a letter: who reads the letters of others is not who may cause one."""
    with as_the_service(session):
        return insert_once(session, OutboxMail, row, unique="key")
