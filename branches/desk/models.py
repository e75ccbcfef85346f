"""The tables of the desk of branches: what was confirmed, and what was changed or is to be."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from staff import scoping


class BranchConfirmation(Base):
    """Since when what is said of a branch counts as confirmed, and by whom.

    Where nobody has confirmed it yet there is no account, and the day is the one from which on
    the worker counts: a directory that was loaded today is not stale today.
    """

    __tablename__ = "branch_confirmation"

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    counted_from: Mapped[dt.date] = mapped_column(index=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_account.id"), index=True)


class DirectoryChange(Base):
    """A change of the directory: prepared, then applied, then followed by the members.

    `files` are the three files as they are to be, until it is applied, and `made_from` the version
    of the directory that they were made from. `account_id` is who prepared it, and from then on who
    applied it; null where that was the office, by command. `before` and `after` are where people
    were sent and are sent (`branches.desk.snapshots`), while members follow; `cursor` is the last
    who was looked at. With `due_on` it is a day on which a branch opens or closes by the calendar.
    """

    __tablename__ = "directory_change"
    __table_args__ = (
        CheckConstraint("files IS NULL OR applied_at IS NULL", "applied_files_are_gone"),
        CheckConstraint("files IS NOT NULL OR applied_at IS NOT NULL", "prepared_by_files"),
        CheckConstraint("done_at IS NULL OR applied_at IS NOT NULL", "done_once_applied"),
        CheckConstraint("moved >= 0", "moved_counted"),
        Index(None, "done_at", "made_from"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    made_at: Mapped[dt.datetime]
    made_from: Mapped[int]
    files: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    due_on: Mapped[dt.date | None]
    applied_at: Mapped[dt.datetime | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cursor: Mapped[uuid.UUID | None]
    moved: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[dt.datetime | None]


# Beside a branch, which everybody may see.
scoping.public(BranchConfirmation)
