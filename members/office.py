"""What the office does by command: entering people, and making one of two."""

from flask import Flask

from members.entering import adding
from members.entering import commands as entering
from members.merging import commands as merging
from members.standing.commands import members


def open_office(app: Flask) -> None:
    """Add the commands to `flask members`."""
    for command in (
        adding.add,
        entering.import_file,
        entering.remind_entered,
        merging.merge_members,
    ):
        members.add_command(command)
    app.cli.add_command(members)
