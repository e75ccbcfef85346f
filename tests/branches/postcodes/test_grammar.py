import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.postcodes import (
    LONGEST,
    NotAPostcode,
    Outcode,
    Postcode,
    Reason,
    Sector,
    Special,
    read,
    special,
)

OUTCODES = st.one_of(
    st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]?", fullmatch=True).filter(str.isascii),
    st.just("NPT"),
)
INWARDS = st.from_regex(r"[0-9][A-Z]{2}", fullmatch=True).filter(str.isascii)
POSTCODES = st.builds(Postcode, OUTCODES, INWARDS)
NOISE = st.text(alphabet=" \t\n\u00a0\u2003\u3000\u200b\ufeff\u200e\u202a\u2011.-", max_size=3)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("E11 1AA", "E11 1AA"),
        ("e111aa", "E11 1AA"),
        (" e11  1aa\n", "E11 1AA"),
        ("E11\u00a01AA", "E11 1AA"),
        ("E11-1AA", "E11 1AA"),
        ("E11\u20111AA", "E11 1AA"),
        ("E.11.1AA.", "E11 1AA"),
        ("\u202aE11\u200b1AA\u202c", "E11 1AA"),
        ("\ufeffE11 1AA", "E11 1AA"),
        ("\uff25\uff11\uff11\u3000\uff11\uff21\uff21", "E11 1AA"),
        ("\uff53\uff57\uff11\uff41\u20291aa", "SW1A 1AA"),
        ("(E11 1AA)", "E11 1AA"),
        ("'E11 1AA',", "E11 1AA"),
        ("E11 1AA?!", "E11 1AA"),
        ("E1 4AA", "E1 4AA"),
        ("E14AA", "E1 4AA"),
        ("E141AA", "E14 1AA"),
        ("CF 10 3AT", "CF10 3AT"),
        ("m1 1aa", "M1 1AA"),
        ("gir0aa", "GIR 0AA"),
        ("NPT 1AA", "NPT 1AA"),
        ("W1R 1AA", "W1R 1AA"),
        ("ZZ99 9ZZ", "ZZ99 9ZZ"),
    ],
)
def test_a_postcode_is_read_however_it_is_written(text: str, meant: str) -> None:
    found = read(text)
    assert isinstance(found, Postcode)
    assert str(found) == meant
    assert Postcode.parse(text) == found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("E14", Outcode("E14")),
        ("E 14", Outcode("E14")),
        ("e-14.", Outcode("E14")),
        ("CF 10", Outcode("CF10")),
        ("SW1A", Outcode("SW1A")),
        ("SW1 A", Outcode("SW1A")),
        ("M 1", Outcode("M1")),
        ("E1 4", Sector("E1", "4")),
        ("E 1 4", Sector("E1", "4")),
        ("E14 1", Sector("E14", "1")),
        ("E141", Sector("E14", "1")),
        ("CF 10 3", Sector("CF10", "3")),
        ("SW1A 1", Sector("SW1A", "1")),
        ("SW1A1", Sector("SW1A", "1")),
    ],
)
def test_a_part_of_a_postcode_is_read_as_that_part(text: str, meant: Sector | Outcode) -> None:
    assert read(text) == meant
    assert type(meant).parse(text) == meant


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.MISSING),
        (" \u00a0\u200b", Reason.MISSING),
        ("...", Reason.MISSING),
        ("M", Reason.AREA_ONLY),
        ("sw", Reason.AREA_ONLY),
        ("x" * (LONGEST + 1), Reason.TOO_LONG),
        ("E11 1AA" * 150_000, Reason.TOO_LONG),
        ("E11 1AAX", Reason.SHAPE),
        ("M1 1AAXX", Reason.SHAPE),
        ("E11 1A", Reason.SHAPE),
        ("1AA E11", Reason.SHAPE),
        ("GIR 1AA", Reason.SHAPE),
        ("BFPO", Reason.SHAPE),
        ("E11/1AA", Reason.SHAPE),
        ("E11 1AA; DROP", Reason.SHAPE),
        ("E\u0661\u0661 1AA", Reason.SHAPE),
        ("E\u06f11 1AA", Reason.SHAPE),
        ("\u00df1 1AA", Reason.SHAPE),
        ("\u0415\u0031 1AA", Reason.SHAPE),
        ("E11 1AA\x00", Reason.SHAPE),
        ("E11 1AA \U0001f600", Reason.SHAPE),
        ("\ud800E11 1AA", Reason.SHAPE),
    ],
)
def test_anything_else_is_refused_with_its_reason(text: str, reason: Reason) -> None:
    with pytest.raises(NotAPostcode) as refused:
        read(text)
    assert refused.value.reason is reason


def test_the_words_of_a_refusal_do_not_repeat_the_text() -> None:
    with pytest.raises(NotAPostcode) as refused:
        read("Sam, E11 1AA")
    assert "Sam" not in str(refused.value)
    assert str(refused.value)


@pytest.mark.parametrize("text", ["E14", "E1 4", "M"])
def test_a_part_is_not_a_whole_postcode(text: str) -> None:
    with pytest.raises(NotAPostcode):
        Postcode.parse(text)


def test_a_bare_outcode_is_not_taken_for_a_sector_nor_a_sector_for_an_outcode() -> None:
    with pytest.raises(NotAPostcode):
        Sector.parse("E14")
    with pytest.raises(NotAPostcode):
        Outcode.parse("E1 4")
    with pytest.raises(NotAPostcode):
        Outcode.parse("E14 1AA")


@pytest.mark.parametrize(
    ("outward", "inward"),
    [("e11", "1AA"), ("E11", "1aa"), ("E11", "AAA"), ("E", "111AA"), ("E11 ", "1AA"), ("E11", "")],
)
def test_no_postcode_can_be_made_wrong(outward: str, inward: str) -> None:
    with pytest.raises(NotAPostcode):
        Postcode(outward, inward)


def test_no_sector_or_outcode_can_be_made_wrong() -> None:
    for outward, digit in [("E1", "A"), ("E", "11"), ("e1", "1"), ("GIR", "1"), ("E1", "")]:
        with pytest.raises(NotAPostcode):
            Sector(outward, digit)
    for code in ["", "E", "e1", "E1\n", "E111", "E\u0661"]:
        with pytest.raises(NotAPostcode):
            Outcode(code)


def test_a_postcode_knows_its_parts() -> None:
    postcode = Postcode("SW1A", "1AA")
    assert postcode.compact == "SW1A1AA"
    assert postcode.outcode == Outcode("SW1A")
    assert postcode.sector == Sector("SW1A", "1")
    assert postcode.sector.outcode == postcode.outcode
    assert postcode.area == postcode.sector.area == postcode.outcode.area == "SW"
    assert str(postcode.sector) == "SW1A 1"
    assert postcode.sector.compact == "SW1A1"
    assert str(postcode.outcode) == postcode.outcode.compact == "SW1A"


def test_newports_old_outcode_lies_in_the_area_of_its_new_ones() -> None:
    assert Postcode.parse("NPT 1AA").area == "NP"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BT7 1NN", Special.NORTHERN_IRELAND),
        ("BT7", Special.NORTHERN_IRELAND),
        ("JE2 4WD", Special.CROWN_DEPENDENCY),
        ("GY1 1AA", Special.CROWN_DEPENDENCY),
        ("IM1 1", Special.CROWN_DEPENDENCY),
        ("BF1 0AX", Special.BFPO),
        ("BX1 1LT", Special.NON_GEOGRAPHIC),
        ("GIR 0AA", Special.NON_GEOGRAPHIC),
        ("B1 1AA", None),
        ("E11 1AA", None),
    ],
)
def test_postcodes_without_a_place_are_told_by_their_letters(
    text: str, kind: Special | None
) -> None:
    assert special(read(text)) is kind


@given(POSTCODES)
def test_what_is_written_is_read_back(postcode: Postcode) -> None:
    for text in (str(postcode), postcode.compact, postcode.compact.lower()):
        assert read(text) == postcode
    assert Sector.parse(str(postcode.sector)) == read(str(postcode.sector)) == postcode.sector
    assert Outcode.parse(str(postcode.outcode)) == read(str(postcode.outcode)) == postcode.outcode


@given(POSTCODES, NOISE, NOISE, NOISE)
def test_spaces_marks_dots_and_hyphens_change_nothing(
    postcode: Postcode, before: str, between: str, after: str
) -> None:
    assert read(before + postcode.outward + between + postcode.inward + after) == postcode


@given(st.text(max_size=LONGEST + 5))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except NotAPostcode:
        return
    assert set(found.compact) <= set(string.ascii_uppercase + string.digits)
    assert read(str(found)) == found


@given(POSTCODES, st.characters(categories=["L", "N", "S"]))
def test_a_stray_character_is_never_overlooked(postcode: Postcode, stray: str) -> None:
    plain = unicodedata.normalize("NFKC", stray).strip()
    if plain.isascii() and not plain.isalnum():
        return  # such as a spacing accent: a mark upon a space
    try:
        found = read(postcode.compact + stray)
    except NotAPostcode:
        return
    assert found.compact != postcode.compact


@pytest.mark.parametrize("typed", ["BFPO 57", "bfpo57", "BFPO 5340"])
def test_a_british_forces_number_is_the_outcode_that_they_share(typed: str) -> None:
    assert read(typed) == Outcode("BF1")
    assert special(read(typed)) is Special.BFPO
