"""The command `flask members merge KEEP LOSE`."""

import sys
import uuid

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from core import clock
from core.database import transaction
from members.merging.deciding import CannotMerge
from members.merging.merging import Merged, Reason, merge
from members.merging.words import refusal
from members.protection.registry import registry
from members.room import room

_LONGEST_WHY = 300


@click.command("merge")
@click.argument("keep", type=click.UUID)
@click.argument("lose", type=click.UUID)
@click.option("--why", required=True, help="Why; kept, without anything about the person in it.")
@click.option("--who", default="command line", show_default=True, help="Who merges.")
@click.option("--dry-run", is_flag=True, help="Say what would move, and change nothing.")
@with_appcontext
def merge_members(keep: uuid.UUID, lose: uuid.UUID, *, why: str, who: str, dry_run: bool) -> None:
    """Make one member of two: KEEP takes over all that LOSE has, whose id leads there from then on.

    The details of KEEP stay, and what they lack is taken from LOSE.
    """
    if not why.strip() or len(why) > _LONGEST_WHY:
        raise click.UsageError("--why must say something, in 300 characters at most")
    with force_locale("en_GB"):
        try:
            done = _merge(keep, lose, Reason(why.strip(), who, clock.now()), dry_run=dry_run)
        except CannotMerge as error:
            click.echo(refusal(error), err=True)
            sys.exit(1)
        if done.already:
            click.echo(_("They were merged before: nothing is changed."))
            return
        if dry_run:
            click.echo(_("Nothing is changed. This would move:"))
        for table, rows in done.moved.items():
            click.echo(f"{rows:>8}  {table}")
        if not dry_run:
            click.echo(_("%(lose)s is %(keep)s from now on.", lose=lose, keep=keep))


def _merge(keep: uuid.UUID, lose: uuid.UUID, reason: Reason, *, dry_run: bool) -> Merged:
    """Merge; in a dry run everything is done, and then undone again."""
    with transaction() as session:
        trial = session.begin_nested()
        done = merge(session, keep, lose, reason, rules=room().rules, keys=registry().keys)
        if dry_run:
            trial.rollback()
    return done
