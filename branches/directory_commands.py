"""The commands of the directory: its files taken in, and written."""

from pathlib import Path
from typing import TypedDict

import click
from flask.cli import with_appcontext

from branches.desk import loading
from branches.desk.moving import Residents
from branches.desk.room import desk, world
from branches.desk.world import World
from branches.directory import FILES, export
from branches.locator import Locator
from branches.refusals import refuse, refusing
from branches.room import room, today
from core import clock
from core.database import reading, transaction

_folder = click.Path(file_okay=False, path_type=Path)


class _Known(TypedDict):
    """What a directory is held against, and who lives where."""

    world: World
    locator: Locator
    residents: Residents


@click.command("load")
@click.argument("folder", metavar="DIR", type=_folder)
@click.option("--unless-loaded", is_flag=True, help="Leave a directory alone that is there.")
@click.option("--move", is_flag=True, help="Let members follow, as a change at the desk does.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say how many would move today.")
@with_appcontext
def load_directory(folder: Path, *, unless_loaded: bool, move: bool, dry_run: bool) -> None:
    """Make the directory what the three files in DIR say, or change nothing.

    What the files leave out is closed today. Every fault is listed by file, line and column.
    Members stay where they are unless --move is given.
    """
    if unless_loaded and _is_loaded():
        return
    files = _read(folder)
    known = _Known(world=world(), locator=room().locator, residents=desk().residents)
    with refusing(), transaction() as session:
        if dry_run:
            done = loading.count(session, files, **known)
        elif move:
            done = loading.load_and_move(session, files, **known, now=clock.now())
        else:
            done = loading.load(session, files, **known)
    loaded = done.loaded
    click.echo(
        f"{loaded.regions} regions, {loaded.branches} branches, {loaded.catchments} catchments;"
        f" {loaded.closed} branches closed."
    )
    if done.people or dry_run:
        click.echo(_said(done.people, move=move, dry_run=dry_run), err=True)


def _said(people: int | None, *, move: bool, dry_run: bool) -> str:
    """Say what becomes of members when the directory is another."""
    if people is None:
        return "Nothing was changed. Without an index it is not known who would move."
    if dry_run:
        return f"Nothing was changed. Members who would move with --move: {people:,}."
    if move:
        return f"Members who follow, moved by the worker: {people:,}."
    return (
        f"Members who stay where the directory of before put them: {people:,}. To let them follow,"
        " load that one and then this one with --move; --dry-run counts before anything is changed."
    )


@click.command("export")
@click.argument("folder", metavar="DIR", type=_folder)
@with_appcontext
def export_directory(folder: Path) -> None:
    """Write the directory into DIR, as files that `load` takes."""
    with refusing(), reading() as session:
        export(session, folder)
    click.echo(f"{', '.join(FILES)} written to {folder}.")


def _read(folder: Path) -> dict[str, bytes]:
    """Read the files that are there; a missing one is a fault like any other."""
    if not folder.is_dir():
        refuse(f"{folder} is not a folder")
    with refusing():
        return {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}


def _is_loaded() -> bool:
    with reading() as session:
        return bool(room().locator.directory(session, today=today()).regions)
