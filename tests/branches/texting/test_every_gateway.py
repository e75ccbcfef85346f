"""What holds for each gateway, asked of each in turn."""

import json
import logging
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from branches.models import Enquiry, InboundText, TextOptOut
from branches.room import EXTENSION, Room
from config import Settings
from core.database import Database
from tests.branches.texting.phone import Phone
from tests.branches.texting.rigs import OWN, RIGS, SAM, SECRETS, Rig, all_on
from tests.conftest import Work
from tests.databases import ON_ONE
from tests.fakes import FakeClock
from tests.postgres import owner

pytestmark = [pytest.mark.index, ON_ONE]


@pytest.fixture
def settings(settings: Settings, phone: Phone) -> Settings:
    return all_on(settings, phone)


@pytest.fixture(params=sorted(RIGS))
def rig(
    request: pytest.FixtureRequest,
    client: FlaskClient,
    clock: FakeClock,
    phone: Phone,
    work: Work,
    settings: Settings,
    shipped_directory: None,
) -> Rig:
    return RIGS[request.param](client, clock, phone, work, settings.public_url)


def stored(database: Database) -> list[InboundText]:
    with database.reading() as session:
        return list(session.scalars(select(InboundText).order_by(InboundText.id)))


def test_a_text_gets_its_reply(rig: Rig, database: Database) -> None:
    found = rig.text()
    assert found
    assert "Waltham Forest" in found
    assert "020 8988 8786" in found
    (kept,) = stored(database)
    assert (kept.gateway, kept.sender, kept.text) == (rig.name, SAM, "Sam Jones E11 1AA")
    assert (kept.outcome, kept.outcode, kept.reply) == ("match", "E11", found)


def test_nobody_comes_in_without_proof(rig: Rig, client: FlaskClient, database: Database) -> None:
    rig.secret = "guessed"
    refused: list[TestResponse] = [rig.send(), rig.send_raw(b"{}"), client.post(rig.path, data=b"")]
    for response in refused:
        assert response.status_code == rig.refusal
        assert response.mimetype == "application/problem+json"
        assert ("WWW-Authenticate" in response.headers) == (rig.refusal == 401)
    assert stored(database) == []


def test_every_secret_is_taken_while_they_are_rolled(rig: Rig) -> None:
    rig.secret = SECRETS[1]
    assert rig.text()


def test_a_gateway_without_a_secret_is_not_there(rig: Rig, app: Flask, client: FlaskClient) -> None:
    room: Room = app.extensions[EXTENSION]
    off = replace(room.gateways[rig.name], **{_SECRETS_OF[rig.name]: ()})  # type: ignore[type-var]  # each is a dataclass
    app.extensions[EXTENSION] = replace(room, gateways={**room.gateways, rig.name: off})
    assert rig.send().status_code == 404
    assert client.post(rig.path).status_code == 404


_SECRETS_OF = {"generic": "secrets", "kannel": "secrets", "android": "keys", "twilio": "tokens"}


def test_a_repeated_text_is_one_text(rig: Rig, database: Database, phone: Phone) -> None:
    first = rig.text()
    again = rig.text()
    assert again == (first if rig.waits else None)
    assert len(stored(database)) == 1
    assert len(phone.sent) == (0 if rig.waits else 1)
    with database.reading() as session:
        assert len(session.scalars(select(Enquiry)).all()) == 1


def test_an_empty_text_is_asked_for_its_postcode(rig: Rig) -> None:
    found = rig.text("")
    assert found
    assert "postcode" in found


def test_letters_of_all_kinds_arrive(rig: Rig, database: Database) -> None:
    words = "Siân Llwyd \U0001f600 “LL57\u00a02DG” £€ \u202e"
    assert rig.text(words)
    assert stored(database)[0].text == words


def test_a_long_text_arrives_whole(rig: Rig, database: Database) -> None:
    words = "Hello there, I read your paper. " * 20 + "Sam E11 1AA"
    found = rig.text(words)
    assert found
    assert "Waltham Forest" in found
    assert stored(database)[0].text == words


NOBODY = ("+33612345678", "60777", "SOCIALIST", OWN, "+447624123456", "+447000000000")


def test_whom_we_do_not_answer_is_stored_alone(rig: Rig, database: Database, phone: Phone) -> None:
    for number, sender in enumerate(NOBODY):
        assert rig.text(sender=sender, id=str(number)) is None
    kept = stored(database)
    assert [row.sender for row in kept] == list(NOBODY)
    assert {(row.outcome, row.reply) for row in kept} == {("no_reply", None)}
    assert phone.asked == 0


def test_after_stop_nothing_more_is_sent(rig: Rig, database: Database) -> None:
    confirmed = rig.text("STOP", id="1")
    assert (confirmed is None) == (rig.name == "twilio")  # which confirms it by itself
    assert rig.text(id="2") is None
    with database.reading() as session:
        assert len(session.scalars(select(TextOptOut)).all()) == 1
    rig.text("START", id="3")
    assert rig.text(id="4")


def test_what_could_not_be_stored_is_asked_for_again(rig: Rig, database: Database) -> None:
    with owner(database.engine).begin() as connection:
        connection.execute(text("ALTER TABLE inbound_text RENAME TO away"))
    try:
        response = rig.send()
    finally:
        with owner(database.engine).begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO inbound_text"))
    assert (response.status_code, json.loads(response.text)["code"]) == (503, "not_stored")
    assert response.headers["Retry-After"] == "5"
    assert rig.text()


ODD = (
    b"",
    b"\x00",
    b"\xff\xfe\xd8\x00",
    b"{",
    b"[]",
    b"null",
    b'{"event": 1}',
    b"\xed\xa0\x80",
    b'{"event": "sms:received", "payload": []}',
    b'{"event": "sms:received", "payload": {"sender": true}}',
    b'{"from": "\\ud800", "text": "\\u0000"}',
)


def test_no_bytes_are_too_much(rig: Rig) -> None:
    for body in ODD:
        assert rig.send_raw(body).status_code in (200, 400), body


def test_no_log_line_holds_a_number_a_name_or_a_text(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        rig.text()
        rig.secret = "guessed"
        rig.send()
    lines = [str(vars(record)) for record in caplog.records if record.name != "urllib3"]
    for canary in ("7700900123", "E11 1AA", "Jones", *SECRETS, "guessed"):
        assert not [line for line in lines if canary in line]


def test_turned_off_texts_are_stored_and_not_answered(
    rig: Rig, app: Flask, database: Database
) -> None:
    runner = app.test_cli_runner()
    assert "off" in runner.invoke(args=["branches", "texts", "--off"]).output
    assert rig.text() is None
    assert len(stored(database)) == 1
    assert "Replies are sent" in runner.invoke(args=["branches", "texts", "--on"]).output
    assert rig.text(id="2")
