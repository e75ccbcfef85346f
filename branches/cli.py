"""The commands of this room: `flask branches …`."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from flask.cli import AppGroup

from branches.answers import Answer, UnknownPostcode
from branches.api import found_for
from branches.assigning import BadTable, assign
from branches.assisting import assisted
from branches.directory_commands import export_directory, load_directory
from branches.postcodes import IndexInfo, PostcodeIndex
from branches.presenting import explained
from branches.refusals import refuse, refusing
from branches.room import room, today
from core.database import reading

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

branches = AppGroup("branches", help="The directory, the postcode index, and what they answer.")
index = AppGroup("index", help="The postcode index.")
for _each in (index, load_directory, export_directory):
    branches.add_command(_each)

_file = click.Path(dir_okay=False, path_type=Path)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@index.command("build")
@click.argument("source", metavar="[SOURCE]", required=False, type=_file)
@click.option("--output", type=_file, help="Where to write the index.")
@click.option("--unless-current", is_flag=True, help="Leave an index alone that is up to date.")
def build_index(source: Path | None, output: Path | None, *, unless_current: bool) -> None:
    """Build the index from SOURCE, or else from the installed data package.

    SOURCE is an ONS Postcode Directory or a Code-Point Open, as a zip or as a CSV file.
    """
    # Here, since numpy and the package are wanted for building alone.
    from branches.postcodes import building, importing, sources  # noqa: PLC0415 -- see above

    output = output or room().locator.file.path
    with refusing():
        try:
            if unless_current and building.is_current(output):
                return
            with _progress(1, "Building") as bar:

                def tell(done: int, steps: int) -> None:
                    bar.length = steps
                    bar.update(done - bar.pos)

                if source:
                    info = importing.build_from(source, output, progress=tell)
                else:
                    info = building.build(output, progress=tell)
        except (building.NoPostcodeData, sources.BadSource) as fault:
            refuse(str(fault))
    click.echo(f"{output}: {_described(info)}")


@index.command("info")
def index_info() -> None:
    """Say what the index was made from, and how large it is."""
    path = room().locator.file.path
    with refusing(), PostcodeIndex.open(path) as opened:
        click.echo(f"{path}: {_described(opened.info)}")


@branches.command("nearest")
@click.argument("postcode")
@_as_json
def nearest(postcode: str, *, as_json: bool) -> None:
    """Say which branch answers for POSTCODE, and why."""
    context = click.get_current_context()
    with refusing():
        with reading() as session:
            directory = room().locator.directory(session, today=today())
        if as_json:
            found = found_for(directory, postcode)
            click.echo(json.dumps(found))
            context.exit(1 if "code" in found else 0)
        try:
            _tell(room().locator.answer(directory, postcode))
        except UnknownPostcode as unknown:
            click.echo(f"{unknown.query}: no such postcode is known.", err=True)
            if unknown.district:
                _tell(unknown.district)
            context.exit(1)


@branches.command("assign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", default="postcode", show_default=True, help="Where the postcodes are.")
@click.option("--output", type=_file, help="Where to write the table; standard output otherwise.")
def assign_file(file: Path, column: str, output: Path | None) -> None:
    """Assign the rows of FILE, a CSV, to branches by their postcodes.

    Adds the columns branch, region, rule, distance_km and precision. Where there is no answer, rule
    says why: missing_postcode, not_a_postcode or unknown_postcode.
    """
    with refusing():
        with reading() as session:
            directory = room().locator.directory(session, today=today())
        locating = room().locator.locating(directory)
        index = room().locator.file
        try:
            with (
                file.open("rb") as raw,
                TextIOWrapper(raw, encoding="utf-8-sig", newline="") as source,
                _written(output) as target,
                assisted(locating, index, size := os.fstat(raw.fileno()).st_size) as assistant,
                _progress(size, "Assigning") as bar,
            ):
                counts = assign(
                    source,
                    target,
                    column=column,
                    locating=locating,
                    tell=lambda: bar.update(raw.tell() - bar.pos),
                    assistant=assistant,
                )
        except (BadTable, UnicodeDecodeError) as fault:
            is_table = isinstance(fault, BadTable)
            refuse(f"{file}: {fault if is_table else 'is not UTF-8: save it as CSV UTF-8'}")
    listed = ", ".join(f"{count:,} {rule}" for rule, count in counts.most_common())
    click.echo(f"{counts.total():,} rows: {listed or 'nothing in them'}.", err=True)


@branches.command("text")
@click.argument("text")
@_as_json
def text_line(text: str, *, as_json: bool) -> None:
    """Say what the text line would answer to TEXT, and what it understood. Nothing is stored."""
    with refusing():
        understood = room().text_line.learn(text)
    with refusing(), reading() as session:
        read = room().text_line.read(session, understood, today=today())
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


def _progress(length: int, label: str) -> "ProgressBar[int]":
    """Show how far it is, on a terminal and beside the output."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden)


@contextmanager
def _written(output: Path | None) -> Iterator[TextIO]:
    """Open what is written to: standard output, or a file that is there whole or not at all."""
    if output is None:
        yield sys.stdout
        return
    beside, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    try:
        with os.fdopen(beside, "w", encoding="utf-8", newline="") as target:
            yield target
        Path(name).replace(output)  # for its owner alone: it says where people live
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


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


def _described(info: IndexInfo) -> str:
    return (
        f"release {info.release}, from {info.source}, {info.rows:,} postcodes"
        f" ({info.placeless:,} of them without a place), {info.size / 1e6:.1f} MB,"
        f" built {info.built_at:%Y-%m-%d %H:%M} UTC"
    )
