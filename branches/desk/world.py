"""What the directory's files are held against: the postcode index, and the day."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.directory import Loaded, load
from branches.locator import IndexMissing, Locator
from branches.models import DirectoryState
from branches.postcodes import PostcodeIndex
from branches.snapshot import Directory, take


@dataclass(frozen=True, slots=True)
class World:
    """The index of this process, where one is built, and today."""

    index: PostcodeIndex | None
    today: dt.date

    @classmethod
    def at(cls, locator: Locator, today: dt.date) -> "World":
        """Look what index there is."""
        try:
            return cls(locator.file.index(), today)
        except IndexMissing:
            return cls(None, today)

    def load(self, session: Session, files: Mapping[str, bytes]) -> Loaded:
        """Make the directory what the files say, as the command `branches load` does.

        Raises:
            BadDirectory: with every fault of every file; then nothing is changed.
        """
        return load(
            session,
            files,
            place_of=self.index.find if self.index else None,
            today=self.today,
            areas=self.index,
        )

    def directory(self, session: Session, day: dt.date | None = None) -> Directory:
        """Read the directory as it stands today, or will on another day."""
        return take(session, version=version(session), today=day or self.today)


@contextmanager
def trying(session: Session, world: World, files: Mapping[str, bytes]) -> Iterator[Loaded]:
    """Let the directory be what the files say, for as long as this block runs.

    Raises:
        BadDirectory: with every fault of every file.
    """
    tried = session.begin_nested()
    try:
        yield world.load(session, files)
    finally:
        tried.rollback()


def version(session: Session, *, lock: bool = False) -> int:
    """Return how often the directory was changed; locked, nobody else changes it meanwhile."""
    query = select(DirectoryState.version)
    return session.scalar(query.with_for_update() if lock else query) or 0
