"""The locator of a process: the index it has open, the directory it remembers, the rules."""

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from branches.answers import Answer, Precision, Query, UnknownPostcode
from branches.index_file import IndexFile, IndexMissing
from branches.locating import Locating, parse
from branches.postcodes import NotAPostcode, Postcode, special
from branches.register import Nobody, Register, Told
from branches.snapshot import Directory, DirectoryCache, OpenBranch, OpenRegion
from core.database import Database

__all__ = ["IndexFile", "IndexMissing", "Locator", "Patience", "Placed"]

_log = logging.getLogger(__name__)
_SECONDS = 0.8
_TOO_SHORT = 0.05
_TRUST = 0.05


class Patience:
    """How long somebody who asks can be kept waiting for another source, all told."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; nought when there is no use in asking any more."""
        left = self._until - time.monotonic()
        return left if left > _TOO_SHORT else 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where somebody's postcode puts them: branch and region, None where the rules give none.

    `postcode` is in its one spelling. `known` says whether any source has it: a new postcode is
    placed by its sector or its district all the same, and `precision` then says so.
    """

    postcode: str
    precision: Precision
    branch: OpenBranch | None
    region: OpenRegion | None
    known: bool


class Locator:
    """Answers for postcodes. Threads may share it.

    Whatever takes a session never calls out: it knows of another source what was told before.
    `answer` and `learn` do call out, and belong outside every transaction.
    """

    def __init__(
        self,
        index_path: Path,
        *,
        cut_off_km: float,
        register: Register | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.file = IndexFile(index_path)
        self.cut_off_km = cut_off_km
        self._register = register or Nobody()
        self._clock = clock
        self._directories = DirectoryCache()
        self._lately: tuple[Locating | None, float] = None, 0.0

    @property
    def asks_elsewhere(self) -> bool:
        """Whether another source is asked for a whole postcode that the index lacks."""
        return not isinstance(self._register, Nobody)

    def directory(self, session: Session, *, today: dt.date) -> Directory:
        """Give the regions, branches and catchments of the day."""
        return self._directories.current(session, today=today)

    def locating(self, directory: Directory) -> Locating:
        """Give the rules over a directory and the index as they now stand.

        Raises:
            IndexMissing: when no index is built.
        """
        return Locating(directory, self.file.index(), self.cut_off_km)

    def now(self, database: Database, *, today: dt.date) -> Locating:
        """Give the rules over directory and index, as they stood at most 1/20 of a second ago.

        For who is asked so often that looking whether they changed would be most of the work.

        Raises:
            IndexMissing: when no index is built.
        """
        moment = self._clock()
        known, until = self._lately
        if known and moment < until and known.directory.today == today:
            return known
        known = self.locating(self._directories.now(database, today=today))
        self._lately = known, moment + _TRUST
        return known

    def answer(self, directory: Directory, text: str, patience: Patience | None = None) -> Answer:
        """Answer for a postcode, sector or outcode as a person typed it; this may call out.

        Raises:
            NotAPostcode: when it is none of these.
            UnknownPostcode: when it is well formed and no source has it.
            IndexMissing: when no index is built.
        """
        return self.answer_by(self.locating(directory), text, patience)

    def answer_by(self, locating: Locating, text: str, patience: Patience | None = None) -> Answer:
        """Answer likewise, by rules that were given before: for who asks about many.

        Raises:
            NotAPostcode: when it is none of these.
            UnknownPostcode: when it is well formed and no source has it.
        """
        plain = locating.plainly(text)
        if plain:
            return plain
        query = parse(text, locating.postcodes)
        try:
            return locating.locate(query)
        except UnknownPostcode:
            told = self._ask(query, patience or Patience())
            if told is None:
                raise
        return locating.locate(query, told)

    def learn(self, query: Query, patience: Patience | None = None) -> None:
        """Ask the other source for a postcode that the index lacks, so that it is known here.

        For what is answered within a transaction afterwards. It never fails.
        """
        try:
            index = self.file.index()
        except IndexMissing:
            return
        if isinstance(query, Postcode) and not special(query) and not index.knows(query):
            self._ask(query, patience or Patience())

    def nearest(self, session: Session, text: str, *, today: dt.date) -> Answer:
        """Answer for a postcode, sector or outcode as a person typed it, without calling out.

        Raises:
            NotAPostcode: when it is none of these.
            UnknownPostcode: when it is well formed and no source has it.
            IndexMissing: when no index is built.
        """
        return self.locate(session, parse(text, self.file.index()), today=today)

    def locate(self, session: Session, query: Query, *, today: dt.date) -> Answer:
        """Answer for what was read as a postcode, sector or outcode already.

        Raises:
            UnknownPostcode: when no source has it.
            IndexMissing: when no index is built.
        """
        locating = self.locating(self.directory(session, today=today))
        return locating.locate(query, self._recall(query))

    def place(self, session: Session, text: str, *, today: dt.date) -> Placed:
        """Place somebody by the whole postcode that they typed, without calling out.

        One that no source has is taken all the same, and while there is no index nobody is turned
        away for it: they are placed nowhere, for an organiser to see to.

        Raises:
            NotAPostcode: when it is not a whole postcode.
        """
        return self.place_each(session, [text], today=today)[0]

    def place_each(self, session: Session, texts: Sequence[str], *, today: dt.date) -> list[Placed]:
        """Place many likewise, by the directory of one moment.

        Raises:
            NotAPostcode: when one is not a whole postcode.
        """
        try:
            locating = self.locating(self.directory(session, today=today))
        except IndexMissing as missing:
            _log.error("no postcode index: nobody can be placed", extra={"error": str(missing)})
            spelled = [str(Postcode.parse(text)) for text in texts]
            return [Placed(each, Precision.NONE, None, None, known=False) for each in spelled]
        return [self.place_by(locating, text) for text in texts]

    def place_by(self, locating: Locating, text: str) -> Placed:
        """Place somebody likewise, by rules that were given before.

        Raises:
            NotAPostcode: when it is not a whole postcode.
        """
        query = parse(text, locating.postcodes)
        postcode = query if isinstance(query, Postcode) else Postcode.parse(text)
        answer: Answer | None
        try:
            answer, known = locating.locate(postcode, self._recall(postcode)), True
        except UnknownPostcode:
            answer, known = locating.roughly(postcode), False
        return Placed(
            postcode=str(postcode),
            precision=answer.precision if answer else Precision.NONE,
            branch=answer.branch if answer else None,
            region=answer.region if answer else None,
            known=known and answer is not None and answer.query == postcode,
        )

    def spelled(self, text: str) -> str | None:
        """Give a whole postcode in its one spelling, slips put right; None for anything else."""
        try:
            query = parse(text, self.file.index())
        except IndexMissing:
            return _as_it_stands(text)
        except NotAPostcode:
            return None
        return str(query) if isinstance(query, Postcode) else None

    def release(self) -> str | None:
        """Say which month's directory the index was made from; None while there is none."""
        try:
            return self.file.index().info.release
        except IndexMissing:
            return None

    def _ask(self, query: Query, patience: Patience) -> Told | None:
        """Ask the other source for a whole postcode, and for nothing else."""
        if not isinstance(query, Postcode):
            return None
        return self._register.ask(query, seconds=patience.left)

    def _recall(self, query: Query) -> Told | None:
        return self._register.recall(query) if isinstance(query, Postcode) else None


def _as_it_stands(text: str) -> str | None:
    try:
        return str(Postcode.parse(text))
    except NotAPostcode:
        return None
