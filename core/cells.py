"""Cells of a table that people open in a spreadsheet."""

import re
from collections.abc import Iterable

# What a spreadsheet would take for a formula (OWASP ASVS 5.0.0, 1.2.10); a number with its sign,
# or a telephone number, is none.
_RISKY = frozenset("=+-@\t\r\0")
_NUMBER = re.compile(r"[+-][0-9][0-9 .,()-]*")


def safe(cells: Iterable[str]) -> list[str]:
    """Return a row with an apostrophe before what a spreadsheet would take for a formula."""
    return [
        f"'{cell}" if cell and cell[0] in _RISKY and not _NUMBER.fullmatch(cell) else cell
        for cell in cells
    ]
