import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from branches.postcodes import (
    NotAPostcode,
    Outcode,
    Postcode,
    Sector,
    repairs,
    understand,
)

KNOWN = {"S10 2TN", "CR0 1EA", "IP1 1AA", "LS6 3BR", "E11 1AA", "G13 2LJ", "GL3 2LJ", "GIR 0AA"}


def known(postcode: Postcode) -> bool:
    return str(postcode) in KNOWN


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("S1O 2TN", "S10 2TN"),
        ("slo 2tn", "S10 2TN"),
        ("CRO 1EA", "CR0 1EA"),
        ("CR0 IEA", "CR0 1EA"),
        ("CRO LEA", "CR0 1EA"),
        ("lP1 1AA", "IP1 1AA"),
        ("1p1 1aa", "IP1 1AA"),
        ("1S6 3BR", "LS6 3BR"),
        ("lS6 3BR", "LS6 3BR"),
        ("EII IAA", "E11 1AA"),
        ("GIROAA", "GIR 0AA"),
    ],
)
def test_mixed_up_figures_and_letters_are_put_right(text: str, meant: str) -> None:
    assert str(understand(text, known)) == meant


def test_a_known_postcode_is_never_changed() -> None:
    assert understand("GL3 2LJ", known) == Postcode("GL3", "2LJ")
    assert understand("G13 2LJ", known) == Postcode("G13", "2LJ")


def test_between_two_known_readings_none_is_chosen() -> None:
    assert [str(found) for found in repairs("GI3 2LJ") if known(found)] == ["G13 2LJ", "GL3 2LJ"]
    assert understand("GI3 2LJ", known) == Postcode("GI3", "2LJ")


def test_an_unknown_postcode_stays_as_it_was_written() -> None:
    assert understand("ZZ10 1AA", known) == Postcode("ZZ10", "1AA")


@pytest.mark.parametrize("text", ["OO OOO", "E11 1A1", "hello", "", "x" * 1000])
def test_a_text_that_cannot_be_mended_is_refused(text: str) -> None:
    with pytest.raises(NotAPostcode):
        understand(text, known)


def test_parts_of_a_postcode_are_taken_as_they_stand() -> None:
    assert understand("E11", known) == Outcode("E11")
    assert understand("E1 1", known) == Sector("E1", "1")


def test_a_repair_keeps_to_the_letters_allowed_in_each_place() -> None:
    assert [str(found) for found in repairs("E11 1OO")] == []
    assert all(found.outward[1:2] != "I" for found in repairs("B1 1AA"))


@given(st.text(alphabet="OIL01ABENS ", max_size=9))
@example("L111LL")
@example("1111111")
def test_a_repair_differs_from_the_text_in_lookalikes_alone(text: str) -> None:
    same = str.maketrans("OIL", "011")
    compact = text.replace(" ", "")
    found = repairs(text)
    assert len(set(found)) == len(found)
    for postcode in found:
        assert postcode.compact != compact
        assert postcode.compact.translate(same) == compact.translate(same)


@given(st.text(max_size=80))
def test_repairing_refuses_no_text(text: str) -> None:
    assert isinstance(repairs(text), tuple)


def test_a_gap_that_was_typed_stays_where_it_is() -> None:
    assert repairs("E11 1A") == ()
    assert Postcode("S10", "2TN") in repairs("S1O 2TN")
    assert Postcode("S10", "2TN") in repairs("S 1O 2TN")
