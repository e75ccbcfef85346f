"""Reading a CSV file of the directory: rows with the lines they began on, and every fault noted."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from core.spreadsheets import as_meant

REGIONS = "regions.csv"
BRANCHES = "branches.csv"
CATCHMENTS = "catchments.csv"
FILES = (REGIONS, BRANCHES, CATCHMENTS)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 64
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file: where (the header is line 1) and what, in words."""

    file: str
    line: int
    column: str
    words: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}"
        return f"{where}, {self.column}: {self.words}" if self.column else f"{where}: {self.words}"


class BadDirectory(ValueError):
    """The files are not a directory; `faults` lists everything that is wrong with them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(
            sorted(set(faults), key=lambda one: (FILES.index(one.file), one.line, one.column))
        )


@dataclass(slots=True)
class Sheet:
    """One file while it is read. Its faults gather here, so that all can be told at once."""

    file: str
    columns: tuple[str, ...]
    faults: list[Fault] = field(default_factory=list)
    usable: bool = True
    """Whether there were rows to look at: without them nothing can be said about references."""

    def fault(self, line: int, column: str, words: str) -> None:
        """Note what is wrong."""
        self.faults.append(Fault(self.file, line, column, words))

    def rows(self, content: bytes | None) -> Iterator["Row"]:
        """Read the file: UTF-8 with or without a mark, any line ends, blank lines passed over."""
        self.usable = False
        text = self._decoded(content)
        if text is None:
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            header = [name.strip() for name in next(reader, [])]
            self.usable = self._header_is_sound(header)
            if not self.usable:
                return
            line = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield from self._row(line, header, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            self.usable = False
            self.fault(line, "", f"is not CSV: {error}")

    def _decoded(self, content: bytes | None) -> str | None:
        if content is None:
            self.fault(1, "", "the file is missing")
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.fault(line, "", "is not UTF-8: save the file as CSV UTF-8")
            return None

    def _header_is_sound(self, header: list[str]) -> bool:
        before = len(self.faults)
        for column in self.columns:
            if header.count(column) != 1:
                words = "the column stands there twice" if column in header else "is missing"
                self.fault(1, column, words)
        for name in header:
            if name not in self.columns:
                self.fault(1, name, "is not a column of this file")
        return len(self.faults) == before

    def _row(self, line: int, header: list[str], cells: list[str]) -> Iterator["Row"]:
        if len(cells) == len(header):
            stripped = (cell.strip() for cell in cells)
            yield Row(self, line, dict(zip(header, stripped, strict=True)))
        else:
            self.fault(line, "", f"has {len(cells)} cells in place of {len(header)}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: every reading that fails notes a fault and gives nothing."""

    sheet: Sheet
    line: int
    cells: dict[str, str]

    def fault(self, column: str, words: str) -> None:
        """Note what is wrong with a cell."""
        self.sheet.fault(self.line, column, words)

    def text(self, column: str, *, longest: int, needed: bool = False, lines: bool = False) -> str:
        """Read text of at most `longest` characters; `lines` allows it to have several.

        An apostrophe that keeps it from being a formula is not of it.
        """
        value = as_meant(self.cells[column]).replace("\r\n", "\n").replace("\r", "\n")
        plain = value.replace("\n", "") if lines else value
        if needed and not value:
            self.fault(column, "is missing")
        elif len(value) > longest:
            self.fault(column, f"is longer than {longest} characters")
        elif any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in plain):
            self.fault(column, "has a line break or another control character in it")
        else:
            return value
        return ""

    def slug(self, column: str) -> str:
        """Read lower-case words joined by hyphens, as in an address."""
        value = self.cells[column]
        if _SLUG.fullmatch(value) and len(value) <= _LONGEST_SLUG:
            return value
        self.fault(column, "must be lower-case words joined by hyphens")
        return ""

    def parsed(self, column: str, parse: Callable[[str], _Value]) -> _Value | None:
        """Read a cell by a parser that raises a `ValueError` whose words say what is so."""
        try:
            return parse(as_meant(self.cells[column]))
        except ValueError as error:
            self.fault(column, str(error) if self.cells[column] else "is missing")
            return None

    def optional(self, column: str, parse: Callable[[str], _Value]) -> _Value | None:
        """Read a cell that may be empty."""
        return self.parsed(column, parse) if self.cells[column] else None

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        """Read one of a few words."""
        value = self.cells[column].lower()
        if value in allowed:
            return value
        self.fault(column, f"must be one of: {', '.join(word for word in allowed if word)}")
        return ""


class Once:
    """Notes every value that comes twice, with the line on which it came first."""

    def __init__(self) -> None:
        self._lines: dict[object, int] = {}

    def __call__(self, row: Row, column: str, value: object) -> None:
        """Fault the cell if its value was there before; empty ones do not count."""
        if not value:
            return
        first = self._lines.setdefault(value, row.line)
        if first != row.line:
            row.fault(column, f"stands on line {first} already")
