"""The locator of a process: the index it has open, the directory it remembers, the rules."""

import datetime as dt
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.orm import Session

from branches.answers import Answer, Precision, Query, UnknownPostcode
from branches.locating import locate, parse, roughly
from branches.postcodes import NotAnIndex, NotAPostcode, Postcode, PostcodeIndex
from branches.snapshot import Directory, DirectoryCache, OpenBranch, OpenRegion

_log = logging.getLogger(__name__)
_Stamp: TypeAlias = tuple[int, int, int]


class IndexMissing(Exception):
    """No postcode can be looked up until the index is built; the words say what is wrong."""


class IndexFile:
    """The index at a path, opened when it is first asked for and again when it was built anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._index: PostcodeIndex | None = None
        self._fault = ""

    def index(self) -> PostcodeIndex:
        """Give the index as it now stands in the file.

        Raises:
            IndexMissing: when there is none that can be used.
        """
        stamp = self._look()
        with self._lock:
            if stamp is None or stamp != self._stamp:
                self._open()
                self._stamp = stamp
            if self._index is None:
                raise IndexMissing(self._fault)
            return self._index

    def _look(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _open(self) -> None:
        """Open the file; the one in use until now stays whole for whoever still looks into it."""
        try:
            self._index, self._fault = PostcodeIndex.open(self.path), ""
        except NotAnIndex as fault:
            self._index, self._fault = None, str(fault)


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
    """Answers for postcodes. Threads may share it."""

    def __init__(self, index_path: Path, *, cut_off_km: float) -> None:
        self.file = IndexFile(index_path)
        self.cut_off_km = cut_off_km
        self._directories = DirectoryCache()

    def directory(self, session: Session, *, today: dt.date) -> Directory:
        """Give the regions, branches and catchments of the day."""
        return self._directories.current(session, today=today)

    def nearest(self, session: Session, text: str, *, today: dt.date) -> Answer:
        """Answer for a postcode, sector or outcode as a person typed it.

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
        return locate(
            query,
            directory=self.directory(session, today=today),
            postcodes=self.file.index(),
            cut_off_km=self.cut_off_km,
        )

    def place(self, session: Session, text: str, *, today: dt.date) -> Placed:
        """Place somebody by the whole postcode that they typed.

        One that no source has is taken all the same, and while there is no index nobody is turned
        away for it: they are placed nowhere, for an organiser to see to.

        Raises:
            NotAPostcode: when it is not a whole postcode.
        """
        try:
            index = self.file.index()
        except IndexMissing as missing:
            _log.error("no postcode index: nobody can be placed", extra={"error": str(missing)})
            return Placed(str(Postcode.parse(text)), Precision.NONE, None, None, known=False)
        query = parse(text, index)
        postcode = query if isinstance(query, Postcode) else Postcode.parse(text)
        answer, known = self._placed(postcode, index, self.directory(session, today=today))
        return Placed(
            postcode=str(postcode),
            precision=answer.precision if answer else Precision.NONE,
            branch=answer.branch if answer else None,
            region=answer.region if answer else None,
            known=known,
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

    def _placed(
        self, postcode: Postcode, index: PostcodeIndex, directory: Directory
    ) -> tuple[Answer | None, bool]:
        """Answer as well as can be, and say whether the postcode itself was known."""
        try:
            found = locate(
                postcode, directory=directory, postcodes=index, cut_off_km=self.cut_off_km
            )
        except UnknownPostcode:
            rough = roughly(
                postcode, directory=directory, postcodes=index, cut_off_km=self.cut_off_km
            )
            return rough, False
        return found, True


def _as_it_stands(text: str) -> str | None:
    try:
        return str(Postcode.parse(text))
    except NotAPostcode:
        return None
