"""The example texts, and a set of postcodes just large enough for them."""

import csv
from dataclasses import dataclass
from pathlib import Path

from branches.postcodes import Outcode, Postcode, special
from branches.texting.understanding import Kind, KnownPostcodes, Understood

HERE = Path(__file__).parent
# Had somebody else's words been read with too much good will, these would be found.
OTHERS = (
    "E1 1LA",
    "E11 1AX",
    "M25 9AA",
    "B6 4AA",
    "W3 3AA",
    "M1 1AE",
    "NE11 9AA",
    "B12 0HF",
    "M8 8AA",
    "S21 1AA",
    "SE15 4QN",
)


@dataclass(frozen=True, slots=True)
class Example:
    """One text and what a person makes of it; several names or places where more are right.

    An empty name stands for none.
    """

    id: str
    text: str
    names: tuple[str, ...]
    places: frozenset[str]
    outcome: str


class FewPostcodes:
    """Knows a handful of postcodes, and their outcodes."""

    def __init__(self, postcodes: set[Postcode]) -> None:
        self._postcodes = postcodes
        self._outcodes = {postcode.outcode for postcode in postcodes}

    def knows(self, postcode: Postcode) -> bool:
        return postcode in self._postcodes

    def has_outcode(self, outcode: Outcode) -> bool:
        return outcode in self._outcodes


def examples() -> list[Example]:
    """Read all the files, the given texts first."""
    return [
        Example(
            row["id"],
            row["text"],
            tuple(row["expected_name"].split("|")),
            frozenset(row["expected_postcode"].split("|")) - {""},
            row["expected_outcome"],
        )
        for name in ("texts.csv", "more_texts.csv", "many_texts.csv")
        for row in csv.DictReader((HERE / name).read_text("utf-8").splitlines(keepends=True))
    ]


def few_postcodes() -> FewPostcodes:
    """Give the postcodes that the examples expect to be found, and some that lie in wait."""
    found = {
        _in_full(place)
        for example in examples()
        for place in example.places
        if example.outcome in {"match", "choose", "outcode"}
    }
    return FewPostcodes(found | {Postcode.parse(other) for other in OTHERS})


def _in_full(place: str) -> Postcode:
    outcode, _, inward = place.partition(" ")
    return Postcode(outcode, inward if len(inward) > 1 else "3PH")


def outcome_of(understood: Understood, known: KnownPostcodes) -> str:
    """Give the outcome that the answerer would come to, as far as the places tell."""
    if understood.kind not in {Kind.POSTCODE, Kind.OUTCODE}:
        return understood.kind
    (place,) = understood.places
    if special(place) is not None:
        return "not_covered"
    if not isinstance(place, Postcode):
        return "outcode"
    return "match" if known.knows(place) else "unknown_postcode"
