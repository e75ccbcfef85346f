"""Metrics: for this machine, or for who has the token; to others there is no such page."""

import re

import pytest
from flask.testing import FlaskClient

from config import Settings
from core.database import Database
from tests.core.serving import make_app

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FAR = {"REMOTE_ADDR": "192.0.2.1"}


def test_this_machine_may_look(client: FlaskClient) -> None:
    for address in ("127.0.0.1", "127.9.9.9", "::1"):
        answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 200, address
        assert answer.mimetype == "text/plain"


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "", "nonsense"])
def test_to_others_there_is_no_such_page(address: str, client: FlaskClient) -> None:
    answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": address})

    assert answer.status_code == 404


def test_a_proxy_on_this_machine_speaks_for_others(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("Bearer a-token-of-our-own", 200),
        ("Bearer a-token-of-our-ow", 404),
        ("bearer-token", 404),
        ("Bearer ", 404),
        ("Bearer \xff", 404),
        ("", 404),
    ],
)
def test_a_token_opens_from_anywhere(
    given: str, status: int, settings: Settings, database: Database
) -> None:
    client = make_app(settings, database, metrics_token="a-token-of-our-own").test_client()

    answer = client.get("/metrics", environ_overrides=FAR, headers={"Authorization": given})

    assert answer.status_code == status


def test_an_empty_token_is_no_token(client: FlaskClient) -> None:
    answer = client.get("/metrics", environ_overrides=FAR, headers={"Authorization": "Bearer "})

    assert answer.status_code == 404


def counted(client: FlaskClient) -> dict[str, float]:
    text = client.get("/metrics").text
    found = re.findall(r"^groundswell_http_responses_total\{(.*)\} (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_answers_are_counted_by_what_was_asked_and_how_it_went(client: FlaskClient) -> None:
    client.get("/about")
    client.get("/about")
    client.get("/none")
    client.post("/donate")

    found = counted(client)
    assert found['endpoint="pages.about",method="GET",status="200"'] == 2
    assert found['endpoint="none",method="GET",status="404"'] == 1
    assert found['endpoint="donate.proceed",method="POST",status="422"'] == 1


def test_nobody_can_fill_the_memory_with_counts(client: FlaskClient) -> None:
    for number in range(50):
        client.open("/about", method=f"M{number}")
        client.get(f"/none{number}")
        client.get(f"/donate/none{number}")

    assert len(counted(client)) <= 4
