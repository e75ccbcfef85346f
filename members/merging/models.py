"""The table of those who were found to be somebody else, and whom they became one with."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class MergedMember(Base):
    """Where a member's id leads since two became one. It always names a member that is there.

    `lost_id` is nobody's any more. `said` is what that record said of its person, so that whoever
    asks what is held gets it, and what is under `email_key` is found for them.
    """

    __tablename__ = "merged_member"

    lost_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kept_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"), index=True)
    email_key: Mapped[str] = mapped_column(index=True)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[dt.datetime]
    why: Mapped[str]
    who: Mapped[str]
