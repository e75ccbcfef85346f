"""Commands that belong to no room: the schema and the worker."""

from collections.abc import Callable

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from core import schema
from core.database import Database
from core.worker import Worker


def set_up(app: Flask, *, owner_url: str, after_upgrade: Callable[[], None]) -> None:
    """Add the commands. `owner_url` is the database as its owner sees it, who may change tables."""
    db = AppGroup("db", help="The database's schema.")

    @db.command("upgrade")
    def upgrade() -> None:
        """Bring the schema up to date."""
        owner = Database(owner_url)
        schema.upgrade(owner.engine)
        owner.engine.dispose()
        after_upgrade()
        click.echo(f"The schema is at {schema.newest()}.")

    @app.cli.command("worker")
    @click.option("--once", is_flag=True, help="Do what is due, then end.")
    def worker(*, once: bool) -> None:
        """Send mail, apply webhooks, run the clocks."""
        jobs: Worker = current_app.extensions["worker"]
        if once:
            jobs.once()
        else:
            jobs.until_stopped(app)

    app.cli.add_command(db)
