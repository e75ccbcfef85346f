"""Every reply: its words, its length, its alphabet."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from branches.postcodes import Special
from branches.texting.gsm import is_gsm7, segments
from branches.texting.replying import MOST_PARTS, Answered, Outcome, reply

USUAL = Answered(
    outcome=Outcome.MATCH,
    org_name="Socialist Party",
    national_phone="020 8988 8777",
    first_name="Sam",
    place_text="E11 1AA",
    places=("M14 5RL", "M2 5DB"),
    branch_name="Waltham Forest",
    contact_name="London regional organiser",
    contact_phone="020 8988 8786",
    district="E11",
    website="https://example.org",
    privacy_url="https://example.org/privacy",
)
LONG = replace(
    USUAL,
    org_name="Socialist Party (England and Wales)",
    first_name="Maximilianalexandera",
    branch_name="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch and District",
    second_branch="Newcastle upon Tyne, Gateshead, Sunderland and the Coast",
    meets="every second and fourth Tuesday of the month at 7.30pm in the upstairs room "
    "of the Trades and Labour Club, 42 High Street, opposite the old bus station",
    contact_name="Yorkshire and the Humber regional organiser",
)
DIRECTORY = Path(__file__).parents[3] / "directory"
WELSH = ("Ynys Môn", "Llŷn ac Eifionydd", "Pen-y-bont ar Ogwr", "Dyffryn Nantlle a Môn â Llŷn")
ANSWERED = [outcome for outcome in Outcome if outcome is not Outcome.NO_REPLY]


@pytest.fixture(scope="module", autouse=True)
def words() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app)
    with app.app_context():
        yield


def sent(answer: Answered, *, keep_welsh: bool = False) -> str:
    words = reply(answer, keep_welsh=keep_welsh)
    assert words is not None
    return words


@pytest.mark.parametrize("outcome", ANSWERED)
@pytest.mark.parametrize("note", [None, *Special])
def test_the_usual_reply_is_one_part(outcome: Outcome, note: Special | None) -> None:
    words = sent(replace(USUAL, outcome=outcome, note=note))
    assert segments(words).coding == "gsm7"
    assert segments(words).parts == 1


@pytest.mark.parametrize("outcome", ANSWERED)
@pytest.mark.parametrize("keep_welsh", [False, True])
def test_the_longest_reply_is_two_parts(outcome: Outcome, *, keep_welsh: bool) -> None:
    hats = replace(LONG, outcome=outcome, branch_name=f"\u0174yddgrug {LONG.branch_name}")
    words = sent(hats, keep_welsh=keep_welsh)
    assert segments(words).parts <= MOST_PARTS
    assert keep_welsh or is_gsm7(words)


def in_the_directory() -> Iterator[Answered]:
    """Give the answer for each branch that is shipped, and for some with Welsh names."""
    regions, branches = (
        list(csv.DictReader((DIRECTORY / name).read_text("utf-8").splitlines()))
        for name in ("regions.csv", "branches.csv")
    )
    contacts = {region["slug"]: region for region in regions}
    names = [(branch["name"], branch["region"]) for branch in branches]
    for name, region in [*names, *((name, "wales") for name in WELSH)]:
        contact = contacts[region]
        yield replace(
            USUAL,
            branch_name=name,
            place_text="SW1A 2AA",
            district="SW1A",
            contact_name=f"{contact['name']} regional organiser",
            contact_phone=contact["display"],
        )


@pytest.mark.parametrize("outcome", ANSWERED)
def test_every_branch_of_the_directory_is_answered_in_one_part(outcome: Outcome) -> None:
    answers = list(in_the_directory())
    assert len(answers) > 40
    for answer in answers:
        words = sent(replace(answer, outcome=outcome))
        assert is_gsm7(words)
        assert segments(words).parts == 1, words
        two = sent(replace(answer, outcome=outcome, second_branch="Caerphilly & RCT"))
        assert segments(two).parts <= MOST_PARTS, two
        kept = sent(replace(answer, outcome=outcome), keep_welsh=True)
        assert segments(kept).parts <= (1 if is_gsm7(kept) else MOST_PARTS), kept


@given(
    outcome=st.sampled_from(ANSWERED),
    texts=st.lists(st.text(max_size=300), min_size=6, max_size=6),
    keep_welsh=st.booleans(),
)
def test_no_value_makes_a_reply_longer_than_two_parts(
    outcome: Outcome, texts: list[str], *, keep_welsh: bool
) -> None:
    org, branch, second, meets, contact, phone = texts
    answer = replace(
        USUAL, outcome=outcome, org_name=org, branch_name=branch, second_branch=second,
        meets=meets, contact_name=contact, contact_phone=phone, national_phone=phone,
        website=meets, privacy_url=meets,
    )  # fmt: skip
    assert segments(sent(answer, keep_welsh=keep_welsh)).parts <= MOST_PARTS


@pytest.mark.parametrize("outcome", ANSWERED)
@pytest.mark.parametrize("filling", ["Ab" * 200, "word " * 60, "\u20ac" * 200, "\u0175" * 200])
def test_overlong_values_are_cut_and_still_answered(outcome: Outcome, filling: str) -> None:
    answer = replace(
        USUAL, outcome=outcome, org_name=filling, branch_name=filling, second_branch=filling,
        meets=filling, contact_name=filling, contact_phone=filling, national_phone=filling,
        website=filling, privacy_url=filling,
    )  # fmt: skip
    assert segments(sent(answer)).parts == MOST_PARTS or len(sent(answer)) <= 160


def test_nothing_is_sent_where_nothing_is_to_be_said() -> None:
    assert reply(replace(USUAL, outcome=Outcome.NO_REPLY)) is None


def test_a_match_names_the_branch_the_postcode_and_whom_to_ring() -> None:
    assert sent(USUAL) == (
        "Hello Sam. The nearest Socialist Party branch to E11 1AA is Waltham Forest. "
        "London regional organiser: 020 8988 8786."
    )


def test_the_greeting_goes_before_the_meeting_does() -> None:
    answer = replace(USUAL, meets="Tuesdays at 7.30pm, Leyton Public Library")
    assert not sent(answer).startswith("Hello")
    assert "Meets: Tuesdays at 7.30pm, Leyton Public Library. London" in sent(answer)
    assert segments(sent(answer)).parts == 1
    longer = replace(USUAL, meets="the first Tuesday of each month, 7pm, Leyton Library")
    assert "Meets" not in sent(longer)
    assert segments(sent(longer)).parts == 1


def test_a_long_branch_name_is_sent_whole_where_two_parts_hold_it() -> None:
    answer = replace(LONG, outcome=Outcome.MATCH, meets=None)
    assert str(LONG.branch_name) in sent(answer)
    assert segments(sent(answer)).parts == MOST_PARTS


def test_a_region_without_a_branch_gives_its_organiser() -> None:
    assert sent(replace(USUAL, branch_name=None)) == (
        "Hello Sam. There is no Socialist Party branch near E11 1AA yet. "
        "London regional organiser: 020 8988 8786."
    )


def test_outside_the_regions_the_national_office_answers() -> None:
    answer = replace(
        USUAL, place_text="EH6 8RS", branch_name=None, contact_name=None, contact_phone=None
    )
    assert sent(answer) == (
        "Hello Sam. There is no Socialist Party branch for EH6 8RS. National office: 020 8988 8777."
    )


def test_a_district_is_answered_with_an_invitation() -> None:
    words = sent(replace(USUAL, outcome=Outcome.OUTCODE, place_text="E8", first_name=None))
    assert "nearest the middle of E8 is Waltham Forest" in words
    assert "full postcode" in words


def test_two_likely_branches_are_both_named() -> None:
    answer = replace(USUAL, outcome=Outcome.OUTCODE, place_text="E8", second_branch="Hackney")
    assert "Waltham Forest or Hackney" in sent(answer)


def test_an_unknown_postcode_is_echoed_and_its_district_answered() -> None:
    answer = replace(USUAL, outcome=Outcome.UNKNOWN_POSTCODE, place_text="E11 9ZZ")
    assert "We do not know E11 9ZZ" in sent(answer)
    assert "nearest E11 is Waltham Forest" in sent(answer)
    without = sent(replace(answer, branch_name=None))
    assert "We do not know the postcode E11 9ZZ" in without
    assert "Waltham Forest" not in without


def test_the_postcodes_to_choose_from_are_named() -> None:
    assert "M14 5RL or M2 5DB?" in sent(replace(USUAL, outcome=Outcome.CHOOSE))


@pytest.mark.parametrize(
    ("note", "phrase"),
    [
        (Special.NORTHERN_IRELAND, "no branches where BT7 1NN is"),
        (Special.CROWN_DEPENDENCY, "no branches where BT7 1NN is"),
        (Special.BFPO, "forces address"),
        (Special.NON_GEOGRAPHIC, "home postcode"),
    ],
)
def test_a_place_that_is_not_covered_is_told_why(note: Special, phrase: str) -> None:
    answer = replace(USUAL, outcome=Outcome.NOT_COVERED, place_text="BT7 1NN", note=note)
    assert phrase in sent(answer)
    assert "020 8988 8777" in sent(answer)


def test_help_says_who_we_are_and_links_to_privacy() -> None:
    words = sent(replace(USUAL, outcome=Outcome.HELP))
    assert words.startswith("Socialist Party: ")
    assert "STOP" in words
    assert words.endswith("https://example.org/privacy")


def test_stop_is_confirmed_with_the_way_back() -> None:
    words = sent(replace(USUAL, outcome=Outcome.STOP))
    assert "no more texts from Socialist Party" in words
    assert "START" in words


@pytest.mark.parametrize(
    ("first", "greeted"),
    [
        ("Sam", "Hello Sam. "),
        ("Si\u00e2n", "Hello Sian. "),
        ("Jos\u00e9", "Hello José. "),
        ("\u0412\u043b\u0430\u0434", ""),
        ("Sam1", ""),
        ("Sam Jones", "Hello Sam. "),
        ("Mr", ""),
        ("x" * 21, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_a_plain_name_is_greeted(first: str | None, greeted: str) -> None:
    words = sent(replace(USUAL, first_name=first))
    assert words.startswith(greeted + "The nearest")


def test_hats_come_off_unless_they_are_wanted() -> None:
    answer = replace(USUAL, branch_name="Ynys M\u00f4n", first_name=None)
    assert "Ynys Mon." in sent(answer)
    assert is_gsm7(sent(answer))
    kept = sent(answer, keep_welsh=True)
    assert "Ynys M\u00f4n." in kept
    assert segments(kept).parts == MOST_PARTS
