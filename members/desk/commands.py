"""The command `flask members reindex`: the words by which people are found, written anew."""

import uuid

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from core import spelling
from core.commands import PlainGroup
from core.database import transaction
from members import searching
from members.models import Member

_AT_ONCE = 1_000


def register_with(app: Flask) -> None:
    """Put the command beside the others of this room."""
    group = app.cli.commands.get("members")
    if not isinstance(group, click.Group):
        group = PlainGroup("members", help="Members, and how they stand.")
        app.cli.add_command(group)
    group.add_command(reindex)


@click.command("reindex")
@with_appcontext
def reindex() -> None:
    """Write down anew by which words people are found: for rows put in past the service."""
    people, words, last = 0, 0, uuid.UUID(int=0)
    while True:
        with transaction() as session:
            following = select(Member).where(Member.id > last).order_by(Member.id)
            members = session.scalars(following.limit(_AT_ONCE)).all()
            for member in members:
                member.sort_key = spelling.sort_key(member.name)
            words += searching.write_anew(session, members)
        people += len(members)
        if len(members) < _AT_ONCE:
            break
        last = members[-1].id
    click.echo(f"{people} people are found by {words} words.")
