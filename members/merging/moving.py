"""Moving: what hangs on one member, in whichever room, comes to hang on another.

Every foreign key to a member is found in the tables themselves, so that what a room adds later
moves too. `OF_THEIR_OWN` are the columns that cannot simply be given another id, each with why;
a table that is unique by its member has to be put there, with what is to be done (a test sees to
it).
"""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, UniqueConstraint, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from core.database import Base
from members.models import Consent, Likeness, MembershipEvent

OF_THEIR_OWN = {
    ("membership_event", "member_id"): "the table only grows: its rows are written anew",
    ("consent", "member_id"): "the table only grows: its rows are written anew",
    ("member_word", "member_id"): "they are written with a member's row, and go with it",
    ("likeness", "newer_id"): "a pair that is there already, or of one person, goes",
    ("likeness", "older_id"): "a pair that is there already, or of one person, goes",
}


def references() -> Iterator[Column[Any]]:
    """Give every column, of every room's tables, that names a member."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "member" for key in column.foreign_keys):
                yield column


def cannot_move(column: Column[Any]) -> bool:
    """Say whether a column's value has to be the only one, so that two may not become one."""
    table = column.table
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    only = [set(each.columns) for each in unique]
    only += [set(each.columns) for each in table.indexes if each.unique]
    return column.primary_key or any(column in columns for columns in only)


def move(session: Session, lost: uuid.UUID, keep: uuid.UUID) -> dict[str, int]:
    """Give everything of `lost` to `keep`; say how many rows of each table that were."""
    session.flush()
    moved = {
        kind.__tablename__: _write_anew(session, kind, lost, keep)
        for kind in (MembershipEvent, Consent)
    }
    moved["likeness"] = _likenesses(session, lost, keep)
    for column in references():
        name = column.table.name
        if (name, column.name) not in OF_THEIR_OWN:
            given = update(column.table).where(column == lost).values({column.name: keep})
            moved[name] = moved.get(name, 0) + session.connection().execute(given).rowcount
    session.expire_all()
    return {name: rows for name, rows in sorted(moved.items()) if rows}


def _write_anew(
    session: Session, kind: type[MembershipEvent | Consent], lost: uuid.UUID, keep: uuid.UUID
) -> int:
    """Write rows anew, in their order, that the database lets nobody change."""
    table = kind.__table__
    mine = table.c.member_id == lost
    rows = session.execute(select(table).where(mine).order_by(table.c.id)).mappings().all()
    connection = session.connection()
    for row in rows:
        told = {name: value for name, value in row.items() if name not in ("id", "member_id")}
        connection.execute(insert(kind), {**told, "member_id": keep})
    session.execute(delete(kind).where(kind.member_id == lost))
    return len(rows)


def _likenesses(session: Session, lost: uuid.UUID, keep: uuid.UUID) -> int:
    """Move likenesses to others; those of the two, and those that are there already, go."""
    mine = or_(Likeness.newer_id == lost, Likeness.older_id == lost)
    moved = 0
    for each in session.scalars(select(Likeness).where(mine).order_by(Likeness.id)).all():
        other = each.older_id if each.newer_id == lost else each.newer_id
        if other == keep or _there(session, keep, other, each.why):
            session.delete(each)
        else:
            each.newer_id = keep if each.newer_id == lost else each.newer_id
            each.older_id = keep if each.older_id == lost else each.older_id
            moved += 1
        session.flush()
    return moved


def _there(session: Session, one: uuid.UUID, other: uuid.UUID, why: str) -> bool:
    either = or_(
        and_(Likeness.newer_id == one, Likeness.older_id == other),
        and_(Likeness.newer_id == other, Likeness.older_id == one),
    )
    found = select(func.count()).select_from(Likeness).where(either, Likeness.why == why)
    return bool(session.scalar(found))
