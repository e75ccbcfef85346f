"""Inserting many rows at once, as quickly as either database takes them.

PostgreSQL is sent them as one document, of which it makes the rows by itself: several times as
quick as a statement for each, and subject to whatever policies the table has, which COPY is not.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from core.database import Base


def insert_many(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns; what the database refuses, it refuses here."""
    if not rows:
        return
    if session.get_bind().dialect.name != "postgresql":
        session.connection().execute(insert(kind), list(rows))
        return
    names = ", ".join(rows[0])
    sent = text(
        f"INSERT INTO {kind.__tablename__} ({names}) SELECT {names}"  # noqa: S608 -- our own names
        f" FROM json_populate_recordset(NULL::{kind.__tablename__}, CAST(:sent AS json))"
    )
    session.connection().execute(sent, {"sent": json.dumps(rows, default=str)})
