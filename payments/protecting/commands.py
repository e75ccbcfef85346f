"""The operator's command: how the defence stands, and switching it by hand."""

import datetime as dt

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock
from core.clock import LONDON
from core.commands import PlainGroup
from core.database import reading, transaction
from core.defence import Defence
from payments.models import DefenceChange
from payments.protecting import tallying, watching
from payments.protecting.watching import State

_BECAUSE = {
    "declines": _l("too many cards were declined"),
    "rush": _l("more people at once than we let through"),
}
_WHAT = {
    "seen": _l("an attack was seen"),
    "over": _l("the attack was over"),
    "on": _l("switched on by hand"),
    "off": _l("switched off by hand"),
    "auto": _l("left to itself again"),
}
_BACK = dt.timedelta(hours=1)


def register(group: PlainGroup) -> None:
    """Add the command to `flask payments`."""
    group.add_command(defence)


@click.command("defence")
@click.option("--on", "mode", flag_value="on", help="Ask everybody, until you say otherwise.")
@click.option("--off", "mode", flag_value="off", help="See no attack; limits by address stay.")
@click.option("--auto", "mode", flag_value="auto", help="See for itself, as it is without you.")
@click.option("--who", default="command line", show_default=True, help="Who says so; kept.")
@with_appcontext
def defence(*, mode: str | None, who: str) -> None:
    """Tell how the defence of the payment forms stands, or switch it."""
    with force_locale("en_GB"):
        if mode is not None:
            with transaction() as session:
                news = watching.switch(session, mode, who=who, now=clock.now())
            if not news:
                click.echo(_("It was so already; nothing has changed."))
        _tell()


def _tell() -> None:
    limits: Defence = current_app.extensions["organisation"].defence
    now = clock.now()
    with reading() as session:
        state = watching.state(session)
        figures = watching.figures(session, limits, now=now)
        sums = tallying.sums(session, now - _BACK)
        changes = watching.changes(session)
    click.echo(_standing(state))
    click.echo(
        _(
            "Cards declined in the last %(minutes)s minutes: %(declines)s, payments taken: "
            "%(payments)s, so %(percent)s %% declined.",
            minutes=limits.decline_minutes,
            declines=figures.declines,
            payments=figures.payments,
            percent=figures.percent,
        )
    )
    click.echo(
        _(
            "Attempts in the last hour: %(passed)s passed, %(asked)s were asked to prove "
            "themselves, %(aside)s were put aside.",
            passed=sums.passed,
            asked=sums.asked,
            aside=sums.aside,
        )
    )
    click.echo(_("Put aside and waiting for their makers: %(waiting)s.", waiting=sums.waiting))
    for change in changes:
        click.echo(_line(change))


def _standing(state: State) -> str:
    if state.mode == "on":
        return str(_("Everybody is asked to prove themselves: it was switched on by hand."))
    if state.mode == "off":
        return str(_("No attack is looked for: it was switched off by hand."))
    if state.attack_since is None:
        return str(_("It is calm: nobody is asked but who tries too often."))
    return str(
        _(
            "An attack is on since %(since)s (%(because)s): everybody is asked.",
            since=_moment(state.attack_since),
            because=_BECAUSE[state.because or ""],
        )
    )


def _line(change: DefenceChange) -> str:
    words = str(_WHAT[change.what])
    because = f", {_BECAUSE[change.why]}" if change.why in _BECAUSE else ""
    return f"{_moment(change.at)}  {words}{because} ({change.who})"


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(LONDON).strftime("%d %b %Y %H:%M:%S")
