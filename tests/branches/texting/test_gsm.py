"""Parts and the 7-bit alphabet, held against an independent counter."""

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from branches.texting.gsm import Segments, fold, is_gsm7, segments

EXTENSION = "^{}\\[~]|€"
NO_ESCAPE = st.characters(codec="utf-8", exclude_characters="\x1b")
ANY_TEXT = st.text(NO_ESCAPE, max_size=400)
GSM_TEXT = st.text(st.sampled_from("abcdé £\n" + EXTENSION), max_size=500)


@given(ANY_TEXT | GSM_TEXT)
@example("")
@example("x" * 160)
@example("x" * 161)
@example("x" * 152 + "€" + "x" * 20)
@example("x" * 159 + "€")
@example("\u0175" * 70)
@example("\u0175" * 66 + "\U0001f600" + "\u0175" * 4)
def test_parts_agree_with_another_counter(text: str) -> None:
    assert segments(text).parts == len(smsutil.split(text).parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("gsm7", 0, 1)),
        ("x" * 160, Segments("gsm7", 160, 1)),
        ("x" * 161, Segments("gsm7", 161, 2)),
        ("x" * 306, Segments("gsm7", 306, 2)),
        ("x" * 307, Segments("gsm7", 307, 3)),
        ("€" * 80, Segments("gsm7", 160, 1)),
        ("€" * 81, Segments("gsm7", 162, 2)),
        ("€" * 152, Segments("gsm7", 304, 2)),
        ("€" * 153, Segments("gsm7", 306, 3)),
        ("\u0175" * 70, Segments("ucs2", 70, 1)),
        ("\u0175" * 71, Segments("ucs2", 71, 2)),
        ("\U0001f600" * 35, Segments("ucs2", 70, 1)),
        ("\U0001f600" * 36, Segments("ucs2", 72, 2)),
        ("\U0001f600" * 67, Segments("ucs2", 134, 3)),
        ("\ud800", Segments("ucs2", 1, 1)),
    ],
)
def test_known_lengths(text: str, expected: Segments) -> None:
    assert segments(text) == expected


@given(st.text(max_size=200))
def test_a_folded_text_is_in_the_alphabet_and_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert is_gsm7(folded)
    assert fold(folded) == folded


@given(GSM_TEXT)
def test_what_is_in_the_alphabet_is_not_changed(text: str) -> None:
    assert fold(text) == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ynys M\u00f4n, Si\u00e2n, Ll\u0177n, \u0174yn", "Ynys Mon, Sian, Llyn, Wyn"),
        ("M\u006f\u0302n", "Mon"),
        ("e\u0301t\u00e9", "été"),
        ("\u2018a\u2019 \u201cb\u201d \u2013 \u2014 \u2026", "'a' \"b\" - - ..."),
        ("a\u00a0b\tc `d\u00b4", "a b c 'd'"),
        ("Fran\u00e7ois \u0141ukasz \u0153uvre", "Francois Lukasz oeuvre"),
        ("Ben \U0001f600 Carter", "Ben  Carter"),
        ("\u1ebe\u1ec7", "Ee"),
        ("\u00bd \u2122 \ufb01n", "1/2 TM fin"),
        ("\ud800x", "x"),
    ],
)
def test_letters_outside_the_alphabet_are_written_with_those_inside(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_welsh_hats_stay_where_they_are_wanted() -> None:
    kept = fold("Ynys M\u00f4n \u2013 \U0001f600", keep_welsh=True)
    assert kept == "Ynys M\u00f4n - "
    assert segments(kept).coding == "ucs2"
