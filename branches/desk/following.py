"""The worker's part: people follow a change of the directory, some thousands at a time."""

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from branches.desk import snapshots
from branches.desk.models import DirectoryChange
from branches.desk.moving import Change, Following, Move, Residents
from branches.desk.world import World
from branches.locator import Locator
from staff import auditing
from staff.auditing import Subject

AT_ONCE = 2_000
"""How many people one step looks at."""


def follow(
    session: Session,
    *,
    world: World,
    locator: Locator,
    residents: Residents,
    now: dt.datetime,
    most: int = AT_ONCE,
) -> int:
    """Let the next people follow the change that was applied first; say whether there was one.

    Changes are followed one after the other, each whole: who moves by the second may stand where
    the first has put them.

    Raises:
        IndexMissing: when no index is built.
    """
    change = _next(session, world.today)
    if change is None:
        return 0
    if change.before is None or change.after is None:
        eve = (change.due_on or world.today) - dt.timedelta(days=1)
        change.before = snapshots.written(world.directory(session, eve))
        change.after = snapshots.written(world.directory(session))
    people = (
        residents.following(session, change.cursor, most) if change.before != change.after else []
    )
    before, after = (
        snapshots.read(each, today=world.today) for each in (change.before, change.after)
    )
    following = Following(Change.of(locator, before, after))
    moves = [
        Move(each.id, each.stand, goes)
        for each in people
        if (goes := following.goes_to(each.postcode, each.stand)) is not None
    ]
    moved = residents.move(session, moves, by=change.account_id, now=now) if moves else 0
    change.moved += moved
    if people:
        change.cursor = people[-1].id
    if len(people) < most:
        change.before, change.after, change.cursor, change.done_at = None, None, None, now
    _record(session, change, moved, now)
    return 1


def _next(session: Session, today: dt.date) -> DirectoryChange | None:
    due = or_(DirectoryChange.due_on.is_(None), DirectoryChange.due_on <= today)
    waiting = select(DirectoryChange).where(
        DirectoryChange.done_at.is_(None), DirectoryChange.applied_at.is_not(None), due
    )
    put_off = DirectoryChange.due_on.is_not(None)
    order = (DirectoryChange.made_from, put_off, DirectoryChange.due_on, DirectoryChange.id)
    # Whoever comes second waits here, and then finds what the first has left to do.
    found = session.scalar(waiting.order_by(*order).limit(1).with_for_update())
    return found if found is not None and found.done_at is None else None


def _record(session: Session, change: DirectoryChange, moved: int, now: dt.datetime) -> None:
    session.flush()
    if moved:
        auditing.record(
            session,
            "change",
            by=change.account_id,
            now=now,
            subject=Subject("directory", change.id),
            detail=f"moved:{moved}",
        )
