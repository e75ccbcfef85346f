"""Sessions: what Flask does with its cookie is done for who has one, and nothing for others."""

import pytest
from flask import Flask, Response, session
from flask.testing import FlaskClient

from core.sessions import Sessions


@pytest.fixture
def visitor() -> FlaskClient:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key of the tests"
    app.session_interface = Sessions()

    @app.get("/in")
    def sign_in() -> str:
        session["who"] = "somebody"
        return "in"

    @app.get("/who")
    def who() -> str:
        return str(session.get("who"))

    @app.get("/out")
    def sign_out() -> str:
        session.clear()
        return "out"

    @app.get("/plain")
    def plain() -> Response:
        return Response("plain")

    return app.test_client()


def test_a_session_is_kept_and_ended(visitor: FlaskClient) -> None:
    assert "Set-Cookie" in visitor.get("/in").headers
    assert visitor.get("/who").text == "somebody"
    assert "Expires=Thu, 01 Jan 1970" in visitor.get("/out").headers["Set-Cookie"]
    assert visitor.get("/who").text == "None"


def test_who_has_none_gets_none(visitor: FlaskClient) -> None:
    headers = visitor.get("/plain").headers
    assert "Set-Cookie" not in headers
    assert "Vary" not in headers


def test_caches_learn_that_a_page_looked_at_the_session(visitor: FlaskClient) -> None:
    assert visitor.get("/who").headers["Vary"] == "Cookie"
    visitor.get("/in")
    assert visitor.get("/who").headers["Vary"] == "Cookie"


def test_a_forged_cookie_is_no_session(visitor: FlaskClient) -> None:
    visitor.set_cookie("session", "eyJ3aG8iOiJzb21lYm9keSJ9.forged")
    assert visitor.get("/who").text == "None"


def test_without_a_key_there_are_no_sessions() -> None:
    app = Flask(__name__)
    app.session_interface = Sessions()
    with app.test_request_context():
        assert not session
        with pytest.raises(RuntimeError, match="secret key"):
            session["who"] = "somebody"
