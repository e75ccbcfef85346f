"""The wall: which messages of givers are shown, and who decided so."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from payments.models.columns import one_of
from payments.models.giving import Pledge

WALL_STATES = ("approved", "hidden")
DECISIONS = ("approve", "hide", "undo")


class WallEntry(Base):
    """What a moderator decided of one message; a message without a row waits to be read.

    Made at the first decision, and taken away when it is undone. `public_id` is what the public
    may know the message by: it is made of the pledge's id, which cannot be told from it.
    `given_at` is when the first payment was paid.
    """

    __tablename__ = "wall_entry"
    __table_args__ = (
        CheckConstraint(one_of("state", WALL_STATES), "state_known"),
        # A page of the wall is a piece of this index, read backwards.
        Index(None, "appeal_id", "state", "given_at", "public_id"),
    )

    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    given_at: Mapped[dt.datetime]
    state: Mapped[str]
    changed_at: Mapped[dt.datetime]


class MessageDecision(Base):
    """One decision of a moderator. Never changed (the database sees to it)."""

    __tablename__ = "message_decision"
    __table_args__ = (CheckConstraint(one_of("decision", DECISIONS), "decision_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    decision: Mapped[str]
    why: Mapped[str]
    who: Mapped[str]
    at: Mapped[dt.datetime]


_WAITS = (
    (Pledge.state == "paid")
    & (Pledge.message != "")
    & Pledge.appeal_id.is_not(None)
    & ~Pledge.message_read
)
# The moderator's queue is a piece of this, however many messages were read before.
Index(
    "ix_pledge_message_waits",
    Pledge.created_at,
    Pledge.id,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
