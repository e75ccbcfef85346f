"""Backups of the service's database, as an operator would take and restore them."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

from tests.postgres import SUPERUSER


@contextmanager
def backup(url: str) -> Iterator[str]:
    """Copy a database as it is now; give the address of the copy, which is restored so."""
    source = make_url(url)
    name = f"backup_{uuid.uuid4().hex}"
    if source.get_backend_name() == "sqlite":
        yield _copy_file(Path(source.database or ""), name)
        return
    _run(url, f'CREATE DATABASE "{name}" TEMPLATE "{source.database}"', of=source.database)
    try:
        yield source.set(database=name).render_as_string(hide_password=False)
    finally:
        _run(url, f'DROP DATABASE "{name}" WITH (FORCE)', of=name)


def _copy_file(file: Path, name: str) -> str:
    copy = file.with_name(f"{name}.db")
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(copy)) as there:
        here.backup(there)
    return f"sqlite:///{copy}"


def _run(url: str, statement: str, *, of: str | None) -> None:
    """Run what needs that nobody else is connected to a database."""
    elsewhere = make_url(url).set(database="template1", username=SUPERUSER)
    engine = create_engine(elsewhere, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %(name)s",
            {"name": of},
        )
        connection.exec_driver_sql(statement)
    engine.dispose()
