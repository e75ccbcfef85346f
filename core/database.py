"""The database: one engine, short transactions, the same rules on SQLite and PostgreSQL.

SQLite runs in WAL mode with `synchronous=FULL`, so that an acknowledged webhook survives a power
cut, and with foreign keys on. A transaction takes the write lock as it begins (`BEGIN IMMEDIATE`):
one that turned from reading to writing half-way would fail at once, whatever the time-out.

PostgreSQL is told with each transaction how far it reaches (`core.reach`).
"""

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from core import reach

_BUSY_MILLISECONDS = 5000
_POOL_SECONDS = 2
_CONNECT_SECONDS = 3


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, stored in UTC. Naive ones raise."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, _dialect: Dialect
    ) -> dt.datetime | None:
        """Turn the moment to UTC for storing."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, _dialect: Dialect
    ) -> dt.datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


class Base(DeclarativeBase):
    """The tables of every room."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy's own declaration
        dt.datetime: UTCDateTime,
        dict[str, Any]: JSON,
    }


class _Session(Session):
    """A session that reaches as far as whoever it is made for."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, expire_on_commit=False, info=reach.for_session())


event.listen(_Session, "after_begin", reach.begin)


class Database:
    """The engine of one process, and its transactions."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(immediate=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose work is kept whole when the block ends, or not at all."""
        with _Session(self._writing) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for looking only; whatever it changed is dropped."""
        with _Session(self.engine) as session:
            yield session


def current() -> Database:
    """Return the running application's database."""
    database: Database = current_app.extensions["database"]
    return database


@contextmanager
def transaction() -> Iterator[Session]:
    """Begin a transaction of the running application: kept whole at the end, or not at all."""
    with current().transaction() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Look into the running application's database without changing it."""
    with current().reading() as session:
        yield session


def insert_once(
    session: Session, kind: type[Base], values: Mapping[str, Any], *, unique: str
) -> bool:
    """Insert a row unless there is one with its value in the column `unique`; say which it was.

    Two who insert at one moment wait for each other: one of them is told True, and neither fails.
    """
    row = _unless_there(session, kind, unique).values(values)
    return session.scalar(row.returning(kind.__table__.c[unique])) is not None


def insert_each_once(
    session: Session, kind: type[Base], rows: Iterable[Mapping[str, Any]], *, unique: str
) -> None:
    """Insert rows, all with the same columns, but those whose value in `unique` is there already.

    They go in by the order of that value: two who insert the same ones never wait for each other.
    """
    insert = _unless_there(session, kind.__table__, unique)
    ordered = sorted(rows, key=itemgetter(unique))
    session.connection().execute(insert, ordered)


def _unless_there(session: Session, target: Any, unique: str) -> Any:  # noqa: ANN401 -- of either
    """Return an insertion that leaves alone what is there, in the words of this database."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    return insert(target).on_conflict_do_nothing(index_elements=[unique])


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=_POOL_SECONDS,
            connect_args={"connect_timeout": _CONNECT_SECONDS},
            hide_parameters=True,
        )
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, by `_begin_sqlite`
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
