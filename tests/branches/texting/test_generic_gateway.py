import base64
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from branches.models import InboundText
from branches.room import EXTENSION, Room
from branches.texting.gateways import Delivery, Malformed
from branches.texting.generic_gateway import GenericGateway
from config import SANDBOX_SMS_SECRET
from core.database import Database
from tests.databases import ON_ONE
from tests.fakes import START
from tests.postgres import owner

pytestmark = [pytest.mark.index, ON_ONE]
PATH = "/webhooks/sms/generic"
SENT = {"from": "+447700900123", "to": "+447761818206", "text": "Sam Jones E11 1AA", "id": "1"}


@pytest.fixture(autouse=True)
def _directory(shipped_directory: None) -> None:
    """Every text here is answered from the shipped directory."""


def basic(user: str = "sms", password: str = SANDBOX_SMS_SECRET) -> dict[str, str]:
    given = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {given}"}


def deliver(client: FlaskClient, sent: object = SENT, **but: str) -> TestResponse:
    return client.post(PATH, json=sent, headers=basic(**but))


def reply_in(response: TestResponse) -> str | None:
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found: dict[str, Any] = json.loads(response.text)
    assert list(found) == ["reply"]
    reply: str | None = found["reply"]
    return reply


def test_a_text_as_json_gets_its_reply(client: FlaskClient) -> None:
    found = reply_in(deliver(client))
    assert found
    assert "Waltham Forest" in found
    assert "020 8988 8786" in found


def test_a_text_as_a_form_gets_the_same_reply(client: FlaskClient) -> None:
    as_json = reply_in(deliver(client))
    other = {"id": "2", "from": "+447700900124"}
    as_form = client.post(PATH, data=SENT | other, headers=basic())
    assert reply_in(as_form) == as_json


def test_what_is_not_to_be_answered_is_null(client: FlaskClient) -> None:
    assert reply_in(deliver(client, SENT | {"text": "thank you"})) is None
    assert reply_in(deliver(client, SENT | {"from": "60777", "id": "2"})) is None


def test_a_repeated_id_gets_the_stored_reply(client: FlaskClient, database: Database) -> None:
    first = reply_in(deliver(client))
    assert reply_in(deliver(client, SENT | {"text": "HELP"})) == first
    with database.reading() as session:
        assert len(session.scalars(select(InboundText)).all()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(password="wrong"),
        basic(user="root"),
        basic(password=""),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": f"Bearer {SANDBOX_SMS_SECRET}"},
    ],
)
def test_nobody_comes_in_without_the_secret(
    client: FlaskClient, database: Database, headers: dict[str, str]
) -> None:
    response = client.post(PATH, json=SENT, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Basic realm="sms", charset="UTF-8"'
    assert response.mimetype == "application/problem+json"
    with database.reading() as session:
        assert session.scalars(select(InboundText)).all() == []


def test_every_secret_of_a_list_is_taken_while_they_are_rolled(
    app: Flask, client: FlaskClient
) -> None:
    room: Room = app.extensions[EXTENSION]
    gateway = GenericGateway(("the old secret", "thé new secret"))
    app.extensions[EXTENSION] = replace(room, gateways={"generic": gateway})
    assert deliver(client, password="the old secret").status_code == 200
    assert deliver(client, password="thé new secret").status_code == 200
    assert deliver(client).status_code == 401


def test_without_a_secret_there_is_no_such_gateway(app: Flask, client: FlaskClient) -> None:
    room: Room = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(room, gateways={"generic": GenericGateway(())})
    assert deliver(client, password="").status_code == 404


@pytest.mark.parametrize(
    ("body", "mimetype"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b'{"from": " ", "text": "E11"}', "application/json"),
        (b'{"from": ["+447700900123"], "text": "E11"}', "application/json"),
        (b'{"from": "+447700900123", "text": {}}', "application/json"),
        (b'{"from": "+447700900123", "id": true}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff", "application/json"),
        (b"text=E11", "application/x-www-form-urlencoded"),
        (b"+447700900123 E11", "text/plain"),
    ],
)
def test_what_is_no_text_is_refused_for_good(
    client: FlaskClient, body: bytes, mimetype: str
) -> None:
    response = client.post(PATH, data=body, content_type=mimetype, headers=basic())
    assert response.status_code == 400
    assert json.loads(response.text)["code"] == "malformed"


def test_numbers_for_text_are_taken_as_text(client: FlaskClient) -> None:
    assert reply_in(deliver(client, {"from": 447700900123, "text": 7, "id": 9}))


def test_an_empty_text_is_asked_for_its_postcode(client: FlaskClient) -> None:
    found = reply_in(deliver(client, {"from": "+447700900123", "id": "1"}))
    assert found
    assert "postcode" in found


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\U0001f600", "\u202e", "x" * 100_000])
def test_whatever_stands_in_a_text_is_stored_and_answered(client: FlaskClient, odd: str) -> None:
    body = json.dumps({"from": "+447700900123", "text": f"{odd} E11 1AA", "id": f"1{odd[0]}"})
    response = client.post(PATH, data=body, content_type="application/json", headers=basic())
    assert response.status_code == 200


def test_an_oversized_body_is_refused(client: FlaskClient) -> None:
    assert deliver(client, SENT | {"text": "x" * 300_000}).status_code == 413


def test_a_text_that_cannot_be_stored_is_asked_for_again(
    client: FlaskClient, database: Database
) -> None:
    with owner(database.engine).begin() as connection:
        connection.execute(text("ALTER TABLE inbound_text RENAME TO away"))
    try:
        response = deliver(client)
    finally:
        with owner(database.engine).begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO inbound_text"))
    assert (response.status_code, json.loads(response.text)["code"]) == (503, "not_stored")
    assert reply_in(deliver(client))


def test_without_an_index_the_text_is_asked_for_again(
    app: Flask, client: FlaskClient, database: Database, tmp_path: Path
) -> None:
    room: Room = app.extensions[EXTENSION]
    path, room.locator.file.path = room.locator.file.path, tmp_path / "none.idx"
    response = deliver(client)
    assert (response.status_code, json.loads(response.text)["code"]) == (503, "index_missing")
    assert response.headers["Retry-After"] == "60"
    with database.reading() as session:
        assert session.scalars(select(InboundText)).all() == []
    room.locator.file.path = path
    assert reply_in(deliver(client))


def test_no_log_line_holds_a_number_a_name_or_a_text(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        deliver(client)
        deliver(client, SENT | {"from": ""})
        deliver(client, password="wrong")
    lines = [str(vars(record)) for record in caplog.records]
    for secret in ("7700900123", "E11 1AA", "E111AA", "Jones", SANDBOX_SMS_SECRET, "wrong"):
        assert not [line for line in lines if secret in line]


def test_the_gateway_reads_without_a_web_framework() -> None:
    gateway = GenericGateway(("secret",))
    body = b'{"from": " 07700 900123 ", "text": " hi "}'
    delivery = Delivery(
        body=body, mimetype="application/vnd.x+json", at=START, user="sms", password="secret"
    )
    assert gateway.admits(delivery)
    found = gateway.read(delivery)
    assert (found.gateway, found.message_id, found.sender) == ("generic", None, "07700 900123")
    assert found.text == " hi "
    with pytest.raises(Malformed):
        gateway.read(replace(delivery, body=b"null"))
