"""Commands that belong to no room: the schema and the worker."""

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from core import row_security, schema
from core.database import Database, current
from core.worker import Worker

# They turn what stands after them round, in a terminal too.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_NO_RIGHT = "42501"  # insufficient_privilege (postgresql.org/docs/current/errcodes-appendix.html)

# The number of a row as an operator types it, and how many rows to list: what a database can hold.
A_ROW = click.IntRange(1, 2**31 - 1)
SO_MANY = click.IntRange(1, 100_000)


def before_the_end(day: dt.datetime) -> dt.datetime:
    """Return a day or month as it was typed, if there is a day after it.

    Raises:
        click.UsageError: in the last year that there is, which nothing can be reckoned beyond.
    """
    if day.year == dt.MAXYEAR:
        raise click.UsageError(f"the year {dt.MAXYEAR} is the end of all calendars here")
    return day


def visible(text: str) -> str:
    """Write out what would move a terminal's cursor or turn its line round."""
    return "".join(
        f"\\u{ord(letter):04x}"
        if unicodedata.category(letter) in ("Cc", "Cs") or letter in _DIRECTIONS
        else letter
        for letter in text
    )


class PlainGroup(AppGroup):
    """Commands that say in words, not in a stack trace, that the database is not ready for them."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 -- whatever the command returns
        """Run the command.

        Raises:
            click.ClickException: when the database does not answer, or its schema is not ours.
        """
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError):
            raise click.ClickException(
                "The database does not answer, or is not up to date: flask --app wsgi db upgrade"
            ) from None


def set_up(app: Flask, *, owner_url: str, after_upgrade: Callable[[], None]) -> None:
    """Add the commands. `owner_url` is the database as its owner sees it, who may change tables."""
    app.cli.add_command(_of_the_database(owner_url, after_upgrade))

    @app.cli.command("worker")
    @click.option("--once", is_flag=True, help="Do what is due, then end.")
    def worker(*, once: bool) -> None:
        """Send mail, apply webhooks, run the clocks."""
        jobs: Worker = current_app.extensions["worker"]
        if once and not jobs.once():
            raise click.ClickException("Not every job went well; the log says which.")
        if not once:
            jobs.until_stopped(app)


def _of_the_database(owner_url: str, after_upgrade: Callable[[], None]) -> AppGroup:
    db = AppGroup("db", help="The database's schema.")

    @db.command("upgrade")
    def upgrade() -> None:
        """Bring the schema up to date."""
        owner = Database(owner_url)
        try:
            schema.upgrade(owner.engine, service=_lesser_role(owner.engine))
        except OperationalError:
            raise click.ClickException("The database does not answer.") from None
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
                raise
            raise click.ClickException(
                "The role may not change the tables: MIGRATION_DATABASE_URL must be their owner's."
            ) from None
        finally:
            owner.engine.dispose()
        after_upgrade()
        click.echo(f"The schema is at {schema.newest()}.")
        if found := _wall_faults():
            click.echo(f"Row-level security: {'; '.join(found)}.", err=True)

    @db.command("check")
    def check() -> None:
        """Say whether row-level security holds for the service."""
        if found := _wall_faults():
            raise click.ClickException(f"Row-level security: {'; '.join(found)}.")
        click.echo(_how_it_is_held())

    return db


def _lesser_role(owner: Engine) -> str | None:
    """Return the service's role, where it is another than the owner's."""
    if not _is_postgres(owner) or not _is_postgres(current().engine):
        return None
    roles = []
    for engine in (current().engine, owner):
        with engine.connect() as connection:
            roles.append(row_security.whoever(connection))
    return roles[0] if roles[0] != roles[1] else None


def _wall_faults() -> list[str]:
    engine = current().engine
    if not _is_postgres(engine):
        return []
    with engine.connect() as connection:
        return row_security.faults(connection)


def _how_it_is_held() -> str:
    engine = current().engine
    if not _is_postgres(engine):
        return "SQLite has no row-level security: the queries of the desks alone keep scopes apart."
    with engine.connect() as connection:
        if row_security.owns(connection):
            return "Row-level security holds; the service owns its tables, and could take it away."
    return "Row-level security holds."


def _is_postgres(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"
