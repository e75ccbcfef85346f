"""The example texts, and a set of postcodes just large enough for them."""

import csv
from dataclasses import dataclass
from pathlib import Path

from branches.postcodes import Outcode, Postcode, special
from branches.texting.understanding import Kind, KnownPostcodes, Understood

HERE = Path(__file__).parent
OTHERS = ("M1 1AE", "NE11 9AA", "B12 0HF", "M8 8AA", "S21 1AA", "SE15 4QN")


@dataclass(frozen=True, slots=True)
class Example:
    """One text and what a person makes of it; several names or places where more are right."""

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
    """Read both files, the given texts first."""
    return [
        Example(
            row["id"],
            row["text"],
            tuple(row["expected_name"].split("|")) if row["expected_name"] else (),
            frozenset(row["expected_postcode"].split("|")) - {""},
            row["expected_outcome"],
        )
        for name in ("texts.csv", "more_texts.csv")
        for row in csv.DictReader((HERE / name).read_text("utf-8").splitlines(keepends=True))
    ]


def few_postcodes() -> FewPostcodes:
    """Give the postcodes that the examples expect to be found, and some that lie in wait."""
    found = {
        Postcode.parse(place)
        for example in examples()
        for place in example.places
        if example.outcome in {"match", "choose"}
    }
    parts = {
        Postcode.parse(f"{place.split()[0]} 3PH")
        for example in examples()
        for place in example.places
        if example.outcome == "outcode"
    }
    return FewPostcodes(found | parts | {Postcode.parse(other) for other in OTHERS})


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
