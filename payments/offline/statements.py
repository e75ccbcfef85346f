"""Statements: the lines of a bank's CSV, read by what its header calls the columns.

The names are those that banks in Britain use (Barclays, Lloyds, Halifax, NatWest, RBS, HSBC,
Nationwide, Santander, Co-operative, Metro, Starling, Monzo, Tide and others); what stands before
the header is passed over. A file is read whole, or every line that cannot be is told.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from payments.offline import amounts
from payments.offline.amounts import NotACell
from payments.offline.entering import FIRST_DAY, unshowable

_NAMES = {
    "day": (
        "date",
        "transaction date",
        "date completed (utc)",
        "completed date",
        "posting date",
        "posted date",
        "booking date",
        "entry date",
        "value date",
    ),
    "amount": ("amount", "value", "transaction amount", "debit/credit", "credit/debit"),
    "in": ("money in", "paid in", "credit amount", "credit", "credits", "in"),
    "out": ("money out", "paid out", "debit amount", "debit", "debits", "out"),
    "type": ("transaction type", "type", "subcategory", "payment type", "transaction code"),
    "text": (
        "counter party",
        "counterparty",
        "other party",
        "payee",
        "name",
        "transaction description",
        "merchant/description",
        "description",
        "memo",
        "narrative",
        "details",
        "particulars",
    ),
    "reference": ("reference", "payment reference", "notes and #tags"),
    "balance": ("balance", "running balance", "account balance"),
    "account": ("account number", "account"),
    "currency": ("currency",),
}
_BEFORE_THE_HEADER = 30
_MOST_FAULTS = 50
_LONGEST = 500
_UNIT = re.compile(r"\((?:gbp|£)\)$")
_CARRIED = re.compile(r"balance|brought forward|carried forward")


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line of the file: `why` names the words for it, `cell` the column."""

    line: int
    why: str
    cell: str = ""


class BadFile(ValueError):
    """The file cannot be taken; `faults` tells of each line (at most so many) why not."""

    def __init__(self, faults: list[LineFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of the bank. `pence` below 0 is money out; `number` is its line in the file."""

    number: int
    on_day: dt.date
    pence: int
    type: str
    text: str
    reference: str
    balance_pence: int | None
    raw: str

    @property
    def folded(self) -> str:
        """The text and the reference in one spelling, for comparing."""
        return fold(f"{self.text} {self.reference}")


def fold(text: str) -> str:
    """Return a text without what does not tell two lines apart: case, width, runs of spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def read(text: str, *, today: dt.date) -> list[StatementLine]:
    """Return the lines of a statement, in the order of the file.

    Raises:
        BadFile: with every fault found; nothing of it is to be used.
    """
    delimiter, header = _header(text)
    where = {key: _find(header, names) for key, names in _NAMES.items()}
    if where["reference"] is None:
        where["reference"] = _find(header, _NAMES["text"], but=where["text"])
    lines: list[StatementLine] = []
    faults: list[LineFault] = []
    accounts: set[str] = set()
    begun = False
    for number, cells in _records(text, delimiter, faults):
        names_columns = [_named(cell) for cell in cells[: len(header)]] == header
        begun = begun or names_columns
        if names_columns or not begun:  # what stands before the header is no line
            continue
        line = _line(number, cells, where, len(header), faults)
        if line is not None:
            _check_day(line, today, faults)
            lines.append(line)
            accounts.add(_cell(cells, where["account"]))
    if len(accounts) > 1:
        faults.append(LineFault(0, "several-accounts"))
    if not lines and not faults:
        faults.append(LineFault(0, "no-lines"))
    if faults:
        raise BadFile(faults)
    return lines


def _header(text: str) -> tuple[str, list[str]]:
    """Find the line that names the columns, and what it parts them with."""
    for delimiter in (",", ";", "\t"):
        for _number, cells in islice(_records(text, delimiter, []), _BEFORE_THE_HEADER):
            named = [_named(cell) for cell in cells]
            while named and not named[-1]:
                named.pop()
            amounts_ = _find(named, _NAMES["amount"]) is not None or (
                _find(named, _NAMES["in"]) is not None and _find(named, _NAMES["out"]) is not None
            )
            texts = _find(named, (*_NAMES["text"], *_NAMES["reference"]))
            if amounts_ and texts is not None and _find(named, _NAMES["day"]) is not None:
                return delimiter, named
    raise BadFile([LineFault(1, "no-header")])


def _records(text: str, delimiter: str, faults: list[LineFault]) -> Iterator[tuple[int, list[str]]]:
    """Give each record that is not empty, with the line on which it begins."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in records:
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = records.line_num
    except csv.Error as error:
        why = "too-long" if "field limit" in str(error) else "quotes"
        faults.append(LineFault(before + 1, why))


def _line(
    number: int,
    cells: list[str],
    where: dict[str, int | None],
    width: int,
    faults: list[LineFault],
) -> StatementLine | None:
    """Read a line, or note what is wrong with it; None where it is no line of money."""
    if len(faults) >= _MOST_FAULTS:
        return None
    wrong = _wrong(cells, width)
    if wrong is not None:
        faults.append(LineFault(number, wrong))
        return None
    name = "day"
    try:
        on_day = amounts.day(_cell(cells, where["day"]))
        name = "amount"
        pence = _moved(cells, where)
        name = "balance"
        balance = _balance(_cell(cells, where["balance"]))
    except NotACell as error:
        carried = name == "amount" and error.why == "no-amount" and _is_carried(cells)
        if not carried:
            faults.append(LineFault(number, error.why, name))
        return None
    if _cell(cells, where["currency"]).upper() not in ("", "GBP"):
        faults.append(LineFault(number, "currency"))
        return None
    kind, said, reference = (_cell(cells, where[key]) for key in ("type", "text", "reference"))
    raw = " | ".join(_clean(cell) for cell in cells)
    return StatementLine(number, on_day, pence, kind, said, reference, balance, raw)


def _wrong(cells: list[str], width: int) -> str | None:
    """Say what is wrong with the cells of a line as such; None if nothing is."""
    if len(cells) < width:
        return "too-few"
    if any(cell.strip() for cell in cells[width:]):
        return "too-many"
    if any(unshowable(_clean(cell)) for cell in cells):
        return "unshowable"
    return "too-long" if any(len(cell) > _LONGEST for cell in cells) else None


def _moved(cells: list[str], where: dict[str, int | None]) -> int:
    """Return what a line moved, from its one column or its two."""
    if where["amount"] is not None:
        found = amounts.pence(_cell(cells, where["amount"]))
        if found is None:
            raise NotACell("no-amount")
        return found
    paid_in = amounts.pence(_cell(cells, where["in"]))
    paid_out = amounts.pence(_cell(cells, where["out"]))
    if paid_in and paid_out:
        raise NotACell("in-and-out")
    if paid_in is None and paid_out is None:
        raise NotACell("no-amount")
    return paid_in or -abs(paid_out or 0)


def _balance(cell: str) -> int | None:
    """Return a balance; None where there is none, or one of more than a column here can hold."""
    try:
        return amounts.pence(cell)
    except NotACell as error:
        if error.why == "too-much":
            return None
        raise


def _check_day(line: StatementLine, today: dt.date, faults: list[LineFault]) -> None:
    if line.on_day > today:
        faults.append(LineFault(line.number, "in-the-future", "day"))
    elif line.on_day < FIRST_DAY:
        faults.append(LineFault(line.number, "too-long-ago", "day"))


def _is_carried(cells: list[str]) -> bool:
    return any(_CARRIED.search(cell.casefold()) for cell in cells)


def _find(header: list[str], names: tuple[str, ...], but: int | None = None) -> int | None:
    """Return where a column of one of these names stands; the first name that is there."""
    for name in names:
        if name in header and header.index(name) != but:
            return header.index(name)
    return None


def _named(cell: str) -> str:
    return _UNIT.sub("", fold(cell.strip("\ufeff'\" "))).rstrip()


def _cell(cells: list[str], place: int | None) -> str:
    return _clean(cells[place]) if place is not None and place < len(cells) else ""


def _clean(cell: str) -> str:
    """Return a cell in one line, without the mark that keeps a spreadsheet from reckoning."""
    return " ".join(cell.replace("\u00a0", " ").split()).removeprefix("'").strip()
