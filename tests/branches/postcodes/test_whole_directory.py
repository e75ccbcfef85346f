"""The grammar against the ONS directory itself: one in twenty here, all in `make bench`."""

import string
from itertools import islice, product

import pytest

from branches.postcodes import (
    NotAPostcode,
    Postcode,
    PostcodeIndex,
    special,
    understand,
)
from branches.postcodes.grammar import read
from tests.branches.postcodes.package import every_postcode

pytestmark = pytest.mark.index

ONE_IN = 20
LEFT_OUT = {"BT", "GY", "IM", "JE"}
WIDE = str.maketrans(
    string.ascii_uppercase + string.digits,
    "".join(chr(ord(char) + 0xFEE0) for char in string.ascii_uppercase + string.digits),
)
# Between the two halves, or around all of it: spaces, marks that nobody sees, hyphens, dots.
BETWEEN = (
    *("", " ", "  ", "\t", "\u00a0", "\u2007", "\u2009", "\u202f", "\u3000"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e"),
    *("\u200e", "\u200f", "\u202a", "\u202c", "\u202e", "\u2066", "\u2069", "\u061c"),
    *("-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", ".", "\u00b7", "_", " - ", ". "),
)
LOOKALIKES = ("O0", "I1L")
SHAPES = {
    *("A9", "A99", "A9A", "AA9", "AA99", "AA9A"),  # outcodes
    *("A99", "A999", "A9A9", "AA99", "AA999", "AA9A9"),  # sectors
    *("A99AA", "A999AA", "A9A9AA", "AA99AA", "AA999AA", "AA9A9AA"),  # postcodes
}


@pytest.fixture(scope="module")
def some() -> list[str]:
    """One postcode in twenty, of every area."""
    return list(islice(every_postcode(), 0, None, ONE_IN))


def test_every_postcode_of_the_directory_is_read_as_itself(
    some: list[str], built_index: PostcodeIndex
) -> None:
    assert len(some) > 130_000
    lacking = set()
    for text in some:
        found = read(text)
        assert isinstance(found, Postcode)
        assert found.compact == text.replace(" ", "")
        if not built_index.knows(found):
            lacking.add(found.area)
            assert special(found), text
    assert lacking == LEFT_OUT
    assert len({Postcode.parse(text).area for text in some}) >= 124


def test_no_other_shape_is_read() -> None:
    """Letters and figures in every order, up to eight of them: 510 shapes."""
    for length in range(1, 9):
        for shape in map("".join, product("A9", repeat=length)):
            text = shape.replace("A", "X").replace("9", "5")
            if shape in SHAPES:
                assert read(text).compact == text
            else:
                with pytest.raises(NotAPostcode):
                    read(text)


def test_no_spelling_makes_a_difference(some: list[str]) -> None:
    for number, text in enumerate(some[::40]):
        meant = Postcode.parse(text)
        between = BETWEEN[number % len(BETWEEN)]
        for spelling in (
            meant.outward + between + meant.inward,
            between + meant.compact.lower() + between,
            between.join(meant.compact) if not between.strip(" \t-._\u00b7") else str(meant),
            meant.compact.translate(WIDE),
            (meant.outward + between + meant.inward).translate(WIDE).lower(),
        ):
            assert read(spelling) == meant, ascii(spelling)


def test_a_slip_is_put_right_where_one_reading_is_known_and_never_guessed_at(
    some: list[str], built_index: PostcodeIndex
) -> None:
    counts = {"right": 0, "left": 0}
    for text in some[::40]:
        meant = Postcode.parse(text)
        if special(meant):
            continue
        for slipped in slips(meant.compact):
            readings = set(known_readings(slipped, built_index))
            literal = Postcode(slipped[:-3], slipped[-3:]) if is_whole(slipped) else None
            if literal in readings:
                assert understand(slipped, built_index.knows) == literal
            elif readings == {meant}:
                assert understand(slipped, built_index.knows) == meant, (text, slipped)
                counts["right"] += 1
            else:
                counts["left"] += 1
                assert as_read(slipped, built_index) not in readings, (text, slipped)
    assert counts["right"] > 20 * counts["left"] > 0


def slips(compact: str) -> list[str]:
    """Each spelling with one of its letters or figures taken for another one that looks like it."""
    return [
        compact[:place] + other + compact[place + 1 :]
        for place, char in enumerate(compact)
        for alike in LOOKALIKES
        if char in alike
        for other in alike
        if other != char
    ]


def known_readings(text: str, index: PostcodeIndex) -> list[Postcode]:
    """Every known postcode that the text may be, found without the code under test."""
    ways = [next((alike for alike in LOOKALIKES if char in alike), char) for char in text]
    spelled = map("".join, product(*ways))
    return [
        found
        for each in spelled
        if is_whole(each) and index.knows(found := Postcode(each[:-3], each[-3:]))
    ]


def is_whole(text: str) -> bool:
    try:
        Postcode(text[:-3], text[-3:])
    except NotAPostcode:
        return False
    return True


def as_read(text: str, index: PostcodeIndex) -> object:
    try:
        return understand(text, index.knows)
    except NotAPostcode:
        return None
