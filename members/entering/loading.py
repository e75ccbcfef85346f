"""Loading: people who were read go into the books, all of them or none, in one transaction."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.bulk import insert_many
from members.entering import alike, known, rows
from members.entering.fields import Entrant
from members.entering.rows import How
from members.places import Places


class Numbered(NamedTuple):
    """Somebody with the line of the file they stand on."""

    line: int
    entrant: Entrant


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is there already: the member's id, or the line of the file before this one."""

    line: int
    by: str
    member_id: uuid.UUID | None = None
    before: int | None = None


@dataclass(slots=True)
class Loaded:
    """What came of loading: whom it made, who was known, and how many are like somebody else.

    Those made are kept only where `kept` says so: else the caller gives the transaction up.
    """

    kept: bool = False
    ids: list[uuid.UUID] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    alike: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done: whether anything is kept, and whether those known are passed over.

    Where they are not, and one is known, nobody is kept. `doubles` says that likeness is meant,
    and that nobody is known but by their number.
    """

    keep: bool = True
    skip_known: bool = False
    doubles: bool = False


def load(
    session: Session,
    batches: Callable[[], Iterable[Sequence[Numbered]]],
    how: How,
    wanted: Wanted,
    *,
    places: Places,
    told: Callable[[int], object] = lambda _many: None,
) -> Loaded:
    """Enter people batch by batch, and say whom that made and who was there before.

    Nobody is written to. `batches` gives them as often as they are asked for: that nobody is known
    is found out before the first is inserted, so that the database looks among those who were there
    before alone, whom it has statistics of. `told` hears how many were dealt with.
    """
    done, seen = Loaded(), _Seen()
    if wanted.keep:
        _queue(session)
    for batch in batches():
        done.known.extend(_known(session, batch, seen, doubles=wanted.doubles))
    done.kept = wanted.keep and (wanted.skip_known or not done.known)
    if not done.kept:
        return done
    passed_over = {each.line for each in done.known}
    for batch in batches():
        fresh = [each.entrant for each in batch if each.line not in passed_over]
        done.ids.extend(_insert(session, fresh, how, places))
        told(len(batch))
    done.alike = alike.notice(session, how.now) if done.ids else 0
    return done


class _Seen:
    """The lines on which each trait came first; of the traits themselves only a number is kept."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def first(self, trait: known.Trait, line: int) -> int:
        return self._lines.setdefault(hash(trait), line)


def _known(
    session: Session, batch: Sequence[Numbered], seen: _Seen, *, doubles: bool
) -> Iterator[Known]:
    """Give who of a batch is there already, or is on an earlier line."""
    there = known.find(session, [each.entrant for each in batch])
    for each in batch:
        found = _found(each, there, seen)
        if found is not None and (found.by == "number" or not doubles):
            yield found


def _found(each: Numbered, there: dict[known.Trait, uuid.UUID], seen: _Seen) -> Known | None:
    found = None
    for trait in known.traits(each.entrant):
        first = seen.first(trait, each.line)
        if found is None and first != each.line:
            found = Known(each.line, str(trait[0]), before=first)
        elif found is None and trait in there:
            found = Known(each.line, str(trait[0]), member_id=there[trait])
    return found


def _insert(
    session: Session, fresh: Sequence[Entrant], how: How, places: Places
) -> list[uuid.UUID]:
    spots = places.place_each(session, [each.postcode for each in fresh])
    found = rows.made(list(zip(fresh, spots, strict=True)), how)
    for kind, values in found.tables.items():
        insert_many(session, kind, values)
    return found.ids


def _queue(session: Session) -> None:
    """Let two who enter people wait for each other, so that neither enters one that the other does.

    On SQLite every transaction that writes does so already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE entered_member IN SHARE ROW EXCLUSIVE MODE"))
