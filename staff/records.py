"""What the room of staff keeps beside accounts: counted numbers, the worker's beat, audits out."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from staff import scoping

LEVELS = ("all", "region", "branch")


class MonthlyFigure(Base):
    """What a series of the desk's numbers came to in a month, somewhere: made anew every hour.

    `month` counts as `core.months` does; 0 stands for how things are now. `level` says whether it
    is of everywhere, of a region or of a branch, and `place_id` which one, 0 for everywhere.
    `bucket` is 0, but for a series of lengths of time: its whole days. `value` is a number of
    whatever it is or pence. Rows can be thrown away at any time: they are counted from the events.
    """

    __tablename__ = "monthly_figure"
    __table_args__ = (
        CheckConstraint(f"level IN ({', '.join(map(repr, LEVELS))})", "level_known"),
        CheckConstraint("(level = 'all') = (place_id = 0)", "everywhere_is_no_place"),
        CheckConstraint("level <> 'all' OR (region_id IS NULL AND branch_id IS NULL)", "of_nobody"),
        CheckConstraint("level <> 'region' OR region_id = place_id", "region_named"),
        CheckConstraint("level <> 'branch' OR branch_id = place_id", "branch_named"),
        CheckConstraint("month >= 0 AND bucket >= 0", "counted_forward"),
        Index(None, "series", "level", "month"),
    )

    level: Mapped[str] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    value: Mapped[int] = mapped_column(BigInteger)


class FigureCount(Base):
    """When a series was counted last."""

    __tablename__ = "figure_count"

    series: Mapped[str] = mapped_column(primary_key=True)
    counted_at: Mapped[dt.datetime]


class WorkerBeat(Base):
    """One row: when a worker last said that it is at work, and how many jobs had failed it by then.

    `failures` counts from the start of that worker, `since`.
    """

    __tablename__ = "worker_beat"
    __table_args__ = (
        CheckConstraint("id = 1", "one_row"),
        CheckConstraint("failures >= 0", "failures_counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    since: Mapped[dt.datetime]
    failures: Mapped[int]


class TakenOut(Base):
    """Something was taken out of the service as a file: by whom, when, and what for.

    `reason` is what whoever took it wrote, for the admins to read; `nonce` is the number of the
    form, which takes one file out and no second.
    """

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    reason: Mapped[str]
    at: Mapped[dt.datetime]
    nonce: Mapped[uuid.UUID] = mapped_column(unique=True)


class AuditExport(TakenOut):
    """A part of the audit was taken out, of so many entries."""

    __tablename__ = "audit_export"
    __table_args__ = (
        CheckConstraint("reason <> ''", "says_why"),
        CheckConstraint("entries >= 0", "entries_counted"),
    )

    entries: Mapped[int]


scoping.within(MonthlyFigure, region=MonthlyFigure.region_id, branch=MonthlyFigure.branch_id)
