"""The commands `flask members waiting | accept | decline`, for applications that wait."""

import sys
import uuid
from typing import NoReturn

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from core import clock
from core.commands import visible
from core.database import reading, transaction
from members import accepting
from members.accepting import NothingPaid, NotWaiting
from members.room import room

_WHO = "command line"
_LONGEST_WHY = 1000


def register_with(group: click.Group) -> None:
    """Add the commands to `flask members`."""
    for command in (waiting, accept, decline):
        group.add_command(command)


@click.command("waiting")
@click.option("--with-names", is_flag=True, help="Say who they are, not their ids alone.")
@with_appcontext
def waiting(*, with_names: bool) -> None:
    """List the applications that wait for an organiser, the longest first."""
    with reading() as session:
        found = accepting.waiting(session)
    for each in found:
        name = f"  {visible(each.member.name)}" if with_names else ""
        ended = "  dues have ended" if each.ended else ""
        click.echo(f"{each.member.id}  since {each.since:%Y-%m-%d}{ended}{name}")
    click.echo(f"{len(found)} waiting.")


@click.command("accept")
@click.argument("member_id", metavar="ID", type=click.UUID)
@click.option("--who", default=_WHO, show_default=True, help="Who decides.")
@with_appcontext
def accept(member_id: uuid.UUID, who: str) -> None:
    """Make the applicant ID a member, and welcome them."""
    here = room()
    try:
        with transaction() as session:
            accepting.accept(
                session,
                member_id,
                who=who,
                places=here.places,
                rules=here.rules,
                now=clock.now(),
            )
    except NotWaiting:
        _refuse("No application of this id waits.")
    except NothingPaid:
        _refuse("Every due of theirs went back: there is nothing to be a member by.")
    click.echo("Accepted; the welcome letter is on its way.")


@click.command("decline")
@click.argument("member_id", metavar="ID", type=click.UUID)
@click.option("--why", required=True, help="The reason: for organisers, and in the person's data.")
@click.option("--who", default=_WHO, show_default=True, help="Who decides.")
@with_appcontext
def decline(member_id: uuid.UUID, why: str, who: str) -> None:
    """Decline the application ID: its dues stop, and the treasurer is asked to give them back."""
    if not why.strip() or len(why) > _LONGEST_WHY:
        raise click.UsageError("--why must say something, in 1,000 characters at most")
    try:
        with transaction() as session:
            _decline(session, member_id, why, who)
    except NotWaiting:
        _refuse("No application of this id waits.")
    click.echo("Declined; the worker has the dues stopped, and nothing is given back by itself.")


def _decline(session: Session, member_id: uuid.UUID, why: str, who: str) -> None:
    rules = room().rules
    accepting.decline(session, member_id, why=why, who=who, rules=rules, now=clock.now())


def _refuse(words: str) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(1)
