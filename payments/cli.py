"""The `flask payments …` commands."""

import datetime as dt
import sys

import click
from flask_babel import force_locale
from flask_babel import gettext as _

from core.clock import LONDON
from core.commands import PlainGroup, before_the_end
from core.database import reading, transaction
from core.money import Money, NotAnAmount
from payments import (
    appeals,
    checking,
    commands_for_mending,
    commands_for_treasurers,
    explaining,
    exporting,
    parts,
)
from payments.law import commands as commands_for_the_law
from payments.models import Appeal
from payments.offline import commands as commands_for_offline
from payments.protecting import commands as commands_for_defenders
from payments.receipts import reference
from payments.sentences import sentence
from payments.wall import commands as commands_for_moderators

payments = PlainGroup("payments", help="Appeals, donations and dues.")
commands_for_mending.register(payments)
commands_for_treasurers.register(payments)
commands_for_moderators.register(payments)
commands_for_the_law.register(payments)
commands_for_defenders.register(payments)
commands_for_offline.register(payments)
_DAY = click.DateTime(["%Y-%m-%d"])


@payments.command("check")
def check() -> None:
    """Prove that the books agree; every fault is listed."""
    with reading() as session:
        all_of_them = list(parts.all_parts(session))
        hidden = not sys.stderr.isatty()
        bar = click.progressbar(all_of_them, label="Checking", file=sys.stderr, hidden=hidden)
        with bar as shown:
            found = [fault for part in shown for fault in checking.faults(session, part)]
    for fault in found:
        click.echo(f"{fault.rule}: not so for {fault.subject}")
    if found:
        sys.exit(1)
    click.echo("The books agree.")


@payments.command("explain")
@click.argument("some_id", metavar="ID")
def explain(some_id: str) -> None:
    """Tell the story of one payment (our id or any of Stripe's) in plain words."""
    with reading() as session, force_locale("en_GB"):
        try:
            story = explaining.explain(session, some_id)
        except explaining.NoSuchPayment:
            click.echo("We have nothing with this id.", err=True)
            sys.exit(1)
        pledge = story.pledge
        click.echo(f"{pledge.id} ({reference(pledge.id)}): {pledge.kind}, {pledge.title}")
        states = ", ".join([pledge.state, *dict.fromkeys(story.statuses)])
        click.echo(f"{Money(pledge.amount_pence)}, {states}")
        if pledge.held_because:
            click.echo(_("Held for a person to look at: %(why)s", why=pledge.held_because))
        for step in story.steps:
            moment = step.at.astimezone(LONDON).strftime("%d %b %Y %H:%M:%S")
            click.echo(f"{moment}  {sentence(step.kind, step.values)}")


@payments.command("export")
@click.option("--from", "first", type=_DAY, required=True, help="The first day, YYYY-MM-DD.")
@click.option("--to", "last", type=_DAY, required=True, help="The last day, counted in.")
def export(first: dt.datetime, last: dt.datetime) -> None:
    """Write the payments of a period as CSV to standard output."""
    if last < first:
        raise click.UsageError("--to is before --from")
    before_the_end(last)
    with reading() as session:
        exporting.write(session, sys.stdout, first=first.date(), last=last.date())


@payments.command("appeal")
@click.argument("slug")
@click.option("--title", help="The name that donors see.")
@click.option("--blurb", help="A sentence or two about it.")
@click.option("--target", help="Pounds, such as 25,000.")
@click.option("--starts", type=_DAY)
@click.option("--ends", type=_DAY)
def appeal(
    slug: str,
    title: str | None,
    blurb: str | None,
    target: str | None,
    starts: dt.datetime | None,
    ends: dt.datetime | None,
) -> None:
    """Create the appeal SLUG, or change what is given of it."""
    try:
        given = {
            "title": title,
            "blurb": blurb,
            "target_pence": Money.parse(target).pence if target is not None else None,
            "starts": starts.date() if starts else None,
            "ends": ends.date() if ends else None,
        }
        with transaction() as session:
            changed = appeals.change(session, slug, given)
    except NotAnAmount as error:
        raise click.UsageError(f"--target {error}") from None
    except appeals.BadAppeal as error:
        for words in error.faults:
            click.echo(words, err=True)
        sys.exit(1)
    click.echo(_shown(changed))


def _shown(found: Appeal) -> str:
    ends = f" to {found.ends:%d %B %Y}" if found.ends else ""
    target = Money(found.target_pence)
    return f"{found.slug}: {found.title}, {target} from {found.starts:%d %B %Y}{ends}"
