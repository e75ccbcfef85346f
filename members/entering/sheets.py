"""Sheets: a CSV file of people, read row by row in bounded memory, with the lines they began on."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from members.entering.cells import Fault
from members.entering.fields import COLUMNS, REQUIRED

LONGEST_LINE = 131_072
"""Bytes of one line of the file, and the most characters that the csv module takes as one cell."""

_MARK = b"\xef\xbb\xbf"
_OTHERS = {
    b"PK\x03\x04": "workbook",
    b"\xd0\xcf\x11\xe0": "workbook",
    b"%PDF": "pdf",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_MOST_UNKNOWN = 20
_WHY = "why"


@dataclass(frozen=True, slots=True)
class Line:
    """A fault with the line it is on: the header is line 1."""

    number: int
    fault: Fault


class BadSheet(ValueError):
    """The file cannot be read as people, from somewhere on; `faults` says why."""

    def __init__(self, *faults: Line) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file; it is `whole` where it has as many cells as the header."""

    line: int
    cells: Sequence[str]
    whole: bool = True


class Sheet:
    """A file of people, opened. Its header has been read and is sound.

    Commas or semicolons part the cells, as the header has them.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Read the header.

        Raises:
            BadSheet: it is no file of people.
        """
        file.seek(0)
        beginning = file.read(4)
        for mark, why in _OTHERS.items():
            if beginning.startswith(mark):
                raise BadSheet(Line(1, Fault("", why)))
        file.seek(len(_MARK) if beginning.startswith(_MARK) else 0)
        self._file = file
        first = file.readline(LONGEST_LINE)
        file.seek(-len(first), 1)
        self.delimiter = ";" if first.count(b";") > first.count(b",") else ","
        self._reader = csv.reader(_lines(file), delimiter=self.delimiter, strict=True)
        self._next = 1
        self.header = self._header()
        self.columns = tuple(name.strip().casefold() for name in self.header)
        _check(self.columns)

    def rows(self) -> Iterator[Row]:
        """Give the rows that say something.

        Raises:
            BadSheet: from a line on it is no CSV, or not in UTF-8.
        """
        many = len(self.columns)
        while (cells := self._cells()) is not None:
            line, self._next = self._next, self._reader.line_num + 1
            if any(cell.strip() for cell in cells):
                yield Row(line, cells, whole=len(cells) == many)

    def read(self) -> int:
        """Return how many bytes of the file were read so far."""
        return self._file.tell()

    def _header(self) -> list[str]:
        cells = self._cells()
        if not cells or not any(cell.strip() for cell in cells):
            raise BadSheet(Line(1, Fault("", "empty")))
        self._next = self._reader.line_num + 1
        return cells

    def _cells(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            why = "cell-too-long" if "field limit" in str(error) else "not-csv"
            raise BadSheet(Line(self._next, Fault("", why))) from None


def _lines(file: BinaryIO) -> Iterator[str]:
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE:
            raise BadSheet(Line(number, Fault("", "line-too-long")))
        try:
            yield raw.decode()
        except UnicodeDecodeError:
            raise BadSheet(Line(number, Fault("", "not-utf-8"))) from None


def _check(columns: Sequence[str]) -> None:
    """Refuse columns that are not known, stand there twice or are missing, all of them at once."""
    unknown = dict.fromkeys(name for name in columns if name not in COLUMNS and name != _WHY)
    found = [Fault(_shown(name), "unknown-column") for name in list(unknown)[:_MOST_UNKNOWN]]
    if len(unknown) > _MOST_UNKNOWN:
        found.append(Fault("", "more-unknown", f"{len(unknown) - _MOST_UNKNOWN:,}"))
    found += [Fault(name, "twice") for name in COLUMNS if columns.count(name) > 1]
    found += [Fault(name, "missing-column") for name in REQUIRED if name not in columns]
    if found:
        raise BadSheet(*(Line(1, fault) for fault in found))


def _shown(name: str) -> str:
    return re.sub(r"\s+", " ", name)[:40] or "?"
