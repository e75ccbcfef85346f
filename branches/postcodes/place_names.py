"""The name that people use for the place of an outcode: ``E11`` is Leytonstone.

It is the post town, or where people always say something nearer, that: London's postal districts,
the suburbs of Birmingham, the towns around Manchester. It says what the outcode is called, and not
where each of its postcodes is: a name stands where one place has most of them, and an outcode that
towns of a size share has none. The names are facts of public knowledge, in ``place_names.txt``.
"""

import re
from functools import cache
from pathlib import Path
from types import MappingProxyType

_TABLE = Path(__file__).with_name("place_names.txt")
# A name without figures, then the numbers it stands for: "Brighton 1-2 45", "Soho 1D 1F".
_ENTRY = re.compile(r"([^0-9]+)((?: [0-9]+(?:[A-Z]|-[0-9]+)?)+)")
_NOWHERE = "-"
# Newport's own outcode, in the area that is NP today, has no number.
_WITHOUT_A_NUMBER = MappingProxyType({"NPT": "Newport"})


class NotATable(ValueError):
    """The table cannot be read; the words say where."""


def place_name(outcode: str) -> str | None:
    """Give the name that people use for an outcode, in its own spelling (``E11``).

    None for one that is unknown, that is nowhere, that several towns share, or that lies outside
    Great Britain. A name is as its place writes it, Welsh ones with their marks.
    """
    return _names().get(outcode) or None


def is_nowhere(outcode: str) -> bool:
    """Tell whether an outcode is for PO boxes and large users of mail alone."""
    return _names().get(outcode) == ""


@cache
def _names() -> MappingProxyType[str, str]:
    """Read the table, once, in some three milliseconds. The name of what is nowhere is empty."""
    return read_table(_TABLE.read_text("utf-8"))


def read_table(text: str) -> MappingProxyType[str, str]:
    """Read a table of names by outcode; the name of what is nowhere is empty.

    Raises:
        NotATable: at an entry that is not a name and its numbers, and at an outcode named twice.
    """
    names = dict(_WITHOUT_A_NUMBER)
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        area, _, entries = line.partition(": ")
        for entry in entries.split(", "):
            name, outcodes = _read(area, entry)
            if not names.keys().isdisjoint(outcodes):
                raise NotATable(f"{area} names an outcode twice: {entry}")
            names.update(dict.fromkeys(outcodes, name))
    return MappingProxyType(names)


def _read(area: str, entry: str) -> tuple[str, list[str]]:
    """Read an entry: ``Plaistow 13`` of the area E is a name and E13."""
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise NotATable(f"{area} has an entry that is not a name and its numbers: {entry}")
    outcodes = []
    for span in match[2].split():
        first, dash, last = span.partition("-")
        numbers = range(int(first), int(last) + 1) if dash else [span]
        outcodes += [f"{area}{number}" for number in numbers]
    return "" if match[1] == _NOWHERE else match[1], outcodes
