"""What the database is asked, for whoever counts it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from core.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the database is given."""
    asked: list[str] = []

    def note(*said: object) -> None:
        asked.append(str(said[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
