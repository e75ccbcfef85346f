"""Sheets: a file of gifts that somebody typed, one a line under a header, read whole or not."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping

from payments.offline import entering
from payments.offline.entering import FIELDS, BadEntry, Draft, Fault

_MOST_FAULTS = 50


class BadSheet(ValueError):
    """The file cannot be entered; `faults` says of which line what is wrong."""

    def __init__(self, faults: list[tuple[int, Fault]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def read(
    text: str, usual: Mapping[str, str], *, today: dt.date, spelled: entering.Spelled
) -> list[tuple[int, Draft]]:
    """Return each gift with its line. `usual` fills what a line leaves empty.

    Raises:
        BadSheet: with every fault found.
    """
    faults: list[tuple[int, Fault]] = []
    drafts: list[tuple[int, Draft]] = []
    for number, cells in _rows(text, faults):
        given = {**usual, **{name: cell for name, cell in cells.items() if cell.strip()}}
        if cells.get("appeal", "").strip() and "dues" not in cells:
            given["dues"] = ""
        try:
            drafts.append((number, entering.read(given, today=today, spelled=spelled)))
        except BadEntry as error:
            faults += [(number, fault) for fault in error.faults]
        if len(faults) >= _MOST_FAULTS:
            break
    if not drafts and not faults:
        faults.append((0, Fault("", "no-gifts")))
    if faults:
        raise BadSheet(faults)
    return drafts


def _rows(text: str, faults: list[tuple[int, Fault]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each line's cells by the names in the header, with the line on which it begins."""
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    before = 0
    try:
        for cells in records:
            number, before = before + 1, records.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip().casefold() for cell in cells]
                unknown = [Fault(cell[:40], "no-such-column") for cell in header]
                bad = [fault for fault in unknown if fault.field not in FIELDS]
                faults += [(number, fault) for fault in bad]
                if bad or len(set(header)) < len(header):
                    faults += [] if bad else [(number, Fault("", "column-twice"))]
                    return
            elif len(cells) != len(header):
                why = "too-few" if len(cells) < len(header) else "too-many"
                faults.append((number, Fault("", why)))
            else:
                yield number, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        why = "too-long-a-cell" if "field limit" in str(error) else "quotes"
        faults.append((before + 1, Fault("", why)))
