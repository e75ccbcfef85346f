from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from branches.directory import load
from branches.models import InboundText
from branches.postcodes import PostcodeIndex
from branches.room import EXTENSION, Room
from branches.texting.gsm import segments
from branches.texting.kannel_gateway import KannelGateway
from config import Settings
from core.database import Database
from tests.branches.factories import TODAY, shipped
from tests.branches.texting.phone import Phone
from tests.branches.texting.rigs import SECRETS, Kannel, all_on, basic
from tests.conftest import Work
from tests.fakes import FakeClock

pytestmark = pytest.mark.index
WORDS = "Siân Llwyd LL57 2DG £"


@pytest.fixture
def settings(settings: Settings, phone: Phone) -> Settings:
    return all_on(settings, phone)


@pytest.fixture
def kannel(
    client: FlaskClient, clock: FakeClock, phone: Phone, work: Work, shipped_directory: None
) -> Kannel:
    return Kannel(client, clock, phone, work, "")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain; charset=UTF-8", WORDS.encode()),
        ("text/plain; charset=utf-8", WORDS.encode("latin-1")),
        ("text/plain; charset=UTF-16BE", WORDS.encode("utf-16-be")),
        ("text/plain; charset=ISO-8859-1", WORDS.encode("latin-1")),
        ("text/plain; charset=WINDOWS-1252", WORDS.encode("cp1252")),
        ("text/plain; charset=no-such-thing", WORDS.encode()),
        ("application/octet-stream", WORDS.encode()),
        ("application/octet-stream", WORDS.encode("latin-1")),
        ("", WORDS.encode()),
    ],
)
def test_a_text_is_read_as_it_is_written(
    kannel: Kannel, database: Database, kind: str, body: bytes
) -> None:
    assert kannel.reply(kannel.send_body(body, kind))
    with database.reading() as session:
        assert session.scalar(select(InboundText.text)) == WORDS


def test_half_a_letter_is_marked_and_the_rest_is_read(kannel: Kannel, database: Database) -> None:
    body = "E11 1AA".encode("utf-16-be") + b"\xd8"
    assert kannel.reply(kannel.send_body(body, "text/plain; charset=UTF-16BE"))
    with database.reading() as session:
        assert session.scalar(select(InboundText.text)) == "E11 1AA\ufffd"


def test_a_reply_says_when_seven_bits_cannot_hold_it() -> None:
    gateway = KannelGateway(("secret",))
    plain, welsh, nothing = map(gateway.answer, ("Conwy € £", "Ynys Môn \U0001f600", None))
    assert plain.headers == {}
    assert welsh.headers == {"X-Kannel-Coding": "2"}
    assert (nothing.body, nothing.headers) == ("", {})


def test_welsh_is_kept_where_the_organisation_says_so(
    app: Flask, kannel: Kannel, database: Database, built_index: PostcodeIndex
) -> None:
    welsh = shipped()
    welsh["branches.csv"] = welsh["branches.csv"].replace(b"Waltham Forest", "Ynys Môn".encode())
    with database.transaction() as session:
        load(session, welsh, place_of=built_index.find, today=TODAY)
    folded = kannel.send("Siôn E11 1AA")
    assert "Hello Sion. " in folded.text
    assert "Ynys Mon" in folded.text
    assert "X-Kannel-Coding" not in folded.headers
    room: Room = app.extensions[EXTENSION]
    keeping = replace(room, text_line=replace(room.text_line, keep_welsh=True))
    app.extensions[EXTENSION] = keeping
    kept = kannel.send("Siôn E11 1AA.", id="2")
    assert "Hello Siôn. " in kept.text
    assert "Ynys Môn" in kept.text
    assert kept.headers["X-Kannel-Coding"] == "2"
    assert segments(kept.text).parts == 2


def test_without_its_sender_a_text_is_refused(client: FlaskClient, kannel: Kannel) -> None:
    headers = basic("kannel", SECRETS[0])
    response = client.post(f"{kannel.path}?id=1", data=b"E11 1AA", headers=headers)
    assert response.status_code == 400


def test_without_an_id_the_same_text_is_known_by_what_it_says(
    client: FlaskClient, kannel: Kannel, database: Database
) -> None:
    headers = basic("kannel", SECRETS[0]) | {"X-Kannel-From": "+447700900123"}
    replies = {client.post(kannel.path, data=b"E11 1AA", headers=headers).text for _ in range(2)}
    assert len(replies) == 1
    with database.reading() as session:
        assert len(session.scalars(select(InboundText)).all()) == 1
