"""A postcode directory as it is downloaded: a zip or a CSV file, read a piece at a time.

The ONS Postcode Directory is a zip with one file of everything, `Data/ONSPD_NOV_2025_UK.csv`, and
the same again by area in `Data/multi_csv/`. Code-Point Open is a zip with `Data/CSV/ab.csv` and so
on, without headers. Nothing is unpacked to the disk.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self, TypeAlias

from branches.postcodes.columns import CODE_POINT, Cells, Columns, is_code_point_row

LONGEST_LINE = 16_384
"""Characters: the longest line that is read; the directory's own are under a thousand."""

_WHOLE = re.compile(r"(?:.*/)?data/onspd_[^/]*\.csv", re.IGNORECASE)
_BY_AREA = re.compile(r"(?:.*/)?data/multi_csv/onspd_[^/]*\.csv", re.IGNORECASE)
_CODE_POINT = re.compile(r"(?:.*/)?data/csv/[^/]*\.csv", re.IGNORECASE)
_NAMED = re.compile(r"onspd_([a-z]{3})[a-z]*_(20[0-9]{2})", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_COPYRIGHT = re.compile(rb"COPYRIGHT DATE\s*:\s*(20[0-9]{2})-?(0[1-9]|1[0-2])", re.IGNORECASE)
_ABOUT = re.compile(r"(?:.*/)?doc/metadata\.txt", re.IGNORECASE)
_MOST_ABOUT = 65_536
_SECOND = 2

_Opener: TypeAlias = Callable[[], IO[bytes]]


class BadSource(Exception):
    """That is no postcode directory that can be read; the words say why and where."""


@dataclass(slots=True)
class Source:
    """The files of a directory, in order, and what is known of it before they are read."""

    name: str
    files: list[tuple[str, int, _Opener]]
    release: str | None
    """The month that it names, as ``2025-11``."""
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def size(self) -> int:
        """Bytes in all, unpacked."""
        return sum(size for _, size, _ in self.files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def rows(self) -> Iterator[tuple[str, int, Columns, Cells, int]]:
        """Give every row: its file, its line, the file's columns, its cells, characters read.

        Raises:
            BadSource: at what cannot be read.
        """
        for name, _, opener in self.files:
            try:
                with opener() as raw:
                    yield from _rows(name, raw)
            except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
                raise BadSource(f"{name} is damaged within the zip") from fault
            except (RuntimeError, NotImplementedError) as fault:
                raise BadSource(f"{name} is packed in a way that cannot be read") from fault


def opened(path: Path) -> Source:
    """Open a directory as it was downloaded.

    Raises:
        BadSource: when it is neither a CSV file nor a zip with a directory in it.
        OSError: when it cannot be read at all.
    """
    if not zipfile.is_zipfile(path):
        size = path.stat().st_size
        return Source(path.name, [(path.name, size, lambda: path.open("rb"))], _release(path.name))
    try:
        return _of_zip(path)
    except zipfile.BadZipFile as fault:
        raise BadSource(f"{path.name} is damaged") from fault


def _of_zip(path: Path) -> Source:
    with ExitStack() as stack:
        archive = stack.enter_context(zipfile.ZipFile(path))
        members = [each for each in archive.infolist() if not each.is_dir()]
        for pattern in (_WHOLE, _BY_AREA, _CODE_POINT):
            found = [each for each in members if pattern.fullmatch(each.filename)]
            if found:
                break
        else:
            words = "has neither Data/ONSPD_….csv nor Data/multi_csv nor Data/CSV in it"
            raise BadSource(f"{path.name} {words}")
        release = _release(path.name) or _release(found[0].filename) or _dated(archive, members)
        files = [(each.filename, each.file_size, _opener(archive, each)) for each in found]
        return Source(path.name, files, release, stack.pop_all())


def _opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Opener:
    return lambda: archive.open(member)


def _release(name: str) -> str | None:
    """Read the release out of a file's name."""
    named = _NAMED.search(name)
    if named is None or named[1].upper() not in _MONTHS:
        return None
    return f"{named[2]}-{_MONTHS.index(named[1].upper()) + 1:02}"


def _dated(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> str | None:
    """Read Code-Point Open's release out of the note that comes with it."""
    for member in members:
        if _ABOUT.fullmatch(member.filename):
            with archive.open(member) as about:
                said = _COPYRIGHT.search(about.read(_MOST_ABOUT))
            return f"{said[1].decode()}-{said[2].decode()}" if said else None
    return None


def _rows(name: str, raw: IO[bytes]) -> Iterator[tuple[str, int, Columns, Cells, int]]:
    with io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as text:
        read = _Lines(name, text)
        reader = csv.reader(read, strict=True)
        try:
            columns, first = _begun(name, next(reader, []))
            if first:
                yield name, reader.line_num, columns, first, read.characters
            for cells in reader:
                # Code-Point Open's header has two lines, the short names and the long ones.
                if cells and not (reader.line_num == _SECOND and Columns.named(cells)):
                    yield name, reader.line_num, columns, cells, read.characters
        except csv.Error as fault:
            raise BadSource(f"{name}, line {reader.line_num}: is not CSV: {fault}") from fault


def _begun(name: str, first: Cells) -> tuple[Columns, Cells | None]:
    """Read the first row: a header, or else a row of Code-Point Open, which is given back."""
    columns = Columns.named(first)
    if columns:
        return columns, None
    columns = Columns.named(CODE_POINT) if is_code_point_row(first) else None
    if columns:
        return columns, first
    raise BadSource(f"{name} has not the columns of a postcode directory")


class _Lines:
    """The lines of a file, none of them longer than a directory's can be."""

    def __init__(self, name: str, text: io.TextIOWrapper) -> None:
        self._name, self._text = name, text
        self.characters = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE:
            raise BadSource(f"{self._name} has a line that is longer than any directory's")
        self.characters += len(line)
        return line
