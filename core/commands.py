"""Commands that belong to no room: the schema and the worker."""

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from core import schema
from core.database import Database
from core.worker import Worker

# They turn what stands after them round, in a terminal too.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

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
    db = AppGroup("db", help="The database's schema.")

    @db.command("upgrade")
    def upgrade() -> None:
        """Bring the schema up to date."""
        owner = Database(owner_url)
        try:
            schema.upgrade(owner.engine)
        except OperationalError:
            raise click.ClickException("The database does not answer.") from None
        finally:
            owner.engine.dispose()
        after_upgrade()
        click.echo(f"The schema is at {schema.newest()}.")

    @app.cli.command("worker")
    @click.option("--once", is_flag=True, help="Do what is due, then end.")
    def worker(*, once: bool) -> None:
        """Send mail, apply webhooks, run the clocks."""
        jobs: Worker = current_app.extensions["worker"]
        if once and not jobs.once():
            raise click.ClickException("Not every job went well; the log says which.")
        if not once:
            jobs.until_stopped(app)

    app.cli.add_command(db)
