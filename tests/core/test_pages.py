"""The pages that belong to no room, and what tells an operator that all is well."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from core.database import Database
from tests.core.serving import make_app
from tests.ports import free_port
from tests.postgres import owner

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
@pytest.mark.parametrize("path", ["/", "/about", "/privacy", "/imprint"])
def test_a_page_is_there_and_may_be_kept_for_a_while(path: str, client: FlaskClient) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert '<html lang="en">' in answer.text
    assert answer.headers["Cache-Control"].startswith("public, max-age=")


@ON_SQLITE
def test_every_page_leads_to_who_we_are(client: FlaskClient) -> None:
    for path in ("/", "/donate", "/join", "/branches", "/none"):
        page = client.get(path).text
        for link in ("/about", "/privacy", "/imprint"):
            assert f'href="{link}"' in page, path


@ON_SQLITE
def test_the_colours_are_the_organisations(client: FlaskClient) -> None:
    answer = client.get("/theme.css")

    assert answer.mimetype == "text/css"
    assert answer.text == ":root{--accent:#b3122a;--accent-ink:#ffffff}\n"


@ON_SQLITE
def test_search_engines_are_kept_from_pages_of_persons(client: FlaskClient) -> None:
    assert "Disallow: /me\n" in client.get("/robots.txt").text


@ON_SQLITE
def test_pages_of_persons_and_errors_ask_not_to_be_kept_by_search_engines(
    client: FlaskClient,
) -> None:
    for path in ("/none", "/me/sent", "/donate/cancelled"):
        assert '<meta name="robots" content="noindex, nofollow">' in client.get(path).text, path


def test_a_service_that_is_well_is_ready(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_service_whose_schema_is_behind_is_alive_but_not_ready(
    client: FlaskClient, database: Database
) -> None:
    with owner(database.engine).begin() as connection:
        version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.mimetype) == (503, "text/plain")
        assert "db upgrade" in answer.text
        assert client.get("/healthz").status_code == 200
    finally:
        with owner(database.engine).begin() as connection:
            back = sa.text("UPDATE alembic_version SET version_num = :version")
            connection.execute(back, {"version": version})


@pytest.fixture
def without_database(settings: Settings) -> Flask:
    away = Database(f"postgresql://groundswell@127.0.0.1:{free_port()}/groundswell")
    return make_app(settings, away)


def test_a_service_whose_database_is_away_is_alive_but_not_ready(without_database: Flask) -> None:
    client = without_database.test_client()

    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
    assert "127.0.0.1" not in answer.text


def test_a_service_whose_database_is_away_says_so_on_its_pages(without_database: Flask) -> None:
    client = without_database.test_client()

    for path in ("/", "/donate", "/branches/leyton", "/donate/thanks?session_id=cs_test_made_up"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"] == "5"
        assert "Nothing was lost" in answer.text
    problem = client.get("/api/v1/appeals")
    assert problem.status_code == 503
    assert problem.get_json(force=True)["code"] == "unavailable"
    assert client.get("/about").status_code == 200
