"""What bad requests get: a page for people, a problem for machines, never a stack trace."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from config import Settings
from core.database import Database
from core.outbox import OutboxMail
from tests.core.serving import SITE, make_app, make_production

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOO_LONG = b"a" * (256 * 1024 + 1)


def is_page(answer: TestResponse, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/html"
    assert f"Error {status}" in answer.text


def is_problem(answer: TestResponse, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json(force=True)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"]


@ON_SQLITE
@pytest.mark.parametrize(
    "path", ["/none", "/donate/none", "/branches/none", "/static/none", "/static/../app.py"]
)
def test_a_page_that_is_not_there_is_said_so(path: str, client: FlaskClient) -> None:
    is_page(client.get(path), 404)


@ON_SQLITE
@pytest.mark.parametrize(
    "path", ["//evil.example.net/", "///evil.example.net", "/\\evil.example.net"]
)
def test_no_address_leads_away(path: str, client: FlaskClient) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})

    assert answer.status_code in (308, 404)
    assert answer.headers.get("Location", "http://localhost/").startswith("http://localhost/")


@ON_SQLITE
def test_an_address_of_the_api_that_is_not_there_is_a_problem(client: FlaskClient) -> None:
    is_problem(client.get("/api/v1/none"), 404, "not_found")
    is_problem(client.get("/api/none"), 404, "not_found")
    is_problem(client.post("/webhooks/none"), 404, "not_found")


@ON_SQLITE
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "NONSENSE"])
def test_an_unknown_method_is_refused(method: str, client: FlaskClient) -> None:
    page, problem = (
        client.open("/donate", method=method),
        client.open("/api/v1/regions", method=method),
    )

    is_page(page, 405)
    is_problem(problem, 405, "method_not_allowed")
    assert set(page.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert set(problem.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@ON_SQLITE
def test_a_body_that_is_too_long_is_refused(client: FlaskClient) -> None:
    form = "application/x-www-form-urlencoded"
    many = {f"field{number}": "x" for number in range(2000)}

    is_page(client.post("/donate", data=TOO_LONG, content_type=form), 413)
    is_page(client.post("/join", data={"name": TOO_LONG.decode()}), 413)
    is_page(client.post("/donate", data=many, content_type="multipart/form-data"), 413)
    is_problem(client.post("/api/v1/nearest", data=TOO_LONG), 413, "too_large")
    is_problem(client.post("/webhooks/stripe", data=TOO_LONG), 413, "too_large")


@ON_SQLITE
@pytest.mark.parametrize(
    "host", ["evil.example.net", "give.example.net.evil.org", "127.0.0.2", "a b", "[::1", "\"'><b>"]
)
def test_a_host_that_is_not_ours_is_refused(
    host: str, settings: Settings, database: Database
) -> None:
    client = make_production(settings, database).test_client()

    answer = client.get("/", base_url=SITE, headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert host not in answer.text
    is_problem(
        client.get("/api/v1/regions", base_url=SITE, headers={"Host": host}), 400, "bad_request"
    )


@ON_SQLITE
@pytest.mark.parametrize("host", ["give.example.net", "give.example.net:443"])
def test_our_own_host_is_let_in(host: str, settings: Settings, database: Database) -> None:
    client = make_production(settings, database).test_client()

    assert client.get("/", base_url=SITE, headers={"Host": host}).status_code == 200


@ON_SQLITE
def test_health_checks_may_ask_by_this_machine_s_own_name(
    settings: Settings, database: Database
) -> None:
    client = make_production(settings, database).test_client()

    for path in ("/healthz", "/readyz", "/metrics"):
        answer = client.get(path, base_url=SITE, headers={"Host": "127.0.0.1:8000"})
        assert answer.status_code == 200, path


@ON_SQLITE
def test_a_proxy_tells_who_asks_only_where_there_is_one(
    settings: Settings, database: Database
) -> None:
    forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}

    for hops, seen in ((0, "127.0.0.1"), (1, "192.0.2.7")):
        app = make_app(settings, database, proxy_hops=hops)
        with app.test_client() as client:
            client.get("/", headers=forwarded)
            assert request.remote_addr == seen
            assert request.is_secure == bool(hops)


@ON_SQLITE
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (OperationalError("canary", {}, Exception("canary")), 503, "unavailable"),
        (PoolTimeout("canary"), 503, "unavailable"),
        (DataError("canary", {}, Exception("canary")), 400, "bad_request"),
        (sa.exc.IntegrityError("canary", {}, Exception("canary")), 500, "internal_error"),
        (RuntimeError("canary"), 500, "internal_error"),
        (OverflowError("canary"), 500, "internal_error"),
    ],
)
def test_whatever_breaks_a_view_is_told_without_its_words(
    fault: Exception, status: int, code: str, app: Flask
) -> None:
    def broken() -> str:
        raise fault

    app.add_url_rule("/broken", view_func=broken)
    app.add_url_rule("/api/broken", "api_broken", view_func=broken)
    page, problem = app.test_client().get("/broken"), app.test_client().get("/api/broken")

    is_page(page, status)
    is_problem(problem, status, code)
    assert "canary" not in page.text + problem.text
    assert page.headers.get("Retry-After") == ("5" if status == 503 else None)


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Hold the only lock there is on SQLite, and let nobody wait for long."""

    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 20")

    sa.event.listen(database.engine, "connect", hurry)
    database.engine.dispose()
    try:
        with closing(sqlite3.connect(str(database.engine.url.database))) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()
    finally:
        sa.event.remove(database.engine, "connect", hurry)


@ON_SQLITE
def test_a_locked_sqlite_is_said_to_be_busy_and_reading_goes_on(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = None
    body = b'{"id": "evt_1", "type": "made.up"}'
    headers = {"Stripe-Signature": "good"}

    with locked(database):
        is_problem(client.post("/webhooks/stripe", data=body, headers=headers), 503, "unavailable")
        assert client.get("/readyz").status_code == 200
        assert client.get("/donate").status_code == 200

    assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == 200


NASTY = ("\x00", "\ud800", "\u202e", "'; DROP TABLE pledge; --", "{{ 7 * 7 }}", "%s%n", "9" * 400)


@pytest.mark.parametrize(
    "path", ["/donate", "/donate/details", "/join", "/me", "/me/open", "/join/confirm"]
)
def test_no_form_breaks_over_nasty_text(path: str, client: FlaskClient) -> None:
    fields = (
        *("amount", "frequency", "message", "appeal", "source", "name", "email", "postcode"),
        *("display", "consent", "token", "phone", "date_of_birth", "address1", "town", "rate"),
    )
    for nasty in NASTY:
        sent = dict.fromkeys(fields, nasty.encode(errors="surrogatepass"))
        assert client.post(path, data=sent).status_code in (400, 404, 410, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/donate/{}",
        "/branches/{}",
        "/regions/{}",
        "/branches?postcode={}",
        "/donate?amount={0}&frequency={0}&message={0}&source={0}",
        "/donate/thanks?session_id={}",
        "/join/thanks?session_id={}",
        "/me/open?token={}",
        "/join/confirm?token={}",
        "/api/v1/nearest?postcode={}",
        "/api/v1/appeals/{}",
        "/static/{}",
    ],
)
def test_no_address_breaks_over_nasty_text(path: str, client: FlaskClient) -> None:
    for nasty in ("%00", "%ed%a0%80", "%ff", "%0d%0aSet-Cookie:x=y", "..%2f..%2fapp.py", "9" * 400):
        answer = client.get(path.format(nasty))
        assert answer.status_code < 500, (nasty, answer.text)
        assert "Set-Cookie" not in answer.headers
        answer.close()


def test_nothing_nasty_was_kept(client: FlaskClient, database: Database) -> None:
    for nasty in NASTY:
        client.post("/me", data={"email": nasty.encode(errors="surrogatepass")})

    with database.reading() as session:
        assert session.scalars(sa.select(OutboxMail)).all() == []
