import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from branches.room import Room
from branches.shapes import MOST_POSTCODES
from tests.databases import ON_ONE

pytestmark = [pytest.mark.index, ON_ONE]
KEYS = [
    *("query", "postcode", "precision", "source", "rule", "branch"),
    *("distance_km", "alternatives", "region", "contact"),
]


@pytest.fixture(autouse=True)
def _directory(shipped_directory: None) -> None:
    """Every test here asks about the shipped directory."""


def ask(client: FlaskClient, postcode: str, status: int = 200) -> dict[str, Any]:
    response = client.get("/api/v1/nearest", query_string={"postcode": postcode})
    assert response.status_code == status, response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    expected = "application/json" if status == 200 else "application/problem+json"
    assert response.mimetype == expected
    found: dict[str, Any] = json.loads(response.text)
    return found


def test_a_postcode_is_answered_as_the_contract_says(client: FlaskClient) -> None:
    found = ask(client, "e111aa")
    assert list(found) == KEYS
    assert found == {
        "query": "e111aa",
        "postcode": "E11 1AA",
        "precision": "postcode",
        "source": "index",
        "rule": "nearest",
        "branch": {
            "slug": "waltham-forest",
            "name": "Waltham Forest",
            "url": "http://127.0.0.1:8000/branches/waltham-forest",
            "lat": 51.58341,
            "lon": -0.01952,
        },
        "distance_km": 2.9,
        "alternatives": [
            {"slug": "haringey", "name": "Haringey", "distance_km": 9.0},
            {"slug": "lewisham", "name": "Lewisham", "distance_km": 11.4},
        ],
        "region": {"slug": "london", "name": "London"},
        "contact": {
            "name": "London regional organiser",
            "phone": "+442089888786",
            "display": "020 8988 8786",
        },
    }
    assert list(found["branch"]) == ["slug", "name", "url", "lat", "lon"]


@pytest.mark.parametrize(
    ("text", "postcode", "precision"),
    [
        ("E11", "E11", "outcode"),
        ("e11 1", "E11 1", "sector"),
        ("\u00a0e11\u200b 1aa ", "E11 1AA", "postcode"),
        ("S1O 2TN", "S10 2TN", "postcode"),
    ],
)
def test_what_was_typed_is_read_kindly(
    client: FlaskClient, text: str, postcode: str, precision: str
) -> None:
    found = ask(client, text)
    assert (found["query"], found["postcode"], found["precision"]) == (text, postcode, precision)


def test_a_catchment_is_named_as_the_rule(client: FlaskClient) -> None:
    found = ask(client, "CF37 4TS")  # Pontypridd, in Rhondda Cynon Taf
    assert (found["rule"], found["branch"]["slug"]) == ("catchment", "caerphilly-rct")


def test_far_from_every_branch_the_region_answers(client: FlaskClient) -> None:
    found = ask(client, "TR18 2AB")  # Penzance
    assert (found["rule"], found["branch"], found["distance_km"]) == ("region", None, None)
    assert found["region"]["slug"] == "south-west"
    assert found["contact"]["phone"] == "+447759796478"


def test_scotland_is_answered_by_the_national_office(client: FlaskClient) -> None:
    found = ask(client, "EH6 8RS")
    assert (found["precision"], found["rule"]) == ("postcode", "national")
    assert (found["branch"], found["region"]) == (None, None)
    assert found["contact"] == {
        "name": "National office",
        "phone": "+442089888777",
        "display": "020 8988 8777",
    }
    assert "note" not in found


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("BT7 1NN", "northern_ireland"),
        ("JE2 4WD", "crown_dependency"),
        ("BF1 2AA", "bfpo"),
        ("BX1 1LT", "non_geographic"),
    ],
)
def test_what_has_no_place_says_so(client: FlaskClient, text: str, note: str) -> None:
    found = ask(client, text)
    assert list(found) == [*KEYS, "note"]
    assert (found["precision"], found["rule"], found["note"]) == ("none", "national", note)
    assert (found["region"], found["branch"]) == (None, None)


def test_an_unknown_postcode_is_told_with_the_answer_of_its_district(client: FlaskClient) -> None:
    found = ask(client, "E11 9ZZ", 404)
    assert (found["status"], found["code"]) == (404, "unknown_postcode")
    district = found["district"]
    assert (district["query"], district["postcode"]) == ("E11 9ZZ", "E11")
    assert (district["precision"], district["branch"]["slug"]) == ("outcode", "waltham-forest")


def test_a_postcode_of_no_district_has_none_to_offer(client: FlaskClient) -> None:
    assert ask(client, "ZZ99 9ZZ", 404)["district"] is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing_postcode"),
        ("  ", "missing_postcode"),
        ("London", "not_a_postcode"),
        ("E", "not_a_postcode"),
        ("E11 1AA E11 1AB", "not_a_postcode"),
        ("E11 1AA\x00", "not_a_postcode"),
        ("E" * 5000, "not_a_postcode"),
        ("\u0661", "not_a_postcode"),
    ],
)
def test_anything_else_is_a_problem_with_a_stable_code(
    client: FlaskClient, text: str, code: str
) -> None:
    found = ask(client, text, 400)
    assert (found["status"], found["code"]) == (400, code)


def test_no_parameter_is_a_missing_postcode(client: FlaskClient) -> None:
    response = client.get("/api/v1/nearest")
    assert (response.status_code, json.loads(response.text)["code"]) == (400, "missing_postcode")


def test_many_are_answered_in_their_order(client: FlaskClient) -> None:
    queries = ["e11", 7, "nonsense", "ZZ99 9ZZ", None, "", "BT7 1NN", "E11 9ZZ", "e11"]
    response = client.post("/api/v1/nearest", json={"postcodes": queries})
    assert response.status_code == 200
    results = json.loads(response.text)["results"]
    assert [result["query"] for result in results] == queries
    assert [result.get("code") for result in results] == [
        None,
        "not_a_postcode",
        "not_a_postcode",
        "unknown_postcode",
        "not_a_postcode",
        "missing_postcode",
        None,
        "unknown_postcode",
        None,
    ]
    assert results[0] == results[-1] == ask(client, "e11")
    assert results[7]["district"]["postcode"] == "E11"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"postcodes", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "malformed"),
        (b'{"postcodes": "E11"}', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"\xff\xfe", "malformed"),
        (json.dumps({"postcodes": ["E11"] * (MOST_POSTCODES + 1)}).encode(), "too_many_postcodes"),
    ],
)
def test_a_bulk_request_that_makes_no_sense_is_a_problem(
    client: FlaskClient, body: bytes, code: str
) -> None:
    response = client.post("/api/v1/nearest", data=body, content_type="application/json")
    assert (response.status_code, json.loads(response.text)["code"]) == (400, code)
    assert response.mimetype == "application/problem+json"


def test_a_hundred_at_once_are_taken_and_none_is_fine_too(client: FlaskClient) -> None:
    many = client.post("/api/v1/nearest", json={"postcodes": ["E11 1AA"] * MOST_POSTCODES})
    assert len(json.loads(many.text)["results"]) == MOST_POSTCODES
    none = client.post("/api/v1/nearest", json={"postcodes": []})
    assert json.loads(none.text) == {"results": []}


def test_half_a_character_in_a_bulk_request_harms_nothing(client: FlaskClient) -> None:
    response = client.post("/api/v1/nearest", data=b'{"postcodes": ["\\ud800"]}')
    assert json.loads(response.text) == {"results": [{"query": "\ud800", "code": "not_a_postcode"}]}


def test_the_regions_are_listed_in_the_papers_order(client: FlaskClient) -> None:
    response = client.get("/api/v1/regions")
    regions = json.loads(response.text)["regions"]
    assert [region["name"] for region in regions] == [
        *("Eastern", "East Mids", "London", "North East", "North West"),
        *("South West", "Southern", "Wales", "West Mids", "Yorkshire"),
    ]
    assert regions[0] == {
        "slug": "eastern",
        "name": "Eastern",
        "url": "http://127.0.0.1:8000/regions/eastern",
        "contact": {
            "name": "Eastern regional organiser",
            "phone": "+447982021969",
            "display": "079 8202 1969",
        },
    }
    assert response.headers["Cache-Control"] == "public, max-age=300"


def test_the_open_branches_are_listed(client: FlaskClient) -> None:
    response = client.get("/api/v1/branches")
    found = {each["slug"]: each for each in json.loads(response.text)["branches"]}
    assert len(found) >= 40
    assert found["waltham-forest"] == {
        "slug": "waltham-forest",
        "name": "Waltham Forest",
        "lat": 51.58341,
        "lon": -0.01952,
        "region": {"slug": "london", "name": "London"},
        "url": "http://127.0.0.1:8000/branches/waltham-forest",
    }
    assert all(each["lat"] == round(each["lat"], 5) for each in found.values())
    assert response.headers["Cache-Control"] == "public, max-age=300"


def test_another_method_is_refused_as_a_problem(client: FlaskClient) -> None:
    response = client.delete("/api/v1/nearest")
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")


def test_without_an_index_look_ups_say_so_and_lists_go_on(
    client: FlaskClient, tmp_path: Path
) -> None:
    room: Room = client.application.extensions["branches"]
    room.locator.file.path = tmp_path / "none.idx"
    assert ask(client, "E11 1AA", 503)["code"] == "index_missing"
    assert client.post("/api/v1/nearest", json={"postcodes": ["E11"]}).status_code == 503
    assert client.get("/api/v1/branches").status_code == 200


def test_every_answer_has_the_shape_that_is_described(client: FlaskClient) -> None:
    described = json.loads(client.get("/api/v1/openapi.json").text)
    for method, path, sent in [
        ("get", "/api/v1/nearest?postcode=E11+1AA", None),
        ("get", "/api/v1/nearest?postcode=E11", None),
        ("get", "/api/v1/nearest?postcode=BT7+1NN", None),
        ("get", "/api/v1/nearest?postcode=E11+9ZZ", None),
        ("get", "/api/v1/nearest?postcode=x", None),
        ("get", "/api/v1/nearest", None),
        ("post", "/api/v1/nearest", {"postcodes": ["E11 1AA", "x", 1, "E11 9ZZ"]}),
        ("get", "/api/v1/regions", None),
        ("get", "/api/v1/branches", None),
    ]:
        response = client.open(path, method=method.upper(), json=sent)
        operation = described["paths"][path.partition("?")[0]][method]
        (content,) = operation["responses"][str(response.status_code)]["content"].values()
        schema = {**content["schema"], "components": described["components"]}
        jsonschema.validate(json.loads(response.text), schema)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_json_cannot_hold_are_malformed(client: FlaskClient, number: str) -> None:
    body = f'{{"postcodes": [{number}]}}'
    answer = client.post("/api/v1/nearest", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "malformed")
