"""Assigning the rows of a table to branches by their postcodes, in order and in bounded memory.

No other source is asked: a list of members is nobody else's business.
"""

import csv
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias

from branches.answers import Answer, Precision, UnknownPostcode
from branches.locating import Locating, parse
from branches.postcodes import LONGEST, NotAPostcode, Reason, read
from core.spreadsheets import given_back

if TYPE_CHECKING:
    from _csv import Reader

ADDED = ("branch", "region", "rule", "distance_km", "precision")
"""The columns that are added. Where there is no answer, `rule` says why, as the API's `code`."""

LONGEST_LINE = 131_072
"""Characters of one line of the table."""

_ROWS, _CHARACTERS = 500, 131_072
_MOST_WAITING = 10
_REMEMBERED = 4096

Found: TypeAlias = tuple[str, str, str, str, str]
"""What is added to a row: see `ADDED`."""


class BadTable(Exception):
    """The file is no table whose rows can be assigned; the words say why and where."""


@dataclass(slots=True)
class Batch:
    """Some rows that follow one another, what stands in their column, and what was found for it.

    `texts` are cut where it is plain that they are no postcodes.
    """

    rows: list[list[str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    found: list[Found] | None = None


class Assistant(Protocol):
    """Somebody who answers for some of the batches meanwhile."""

    def takes(self, batch: Batch) -> bool:
        """Take on a batch, or say that there is no time for it."""

    def hand_back(self) -> None:
        """Put what is found by now into its batches."""

    def wait(self) -> bool:
        """Wait for the oldest batch that was taken on; False when nothing more will come."""


def assign(
    source: TextIO,
    target: TextIO,
    *,
    column: str,
    locating: Locating,
    tell: Callable[[], None] | None = None,
    assistant: Assistant | None = None,
) -> Counter[str]:
    """Copy a table with five columns more, and count the rows by what became of them.

    `tell` is called every few hundred rows. Cells that a spreadsheet would take for a formula come
    out with an apostrophe before them. What comes out is the same with an assistant as without.

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
        writer.writerow(given_back([*header, *ADDED]))
        for rows, found in _answered(_batches(reader, len(header), at), locating, assistant):
            writer.writerows(
                given_back([*cells, *added]) for cells, added in zip(rows, found, strict=True)
            )
            counts.update(rule for _, _, rule, _, _ in found)
            if tell:
                tell()
    except csv.Error as fault:
        raise BadTable(f"line {reader.line_num}: is not CSV: {fault}") from fault
    return counts


def answering(locating: Locating) -> Callable[[str], Found]:
    """Give what says for a text what is added to its row; it remembers the last few thousand.

    Members of a household are next to one another in many a list.
    """

    @lru_cache(_REMEMBERED)
    def found(text: str) -> Found:
        return _found(text, locating)

    return found


def _batches(reader: "Reader", length: int, at: int) -> Iterator[Batch]:
    """Give the rows, all of them `length` long, in batches; at `at` are the postcodes.

    Raises:
        BadTable: when a row has another length.
    """
    batch, characters = Batch(), 0
    for cells in reader:
        if not cells:
            continue
        if len(cells) != length:
            words = f"has {len(cells)} cells in place of {length}"
            raise BadTable(f"line {reader.line_num}: {words}")
        batch.rows.append(cells)
        batch.texts.append(cells[at][: LONGEST + 1])
        characters += sum(map(len, cells))
        if len(batch.rows) == _ROWS or characters >= _CHARACTERS:
            yield batch
            batch, characters = Batch(), 0
    if batch.rows:
        yield batch


def _answered(
    batches: Iterable[Batch], locating: Locating, assistant: Assistant | None
) -> Iterator[tuple[list[list[str]], list[Found]]]:
    """Give the rows of each batch and what was found for them, in their order.

    What the assistant is not free for is answered here, meanwhile.
    """
    answer, waiting = answering(locating), deque[Batch]()
    for batch in batches:
        waiting.append(batch)
        if assistant is None or not assistant.takes(batch):
            batch.found = list(map(answer, batch.texts))
        if assistant:
            assistant.hand_back()
        while waiting and (waiting[0].found is not None or len(waiting) >= _MOST_WAITING):
            yield _settled(waiting.popleft(), answer, assistant)
    for batch in waiting:
        yield _settled(batch, answer, assistant)


def _settled(
    batch: Batch, answer: Callable[[str], Found], assistant: Assistant | None
) -> tuple[list[list[str]], list[Found]]:
    """Wait for a batch that the assistant has, or answer for it where that came to nothing."""
    while batch.found is None and assistant and assistant.wait():
        pass
    found = list(map(answer, batch.texts)) if batch.found is None else batch.found
    return batch.rows, found


def _found(text: str, locating: Locating) -> Found:
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


def _lines(source: TextIO) -> Iterator[str]:
    """Give the lines, none of them longer than a table's can be."""
    while line := source.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise BadTable("a line is longer than any table's")
        yield line
