"""Searching: the words of givers' names, kept with their pledges, and payments found by them.

A name stands there begun at each of its words, without case and accents (`core.spelling`), so that
one index answers by how its words begin, in either database. The words are written by whoever
writes a pledge, and go when its name does.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    event,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapper, Session, aliased, attributes

from core import spelling
from core.absence import none_of
from payments.models import Payment, Pledge, PledgeWord

_MOST_COUNTED = 5_000
"""So many names that begin with a word are enough to know that another one says more."""


def words_of(pledge: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the rows of the words of a pledge, which is given as a row.

    Whoever inserts pledges in bulk inserts these as well.
    """
    return [
        {"pledge_id": pledge["id"], "word": each, "since": pledge["created_at"]}
        for each in spelling.turned(pledge["name"])
    ]


def write(session: Session, pledges: Iterable[Mapping[str, Any]]) -> None:
    """Write the words of pledges that were inserted as rows just now."""
    rows = [row for each in pledges for row in words_of(each)]
    if rows:
        session.execute(insert(PledgeWord), rows)


def write_anew(session: Session, pledges: Sequence[Pledge]) -> None:
    """Write the words of these pledges, whatever there was: of rows put in past the models."""
    ids = [each.id for each in pledges]
    session.execute(delete(PledgeWord).where(PledgeWord.pledge_id.in_(ids)))
    write(session, [_row(each) for each in pledges])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list of names goes on: at this word of this pledge."""

    word: str
    since: dt.datetime
    pledge_id: uuid.UUID


def payments_of(
    session: Session, name: str, *, most: int, after: uuid.UUID | None = None
) -> Sequence[uuid.UUID]:
    """Return the payments of givers in whose name each of these words begins one.

    They are sorted by the name begun at the word that says most, those of one name by their
    pledges, the newest first, and of one pledge the newest first. `after` is the payment at which
    the list before this one ended; one that the words do not find begins nothing.
    """
    begins = _leading(session, spelling.words(name))
    if begins is None:
        return []
    leading, others = begins
    found = _range(PledgeWord.word, leading)
    wanted = [found, *(_has(other) for other in others), _is_first(leading)]
    last = session.get(Payment, after) if after is not None else None
    if last is not None:
        place = _place(session, last.pledge_id, leading)
        if place is None:
            return []
        wanted.append(_from(place))
    order = (PledgeWord.word, PledgeWord.since.desc(), PledgeWord.pledge_id.desc())
    paid = select(Payment.id).where(Payment.pledge_id == PledgeWord.pledge_id)
    pledges = select(PledgeWord.pledge_id, PledgeWord.word, PledgeWord.since).where(*wanted)
    page = pledges.where(paid.exists()).order_by(*order).limit(most + 1).subquery()
    rows: Select[uuid.UUID] = (
        select(Payment.id)
        .join(page, page.c.pledge_id == Payment.pledge_id)
        .order_by(
            page.c.word,
            page.c.since.desc(),
            page.c.pledge_id.desc(),
            Payment.paid_at.desc(),
            Payment.id.desc(),
        )
    )
    if last is not None:
        older = tuple_(Payment.paid_at, Payment.id) < tuple_(
            literal(last.paid_at, Payment.paid_at.type), literal(last.id, Payment.id.type)
        )
        rows = rows.where(or_(page.c.pledge_id != last.pledge_id, older))
    return list(session.scalars(rows.limit(most)))


def _leading(session: Session, words: Sequence[str]) -> tuple[str, list[str]] | None:
    """Return the word by which the fewest names begin, and the others; None for no word at all.

    A longer word says no more than a shorter one: with "Member 7" it is the number that tells.
    """
    if not words:
        return None
    if len(words) == 1:
        return words[0], []
    counted = [
        select(func.count())
        .select_from(
            select(PledgeWord.pledge_id)
            .where(_range(PledgeWord.word, each))
            .limit(_MOST_COUNTED)
            .subquery()
        )
        .scalar_subquery()
        for each in words
    ]
    counts = session.execute(select(*counted)).one()
    ranked = sorted(range(len(words)), key=lambda at: (counts[at], -len(words[at]), at))
    return words[ranked[0]], [words[at] for at in ranked[1:]]


def _range(word: Any, begins: str) -> ColumnElement[bool]:  # noqa: ANN401 -- the column of any alias
    return and_(word >= begins, word < begins + spelling.LAST)


def _has(begins: str) -> ColumnElement[bool]:
    """Say whether another word of the name begins so: the row holds the whole of it."""
    return PledgeWord.word.like(f"% {begins}%")


def _is_first(leading: str) -> ColumnElement[bool]:
    """Let a name two words of which begin alike be listed once, at the first of them.

    The few words of the one name are looked through: with the range of an index beside it, all that
    begin so would be read for each of them.
    """
    other = aliased(PledgeWord)
    before = select(other.word).where(
        other.pledge_id == PledgeWord.pledge_id,
        _range(other.word.concat(""), leading),
        other.word < PledgeWord.word,
    )
    return none_of(before.correlate(PledgeWord))


def _place(session: Session, pledge_id: uuid.UUID, leading: str) -> _Place | None:
    wanted = (
        select(PledgeWord)
        .where(PledgeWord.pledge_id == pledge_id, _range(PledgeWord.word, leading))
        .order_by(PledgeWord.word)
        .limit(1)
    )
    row = session.scalar(wanted)
    return _Place(row.word, row.since, row.pledge_id) if row else None


def _from(place: _Place) -> ColumnElement[bool]:
    """Go on at a pledge, which may have more payments than the list before had room for."""
    word = PledgeWord.word
    same_name = tuple_(PledgeWord.since, PledgeWord.pledge_id) <= tuple_(
        literal(place.since, PledgeWord.since.type),
        literal(place.pledge_id, PledgeWord.pledge_id.type),
    )
    return and_(word >= place.word, or_(word > place.word, same_name))


def _row(pledge: Pledge) -> dict[str, object]:
    return {"id": pledge.id, "name": pledge.name, "created_at": pledge.created_at}


@event.listens_for(Pledge, "after_insert")
def _written(_mapper: Mapper[Pledge], connection: Connection, pledge: Pledge) -> None:
    if rows := words_of(_row(pledge)):
        connection.execute(insert(PledgeWord), rows)


@event.listens_for(Pledge, "after_update")
def _changed(_mapper: Mapper[Pledge], connection: Connection, pledge: Pledge) -> None:
    """Write the words anew where the name has changed; one that was let go has none."""
    if attributes.get_history(pledge, "name").has_changes():
        connection.execute(delete(PledgeWord).where(PledgeWord.pledge_id == pledge.id))
        _written(_mapper, connection, pledge)
