"""The moderator's command: what waits to be read, and what is decided of it."""

import sys
import uuid

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from core import clock
from core.commands import SO_MANY, PlainGroup, visible
from core.database import reading, transaction
from core.money import Money
from payments.wall import deciding, showing
from payments.wall.wording import FLAGS


def register(group: PlainGroup) -> None:
    """Add the command to `flask payments`."""
    group.add_command(messages)


@click.command("messages")
@click.option("--approve", metavar="ID", help="Show this message on the wall.")
@click.option("--hide", metavar="ID", help="Keep this message off the wall; needs --why.")
@click.option("--undo", metavar="ID", help="Take the decision on this message back.")
@click.option("--why", help="Why it is hidden; kept, and never shown to the public.")
@click.option("--who", default="command line", show_default=True, help="Who decides.")
@click.option("--most", type=SO_MANY, default=100, show_default=True)
@with_appcontext
def messages(
    *,
    approve: str | None,
    hide: str | None,
    undo: str | None,
    why: str | None,
    who: str,
    most: int,
) -> None:
    """List the messages that wait to be read, or decide on one of them."""
    given = [each for each in (approve, hide, undo) if each is not None]
    if len(given) > 1:
        raise click.UsageError("--approve, --hide and --undo exclude each other")
    if (hide is not None) != bool((why or "").strip()):
        raise click.UsageError("--hide and --why belong together")
    with force_locale("en_GB"):
        if not given:
            _list(most)
        elif hide is not None:
            _decide(hide, "hide", who, (why or "").strip())
        else:
            _decide(given[0], "approve" if approve is not None else "undo", who, "")


def _list(most: int) -> None:
    with reading() as session:
        found = showing.queue(session, most=most + 1)
    if not found:
        click.echo(_("No message waits."))
    for each in found[:most]:
        name = each.name or _("Anonymous")
        told = [str(FLAGS[flag]) for flag in each.flags]
        if not each.stands:
            told.append(_("given back or disputed"))
        begin = f"{each.pledge_id}  {each.appeal}  {Money(each.amount_pence)}  {visible(name)}"
        click.echo(begin + (f"  [{', '.join(told)}]" if told else ""))
        for line in each.text.split("\n"):
            click.echo(f"    {visible(line)}")
    if len(found) > most:
        click.echo(_("There are more."))


def _decide(some_id: str, decision: str, who: str, why: str) -> None:
    now = clock.now()
    try:
        pledge_id = uuid.UUID(some_id.strip())
        with transaction() as session:
            if decision == "hide":
                fresh = deciding.hide(session, pledge_id, why=why, who=who, now=now)
            elif decision == "approve":
                fresh = deciding.approve(session, pledge_id, who=who, now=now)
            else:
                fresh = deciding.undo(session, pledge_id, who=who, now=now)
    except (ValueError, deciding.NoSuchMessage):
        click.echo(_("We have no message with this id."), err=True)
        sys.exit(1)
    except deciding.NotPaidYet:
        click.echo(_("The money for it has not come, so it cannot be shown yet."), err=True)
        sys.exit(1)
    click.echo(_said(decision) if fresh else _("It was so already; nothing has changed."))


def _said(decision: str) -> str:
    words: dict[str, str] = {
        "approve": _("The message is on the wall for as long as the gift stands."),
        "hide": _("The message is kept off the wall."),
        "undo": _("The message waits to be read again."),
    }
    return words[decision]
