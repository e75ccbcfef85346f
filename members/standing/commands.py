"""The command `flask members standing`: who stands otherwise now, or would on a day to come."""

import datetime as dt
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from core import clock
from core.clock import LONDON
from core.commands import PlainGroup, visible
from core.database import reading
from members.models import Member
from members.room import room
from members.standing import facts, recomputing
from members.standing.recomputing import Batch, Change

members = PlainGroup("members", help="Members, and how they stand.")
_DAY = click.DateTime(["%Y-%m-%d"])
_NAMES_AT_ONCE = 1_000


@members.command("standing")
@click.option("--on", type=_DAY, help="A day, YYYY-MM-DD; any but today only with --dry-run.")
@click.option("--dry-run", is_flag=True, help="Change nothing, write to nobody.")
@click.option("--with-names", is_flag=True, help="Say who they are, not their ids alone.")
@with_appcontext
def stand(on: dt.datetime | None, *, dry_run: bool, with_names: bool) -> None:
    """Say who stands otherwise with the dues that are in the books; without --dry-run, keep it."""
    now = clock.now()
    today = clock.day_in_london(now)
    if on is not None and on.date() != today:
        if not dry_run:
            raise click.UsageError("--on another day than today goes with --dry-run only.")
        now = dt.datetime.combine(on.date(), dt.time(12), LONDON).astimezone(dt.UTC)
    rules, texter = room().rules, room().texter
    batches = recomputing.everybody(
        rules.months, link=rules.welcome_link, now=now, keep=not dry_run, texter=texter
    )
    done = list(_shown(batches))
    changes = [change for each in done for change in each.changes]
    _tell(changes, names=_names(changes) if with_names else {})
    looked_at = sum(each.looked_at for each in done)
    letters = sum(each.letters for each in done)
    ending = "Nothing was changed." if dry_run else f"{letters} letters written."
    click.echo(f"{looked_at} looked at, {len(changes)} stand otherwise. {ending}")


def _shown(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Show on a terminal how far it is."""
    with reading() as session:
        many = session.scalar(
            select(func.count()).select_from(Member).where(Member.state.in_(facts.STANDS))
        )
    hidden = not sys.stderr.isatty()
    shown: click._termui_impl.ProgressBar[int] = click.progressbar(
        length=many, label="Standing", file=sys.stderr, hidden=hidden
    )
    with shown as bar:
        for each in batches:
            yield each
            bar.update(each.looked_at)


def _tell(changes: Sequence[Change], names: dict[uuid.UUID, str]) -> None:
    for change in changes:
        name = f"  {visible(names[change.member_id])}" if change.member_id in names else ""
        what = f"{change.before} -> {change.after}"
        click.echo(f"{change.member_id}  {what:<18}  {change.why}{name}")
    counts = Counter((change.before, change.after) for change in changes)
    for (before, after), many in sorted(counts.items()):
        click.echo(f"{before} -> {after}: {many}")


def _names(changes: Sequence[Change]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    ids = [change.member_id for change in changes]
    with reading() as session:
        for first in range(0, len(ids), _NAMES_AT_ONCE):
            some = ids[first : first + _NAMES_AT_ONCE]
            rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(some)))
            found |= {row.id: row.name for row in rows}
    return found
