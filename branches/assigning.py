"""Assigning the rows of a table to branches by their postcodes, row by row and in constant memory.

No other source is asked: a list of members is nobody else's business.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from branches.answers import Answer, Precision, UnknownPostcode
from branches.locating import Locating, parse
from branches.postcodes import NotAPostcode, Reason, read

ADDED = ("branch", "region", "rule", "distance_km", "precision")
"""The columns that are added. Where there is no answer, `rule` says why, as the API's `code`."""

LONGEST_LINE = 131_072
"""Characters of one line of the table."""

_EVERY = 5000
# What a spreadsheet would take for a formula (OWASP ASVS 5.0.0, 1.2.10); a number with its sign,
# or a telephone number, is none.
_RISKY = frozenset("=+-@\t\r\0")
_NUMBER = re.compile(r"[+-][0-9][0-9 .,()-]*")


class BadTable(Exception):
    """The file is no table whose rows can be assigned; the words say why and where."""


def assign(
    source: TextIO,
    target: TextIO,
    *,
    column: str,
    locating: Locating,
    tell: Callable[[], None] | None = None,
) -> Counter[str]:
    """Copy a table with five columns more, and count the rows by what became of them.

    `tell` is called every few thousand rows. Cells that a spreadsheet would take for a formula
    come out with an apostrophe before them.

    Raises:
        BadTable: when it has no such column, is not CSV, or has a row of another length.
        UnicodeDecodeError: when it is not in the encoding that `source` was opened with.
    """
    reader = csv.reader(_lines(source), strict=True)
    writer = csv.writer(target, lineterminator="\n")
    counts: Counter[str] = Counter()
    try:
        header = next(reader, [])
        at = _place_of(column, header)
        writer.writerow(_safe([*header, *ADDED]))
        for number, cells in enumerate(reader, start=1):
            if cells:
                if len(cells) != len(header):
                    words = f"has {len(cells)} cells in place of {len(header)}"
                    raise BadTable(f"line {reader.line_num}: {words}")
                found = _found(cells[at], locating)
                counts[found[2]] += 1
                writer.writerow(_safe([*cells, *found]))
            if tell and not number % _EVERY:
                tell()
    except csv.Error as fault:
        raise BadTable(f"line {reader.line_num}: is not CSV: {fault}") from fault
    return counts


def _found(text: str, locating: Locating) -> tuple[str, str, str, str, str]:
    """Give what is added to a row: see `ADDED`."""
    try:
        answer = _answer(text, locating)
    except NotAPostcode as fault:
        missing = fault.reason is Reason.MISSING
        return "", "", "missing_postcode" if missing else "not_a_postcode", "", "none"
    except UnknownPostcode:
        return "", "", "unknown_postcode", "", "none"
    branch, region, km = answer.branch, answer.region, answer.distance_km
    return (
        branch.slug if branch else "",
        region.slug if region else "",
        answer.rule.value,
        "" if km is None else f"{km:.1f}",
        answer.precision.value,
    )


def _answer(text: str, locating: Locating) -> Answer:
    """Answer for what somebody typed, first for what stands there: it needs no mending, mostly."""
    try:
        answer = locating.locate(read(text))
    except (NotAPostcode, UnknownPostcode):
        answer = None
    if answer and answer.precision is Precision.POSTCODE:
        return answer
    return locating.locate(parse(text, locating.postcodes))


def _place_of(column: str, header: list[str]) -> int:
    names = [name.strip().lower() for name in header]
    wanted = column.strip().lower()
    if names.count(wanted) != 1:
        words = "is there more than once" if wanted in names else "is not there"
        raise BadTable(f"line 1: the column {column!r} {words}")
    for added in ADDED:
        if added in names:
            raise BadTable(f"line 1: the column {added!r} is there already, and would be added")
    return names.index(wanted)


def _safe(cells: Iterable[str]) -> list[str]:
    return [
        f"'{cell}" if cell and cell[0] in _RISKY and not _NUMBER.fullmatch(cell) else cell
        for cell in cells
    ]


def _lines(source: TextIO) -> Iterator[str]:
    """Give the lines, none of them longer than a table's can be."""
    while line := source.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise BadTable("a line is longer than any table's")
        yield line
