import datetime as dt
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from branches.directory import files_of, load
from branches.postcodes import PostcodeIndex
from branches.room import Room
from core.database import Database
from tests.branches.factories import TODAY, shipped
from tests.databases import ON_ONE

pytestmark = [pytest.mark.index, ON_ONE]


@pytest.fixture(autouse=True)
def _directory(shipped_directory: None) -> None:
    """Every test here looks at the shipped directory."""


def change(database: Database, index: PostcodeIndex, old: bytes, new: bytes) -> None:
    """Load the shipped directory again with another text in its files."""
    load_files(database, index, {name: file.replace(old, new) for name, file in shipped().items()})


def drop(database: Database, index: PostcodeIndex, *words: bytes) -> None:
    """Load the shipped directory again without the lines that have one of these words."""
    load_files(
        database,
        index,
        {
            name: b"".join(
                line
                for line in file.splitlines(keepends=True)
                if not any(word in line for word in words)
            )
            for name, file in shipped().items()
        },
    )


def load_files(database: Database, index: PostcodeIndex, files: dict[str, bytes]) -> None:
    with database.transaction() as session:
        load(session, files, place_of=index.find, today=TODAY)
        assert files_of(session) != shipped()


def test_the_page_lists_every_region_and_branch(client: FlaskClient) -> None:
    response = client.get("/branches")
    assert response.status_code == 200
    assert 'href="/regions/yorkshire"' in response.text
    assert "Caerphilly &amp; RCT" in response.text
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in response.headers


def test_a_postcode_is_answered_and_not_kept_by_anybody(client: FlaskClient) -> None:
    response = client.get("/branches?postcode=e111aa")
    assert response.status_code == 200
    assert "Waltham Forest" in response.text
    assert "020 8988 8786" in response.text
    assert "Walthamstow" in response.text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("postcode=", 422),
        ("postcode=London+N", 422),
        ("postcode=E11+9ZZ", 404),
        ("postcode=ZZ99+9ZZ", 404),
        ("postcode=BT7+1NN", 200),
        ("postcode=EH6+8RS", 200),
        ("postcode=TR18+2AB", 200),
        ("postcode=E11", 200),
        ("postcode=" + "x" * 5000, 422),
    ],
)
def test_every_query_has_a_page(client: FlaskClient, query: str, status: int) -> None:
    response = client.get(f"/branches?{query}")
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert 'name="postcode"' in response.text


def test_what_was_typed_stands_in_the_form_again(client: FlaskClient) -> None:
    response = client.get("/branches", query_string={"postcode": '"><b>E11'})
    assert response.status_code == 422
    assert 'value="&#34;&gt;&lt;b&gt;E11"' in response.text


def test_an_unknown_postcode_offers_its_districts_branch(client: FlaskClient) -> None:
    response = client.get("/branches?postcode=E11+9ZZ")
    assert "E11 9ZZ" in response.text
    assert 'href="/branches/waltham-forest"' in response.text


def test_a_branch_has_a_page(client: FlaskClient) -> None:
    response = client.get("/branches/caerphilly-rct")
    assert response.status_code == 200
    assert "Caerphilly &amp; RCT" in response.text
    assert "077 7221 5281" in response.text
    assert "E17" not in response.text


def test_a_region_has_a_page(client: FlaskClient) -> None:
    response = client.get("/regions/wales")
    assert response.status_code == 200
    assert "077 7221 5281" in response.text
    assert 'href="/branches/bangor"' in response.text
    assert 'href="/branches/leeds"' not in response.text


def test_what_never_was_is_not_found(client: FlaskClient) -> None:
    assert client.get("/branches/atlantis").status_code == 404
    assert client.get("/regions/atlantis").status_code == 404


def test_a_closed_branch_says_so_and_whom_to_ring(
    client: FlaskClient, database: Database, built_index: PostcodeIndex
) -> None:
    drop(database, built_index, b"bangor")
    response = client.get("/branches/bangor")
    assert response.status_code == 410
    assert "22 November 2026" in response.text
    assert "077 7221 5281" in response.text
    assert 'href="/branches/bangor"' not in client.get("/regions/wales").text


def test_a_branch_that_is_yet_to_open_has_no_page(
    client: FlaskClient, database: Database, built_index: PostcodeIndex
) -> None:
    day = (TODAY + dt.timedelta(days=1)).isoformat().encode()
    bangor = b"Bangor,Ask the regional organiser for the next meeting,,,open,"
    change(database, built_index, bangor, bangor + day)
    assert client.get("/branches/bangor").status_code == 404


def test_a_closed_region_sends_people_to_the_national_office(
    client: FlaskClient, database: Database, built_index: PostcodeIndex
) -> None:
    drop(database, built_index, b"wales", b"caerphilly")
    for path in ("/regions/wales", "/branches/bangor"):
        response = client.get(path)
        assert response.status_code == 410
        assert "020 8988 8777" in response.text
    assert client.get("/branches?postcode=LL57+2DG").status_code == 200


def test_without_an_index_the_page_says_that_it_cannot_look_now(
    client: FlaskClient, tmp_path: Path
) -> None:
    room: Room = client.application.extensions["branches"]
    room.locator.file.path = tmp_path / "none.idx"
    response = client.get("/branches?postcode=E11+1AA")
    assert (response.status_code, response.mimetype) == (503, "text/html")
    assert "020 8988 8777" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/branches").status_code == 200
    assert client.get("/branches/bangor").status_code == 200
