"""The commands `flask members import`, for a file of people, and `flask members remind-entered`."""

import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import update

from core import clock
from core.database import reading, transaction
from core.spreadsheets import given_back
from members.entering import loading, words
from members.entering.cells import Reading
from members.entering.fields import remembering
from members.entering.importing import Sound
from members.entering.loading import Known, Loaded, Wanted
from members.entering.models import EnteredMember
from members.entering.rows import How
from members.entering.sheets import Sheet
from members.room import room

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

GRACE = click.IntRange(0, 24)
Faults = dict[int, list[tuple[str, str]]]


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--good-rows", is_flag=True, help="Load the good rows, and write the others beside.")
@click.option("--skip-known", is_flag=True, help="Pass over who is a member already.")
@click.option("--dry-run", is_flag=True, help="Say what is wrong and what would be; load nothing.")
@click.option("--remind", is_flag=True, help="Write about arrears that they bring with them, too.")
@click.option("--grace-months", type=GRACE, help="For how long nobody falls further behind.")
@with_appcontext
def import_file(
    file: Path,
    *,
    good_rows: bool,
    skip_known: bool,
    dry_run: bool,
    remind: bool,
    grace_months: int | None,
) -> None:
    """Enter the people of FILE, a CSV (docs/members-csv.md says how it has to look).

    Every fault is listed by line and column, and nobody is entered while there is one. Nobody is
    written to.
    """
    how = _how("file", grace_months, remind=remind)
    bad = file.with_name(f"{file.stem}.bad-rows.csv") if good_rows and not dry_run else None
    with force_locale("en_GB"), file.open("rb") as opened, Sound() as sound:
        if bad is not None and bad.exists():
            _refuse(_("%(path)s is there already: put it aside first.", path=bad))
        _read(opened, sound, how)
        keep = not dry_run and not sound.broken and (good_rows or not sound.faults)
        faults = _faults(sound)

        def noted(loaded: Loaded) -> None:
            if not skip_known:
                _note(loaded.known, faults)
            if loaded.kept and bad is not None and faults:
                _write_beside(opened, bad, faults)

        loaded = _load(sound, how, Wanted(keep, skip_known or good_rows), noted)
        for line in sorted(faults):
            for column, said in faults[line]:
                click.echo(f"{file}:{line}:{f'{column}:' if column else ''} {said}", err=True)
        _tell(sound, loaded, bad if faults else None)
    if faults and not loaded.kept:
        click.get_current_context().exit(1)


@click.command("remind-entered")
@with_appcontext
def remind_entered() -> None:
    """Let the clock write about arrears that members brought with them when they were entered."""
    silent = update(EnteredMember).where(EnteredMember.reminds.is_(False))
    with transaction() as session:
        many = len(session.scalars(silent.values(reminds=True).returning(EnteredMember.id)).all())
    click.echo(_("%(many)s members will be written to like any other.", many=f"{many:,}"))


def how_entered(source: str) -> How:
    """Return how people are entered one by one, from paper."""
    return _how(source, None, remind=False)


def by(how: How) -> Reading:
    """Return what people are read by."""
    here = room()
    return Reading(here.rules, remembering(here.places.spell), how.now)


def _how(source: str, grace_months: int | None, *, remind: bool) -> How:
    months = room().rules.months
    grace = months.lapse_after if grace_months is None else grace_months
    return How(source, _("Membership dues"), months, grace, clock.now(), reminds=remind)


def _read(opened: BinaryIO, sound: Sound, how: How) -> None:
    size = os.fstat(opened.fileno()).st_size
    with _progress(size, _("Reading")) as bar:
        sound.read(opened, by(how), lambda read: bar.update(read - bar.pos))


def _load(sound: Sound, how: How, wanted: Wanted, noted: Callable[[Loaded], None]) -> Loaded:
    """Load who was sound; `noted` sees what came of it before it is kept."""
    places = room().places
    with (
        _progress(sound.people, _("Entering")) as bar,
        transaction() if wanted.keep else reading() as session,
    ):
        trial = session.begin_nested()
        loaded = loading.load(session, sound.batches, how, wanted, places=places, told=bar.update)
        noted(loaded)
        if not loaded.kept:
            trial.rollback()
    return loaded


def _note(known: Sequence[Known], faults: Faults) -> None:
    for each in known:
        faults.setdefault(each.line, []).append((each.by, words.known(each)))


def _faults(sound: Sound) -> Faults:
    found: Faults = {}
    for line in sound.faults:
        told = (line.fault.field, words.said(line.fault))
        found.setdefault(line.number, []).append(told)
    return found


def _write_beside(opened: BinaryIO, bad: Path, faults: Faults) -> None:
    """Write the rows that are not loaded, and why, for their owner alone to read.

    What a spreadsheet would take for a formula gets an apostrophe before it.
    """
    sheet = Sheet(opened)
    descriptor = os.open(bad, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=sheet.delimiter, lineterminator="\n")
        writer.writerow(given_back(["why", *sheet.header]))
        for row in sheet.rows():
            if row.line in faults:
                why = "; ".join(f"{column}: {said}" for column, said in faults[row.line])
                writer.writerow(given_back([why, *row.cells]))


def _tell(sound: Sound, loaded: Loaded, bad: Path | None) -> None:
    if not loaded.kept:
        good = f"{sound.people - len(loaded.known):,}"
        click.echo(_("Nobody was entered. Good rows: %(good)s.", good=good))
        return
    entered, known, alike = len(loaded.ids), len(loaded.known), loaded.alike
    click.echo(
        _(
            "%(entered)s entered, %(known)s known already, %(alike)s pairs alike for an organiser"
            " to look at. Nobody was written to.",
            entered=f"{entered:,}",
            known=f"{known:,}",
            alike=f"{alike:,}",
        )
    )
    if bad is not None:
        click.echo(_("What was not loaded is in %(path)s, with why.", path=bad))


@contextmanager
def _progress(length: int, label: str) -> "Iterator[ProgressBar[int]]":
    """Show how far it is, on a terminal and beside the output."""
    hidden = not sys.stderr.isatty()
    shown: ProgressBar[int] = click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=hidden
    )
    with shown as bar:
        yield bar


def _refuse(said: str) -> NoReturn:
    click.echo(said, err=True)
    sys.exit(1)
