"""The command of the text line: `flask branches texts`."""

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from branches.texting import switching
from core import clock
from core.database import transaction


@click.command("texts")
@click.option("--on/--off", "on", default=None, help="Send replies, or stop them at once.")
@with_appcontext
def texts(*, on: bool | None) -> None:
    """Say whether replies are sent, or turn them on or off.

    Turned off, texts are stored and STOP is heeded, but nothing is answered.
    """
    try:
        with transaction() as session:
            if on is not None:
                switching.turn(session, on=on, now=clock.now())
            sent = switching.replies_on(session)
    except (OperationalError, ProgrammingError):
        words = "the database does not answer, or is not up to date (flask db upgrade)"
        click.echo(words, err=True)
        raise click.exceptions.Exit(1) from None
    click.echo("Replies are sent." if sent else "Replies are off: texts are stored, not answered.")
