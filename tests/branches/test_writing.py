"""What the API writes quickly is what would be written slowly, letter by letter."""

import json
import random
from dataclasses import replace
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.postcode_index import known_postcodes
from branches.answers import Answer, UnknownPostcode
from branches.locating import Locating, parse
from branches.models import CatchmentKind
from branches.postcodes import NotAPostcode, PostcodeIndex, Special
from branches.presenting import Presenter
from branches.snapshot import Directory, take
from branches.writing import Writer, Writers
from core.database import Database
from core.organisation import Phone
from tests.branches.factories import TODAY, make_branch, make_directory, make_region

pytestmark = [
    pytest.mark.index,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
OFFICE = Phone(e164="+442089888777", display="020 8988 8777")
PRESENTER = Presenter("http://127.0.0.1:8000", OFFICE)
AREAS = ("E", "CF", "TR", "LS", "EH", "SY", "LL", "NP")
WIDER = ("E11", "e1 4", "CH4", "SY10", "TD15", "BT7 1NN", "JE2 4WD", "BF1 2AA", "BX1 1LT", "LD7 1")
QUOTES = 'say "E11 1AA" \\ \u0141\U0001f600\x7f\n'


@pytest.fixture
def shipped(shipped_directory: None, database: Database) -> Directory:
    with database.reading() as session:
        return take(session, version=1, today=TODAY)


def answers(locating: Locating, index: PostcodeIndex) -> list[Answer]:
    """Give answers of every kind, for thousands of postcodes."""
    postcodes = known_postcodes(index, AREAS)
    random.Random(3).shuffle(postcodes)  # noqa: S311 -- an order, not a secret
    found = [locating.locate(postcode) for postcode in postcodes[:5000]]
    return found + [locating.locate(parse(text, index)) for text in WIDER]


def test_what_is_written_is_what_the_presenter_says_letter_by_letter(
    app: Flask, shipped: Directory, built_index: PostcodeIndex
) -> None:
    writer = Writer(PRESENTER)
    found = answers(Locating(shipped, built_index, 60), built_index)
    with app.test_request_context():
        for number, answer in enumerate(found):
            query = (str(answer.query), QUOTES)[number % 2]
            assert writer.nearest(answer, query) == json.dumps(PRESENTER.nearest(answer, query))
    assert {answer.rule for answer in found} == {"catchment", "nearest", "region", "national"}
    assert any(answer.also for answer in found)
    assert {answer.note for answer in found} >= {None, *Special}


def test_distances_are_rounded_as_ever_and_names_are_quoted(
    app: Flask, built_index: PostcodeIndex
) -> None:
    london = make_region("london", "E12000007")
    some = [
        make_branch(f"b{number}", london, lat / 100, lon / 100)
        for number, (lat, lon) in enumerate(product(range(5140, 5160, 2), range(-20, 20, 4)))
    ]
    named = [
        replace(branch, id=number, name=f'{branch.name} "{QUOTES}"')
        for number, branch in enumerate(some)
    ]
    locating = Locating(make_directory([london], named), built_index, 60)
    writer = Writer(PRESENTER)
    with app.test_request_context():
        for answer in answers(locating, built_index):
            told = json.dumps(PRESENTER.nearest(answer, "x"))
            assert writer.nearest(answer, "x") == told


def test_a_new_directory_is_written_with_its_own_words(
    app: Flask, built_index: PostcodeIndex
) -> None:
    london = make_region("london", "E12000007")
    old = make_branch("leyton", london, 51.57, 0.0)
    new = replace(old, name="Leyton and Stratford")
    writers = Writers(PRESENTER)
    with app.test_request_context():
        for branch in (old, new):
            directory = make_directory([london], [branch])
            answer = Locating(directory, built_index, 60).locate(parse("E11 1AA", built_index))
            assert branch.name in writers.writer(directory, "en").nearest(answer, "x")
            assert writers.writer(directory, "en") is writers.writer(directory, "en")


@pytest.mark.parametrize("text", ["E11 1AA", "e111aa", "\u00a0e11\u200b 1aa ", "S1O 2TN", "E11"])
def test_one_and_many_are_answered_the_same(
    client: FlaskClient, shipped_directory: None, text: str
) -> None:
    one = client.get("/api/v1/nearest", query_string={"postcode": text}).text
    many = client.post("/api/v1/nearest", json={"postcodes": [text, text]}).text
    assert many == f'{{"results": [{one}, {one}]}}'


def test_the_quick_way_gives_the_whole_answer_or_none(
    shipped: Directory, built_index: PostcodeIndex
) -> None:
    covered = replace(
        shipped,
        catchments={**shipped.catchments, (CatchmentKind.SECTOR, "E1 1"): shipped.branches[1][0]},
    )
    locating = Locating(covered, built_index, 60)
    texts = [str(postcode) for postcode in known_postcodes(built_index, ("E", "CF"))[:2000]]
    texts += [text.lower().replace(" ", "") for text in texts]
    for text in (*texts, "E11 9ZZ", "S1O 2TN", "E11", "E1 1", "BT7 1NN", "W1A 1AA", "", "x"):
        try:
            whole = locating.locate(parse(text, built_index))
        except (NotAPostcode, UnknownPostcode):
            whole = None
        quick = locating.plainly(text)
        assert quick in (whole, None), text
        assert quick or text not in texts or whole is None or whole.precision == "none", text
