"""Walking from rows to all that hangs on them, by the foreign keys that the tables declare.

So nothing that a room adds later about a person is forgotten when it is asked what we hold.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import RowMapping, Table, or_, select
from sqlalchemy.orm import Session

from core.database import Base

_AT_ONCE = 500
Rows = dict[str, list[RowMapping]]


def walk(session: Session, roots: Mapping[str, Iterable[object]]) -> Rows:
    """Return the rows of these primary keys, and all that refer to them, by the table's name.

    A row that several ways lead to is there once. Tables refer upwards only, so one pass does it.
    """
    found: Rows = {}
    ids: dict[str, set[object]] = defaultdict(set)
    for table in Base.metadata.sorted_tables:
        rows = {
            tuple(row[column.name] for column in table.primary_key): row
            for row in _rows(session, table, roots.get(table.name, ()), ids)
        }
        if rows:
            found[table.name] = list(rows.values())
            ids[table.name] = {key[0] for key in rows if len(key) == 1}
    return found


def _rows(
    session: Session, table: Table, own: Iterable[object], ids: Mapping[str, set[object]]
) -> Sequence[RowMapping]:
    first = next(iter(table.primary_key))
    wanted = [(first, own)] + [
        (key.parent, ids[key.column.table.name])
        for key in table.foreign_keys
        if key.column.table.name in ids and key.column.table is not table
    ]
    return [
        row
        for column, values in wanted
        for part in _parts(values)
        for row in session.execute(select(table).where(or_(column.in_(part)))).mappings()
    ]


def _parts(values: Iterable[object]) -> Iterable[list[object]]:
    ordered = sorted(values, key=lambda value: value.hex if isinstance(value, uuid.UUID) else value)  # type: ignore[arg-type, return-value]  # ids of one table are of one sort
    return (ordered[begin : begin + _AT_ONCE] for begin in range(0, len(ordered), _AT_ONCE))
