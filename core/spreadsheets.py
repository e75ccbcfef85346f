"""Cells of a CSV that somebody opens in a spreadsheet: none of them is a formula there.

OWASP ASVS 5.0.0, 1.2.10. Spreadsheets show an apostrophe at the beginning of a cell as nothing, and
take what follows it for text.
"""

import re
from collections.abc import Iterable

# A carriage return is cut off by some, and what comes behind it begins.
_FORMULA = (
    *"=+-@\t\r\n\0",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
_MARK = "'"
_NUMBER = re.compile(r"[+-][0-9][0-9 .,()-]*")


def harmless(cell: object) -> object:
    """Return what is to be written for a cell: texts that would be reckoned with are marked.

    What is no text is left alone: a number below nothing begins with a sign and is no formula.
    """
    return _MARK + cell if isinstance(cell, str) and _begins_one(cell) else cell


def given_back(cells: Iterable[str]) -> list[object]:
    """Return a row of somebody's own file for writing: harmless, and numbers as they came.

    A number with its sign, or a telephone number, is no formula, and another program may read it.
    """
    return [cell if _NUMBER.fullmatch(cell) else harmless(cell) for cell in cells]


def as_meant(text: str) -> str:
    """Return the text of a cell that may have come from `harmless`, without its mark."""
    return text[1:] if text.startswith(_MARK) and _begins_one(text[1:]) else text


def _begins_one(text: str) -> bool:
    return text.lstrip(" ").startswith(_FORMULA)
