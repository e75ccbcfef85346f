"""Rate limits: by address, on the API and the forms, never on pages and gateways."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from core.database import Database
from core.limits import caller
from tests.core.serving import make_app
from tests.ports import free_port

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

API = 50


def statuses(
    client: FlaskClient, path: str, times: int, address: str = "192.0.2.1", method: str = "GET"
) -> list[int]:
    environ = {"REMOTE_ADDR": address}
    return [
        client.open(path, method=method, environ_overrides=environ).status_code
        for _time in range(times)
    ]


def test_the_api_takes_fifty_requests_a_second_and_no_more(client: FlaskClient) -> None:
    found = statuses(client, "/api/v1/openapi.json", API + 200)

    assert found[:API] == [200] * API
    assert 429 in found[API:]


def test_who_is_too_quick_is_told_when_to_come_again(client: FlaskClient) -> None:
    path, environ = "/api/v1/openapi.json", {"REMOTE_ADDR": "192.0.2.1"}
    answers = [client.get(path, environ_overrides=environ) for _time in range(API + 200)]
    refused = next(answer for answer in answers if answer.status_code == 429)

    assert refused.mimetype == "application/problem+json"
    assert refused.get_json(force=True)["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) in (1, 2)
    assert refused.headers["Cache-Control"] == "no-store"


def test_a_person_who_is_too_quick_gets_a_page(settings: Settings, database: Database) -> None:
    few = replace(settings.organisation.limits, form_posts_a_second=2)
    organisation = replace(settings.organisation, limits=few)
    client = make_app(settings, database, organisation=organisation).test_client()
    environ = {"REMOTE_ADDR": "192.0.2.1"}
    answers = [client.post("/me", environ_overrides=environ) for _time in range(20)]
    refused = next(answer for answer in answers if answer.status_code == 429)

    assert [answer.status_code for answer in answers[:2]] == [422, 422]
    assert refused.mimetype == "text/html"
    assert "Error 429" in refused.text
    assert int(refused.headers["Retry-After"]) in (1, 2)


def test_one_address_does_not_use_up_what_belongs_to_another(client: FlaskClient) -> None:
    statuses(client, "/api/v1/openapi.json", API + 50, "192.0.2.1")

    assert statuses(client, "/api/v1/openapi.json", 10, "192.0.2.2") == [200] * 10


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/about", "GET", 200),
        ("/theme.css", "GET", 200),
        ("/healthz", "GET", 200),
        ("/webhooks/stripe", "POST", 400),
        ("/webhooks/sms/generic", "POST", 401),
    ],
)
def test_pages_and_gateways_are_never_limited(
    path: str, method: str, status: int, client: FlaskClient
) -> None:
    assert statuses(client, path, 2 * API, method=method) == [status] * 2 * API


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("2001:DB8:0001:0002::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.2", "192.0.2.2"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "not an address"),
    ],
)
def test_an_ipv6_network_counts_as_one_caller(address: str, key: str, app: Flask) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert caller() == key


def test_walking_through_an_ipv6_network_does_not_help(client: FlaskClient) -> None:
    found: list[int] = []
    for number in range(API + 100):
        found += statuses(client, "/api/v1/openapi.json", 1, f"2001:db8::{number:x}")

    assert 429 in found


def test_limits_hold_though_their_redis_is_gone(settings: Settings, database: Database) -> None:
    storage = f"redis://127.0.0.1:{free_port()}"
    client = make_app(settings, database, ratelimit_storage=storage).test_client()

    found = statuses(client, "/api/v1/openapi.json", API + 200)

    assert set(found) == {200, 429}


def test_a_caller_cannot_choose_another_address(client: FlaskClient) -> None:
    found = [
        client.get(
            "/api/v1/openapi.json", headers={"X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(API + 100)
    ]

    assert 429 in found


def test_every_answer_of_the_api_says_what_is_left(client: FlaskClient) -> None:
    first, second = (client.get("/api/v1/openapi.json").headers for _time in range(2))

    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("50", "49")
    assert second["X-RateLimit-Remaining"] in ("48", "49")
    assert int(second["X-RateLimit-Reset"]) > 0
    assert "X-RateLimit-Limit" not in client.get("/about").headers
