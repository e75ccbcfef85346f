import sys
from types import FrameType

import pytest

from branches.postcodes import PostcodeIndex
from branches.texting.understanding import understand
from branches.texting.understanding.cleaning import LONGEST

# Each of these once took work that grew with the square of its length, or is of the kind that may.
PIECES = (
    *("la 1 a 1 ", "E1 11 1A A1 AA E11 AA1 ", "E11 1AA ", "E11 1A ", "E11 1AA or E17 4RH or "),
    *(
        "Jo and ",
        "from Jo ",
        "jo wants ",
        "J. R. R. ",
        "a.",
        "a@",
        "O0 1Il ",
        "E1 ",
        "14 Mark's Road ",
    ),
    *("M1 the ", "my name is ", "\u0301", "\u200bE11\u200b1AA", "+44 7", "sent from my ", "?", " "),
)


def work(text: str, known: PostcodeIndex) -> int:
    """Count the calls, each step of a generator among them, that reading a text takes."""
    count = 0

    def note(_frame: FrameType, event: str, _about: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        understand(text, known)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_is_no_more_than_twice_the_work(piece: str, made_up: PostcodeIndex) -> None:
    whole = piece * (LONGEST // len(piece) + 1)
    understand(whole, made_up)  # what is kept after the first time is not counted
    assert work(whole[:LONGEST], made_up) < 2.3 * work(whole[: LONGEST // 2], made_up)


@pytest.mark.parametrize("piece", PIECES)
def test_what_comes_after_the_longest_text_is_no_work(piece: str, made_up: PostcodeIndex) -> None:
    whole = piece * (1_000_000 // len(piece))
    understand(whole, made_up)
    assert work(whole, made_up) < 1.1 * work(whole[:LONGEST], made_up)
    assert understand(whole, made_up) == understand(whole[:LONGEST], made_up)
