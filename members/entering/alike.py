"""Alike: of many who were entered together, who is like somebody, for an organiser to look at."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.bulk import insert_many
from members.entering.models import EnteredMember
from members.likeness import MOST, folded
from members.models import Likeness, Member

_BATCH = 5_000
Person = Row[tuple[Any, uuid.UUID, str, str, bool, dt.datetime]]


def notice(session: Session, entered_at: dt.datetime) -> int:
    """Note whom those entered at this moment are like; say how many pairs that makes.

    A telephone number or postcode that more people share than a household has says nothing.
    """
    pairs = 0
    for why, column in (
        ("email", Member.email_key),
        ("phone", Member.phone),
        ("name-postcode", Member.postcode),
    ):
        found = [
            {"newer_id": newer.id, "older_id": older.id, "why": why, "noticed_at": entered_at}
            for group in _groups(session, column, entered_at)
            for older, newer in _pairs(group, why)
        ]
        pairs += len(found)
        for begin in range(0, len(found), _BATCH):
            insert_many(session, Likeness, found[begin : begin + _BATCH])
    return pairs


def _groups(
    session: Session, column: InstrumentedAttribute[Any], entered_at: dt.datetime
) -> Iterator[Sequence[Person]]:
    """Give the people who share a value with somebody who was just entered, a group at a time."""
    fresh = select(EnteredMember.member_id).where(EnteredMember.entered_at == entered_at)
    shared = (
        select(column)
        .where(column.in_(select(column).where(Member.id.in_(fresh))), Member.state != "applied")
        .group_by(column)
        .having(func.count().between(2, MOST))
    )
    people = (
        select(
            column.label("shared"),
            Member.id,
            Member.name,
            Member.postcode,
            Member.id.in_(fresh).label("fresh"),
            Member.created_at,
        )
        .where(column.in_(shared), Member.state != "applied")
        .order_by(column, Member.created_at, Member.id)
    )
    for _value, group in groupby(session.execute(people), key=attrgetter("shared")):
        yield list(group)


def _pairs(group: Sequence[Person], why: str) -> Iterator[tuple[Person, Person]]:
    for older, newer in combinations(group, 2):
        if newer.fresh and (why != "name-postcode" or folded(older.name) == folded(newer.name)):
            yield older, newer
