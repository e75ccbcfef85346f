"""Web, API, text line, join form and commands answer a postcode alike: thousands of them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from branches.api import found_for
from branches.directory import CATCHMENTS, load
from branches.postcodes import Postcode, PostcodeIndex
from branches.room import EXTENSION, Room, today
from branches.snapshot import Directory
from branches.texting.answering import Read
from branches.texting.gsm import fold
from config import Settings
from core.clock import day_in_london
from core.database import Database, reading
from members.places import Places
from tests.branches.factories import shipped
from tests.branches.postcodes.package import every_postcode
from tests.fakes import FakeClock

pytestmark = [
    pytest.mark.index,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

ONE_IN = 900
# The shipped catchments are districts; these are the other kinds, and one across a region's edge.
MORE_CATCHMENTS = b"""\
waltham-forest,outcode,IG8
haringey,sector,E11 1
shrewsbury,outcode,SY10
leeds,sector,LS1 3
cambridge,district,E07000243
"""
NOTED = {
    "BT7 1NN": "northern_ireland",
    "bt71nn": "northern_ireland",
    "JE2 4WD": "crown_dependency",
    "GY1 1AA": "crown_dependency",
    "IM1 1AG": "crown_dependency",
    "BF1 0AX": "bfpo",
    "BX1 1LT": "non_geographic",
    "GIR 0AA": "non_geographic",
}
UNKNOWN = ("E11 1CC", "ZZ99 9ZZ", "Q1 1AA", "LS1 3ZZ", "CF10 9ZZ", "EH8 9ZZ")
TERMINATED = ("W1R 1AA", "NPT 1AA", "AB1 0AA")
ASKED = "E11 1AA"
OUTCOMES = {"postcode": "match", "sector": "outcode", "outcode": "outcode", "none": "not_covered"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Limits that let one address ask for all of this."""
    shipped = settings.organisation
    limits = replace(shipped.limits, api_requests_a_second=1_000_000)
    return replace(settings, organisation=replace(shipped, limits=limits))


@pytest.fixture(autouse=True)
def _directory(database: Database, built_index: PostcodeIndex, clock: FakeClock) -> None:
    """Load the shipped directory with a catchment of every kind that the index knows."""
    files = shipped()
    files[CATCHMENTS] += MORE_CATCHMENTS
    with database.transaction() as session:
        load(session, files, place_of=built_index.find, today=day_in_london(clock.now()))


@pytest.fixture
def inside(app: Flask) -> Iterator[Room]:
    with app.test_request_context():
        room: Room = app.extensions[EXTENSION]
        yield room


@pytest.fixture(scope="module")
def sample(built_index: PostcodeIndex) -> list[str]:
    """One postcode in so many, of every area; with the special, the unknown and the terminated."""
    drawn = list(islice(every_postcode(), 0, None, ONE_IN))
    assert len({Postcode.parse(text).area for text in drawn}) >= 122
    return [*drawn, *NOTED, *UNKNOWN, *TERMINATED, ASKED, "IG8 0AA", "SY10 7AA", "LS1 3AD"]


@pytest.fixture(scope="module")
def parts(sample: list[str]) -> list[str]:
    """Their outcodes and sectors: thousands, though not one of every kind."""
    whole = [Postcode.parse(text) for text in sample if text not in UNKNOWN]
    whole = [one for one in whole if one.outward not in ("GIR", "NPT")]  # words, in a text
    outcodes = {str(one.outcode) for one in whole}
    return sorted(outcodes | {str(one.sector) for one in whole[::4]})


def test_whole_postcodes_are_answered_alike_by_api_text_line_and_join_form(
    inside: Room, app: Flask, sample: list[str]
) -> None:
    places: Places = app.extensions["members"].places
    rules, outcomes = Counter[str](), Counter[str]()
    with reading() as session:
        directory = inside.locator.directory(session, today=today())
        for text in sample:
            found: Any = found_for(directory, text)
            asked = f"hi its jo, nr {text.replace(' ', '').lower()} x"
            read = inside.text_line.read(session, asked, today=today())
            agreed(found, read, directory, text)
            assert read.postcode == str(Postcode.parse(text))
            placed = places.place(session, Postcode.parse(text).compact.lower())
            told = found if "code" not in found else found["district"]
            if "code" not in found:
                branch, region = placed.branch, placed.region
                assert (branch.slug if branch else None) == slug_of(told["branch"]), text
                assert (region.slug if region else None) == slug_of(told["region"]), text
                assert placed.contact.display == told["contact"]["display"], text
                assert placed.precision == told["precision"], text
            else:
                assert placed.precision in ("sector", "outcode", "none"), text
            rules[told["rule"] if told else "none"] += 1
            outcomes[read.outcome] += 1
    assert len(sample) > 3000
    assert min(rules[rule] for rule in ("catchment", "nearest", "region", "national")) >= 5
    assert min(outcomes[each] for each in ("match", "not_covered", "unknown_postcode")) >= 5


def test_outcodes_and_sectors_are_answered_alike_by_api_and_text_line(
    inside: Room, parts: list[str]
) -> None:
    with reading() as session:
        directory = inside.locator.directory(session, today=today())
        for text in parts:
            found: Any = found_for(directory, text)
            read = inside.text_line.read(session, f"Jo Smith {text}", today=today())
            agreed(found, read, directory, text)
    assert len(parts) > 2500


@pytest.mark.parametrize(("text", "note"), NOTED.items())
def test_what_has_no_place_has_its_note_everywhere(
    client: FlaskClient, inside: Room, text: str, note: str
) -> None:
    found = client.get("/api/v1/nearest", query_string={"postcode": text}).get_json()

    assert (found["note"], found["precision"], found["region"]) == (note, "none", None)
    with reading() as session:
        read = inside.text_line.read(session, f"Jo {text}", today=today())
    assert read.outcome == "not_covered"


def test_the_api_answers_many_as_it_answers_one(
    client: FlaskClient, inside: Room, sample: list[str], parts: list[str]
) -> None:
    queries = [*sample[::3], *parts[::3]]
    with reading() as session:
        directory = inside.locator.directory(session, today=today())
    for at in range(0, len(queries), 100):
        asked = queries[at : at + 100]
        response = client.post("/api/v1/nearest", json={"postcodes": asked})
        assert response.get_json()["results"] == [found_for(directory, text) for text in asked]


def test_the_page_and_the_api_over_http_show_the_same(
    client: FlaskClient, sample: list[str], parts: list[str]
) -> None:
    for text in [*sample[::120], *parts[::120], *NOTED, *UNKNOWN, *TERMINATED]:
        response = client.get("/api/v1/nearest", query_string={"postcode": text})
        page = client.get("/branches", query_string={"postcode": text})
        found = response.get_json()
        told = found if response.status_code == 200 else found["district"]

        assert page.status_code == response.status_code, text
        assert page.headers["Cache-Control"] == response.headers["Cache-Control"] == "no-store"
        if told:
            assert told["contact"]["display"] in page.text, text
            assert told["postcode"] in page.text
        if told and told["branch"]:
            assert f"/branches/{told['branch']['slug']}" in page.text, text


@pytest.mark.parametrize("text", [ASKED, "CF83 1JN", "EH8 8DX", "BT7 1NN", "E11 1CC"])
def test_the_commands_print_what_the_web_answers(
    app: Flask, client: FlaskClient, text: str
) -> None:
    response = client.get("/api/v1/nearest", query_string={"postcode": text})
    runner = app.test_cli_runner()
    nearest = runner.invoke(args=["branches", "nearest", text, "--json"])
    typed = f"hi its jo, nr {text.replace(' ', '').lower()} x"
    texted = runner.invoke(args=["branches", "text", typed, "--json"])

    printed, web = json.loads(nearest.stdout), response.get_json()
    if response.status_code == 200:
        assert printed == web
        assert nearest.exit_code == 0
    else:
        assert printed == {"query": text, "code": web["code"], "district": web["district"]}
        assert nearest.exit_code == 1
    said = json.loads(texted.stdout)
    told = web if response.status_code == 200 else web["district"]
    assert list(said) == ["outcome", "name", "postcode", "reply"]
    assert (said["name"], said["postcode"]) == ("Jo", text)
    assert told["contact"]["display"] in said["reply"]


def agreed(found: Any, read: Read, directory: Directory, text: str) -> None:  # noqa: ANN401 -- JSON
    """Hold a text's answer against the API's, as the contract matches outcome and code."""
    assert "district" in found or "code" not in found, text
    if "code" in found:
        assert read.outcome == "unknown_postcode", text
        told = found["district"]
    else:
        assert read.outcome == OUTCOMES[found["precision"]], text
        assert read.postcode == found["postcode"], text
        told = found
    answer = read.answer
    assert (answer is None) == (told is None), text
    if answer is None or told is None:
        return
    assert answer.rule == told["rule"], text
    assert (answer.branch.slug if answer.branch else None) == slug_of(told["branch"]), text
    assert (answer.region.slug if answer.region else None) == slug_of(told["region"]), text
    assert (answer.also.branch.slug if answer.also else None) == slug_of(told.get("also")), text
    assert read.reply, text
    assert told["contact"]["display"] in read.reply, (text, read.reply)
    if told["branch"]:
        assert fold(told["branch"]["name"]) in read.reply, (text, read.reply)


def slug_of(found: Any) -> str | None:  # noqa: ANN401 -- a member of JSON, or None
    return found["slug"] if found else None
