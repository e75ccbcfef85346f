"""Who moves when the directory changes: counted before, and done by the worker afterwards.

Somebody follows a change who stands where the old directory puts their postcode; who was put
elsewhere by hand stays there. Everybody follows whose branch or region closes, or whose branch goes
to another region. This room knows nobody: `Residents` does, and counts whole sectors first, so that
only those are looked at by the postcode in which anything may be otherwise.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from branches.desk.touching import Touched
from branches.locating import Locating
from branches.locator import Locator
from branches.postcodes import NotAPostcode
from branches.snapshot import Directory

_REMEMBERED = 8192


class Stand(NamedTuple):
    """Where somebody is: the ids of a branch and a region, None where they have none."""

    branch_id: int | None
    region_id: int | None


class Crowd(NamedTuple):
    """People of one sector, or of one postcode, who stand at one place."""

    area: str
    stand: Stand
    people: int


class Resident(NamedTuple):
    """Somebody, by the id that the room of people has for them."""

    id: uuid.UUID
    postcode: str
    stand: Stand


class Move(NamedTuple):
    """Somebody goes from one place to another."""

    id: uuid.UUID
    before: Stand
    after: Stand


class Residents(Protocol):
    """Whoever knows the people that branches are for; those who have left are none of them."""

    def by_sector(self, session: Session) -> Iterable[Crowd]:
        """Count everybody by postcode sector, such as `E11 1`, and place."""

    def by_postcode(self, session: Session, sectors: Collection[str]) -> Iterable[Crowd]:
        """Count those of these sectors by postcode and place."""

    def following(self, session: Session, after: uuid.UUID | None, most: int) -> Sequence[Resident]:
        """Give the next of everybody by their ids, behind one of them."""

    def move(
        self, session: Session, moves: Sequence[Move], *, by: uuid.UUID | None, now: dt.datetime
    ) -> int:
        """Move those who still are where they were, with an event each; say how many that was.

        `by` is the account that changed the directory, None for the office by command.
        """


class Flow(NamedTuple):
    """How many would go from where to where; a name is that of a branch, or else of a region."""

    before: str
    after: str
    people: int


@dataclass(frozen=True, slots=True)
class Change:
    """A directory before and after, each with the rules over it."""

    locator: Locator
    before: Locating
    after: Locating

    @classmethod
    def of(cls, locator: Locator, before: Directory, after: Directory) -> "Change":
        """Put the rules over two directories.

        Raises:
            IndexMissing: when no index is built.
        """
        return cls(locator, locator.locating(before), locator.locating(after))


class Following:
    """Says where people go by a change; it remembers the last few thousand postcodes."""

    def __init__(self, change: Change) -> None:
        self.change = change
        before, after = change.before.directory, change.after.directory
        self._was, self._is = _regions_of(before), _regions_of(after)
        self._gone = {each.id for each in before.regions} - {each.id for each in after.regions}
        self._places = lru_cache(_REMEMBERED)(self._places_of)

    def leaves(self, stand: Stand) -> bool:
        """Whether nobody can stay there, however they came to be there."""
        branch, region = stand
        if branch is None:
            return region in self._gone
        was, will = self._was.get(branch), self._is.get(branch)
        return was is not None and (will is None or (region == was and will != was))

    def goes_to(self, postcode: str, stand: Stand) -> Stand | None:
        """Say where somebody goes; None where they stay."""
        branch, _region = stand
        before, after = self._places(postcode)
        if self.leaves(stand) and branch is not None and (region := self._is.get(branch)):
            wanted = (
                after if before == stand else Stand(branch, region)
            )  # it went to another region
        elif self.leaves(stand) or before == stand:
            wanted = after
        else:
            return None
        return wanted if wanted != stand else None

    def _places_of(self, postcode: str) -> tuple[Stand, Stand]:
        here = self.change
        return _place(here.locator, here.before, postcode), _place(
            here.locator, here.after, postcode
        )


def flows(session: Session, residents: Residents, change: Change) -> list[Flow]:
    """Count who would move, by whence and whither, the most first."""
    following, names = Following(change), _Names(change)
    touched = lru_cache(maxsize=None)(Touched(change.before, change.after))
    concerned = {
        crowd.area
        for crowd in residents.by_sector(session)
        if following.leaves(crowd.stand) or touched(crowd.area)
    }
    counts: Counter[tuple[str, str]] = Counter()
    crowds = residents.by_postcode(session, concerned) if concerned else ()
    for postcode, stand, people in crowds:
        goes = following.goes_to(postcode, stand)
        if goes is not None:
            counts[names.of(stand), names.of(goes)] += people
    return [Flow(*way, people) for way, people in sorted(counts.items(), key=_most_first)]


def _most_first(counted: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    way, people = counted
    return -people, way


class _Names:
    """What places are called before and after; nothing for where there is none."""

    def __init__(self, change: Change) -> None:
        self._branches: dict[int, str] = {}
        self._regions: dict[int, str] = {}
        for directory in (change.before.directory, change.after.directory):
            self._branches |= {each.id: each.name for each in directory.all_branches()}
            self._regions |= {each.id: each.name for each in directory.regions}

    def of(self, stand: Stand) -> str:
        named = self._branches.get(stand.branch_id or 0)
        return named or self._regions.get(stand.region_id or 0, "")


def _place(locator: Locator, locating: Locating, postcode: str) -> Stand:
    try:
        placed = locator.place_by(locating, postcode)
    except NotAPostcode:
        return Stand(None, None)
    return Stand(
        placed.branch.id if placed.branch else None, placed.region.id if placed.region else None
    )


def _regions_of(directory: Directory) -> Mapping[int, int]:
    return {each.id: each.region.id for each in directory.all_branches()}
