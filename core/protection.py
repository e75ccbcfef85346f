"""Data protection: what each room says of the personal data that it holds.

A room states its *purposes* and, as a *keeper*, how it finds what it holds of a person, what stands
against erasing it, and what goes by clock. The members' room puts them together; no room has to
know another for that.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from core.retention import Retention


@dataclass(frozen=True, slots=True)
class Purpose:
    """A row of the register of processing (UK GDPR, article 30).

    `basis` is the one of article 6, `special` the condition of article 9 (or DPA 2018, Schedule 1).
    `kept` says how long, with the settings' names in braces; `tables` are where it is kept.
    """

    name: str
    what: str
    why: str
    basis: str
    special: str
    source: str
    seen_by: str
    kept: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the rooms know them.

    `emails` are keys of addresses (`EmailAddress.key`), or what stands in their place; `addresses`
    are the spellings under which letters went there; `phones` are numbers in E.164. `alone` says
    that nobody else shares the addresses, so that whatever is there is theirs.
    """

    emails: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    members: frozenset[uuid.UUID] = frozenset()
    pledges: frozenset[uuid.UUID] = frozenset()
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What the law has us keep: its kind, how many rows of it, and the last day."""

    kind: str
    count: int
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class Erasing:
    """What a room needs to know when it erases. `known_as` takes the place of an address's key."""

    known_as: Callable[[str], str]
    retention: Retention
    now: dt.datetime


@dataclass(slots=True)
class Erased:
    """What came of erasing: how many rows of each kind are gone or emptied, and what was kept."""

    gone: dict[str, int] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)

    def count(self, kind: str, rows: int) -> None:
        """Add to the rows of a kind that are gone."""
        if rows:
            self.gone[kind] = self.gone.get(kind, 0) + rows


@dataclass(frozen=True, slots=True)
class Lapse:
    """Something that goes by clock.

    `due` counts what there is to do at a moment; `run` does it for so many at most, in the caller's
    transaction, and says for how many. What one lapse does must not change what another counts.
    """

    kind: str
    due: Callable[[Session, Retention, dt.datetime], int]
    run: Callable[[Session, Retention, dt.datetime, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """A room's part. `without` are its tables in which nobody can be found.

    `roots` are the ids of rows, by table, from which all that the room holds of somebody can be
    reached (`core.walking`); `hindrances` are the kinds of what stands against erasing them now.
    """

    purposes: tuple[Purpose, ...]
    without: tuple[str, ...] = ()
    roots: Callable[[Session, Person], Mapping[str, Iterable[object]]]
    hindrances: Callable[[Session, Person, dt.datetime], Sequence[str]]
    erase: Callable[[Session, Person, Erasing, Erased], None]
    lapses: tuple[Lapse, ...] = ()
