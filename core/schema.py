"""The schema: numbered migrations (Alembic), and the command that applies them."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class BrokenReferences(Exception):
    """The migrated database does not hold together; nothing was kept."""


def upgrade(engine: Engine, *, service: str | None = None) -> None:
    """Bring the database up to date; nothing happens where it is.

    `service` is the role to be given what the service needs, where it is not the owner's.

    SQLite changes a table by making it anew, which needs its foreign keys off meanwhile; that they
    hold is checked before the end (sqlite.org/lang_altertable.html, 7).
    """
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if on_sqlite:
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                config = _config()
                config.attributes.update(connection=connection, service=service)
                command.upgrade(config, "head")
                if on_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise BrokenReferences("a row refers to another that is not there")
        finally:
            if on_sqlite:
                _foreign_keys(connection, on=True)


def revision(connection: Connection) -> str | None:
    """Return the number of the migration that this database has reached."""
    return MigrationContext.configure(connection).get_current_revision()


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    """Switch SQLite's foreign keys, which can be done outside a transaction only."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
    cursor.close()


@cache
def newest() -> str | None:
    """Return the number of the newest migration that this code brings."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
