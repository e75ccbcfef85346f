"""Shelves: which cards stand where, found by what happened and by what is due again.

Nothing is written for a card to be there. A shelf is made of a few `sources`, each along
an index and cut off after a page; all counts are two questions, and cut off as well.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from core.clock import day_in_london
from members.enquiries import Enquiries
from members.listing import listed
from members.models import Member
from members.today import rules, sources
from members.today.sources import Source
from staff.principal import Principal
from staff.scoping import scoped, seer

PAGE = 10
COUNTED = 50
"""So many cards of a shelf are counted exactly; beyond it a page says that there are more."""
TEXTED = rules.REASONS[0]
_DIGITS = 10  # every number of nine digits is one that a row can have
_Question = Select[*tuple[Any, ...]]
_Part = TypeVar("_Part")
_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page goes on: behind which row of which source."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Found:
    """A card: of a member, or of who texted; and for which reason."""

    reason: str
    subject: uuid.UUID | int
    place: Place


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose desk it is, and when. `quiet` is after how long silence makes a card a quiet one."""

    principal: Principal
    now: dt.datetime
    quiet: dt.timedelta

    @property
    def today(self) -> dt.date:
        """The day in London."""
        return day_in_london(self.now)

    def narrowed(self, query: _Question) -> _Question:
        """Narrow a query to what this principal sees, and to who may stand in a list."""
        return scoped(listed(query, today=self.today), self.principal)

    def values(self) -> dict[str, object]:
        """Return the values that the questions of the shelves go by."""
        return sources.moments(self.now, self.quiet, self.principal.account_id)


def counts(session: Session, desk: Desk, enquiries: Enquiries) -> list[tuple[str, int]]:
    """Return how many cards stand on each shelf, `COUNTED` + 1 of them at most."""
    most, who, values = COUNTED + 1, desk.principal, desk.values()
    texts = tuple(which for _kind, which in sources.TEXTS)
    found = {TEXTED: sum(enquiries.count(session, who, texts, values, most=most))}
    counted = session.execute(_counting(seer(who), desk.today), values).one()
    for shelf, count in zip(_counted(), counted, strict=True):
        found[shelf] = found.get(shelf, 0) + count
    return [(shelf, min(found[shelf], most)) for shelf in rules.SHELVES]


def waiting(counted: Sequence[tuple[str, int]]) -> int:
    """Return how many of those on the shelves wait for somebody: who has gone quiet does not."""
    return sum(count for shelf, count in counted if shelf != rules.QUIET)


def _counted() -> list[str]:
    """Return of which shelf each column of what `_counting` asks for is."""
    others = [shelf for shelf in rules.SHELVES[1:] for _source in sources.of(shelf)[1:]]
    return [*rules.SHELVES[1:], *others]


@lru_cache(maxsize=_KEPT)
def _counting(who: Principal, today: dt.date) -> _Question:
    """Return the question that counts every source, as it is for whoever sees so much."""
    again = sources.again_by_shelf().subquery()
    others = [
        select(func.count())
        .select_from(source.query.limit(COUNTED + 1).subquery())
        .scalar_subquery()
        for shelf in rules.SHELVES[1:]
        for source in sources.of(shelf)[1:]
    ]
    return scoped(listed(select(*again.c, *others), today=today), who)


@lru_cache(maxsize=_KEPT)
def _beginning(who: Principal, today: dt.date, shelf: str, kind: str) -> _Question:
    """Return the question for a source from its first row on, as it is for whoever sees so much."""
    (source,) = (each for each in sources.of(shelf) if each.kind == kind)
    return scoped(listed(_ordered(source), today=today), who)


def page(
    session: Session, desk: Desk, enquiries: Enquiries, shelf: str, after: Place | None
) -> list[Found]:
    """Return a page of cards and one more, where there are: source after source.

    Where the row is gone behind which the page should begin, it begins with its source.
    """
    most = PAGE + 1
    found: list[Found] = []
    if shelf == TEXTED:
        return _page_of_texts(session, desk, enquiries, after, most)
    parts = _from(sources.of(shelf), [each.kind for each in sources.of(shelf)], after)
    for source in parts:
        if len(found) < most:
            behind = after if after is not None and source.kind == after.kind else None
            found += _part(session, desk, shelf, source, behind, most - len(found))
    return found


def _page_of_texts(
    session: Session, desk: Desk, enquiries: Enquiries, after: Place | None, most: int
) -> list[Found]:
    found: list[Found] = []
    kinds = [kind for kind, _which in sources.TEXTS]
    for kind, which in _from(sources.TEXTS, kinds, after):
        behind = _number(after.id) if after is not None and after.kind == kind else None
        rows = enquiries.waiting(
            session,
            desk.principal,
            which,
            desk.values(),
            after=behind or 0,
            most=most - len(found),
        )
        found += [Found(TEXTED, id_, Place(kind, str(id_))) for id_ in rows]
        if len(found) >= most:
            break
    return found


def _from(parts: Sequence[_Part], kinds: Sequence[str], after: Place | None) -> Sequence[_Part]:
    """Return the parts from the one on in which a page goes on; all where it is none of theirs."""
    return parts[kinds.index(after.kind) :] if after and after.kind in kinds else parts


def _part(
    session: Session, desk: Desk, shelf: str, source: Source, after: Place | None, most: int
) -> list[Found]:
    query = _behind(session, desk, source, after) if after else None
    if query is None:
        query = _beginning(seer(desk.principal), desk.today, shelf, source.kind)
    rows = session.execute(query.limit(most), desk.values())
    return [Found(row.reason, row.member, Place(source.kind, str(row.key))) for row in rows]


def _ordered(source: Source) -> _Question:
    return source.query.order_by(
        *((each.desc() if source.newest else each) for each in source.order)
    )


def _behind(session: Session, desk: Desk, source: Source, after: Place) -> _Question | None:
    """Return the question for a source from behind a row on; None where there is no such row."""
    order, known_as = source.order, _id(after.id, source)
    if known_as is None:
        return None
    last = session.execute(desk.narrowed(select(*order).where(order[1] == known_as))).first()
    if last is None or last[0] is None:
        return None
    here = tuple_(*order)
    there = tuple_(*(literal(value, each.type) for each, value in zip(order, last, strict=True)))
    return desk.narrowed(_ordered(source).where(here < there if source.newest else here > there))


def _id(text: str, source: Source) -> uuid.UUID | int | None:
    """Read the id of a row out of an address; None where it can be none."""
    if source.order[1] is not Member.id:
        return _number(text)
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    known = text.isascii() and text.isdecimal() and len(text) < _DIGITS
    return int(text) if known else None
