"""Texts as people write them, held against what a person makes of them."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example as including
from hypothesis import given
from hypothesis import strategies as st

from branches.postcodes import Outcode, Postcode, PostcodeIndex, Sector
from branches.texting.understanding import Kind, KnownPostcodes, first_name, understand
from tests.branches.texting.corpus import (
    Example,
    FewPostcodes,
    examples,
    few_postcodes,
    outcome_of,
)

KNOWN = few_postcodes()
EXAMPLES = examples()
GIVEN = [example for example in EXAMPLES if example.id.startswith("P")]
MIXED_CASE = frozenset({"T026"})
ASTRAY = st.text(st.sampled_from("E11 AaOoIlL08m'-.,:\n\u200b\u0175\U0001f600"), max_size=60)


def check(example: Example, known: KnownPostcodes) -> None:
    understood = understand(example.text, known)
    assert outcome_of(understood, known) == example.outcome
    assert {str(place) for place in understood.places} == example.places
    assert (understood.name or "") in example.names


def test_the_examples_are_many() -> None:
    assert len(GIVEN) == 30
    assert len(EXAMPLES) >= 1000


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_an_example_means_what_a_person_makes_of_it(example: Example) -> None:
    check(example, KNOWN)


@pytest.mark.index
def test_the_examples_mean_the_same_beside_every_postcode_there_is(
    built_index: PostcodeIndex,
) -> None:
    for example in EXAMPLES:
        check(example, built_index)


@given(st.text() | ASTRAY)
@including("\x00\ud800\udfff")
@including("\U0001f600" * 30)
@including("\x01\x02\x03\x04 name\x04 John E11 1AA")
def test_no_text_is_too_odd_and_every_name_is_plain(text: str) -> None:
    understood = understand(text, KNOWN)
    name = understood.name
    if name is not None:
        assert 0 < len(name) <= 60
        assert name == name.strip()
        assert all(char.isalpha() or char in "'-. " for char in name)
    assert len(understood.places) == {
        Kind.POSTCODE: 1,
        Kind.OUTCODE: 1,
        Kind.CHOOSE: max(2, len(understood.places)),
    }.get(understood.kind, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [("Hi ", ""), ("Hello, ", ""), ("", ". Thanks"), ("", " thanks x"), ("\u270a ", " \U0001f600"),
     ("", "\n\nSent from my iPhone"), ("\n", "\r\n")],
    ids=ascii,
)  # fmt: skip
def test_a_courtesy_around_a_text_changes_nothing(before: str, after: str) -> None:
    for example in EXAMPLES:
        plain = understand(example.text, KNOWN)
        if plain.places:
            assert understand(before + example.text + after, KNOWN) == plain, example.id


@pytest.mark.parametrize("cased", [str.upper, str.lower])
def test_capitals_change_neither_outcome_nor_place(cased: Callable[[str], str]) -> None:
    # A capital tells where "JohnE111AA" is to be cut, and that "9HR" is no number of hours.
    for example in EXAMPLES:
        plain = understand(example.text, KNOWN)
        if plain.places and example.id not in MIXED_CASE:
            assert understand(cased(example.text), KNOWN).places == plain.places, example.id


@given(st.sampled_from(EXAMPLES))
def test_the_way_a_text_is_encoded_makes_no_difference(example: Example) -> None:
    decomposed = understand(unicodedata.normalize("NFD", example.text), KNOWN)
    assert decomposed == understand(example.text, KNOWN)


@pytest.mark.parametrize(
    "piece",
    ["a", "E11 1AA ", "OIL 1LI ", "IO1L I1LOL ", "\0", "\ud800", "\U0001f600", "a@", "+4 ",
     "my name is ", "\ufdfa", "e\u0337", "sent from galaxy s10 "],
    ids=ascii,
)  # fmt: skip
def test_of_ten_million_characters_only_the_first_count(piece: str) -> None:
    text = piece * (10_000_000 // len(piece))
    assert understand(text, KNOWN) == understand(text[:5000], KNOWN)


def test_only_the_first_1600_characters_are_read() -> None:
    assert understand("q" * 1591 + " E11 1AA", KNOWN).kind is Kind.POSTCODE
    assert understand("q" * 1600 + " E11 1AA", KNOWN).kind is Kind.ASK_POSTCODE


def test_a_loose_reading_counts_only_where_such_a_postcode_exists() -> None:
    nothing = FewPostcodes(set())
    for text in ("Ruth S1O 2TO", "JohnE111AA", "Ines E1 11AA", "Marek e1l iaa", "E8", "S 10 2TN"):
        assert understand(text, nothing).kind is Kind.ASK_POSTCODE, text
    assert understand("E11 1AA", nothing).kind is Kind.POSTCODE


def test_a_capital_shows_where_a_name_ends_and_a_postcode_begins() -> None:
    both = FewPostcodes({Postcode("NE11", "1AA"), Postcode("E11", "1AA")})
    for text in ("JohnE11 1AA", "JohnE111AA"):
        understood = understand(text, both)
        assert (understood.name, understood.places) == ("John", (Postcode("E11", "1AA"),))


def test_a_slip_with_two_known_readings_is_not_decided_for_the_sender() -> None:
    both = FewPostcodes({Postcode("S10", "2TN"), Postcode("SI0", "2TN")})
    literal = Postcode("S1O", "2TN")
    assert understand("S1O 2TN", both).places in {(literal,), (Postcode("S10", "2TN"),)}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("E1 4", Sector("E1", "4")),
        ("E14", Outcode("E14")),
        ("Jo SW 19", Outcode("SW19")),
        ("Hackney E8 Jo", Outcode("E8")),
        ("Jo E8 London", Outcode("E8")),
        ("Jo E8 3P", Sector("E8", "3")),
        ("Jo M2O", Outcode("M20")),
        ("Jo BT7", Outcode("BT7")),
    ],
)
def test_part_of_a_postcode_is_enough(text: str, place: Outcode | Sector) -> None:
    places = ("E1 4NS", "E14 0AA", "SW19 1AA", "E8 3PH", "M20 2UF")
    known = FewPostcodes({Postcode.parse(postcode) for postcode in places})
    understood = understand(text, known)
    assert (understood.kind, understood.places) == (Kind.OUTCODE, (place,))


@pytest.mark.parametrize(
    "text",
    ["on the M1", "off junction 2 of the M1", "M1 services", "the M1 is shut", "flat E8",
     "cheers m8", "my b12 levels are low", "M1 4 people", "E8 road"],
)  # fmt: skip
def test_roads_flats_and_shorthand_are_no_outcodes(text: str) -> None:
    assert understand(text, KNOWN).places == ()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Sam Jones", "Sam"),
        ("Siân Llwyd", "Siân"),
        ("Kelly-Ann Price", None),
        ("O'Neill", None),
        ("J. Smith", None),
        ("Mr Smith", None),
        ("Dr. Smith", None),
        ("Abcdefghijklmnopqrstu Jones", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_plain_first_name_is_greeted(name: str | None, first: str | None) -> None:
    assert first_name(name) == first
