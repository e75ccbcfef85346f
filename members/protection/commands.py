"""The commands of data protection: `flask members register | export | erase | retain`."""

import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import clock
from core.commands import visible
from core.database import reading, transaction
from core.protection import Erased, Person
from members.protection import archive, asking, erasing, finding, register, retaining
from members.protection.erasing import CannotErase
from members.protection.finding import NobodyMeant, SeveralMeant
from members.protection.models import PrivacyRequest
from members.protection.registry import registry

_BECAUSE = {
    "running": _l("Dues or a monthly gift still run: stop them first."),
    "under-way": _l("A payment is under way: wait until it has come or failed."),
    "disputed": _l("A bank disputes a payment: wait until that is decided."),
    "staff": _l("They have an account of staff: revoke it first."),
    "unchecked": _l("A gift waits for the treasurer's check: have it decided first."),
}
_LONGEST_WHY = 1000


def register_with(group: click.Group) -> None:
    """Add the commands to `flask members`."""
    for command in (print_register, export, erase, retain, requests):
        group.add_command(command)


@click.command("register")
@click.option("--format", "form", type=click.Choice(["markdown", "csv"]), default="markdown")
@with_appcontext
def print_register(form: str) -> None:
    """Print the register of processing: what is held, why, and for how long."""
    here = registry()
    if form == "csv":
        register.as_csv(sys.stdout, here.purposes, here.periods())
    else:
        whose = here.organisation.name
        register.as_markdown(sys.stdout, here.purposes, here.periods(), whose=whose)


@click.command("export")
@click.argument("someone", metavar="PERSON")
@click.option("--output", type=click.Path(), help="Where to; - is standard output.")
@with_appcontext
def export(someone: str, output: str | None) -> None:
    """Write everything that is held about PERSON into one archive.

    PERSON is an e-mail address, a telephone number, a member's id or a payment's reference; with
    - it is read from standard input, so that it stands in no history of commands.
    """
    now = clock.now()
    with reading() as session, force_locale("en_GB"):
        person = _meant(session, someone)
        try:
            packed = archive.of(session, person, now=now)
        except NobodyMeant:
            _refuse(_("We hold nothing about this person."))
    if output == "-":
        sys.stdout.buffer.write(packed)
        return
    path = Path(output or f"what-we-hold-{now:%Y-%m-%d-%H%M%S}.zip")
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(packed)
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")
    click.echo(_("Written to %(path)s. Make sure who asks before you hand it over.", path=path))
    if person.phones:
        click.echo(_("Texts from their telephone number are in it: ask whether it is theirs."))


@click.command("erase")
@click.argument("someone", metavar="PERSON")
@click.option("--why", required=True, help="Why; kept, without anything about the person in it.")
@click.option("--who", default="command line", show_default=True, help="Who erases.")
@click.option("--dry-run", is_flag=True, help="Say what would go and what would stay.")
@with_appcontext
def erase(*, someone: str, why: str, who: str, dry_run: bool) -> None:
    """Erase PERSON from every room, but for what the law has us keep.

    PERSON is as for export.
    """
    if not why.strip() or len(why) > _LONGEST_WHY:
        raise click.UsageError("--why must say something, in 1,000 characters at most")
    with force_locale("en_GB"):
        try:
            erased = _erase(someone, why.strip(), who, dry_run=dry_run)
        except CannotErase as error:
            _refuse("\n".join(str(_BECAUSE[each]) for each in error.because))
        if dry_run:
            click.echo(_("Nothing is changed. This would happen:"))
        _say(erased)


def _erase(someone: str, why: str, who: str, *, dry_run: bool) -> Erased:
    """Erase somebody; in a dry run everything is done, and then undone again."""
    with transaction() as session:
        person = _meant(session, someone)
        done = session.begin_nested()
        erased = erasing.erase(session, person, registry(), why=why, who=who, now=clock.now())
        if dry_run:
            done.rollback()
    return erased


@click.command("retain")
@click.option("--dry-run", is_flag=True, help="Count what is due, and change nothing.")
@with_appcontext
def retain(*, dry_run: bool) -> None:
    """Let go of what has been kept for as long as it may be."""
    here, now = registry(), clock.now()
    due = retaining.dry_run(here, now=now)
    if dry_run:
        _counted(due)
        return
    hidden = not sys.stderr.isatty()
    total = max(sum(due.values()), 1)
    with click.progressbar(length=total, label="Retaining", file=sys.stderr, hidden=hidden) as bar:
        done = retaining.run(here, now=now, told=bar.update)
    _counted(done)


@click.command("requests")
@click.option("--confirm", type=int, metavar="ID", help="Its sender was told that we have it.")
@click.option("--done", type=int, metavar="ID", help="It is answered; needs --why.")
@click.option("--why", help="What came of it; kept.")
@with_appcontext
def requests(*, confirm: int | None, done: int | None, why: str | None) -> None:
    """List requests and complaints that wait, what is due first at the top; or note an answer."""
    if confirm is not None and done is not None:
        raise click.UsageError("--confirm and --done exclude each other")
    if (done is not None) != bool((why or "").strip()):
        raise click.UsageError("--done and --why belong together")
    now = clock.now()
    with force_locale("en_GB"):
        try:
            with transaction() as session:
                if confirm is not None:
                    asking.confirm(session, confirm, now=now)
                elif done is not None:
                    asking.finish(session, done, outcome=(why or "").strip(), now=now)
                found = asking.waiting(session)
        except asking.NoSuchRequest:
            _refuse(_("There is no request of this number that waits."))
        _list_requests(found, clock.day_in_london(now))


def _list_requests(found: Sequence[PrivacyRequest], today: dt.date) -> None:
    if not found:
        click.echo(_("No request waits."))
    for each in found:
        due = _("due %(day)s", day=each.due_on.isoformat())
        late = _("LATE") if each.due_on < today else ""
        told = _("confirmed") if each.confirmed_at else ""
        words = (str(each.id), each.kind, due, late, told, each.name, each.email)
        click.echo("  ".join(visible(word) for word in words if word))
        for line in each.message.splitlines():
            click.echo(f"    {visible(line)}")


def _counted(counts: retaining.Counts) -> None:
    for kind, count in counts.items():
        click.echo(f"{count:>8}  {kind}")


def _say(erased: Erased) -> None:
    if not erased.gone:
        click.echo(_("There is nothing that could go."))
    for kind, count in erased.gone.items():
        click.echo(_("gone: %(count)s %(kind)s", count=count, kind=kind))
    for each in erased.kept:
        day = each.until.strftime("%-d %B %Y") if each.until else ""
        words = _("kept by law: %(count)s %(kind)s, until %(day)s")
        click.echo(words % {"count": each.count, "kind": each.kind, "day": day})
    if erased.kept:
        click.echo(_("Tell the person what was kept. Stripe keeps a record of its own."))


def _meant(session: Session, someone: str) -> Person:
    """Return who is meant, or refuse in words."""
    given = sys.stdin.readline() if someone == "-" else someone
    try:
        return finding.find(session, given, keys=registry().keys)
    except NobodyMeant:
        _refuse(_("We know nobody by this."))
    except SeveralMeant as error:
        click.echo(_("More than one person is meant. Say which, by one of these ids:"), err=True)
        _refuse("\n".join(str(each) for each in error.ids))


def _refuse(words: str) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(1)
