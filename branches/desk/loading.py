"""Loading the directory by command: how many would move by it, and letting them follow."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from branches.desk import changing
from branches.desk.moving import Change, Residents, flows
from branches.desk.world import World, trying
from branches.directory import Loaded
from branches.locator import IndexMissing, Locator
from branches.snapshot import Directory


@dataclass(frozen=True, slots=True)
class Counted:
    """A directory that was loaded, and how many move by it today; None without an index."""

    loaded: Loaded
    people: int | None


def load(
    session: Session,
    files: Mapping[str, bytes],
    *,
    world: World,
    locator: Locator,
    residents: Residents,
) -> Counted:
    """Make the directory what the files say; nobody moves, and it is counted who would.

    Raises:
        BadDirectory: with every fault of every file; then nothing is changed.
    """
    before = world.directory(session)
    loaded = world.load(session, files)
    people = _people(session, before, world.directory(session), locator, residents)
    return Counted(loaded, people)


def load_and_move(
    session: Session,
    files: Mapping[str, bytes],
    *,
    world: World,
    locator: Locator,
    residents: Residents,
    now: dt.datetime,
) -> Counted:
    """Make the directory what the files say, as from the desk: members follow by the worker.

    Raises:
        BadDirectory: with every fault of every file; then nothing is changed.
    """
    before = world.directory(session)
    prepared = changing.prepare(session, files, world=world, by=None, now=now)
    loaded = changing.apply(session, prepared, world=world, by=None, now=now)
    if loaded is None:
        raise RuntimeError("what was prepared this moment was applied before")
    people = _people(session, before, world.directory(session), locator, residents)
    return Counted(loaded, people)


def count(
    session: Session,
    files: Mapping[str, bytes],
    *,
    world: World,
    locator: Locator,
    residents: Residents,
) -> Counted:
    """Say what loading would come to, and leave everything as it is.

    Raises:
        BadDirectory: with every fault of every file.
    """
    before = world.directory(session)
    with trying(session, world, files) as loaded:
        after = world.directory(session)
        return Counted(loaded, _people(session, before, after, locator, residents))


def _people(
    session: Session, before: Directory, after: Directory, locator: Locator, residents: Residents
) -> int | None:
    try:
        change = Change.of(locator, before, after)
    except IndexMissing:
        return None
    return sum(each.people for each in flows(session, residents, change))
