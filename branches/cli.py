"""The commands of this room: `flask branches …`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from branches.answers import Answer, UnknownPostcode
from branches.api import found_for
from branches.directory import FILES, BadDirectory, Fault, export, load
from branches.directory.checking import PlaceOf
from branches.locator import IndexMissing
from branches.postcodes import IndexInfo, NotAnIndex, NotAPostcode, PostcodeIndex
from branches.presenting import explained
from branches.room import room, today
from core.database import reading, transaction

branches = AppGroup("branches", help="The directory, the postcode index, and what they answer.")
index = AppGroup("index", help="The postcode index.")
branches.add_command(index)

_folder = click.Path(file_okay=False, path_type=Path)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@branches.command("load")
@click.argument("folder", metavar="DIR", type=_folder)
@click.option("--unless-loaded", is_flag=True, help="Leave a directory alone that is there.")
def load_directory(folder: Path, *, unless_loaded: bool) -> None:
    """Make the directory what the three files in DIR say, or change nothing.

    What the files leave out is closed today. Every fault is listed by file, line and column.
    """
    if unless_loaded and _is_loaded():
        return
    files = _read(folder)
    with _refusing(), transaction() as session:
        loaded = load(session, files, place_of=_place_of(), today=today())
    click.echo(
        f"{loaded.regions} regions, {loaded.branches} branches, {loaded.catchments} catchments;"
        f" {loaded.closed} branches closed."
    )


@branches.command("export")
@click.argument("folder", metavar="DIR", type=_folder)
def export_directory(folder: Path) -> None:
    """Write the directory into DIR, as files that `load` takes."""
    with _refusing(), reading() as session:
        export(session, folder)
    click.echo(f"{', '.join(FILES)} written to {folder}.")


@index.command("build")
@click.argument("source", metavar="[SOURCE]", required=False)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the index."
)
@click.option("--unless-current", is_flag=True, help="Leave an index alone that is up to date.")
def build_index(source: str | None, output: Path | None, *, unless_current: bool) -> None:
    """Build the index from the installed data package."""
    # Here, since numpy and the package are wanted for building alone.
    from branches.postcodes import building  # noqa: PLC0415 -- see above

    if source:
        _refuse("only the installed data package can be built from: leave SOURCE out")
    output = output or room().locator.file.path
    with _refusing():
        try:
            if unless_current and building.is_current(output):
                return
            with click.progressbar(length=1, label="Building") as bar:

                def tell(done: int, steps: int) -> None:
                    bar.length = steps
                    bar.update(done - bar.pos)

                info = building.build(output, progress=tell)
        except building.NoPostcodeData as fault:
            _refuse(str(fault))
    click.echo(f"{output}: {_described(info)}")


@index.command("info")
def index_info() -> None:
    """Say what the index was made from, and how large it is."""
    path = room().locator.file.path
    with _refusing(), PostcodeIndex.open(path) as opened:
        click.echo(f"{path}: {_described(opened.info)}")


@branches.command("nearest")
@click.argument("postcode")
@_as_json
def nearest(postcode: str, *, as_json: bool) -> None:
    """Say which branch answers for POSTCODE, and why."""
    context = click.get_current_context()
    with _refusing(), reading() as session:
        if as_json:
            found = found_for(session, postcode)
            click.echo(json.dumps(found))
            context.exit(1 if "code" in found else 0)
        try:
            _tell(room().locator.nearest(session, postcode, today=today()))
        except UnknownPostcode as unknown:
            click.echo(f"{unknown.query}: no such postcode is known.", err=True)
            if unknown.district:
                _tell(unknown.district)
            context.exit(1)


@branches.command("text")
@click.argument("text")
@_as_json
def text_line(text: str, *, as_json: bool) -> None:
    """Say what the text line would answer to TEXT, and what it understood. Nothing is stored."""
    with _refusing(), reading() as session:
        read = room().text_line.read(session, text, today=today())
    found = {
        "outcome": read.outcome,
        "name": read.name,
        "postcode": read.postcode,
        "reply": read.reply,
    }
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, value in found.items():
        click.echo(f"{name}: {'-' if value is None else value}")


def _tell(answer: Answer) -> None:
    """Print an answer for people, each step of its explanation on a line of its own."""
    told = room().presenter.nearest(answer, str(answer.query))
    branch = told["branch"]
    who = branch["name"] if branch else told["contact"]["name"]
    far = "" if told["distance_km"] is None else f", {told['distance_km']} km"
    click.echo(f"{told['postcode']}: {who}{far} ({told['rule']})")
    for reason in answer.explanation:
        click.echo(f"  {explained(reason)}")
    for other in told["alternatives"]:
        click.echo(f"  or {other['name']}, {other['distance_km']} km")
    click.echo(f"  {told['contact']['name']}: {told['contact']['display']}")


def _read(folder: Path) -> dict[str, bytes]:
    """Read the files that are there; a missing one is a fault like any other."""
    if not folder.is_dir():
        _refuse(f"{folder} is not a folder")
    with _refusing():
        return {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}


def _place_of() -> PlaceOf | None:
    try:
        return room().locator.file.index().find
    except IndexMissing:
        return None


@contextmanager
def _refusing() -> Iterator[None]:
    """End with exit code 1 and one line for each thing that is wrong."""
    try:
        yield
    except BadDirectory as bad:
        _refuse(*bad.faults)
    except NotAPostcode as fault:
        _refuse(f"not a postcode: {fault}")
    except (IndexMissing, NotAnIndex) as fault:
        _refuse(f"{fault} (flask branches index build makes one)")
    except (OperationalError, ProgrammingError):
        _refuse("the database does not answer, or is not up to date (flask db upgrade)")
    except OSError as fault:
        _refuse(f"{fault.filename}: {fault.strerror}")


def _refuse(*faults: Fault | str) -> NoReturn:
    for fault in faults:
        click.echo(str(fault), err=True)
    raise click.exceptions.Exit(1)


def _described(info: IndexInfo) -> str:
    return (
        f"release {info.release}, from {info.source}, {info.rows:,} postcodes"
        f" ({info.placeless:,} of them without a place), {info.size / 1e6:.1f} MB,"
        f" built {info.built_at:%Y-%m-%d %H:%M} UTC"
    )


def _is_loaded() -> bool:
    with reading() as session:
        return bool(room().locator.directory(session, today=today()).regions)
