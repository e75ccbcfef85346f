"""Health: how the service stands, in plain words. Each room says its own; nothing is called for it.

A room tells `staff.add_health` of a function that looks at rows that are there anyway and says what
it finds. What it looks at is found by an index, and little of it, so that the page stays quick.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from core.database import insert_once
from staff.records import WorkerBeat

BEAT = dt.timedelta(seconds=30)
"""How often a worker says that it is at work."""
MISSED = dt.timedelta(minutes=10)
"""A worker that has said nothing for so long is not at work; one round may take minutes."""


class Level(StrEnum):
    """Whether somebody has to do something: no; it is worth a look; yes."""

    WELL = "well"
    LOOK = "look"
    WRONG = "wrong"


_ORDER = (Level.WRONG, Level.LOOK, Level.WELL)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of how something stands."""

    level: Level
    words: object


@dataclass(frozen=True, slots=True)
class Report:
    """What a room says of one part of the service. `title` may be lazy."""

    title: object
    say: Callable[[Session, dt.datetime], Sequence[Said]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service as the page shows it; `level` is the worst of what is said."""

    title: object
    level: Level
    said: Sequence[Said]


def look(session: Session, reports: Sequence[Report], *, now: dt.datetime) -> list[Part]:
    """Return how every part stands, in the order in which the rooms told of them."""
    parts = []
    for each in reports:
        said = each.say(session, now)
        levels = {one.level for one in said}
        worst = next((level for level in _ORDER if level in levels), Level.WELL)
        parts.append(Part(each.title, worst, said))
    return parts


def beat(session: Session, *, since: dt.datetime, failures: int, now: dt.datetime) -> None:
    """Note that a worker is at work, since when, and how many jobs have failed it."""
    first = {"id": 1, "at": now, "since": since, "failures": failures}
    if not insert_once(session, WorkerBeat, first, unique="id"):
        row = session.get_one(WorkerBeat, 1)
        row.at, row.since, row.failures = now, since, failures


def worst_first(parts: Sequence[Part]) -> list[Part]:
    """Return the parts, those first for which somebody has to do something."""
    return sorted(parts, key=lambda part: _ORDER.index(part.level))
