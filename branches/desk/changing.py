"""Changing the directory in two steps: what it would come to is shown, then it is applied.

What is prepared knows from which version of the directory it was made. Once another change came
between, what was shown is no longer what would happen, and it is refused.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from branches.desk import snapshots
from branches.desk.models import DirectoryChange
from branches.desk.moving import Change, Flow, Residents, flows
from branches.desk.tables import Difference, Row, Tables, differences
from branches.desk.world import World, trying, version
from branches.directory import BRANCHES, Loaded
from branches.locator import Locator
from branches.models import Branch, BranchStatus, Region
from branches.snapshot import Directory
from staff import auditing
from staff.auditing import Subject

MOST_DAYS = 6
"""Of how many days to come it is shown who would move."""
KEPT = dt.timedelta(days=7)
"""For how long what was prepared waits to be applied."""


class StaleChange(ValueError):
    """The directory was changed since this change of it was prepared."""


class NoSuchChange(LookupError):
    """Nothing was prepared under this number, or it was let go of."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A day on which people move, today or to come, and how many from where to where."""

    day: dt.date
    flows: Sequence[Flow]

    @property
    def people(self) -> int:
        """How many move."""
        return sum(each.people for each in self.flows)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a change would come to: cells, and the directories before and after, day by day."""

    differences: Sequence[Difference]
    days: Sequence[tuple[dt.date, Directory, Directory]]
    stale: bool


def prepare(
    session: Session,
    files: Mapping[str, bytes],
    *,
    world: World,
    by: uuid.UUID | None,
    now: dt.datetime,
) -> uuid.UUID:
    """Keep files that are to be the directory, if they are sound; return the change's number.

    What the same account has prepared before, of the same directory, is that change still. `by` is
    whose account does it, None for the office by command.

    Raises:
        BadDirectory: with every fault of every file.
    """
    made_from = version(session)
    with trying(session, world, files):
        wished = Tables.held(session)
    written = {name: content.decode() for name, content in wished.files().items()}
    if known := _prepared_before(session, written, made_from=made_from, by=by):
        return known
    kept = DirectoryChange(
        id=uuid.uuid4(), account_id=by, made_at=now, made_from=made_from, files=written
    )
    session.add(kept)
    session.flush()
    return kept.id


def _prepared_before(
    session: Session, written: Mapping[str, str], *, made_from: int, by: uuid.UUID | None
) -> uuid.UUID | None:
    """Return the change that came of the first press of the same button, if there was one."""
    mine = select(DirectoryChange).where(
        DirectoryChange.account_id == by,
        DirectoryChange.made_from == made_from,
        DirectoryChange.applied_at.is_(None),
    )
    return next((each.id for each in session.scalars(mine) if each.files == written), None)


def find(session: Session, change_id: uuid.UUID, *, lock: bool = False) -> DirectoryChange:
    """Return what was prepared or applied.

    Raises:
        NoSuchChange: there is nothing under this number.
    """
    found = session.get(DirectoryChange, change_id, with_for_update=lock or None)
    if found is None:
        raise NoSuchChange("is not there")
    return found


def look(session: Session, change: DirectoryChange, *, world: World) -> Prepared:
    """Say what a change would come to, and leave everything as it is.

    Raises:
        BadDirectory: the files are sound no longer, since the day or the index is another.
    """
    stale = version(session) != change.made_from
    held, before = Tables.held(session), world.directory(session)
    with trying(session, world, _files(change)):
        wished = Tables.held(session)
        days = [(world.today, before, world.directory(session))]
        for day in _days(held, wished, world.today)[:MOST_DAYS]:
            eve = world.directory(session, day - dt.timedelta(days=1))
            days.append((day, eve, world.directory(session, day)))
    return Prepared(list(differences(held, wished)), days, stale)


def stages(
    session: Session, prepared: Prepared, *, locator: Locator, residents: Residents
) -> list[Stage]:
    """Count who would move, on each day on which anybody might.

    Raises:
        IndexMissing: when no index is built.
    """
    return [
        Stage(day, flows(session, residents, Change.of(locator, before, after)))
        for day, before, after in prepared.days
        if snapshots.written(before) != snapshots.written(after)
    ]


def apply(
    session: Session, change_id: uuid.UUID, *, world: World, by: uuid.UUID | None, now: dt.datetime
) -> Loaded | None:
    """Make the directory what was prepared; None where that was done before. Members follow.

    Raises:
        NoSuchChange: nothing was prepared under this number.
        StaleChange: the directory was changed since.
        BadDirectory: the files are sound no longer, since the day or the index is another.
    """
    standing = version(session, lock=True)
    change = find(session, change_id, lock=True)
    if change.applied_at is not None:
        return None
    if change.made_from != standing:
        raise StaleChange("was made from an older directory")
    held, before = Tables.held(session), world.directory(session)
    loaded = world.load(session, _files(change))
    wished = Tables.held(session)
    change.files, change.applied_at, change.account_id = None, now, by
    change.before = snapshots.written(before)
    change.after = snapshots.written(world.directory(session))
    if change.before == change.after:
        change.before, change.after, change.done_at = None, None, now
    for day in _days(held, wished, world.today):
        _put_off(session, change, day)
    session.flush()
    _record(session, change, list(differences(held, wished)), by=by, now=now)
    return loaded


def lately(session: Session, most: int) -> Sequence[DirectoryChange]:
    """Return the changes that were applied last, the newest first."""
    applied = select(DirectoryChange).where(DirectoryChange.applied_at.is_not(None))
    newest = applied.order_by(DirectoryChange.made_from.desc(), DirectoryChange.id)
    return session.scalars(newest.limit(most)).all()


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Let go of what was prepared and never applied."""
    session.execute(
        delete(DirectoryChange).where(
            DirectoryChange.applied_at.is_(None), DirectoryChange.made_at <= now - KEPT
        )
    )


def _files(change: DirectoryChange) -> dict[str, bytes]:
    return {name: str(text).encode() for name, text in (change.files or {}).items()}


def _days(held: Tables, wished: Tables, today: dt.date) -> list[dt.date]:
    """Return the days to come on which a branch opens or closes that was changed."""
    known = {row["slug"]: row for row in held.rows[BRANCHES]}
    return sorted(
        {
            day
            for row in wished.rows[BRANCHES]
            if row != known.get(row["slug"]) and row["status"] == BranchStatus.OPEN
            for day in _dates(row)
            if day > today
        }
    )


def _dates(row: Row) -> list[dt.date]:
    return [dt.date.fromisoformat(row[name]) for name in ("opened", "closed") if row[name]]


def _put_off(session: Session, change: DirectoryChange, day: dt.date) -> None:
    """Let members follow on a day to come, whatever the directory says then."""
    session.add(
        DirectoryChange(
            id=uuid.uuid4(),
            account_id=change.account_id,
            made_at=change.made_at,
            made_from=change.made_from,
            due_on=day,
            applied_at=change.applied_at,
        )
    )


def _record(
    session: Session,
    change: DirectoryChange,
    changed: Sequence[Difference],
    *,
    by: uuid.UUID | None,
    now: dt.datetime,
) -> None:
    """Write down the change, and each branch and region that it touched."""
    whole = Subject("directory", change.id)
    auditing.record(session, "change", by=by, now=now, subject=whole, detail="directory:applied")
    touched = {each.slug for each in changed}
    for kind, model in (("branch", Branch), ("region", Region)):
        for key in session.scalars(select(model.id).where(model.slug.in_(touched))):
            subject = Subject(kind, key)
            auditing.record(session, "change", by=by, now=now, subject=subject, detail="directory")
