"""Building the postcode index from a directory as it is downloaded: the ONSPD, or Code-Point Open.

The rows are read one by one and kept as columns of a few bytes each, so that a directory of any
size takes the memory of its postcodes and no more.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from branches.postcodes.building import Progress
from branches.postcodes.columns import BadRow, Cells, Columns, latest, points
from branches.postcodes.index import IndexInfo, PostcodeIndex
from branches.postcodes.packing import BadRows, Points, pack
from branches.postcodes.sources import BadSource, Source, opened

MOST_ROWS = 5_000_000
"""Rows that a directory may have: twice what it has had in fifty years."""

_AT_ONCE = 50_000
_ONSPD, _CODE_POINT = "ONS Postcode Directory", "Code-Point Open"
_UNKNOWN = "unknown"
_AFTERWARDS = 20  # of a hundred parts: packing takes about a fifth of the time
_PARTS = 100


def build_from(path: Path, output: Path, *, progress: Progress | None = None) -> IndexInfo:
    """Write the index of every postcode of Great Britain in a directory, whole or not at all.

    Raises:
        BadSource: when it is not a directory of postcodes, with what is wrong and where.
        OSError: when it cannot be read, or the index cannot be written.
    """
    tell = progress or _nobody
    with opened(path) as source:
        batches, kind, month = _read(source, tell)
        release = source.release or (f"{month[:4]}-{month[4:]}" if month else _UNKNOWN)
    try:
        pack(_joined(batches), output, source=f"{kind} ({path.name})", release=release)
    except BadRows as fault:
        raise BadSource(f"{path.name}: {fault}") from fault
    tell(_PARTS, _PARTS)
    with PostcodeIndex.open(output) as index:
        return index.info


def _read(source: Source, tell: Progress) -> tuple[list[Points], str, str]:
    """Read all rows; give their points, the kind of directory, and its latest month."""
    batches, kind, month, before = [], _ONSPD, "", 0
    for name, line, columns, rows, characters in _batches(source):
        try:
            batches.append(points(rows, columns))
        except BadRow as fault:
            raise BadSource(f"{name}, line {line + fault.row}: {fault}") from fault
        kind = _CODE_POINT if columns.is_code_point else _ONSPD
        month = max(month, latest(rows, columns))
        before += len(rows)
        if before > MOST_ROWS:
            raise BadSource(f"{source.name} has more than {MOST_ROWS:,} rows")
        tell(min(characters * (_PARTS - _AFTERWARDS) // max(source.size, 1), _PARTS), _PARTS)
    if not sum(len(batch.postcodes) for batch in batches):
        raise BadSource(f"{source.name} has no postcode of Great Britain in it")
    return batches, kind, month


def _batches(source: Source) -> Iterator[tuple[str, int, Columns, list[Cells], int]]:
    """Give the rows many at a time, those of one file together, with the line of the first."""
    rows: list[Cells] = []
    done = so_far = 0
    name, first, columns = "", 0, Columns({}, 0)
    for file, line, found, cells, characters in source.rows():
        if rows and (file != name or len(rows) == _AT_ONCE):
            yield name, first, columns, rows, done + so_far
            rows = []
        if file != name:
            done, name, columns = done + so_far, file, found
        if not rows:
            first = line
        so_far = characters
        rows.append(cells)
    if rows:
        yield name, first, columns, rows, done + so_far


def _joined(batches: list[Points]) -> Points:
    """Join the columns; where some files say the constituency and some do not, none counts."""
    constituencies = [batch.constituencies for batch in batches]
    known = [each for each in constituencies if each is not None]
    return Points(
        np.concatenate([batch.postcodes for batch in batches]),
        np.concatenate([batch.districts for batch in batches]),
        np.concatenate([batch.lats for batch in batches]),
        np.concatenate([batch.lons for batch in batches]),
        np.concatenate(known) if known and len(known) == len(batches) else None,
    )


def _nobody(_done: int, _steps: int) -> None:
    """Take no notice."""
