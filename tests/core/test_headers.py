"""Security headers: on every answer of every kind."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from core.database import Database
from tests.core.serving import CHECKOUTS, SITE, make_production

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANSWERS = [
    *("/", "/donate", "/join", "/branches", "/me", "/about", "/privacy", "/imprint", "/donate/no"),
    *("/theme.css", "/robots.txt", "/healthz", "/readyz", "/no-such-page", "/donate/details"),
    *("/static/groundswell.css", "/static/tokens.css", "/static/favicon.svg", "/static/none.css"),
    *("/api/v1/regions", "/api/v1/nearest", "/api/v1/nearest?postcode=x", "/api/v1/openapi.json"),
    *("/api/v1/appeals", "/api/v1/none", "/me/giving", "/webhooks/stripe", "/metrics"),
]
COOKIE_FREE = [
    *("/", "/donate", "/donate/cancelled", "/join", "/branches", "/branches?postcode=e111aa"),
    *("/me", "/me/open?token=x", "/about", "/privacy", "/imprint", "/api/v1/regions", "/theme.css"),
    *("/no-such-page", "/robots.txt", "/join/cancelled", "/join/confirm?token=x"),
]


@pytest.fixture
def public(settings: Settings, database: Database) -> Flask:
    return make_production(settings, database)


def every_answer(client: FlaskClient) -> list[tuple[str, TestResponse]]:
    """Ask for something of every kind, errors included."""
    found = [(path, client.get(path, base_url=SITE)) for path in ANSWERS]
    found += [("POST /donate", client.post("/donate", base_url=SITE, data={}))]
    found += [("POST /api", client.post("/api/v1/nearest", base_url=SITE, data=b"{"))]
    found += [("POST too long", client.post("/donate", base_url=SITE, data={"a": "a" * 300_000}))]
    found += [("PUT", client.put("/donate", base_url=SITE))]
    found += [("HEAD", client.head("/", base_url=SITE))]
    found += [("another host", client.get("/", base_url="https://evil.example.net"))]
    return found


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


def test_every_answer_wears_every_header(public: Flask) -> None:
    for what, answer in every_answer(public.test_client()):
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", what
        assert headers["Referrer-Policy"] == "same-origin", what
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", what
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp", what
        assert "camera=()" in headers["Permissions-Policy"], what
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains", what
        resources = "cross-origin" if "/api/" in what or what == "POST /api" else "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == resources, what
        assert "Set-Cookie" not in headers, what
        answer.close()


def test_the_content_policy_lets_nothing_in_but_our_own(public: Flask) -> None:
    for what, answer in every_answer(public.test_client()):
        policy = directives(answer.headers["Content-Security-Policy"])
        assert policy == {
            "default-src": ["'none'"],
            **{f"{kind}-src": ["'self'"] for kind in ("script", "style", "img", "font", "connect")},
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
            "form-action": ["'self'", *CHECKOUTS],
        }, what
        answer.close()


def test_forms_may_lead_to_the_sandbox_in_development(client: FlaskClient) -> None:
    policy = directives(client.get("/donate").headers["Content-Security-Policy"])

    assert policy["form-action"] == ["'self'", "http://127.0.0.1:8420"]


def test_nothing_is_said_of_https_where_there_is_none(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers


@pytest.mark.parametrize("path", COOKIE_FREE)
def test_pages_of_the_public_flows_write_no_cookie(path: str, client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get(path).headers


def test_pages_tell_no_cache_to_vary_by_cookie(client: FlaskClient) -> None:
    answer = client.get("/donate")

    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_errors_and_what_is_sent_by_a_form_are_kept_by_no_cache(client: FlaskClient) -> None:
    for answer in (client.get("/none"), client.post("/donate"), client.get("/api/v1/none")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_api_is_open_to_other_sites_for_reading_only(client: FlaskClient) -> None:
    origin = {"Origin": "https://paper.example.org"}

    assert (
        client.get("/api/v1/regions", headers=origin).headers["Access-Control-Allow-Origin"] == "*"
    )
    assert client.get("/api/v1/none", headers=origin).headers["Access-Control-Allow-Origin"] == "*"
    for answer in (
        client.post("/api/v1/nearest", json={"postcodes": []}, headers=origin),
        client.get("/", headers=origin),
        client.get("/me", headers=origin),
        client.options("/api/v1/nearest", headers=origin),
    ):
        assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]


def test_the_cookie_of_who_opened_a_link_is_bound_to_our_host(
    settings: Settings, database: Database
) -> None:
    app = make_production(settings, database)

    assert app.config["SESSION_COOKIE_NAME"] == "__Host-groundswell"
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert app.config["SESSION_COOKIE_PATH"] in (None, "/")
    assert app.config["SESSION_COOKIE_DOMAIN"] is None


def test_no_page_says_what_it_is_made_of(client: FlaskClient) -> None:
    for path in ("/", "/none", "/api/v1/none"):
        answer = client.get(path)
        assert "X-Powered-By" not in answer.headers
        assert not re.search("(?i)flask|werkzeug|jinja|traceback", answer.text)
