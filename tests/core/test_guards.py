"""Guards: who may come in, and from where a form may be sent."""

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from core.guards import Guard, anyone, guard, guard_of, same_origin
from tests.members.conftest import token_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OURS = "http://127.0.0.1:8000"


def ask(client: FlaskClient, origin: str | None) -> int:
    token = token_in(client.get("/me").text)
    headers = {"Origin": origin} if origin is not None else {}
    data = {"email": "sam@example.org", "token": token}
    return client.post("/me", data=data, headers=headers).status_code


@pytest.mark.parametrize("origin", [None, OURS, "http://localhost"])
def test_a_form_from_our_own_page_is_taken(origin: str | None, client: FlaskClient) -> None:
    assert ask(client, origin) == 303


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "https://127.0.0.1:8000", "http://127.0.0.1:8001", "http://127.0.0.1"),
        *("http://evil.example.net", "http://127.0.0.1:8000.evil.example.net", f"{OURS}/"),
        *("http://127.0.0.1:8000@evil.example.net", "HTTP://127.0.0.1:8000"),
    ],
)
def test_a_form_from_another_site_is_refused(origin: str, client: FlaskClient) -> None:
    assert ask(client, origin) == 403


@pytest.mark.parametrize("path", ["/join", "/me", "/me/open", "/join/confirm", "/donate/details"])
def test_every_form_that_changes_something_minds_its_origin(path: str, client: FlaskClient) -> None:
    answer = client.post(path, headers={"Origin": "http://evil.example.net"})

    assert answer.status_code == 403
    assert "That form came from somewhere else" in answer.text


def test_step_one_is_taken_from_any_site_since_it_changes_nothing(client: FlaskClient) -> None:
    answer = client.post(
        "/donate",
        data={"amount": "10", "frequency": "once"},
        headers={"Origin": "http://paper.example.org"},
    )

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_guard_stands_before_every_view_of_its_blueprint(app: Flask) -> None:
    asked: list[str] = []

    def refuse() -> ResponseReturnValue:
        asked.append(request.path)
        return "closed", 403

    closed = Guard("closed", refuse)
    bp = guard(Blueprint("tests_closed", __name__), closed)
    bp.add_url_rule("/a", "a", lambda: "never")
    bp.add_url_rule("/b", "b", lambda: "never")
    app.register_blueprint(bp)

    assert [app.test_client().get(path).status_code for path in ("/a", "/b")] == [403, 403]
    assert asked == ["/a", "/b"]
    assert guard_of("tests_closed") is closed


def test_a_blueprint_that_was_forgotten_has_no_guard(app: Flask) -> None:
    assert guard_of("no such blueprint") is None
    assert guard_of("pages") is anyone


def test_a_request_without_a_browser_has_no_origin(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        same_origin(OURS)
