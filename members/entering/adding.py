"""The command `flask members add`: one person, from a paper form."""

import sys
from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from core.database import transaction
from members.entering import commands, loading, words
from members.entering.fields import COLUMNS, BadEntrant, Entrant, read
from members.entering.loading import Known, Loaded, Numbered, Wanted
from members.room import room

_HELP = {
    "number": "What your other books call them.",
    "date_of_birth": "Such as 27/3/1985.",
    "rate": "A rate of organisation.toml, or own-amount with --amount.",
    "amount": "Pounds a month.",
    "pays_by": "standing-order, bank, cash, cheque or none.",
    "state": "active where there is a day of joining, else applied.",
    "joined_on": "When they joined; without it they only apply.",
    "ended_on": "When they left or lapsed.",
    "paid_until": "The last day that is paid for.",
    "consent_on": "The day on the paper.",
    "consent_wording": "The sentence that was ticked, as the paper has it.",
    "kept_at": "Where the paper is kept.",
}
_ASKED = tuple(name for name in COLUMNS if name not in ("state", "ended_on"))


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name in reversed(COLUMNS):
        told = "yes or no, as it was ticked." if name.startswith("consent_") else None
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, help=_HELP.get(name, told))(command)
    return command


@click.command("add")
@_options
@click.option("--double", is_flag=True, help="Add them though they look like a member.")
@with_appcontext
def add(*, double: bool, **given: str | None) -> None:
    """Enter one person from a paper form, by the rules of the form of joining.

    Without --name every field is asked for, so that nothing stands in a history of commands.
    Nobody is written to.
    """
    how = commands.how_entered("paper")
    with force_locale("en_GB"):
        fields = _asked(given) if given["name"] is None else given
        try:
            entrant = read({name: text or "" for name, text in fields.items()}, commands.by(how))
        except BadEntrant as bad:
            for fault in bad.faults:
                click.echo(f"{fault.field}: {words.said(fault)}", err=True)
            sys.exit(1)
        loaded = _enter(entrant, doubles=double)
        if not loaded.kept:
            _look(loaded.known[0])
            loaded = _enter(entrant, doubles=True)
        click.echo(_("Entered as %(id)s. Nobody was written to.", id=loaded.ids[0]))
        if loaded.alike:
            click.echo(_("An organiser will see that they are like somebody else."))


def _asked(given: dict[str, str | None]) -> dict[str, str | None]:
    """Ask for every field that was not given."""
    asked = {
        name: click.prompt(name, default="", show_default=False)
        for name in _ASKED
        if given[name] is None
    }
    return given | asked


def _enter(entrant: Entrant, *, doubles: bool) -> Loaded:
    how = commands.how_entered("paper")
    alone = [[Numbered(1, entrant)]]
    with transaction() as session:
        return loading.load(
            session, lambda: alone, how, Wanted(doubles=doubles), places=room().places
        )


def _look(known: Known) -> None:
    """Say whom somebody looks like, and ask whether they are somebody else.

    Two with one number there cannot be.
    """
    if known.by == "number":
        click.echo(f"number: {words.known(known)}", err=True)
        sys.exit(1)
    click.echo(_("They look like somebody: %(who)s.", who=words.known(known)), err=True)
    if not click.confirm(_("Are they somebody else, to be added?"), err=True):
        sys.exit(1)
