"""What a moderator is pointed to in a message; what they are not bothered with."""

import time

import pytest

from payments.wall.flagging import Flag, Part, flags, parts

EMAIL, LINK, PHONE, ADDRESS, LONG = Flag
ARABIC = {ord("0") + digit: 0x0660 + digit for digit in range(10)}
WIDE = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to sam@example.org", [EMAIL]),
        ("Write to sam\uff20example\uff0eorg", [EMAIL]),
        ("sam.jones+x@mail.example.co.uk!", [EMAIL]),
        ("sam at example dot org", [EMAIL]),
        ("sam (at) example [dot] org", [EMAIL]),
        ("s\u200bam@exam\u200bple.org", [EMAIL]),
        ("See https://example.org/x", [LINK]),
        ("See HTTP://EXAMPLE", [LINK]),
        ("See www.example", [LINK]),
        ("See example.org", [LINK]),
        ("See EXAMPLE.ORG.", [LINK]),
        ("See example.test/page", [LINK]),
        ("See example dot org", [LINK]),
        ("javascript://x", [LINK]),
        ("sam@example.org or example.org", [EMAIL, LINK]),
        ("07700 900123", [PHONE]),
        ("+44 (0)7700-900.123", [PHONE]),
        ("Ring 7700 900", [PHONE]),
        ("07700 900123".translate(ARABIC), [PHONE]),
        ("07700900123".translate(WIDE), [PHONE]),
        ("0 7 7 0 0 9 0 0 1 2 3", [PHONE]),
        ("I live at E11 1AA", [ADDRESS]),
        ("e111aa", [ADDRESS]),
        ("12 High Street", [ADDRESS]),
        ("221b, Old Mill Lane", [ADDRESS]),
        ("Flat 3, over the shop", [ADDRESS]),
        ("14 Heol y Frenhines", [ADDRESS]),
        ("a" * 40, [LONG]),
        ("Nooooooooooooooooooooooo!", [LONG]),
        ("🎉" * 20, [LONG]),
        ("a" + "\u0301" * 6, [LONG]),
        ("\n".join("x" * 31), [LONG]),
        ("Ring 07700 900123, E11 1AA, www.example, sam@example.org", [EMAIL, LINK, PHONE, ADDRESS]),
    ],
)
def test_what_should_be_looked_at_twice_is_flagged(text: str, found: list[Flag]) -> None:
    assert flags(text) == tuple(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Solidarity from Leeds!",
        "Tenner from 3 of us. Keep it up, 100% behind you.",
        "£1,000,000 by 2027? Yes.",
        "22.11.2026 was a good day",
        "Meet at 7.30 at the hall",
        "Thanks.Keep going",
        "We meet at noon on the road to victory",
        "From unit 47 of the RMT",
        "In memory of my dad, 1931-2024",
        "团结就是力量" * 20,
        "สามัคคีคือพลัง" * 10,
        "நன்றி தோழர்களே வணக்கம்",
        "שָׁלוֹם חֲבֵרִים",
        "👩🏽‍🚀👨‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "Llanfairpwllgwyngyll says hi",
        "@everyone #solidarity",
    ],
)
def test_what_people_usually_write_is_not(text: str) -> None:
    assert flags(text) == ()


def test_any_of_several_texts_is_flagged_and_each_kind_once() -> None:
    assert flags("Hello", "www.example", "www.example") == (LINK,)


@pytest.mark.parametrize(
    "piece", ["a", "1", "a.", "@", "at ", "1 a ", "\n", "\u0301", "1(", "a@a."]
)
def test_looking_takes_no_long_time_whatever_is_written(piece: str) -> None:
    began = time.perf_counter()
    flags(piece * (10_000 // len(piece)))
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("plain words", []),
        ("<b>call</b> 07700 900123, now", ["<b>call</b> 07700 900123,"]),
        ("mail \uff4de\uff20example.org!", ["\uff4de\uff20example.org!"]),
        ("0\u200b7\u200b700 900123", ["0\u200b7\u200b700 900123"]),
        ("12 High Road, E11 1AA", ["12 High Road,", "E11 1AA"]),
        ("", []),
    ],
)
def test_what_is_marked_is_whole_words_and_the_message_stays_as_it_is(
    text: str, marked: list[str]
) -> None:
    found: list[Part] = parts(text)
    assert "".join(each.text for each in found) == text
    assert [each.text for each in found if isinstance(each.flag, Flag)] == marked
