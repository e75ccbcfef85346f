"""Work that waits in a table: claimed under a lease, done at least once, retried with back-off.

A worker that dies leaves its lease to run out, and another takes the row up. So whatever is done
must be harmless when done twice.
"""

import datetime as dt
from typing import TypeVar

from sqlalchemy import ColumnElement, Index, select, true, update
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

LEASE = dt.timedelta(minutes=2)
_FIRST_WAIT = dt.timedelta(seconds=15)
_LONGEST_WAIT = dt.timedelta(hours=1)


class Leased:
    """The columns of waiting work. `due_at` is null once nothing more is to be done."""

    id: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[dt.datetime | None]
    last_error: Mapped[str | None]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805 -- SQLAlchemy hands over the class
        """Index what is due: the queue is looked at all the time, and is nearly always empty."""
        return (Index(None, "due_at"),)


_Work = TypeVar("_Work", bound=Leased)


def claim(
    session: Session,
    kind: type[_Work],
    *,
    now: dt.datetime,
    most: int = 20,
    which: ColumnElement[bool] | None = None,
) -> list[_Work]:
    """Take up to `most` due rows for this worker, until the lease of two minutes runs out.

    Where `which` is given, it takes of those alone.

    Two workers never get the same row: PostgreSQL skips what another has locked, SQLite lets one
    writer in at a time.
    """
    due = (
        select(kind.id)
        .where(kind.due_at <= now, true() if which is None else which)
        .order_by(kind.due_at, kind.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED")  # looked up once: a plan that looks again takes more rows
    )
    taken = session.scalars(
        update(kind)
        .where(kind.id.in_(select(due.c.id)))
        .values(due_at=now + LEASE, attempts=kind.attempts + 1)
        .returning(kind)
    )
    return sorted(taken, key=lambda row: row.id)


def done(work: Leased, *, now: dt.datetime) -> None:
    """Note that the work is finished for good."""
    work.due_at, work.done_at, work.last_error = None, now, None


def failed(work: Leased, error: str, *, now: dt.datetime) -> None:
    """Note why it failed and try again later: 15 s, 30 s, 1 min, … at most an hour apart."""
    wait = min(_FIRST_WAIT * 2 ** min(max(work.attempts - 1, 0), 10), _LONGEST_WAIT)
    work.due_at, work.last_error = now + wait, error


def put_off(
    session: Session, kind: type[_Work], row_id: int, error: str, *, now: dt.datetime
) -> None:
    """Note why the row's work failed and try it again later."""
    failed(session.get_one(kind, row_id), error, now=now)


def given_up(work: Leased, error: str) -> None:
    """Note why it can never succeed; it stays visible and is not tried again."""
    work.due_at, work.last_error = None, error
