"""The cells of a bank's file: days and amounts, in the ways in which banks write them."""

import datetime as dt
import re

from core.money import Money, NotAnAmount

_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_MONTHS = {
    **{name: number for number, name in enumerate(_NAMES, 1)},
    **{name[:3]: number for number, name in enumerate(_NAMES, 1)},
    "sept": 9,
}
_TIME = r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
_ISO = re.compile(rf"([0-9]{{4}})[-/]([0-9]{{1,2}})[-/]([0-9]{{1,2}}){_TIME}")
_NUMBERS = re.compile(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}|[0-9]{{2}}){_TIME}")
_NAMED = re.compile(rf"([0-9]{{1,2}})[- ]([A-Za-z]{{3,9}})[- ,]+([0-9]{{4}}|[0-9]{{2}}){_TIME}")
_SIGNED = re.compile(r"(£?) ?([+\-\u2212]?) ?(£?) ?([0-9][0-9,]*(?:\.[0-9]{1,2})?) ?(CR|DR|-)?")
_IN_BRACKETS = re.compile(r"\((£? ?[0-9][0-9,]*(?:\.[0-9]{1,2})?)\)")


class NotACell(ValueError):
    """The cell is not what its column should hold; `why` names the words for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def day(cell: str) -> dt.date:
    """Read a day: 20/11/2026, 20/11/26, 2026-11-20, 20 Nov 2026, with a time or without.

    Raises:
        NotACell: when it is none, a month before the day included.
    """
    year, month, number = _parts(cell.strip())
    try:
        return dt.date(year + 2000 if year < 100 else year, month, number)  # noqa: PLR2004 -- of two digits
    except ValueError:
        raise NotACell("not-a-day") from None


def pence(cell: str) -> int | None:
    """Read an amount as banks write it: 1,234.50, -12.00, £12, (12.00), 12.00 DR; None where empty.

    Raises:
        NotACell: when it is none.
    """
    text = " ".join(cell.split()).lstrip("'")
    if not text:
        return None
    bracketed = _IN_BRACKETS.fullmatch(text)
    found = _SIGNED.fullmatch(text)
    if bracketed is None and (found is None or (found[1] and found[3])):
        raise NotACell("not-an-amount")
    try:
        amount = Money.parse(bracketed[1] if bracketed else found[4] if found else "").pence
    except NotAnAmount as error:
        raise NotACell("too-much" if error.why == "too-much" else "not-an-amount") from None
    out = bracketed is not None or (
        found is not None and (found[2] in ("-", "\u2212") or found[5] in ("DR", "-"))
    )
    return -amount if out else amount


def _parts(text: str) -> tuple[int, int, int]:
    """Return the year, the month and the day."""
    if found := _ISO.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NUMBERS.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _NAMED.fullmatch(text):
        month = _MONTHS.get(found[2].casefold())
        if month is not None:
            return int(found[3]), month, int(found[1])
    raise NotACell("not-a-day")
