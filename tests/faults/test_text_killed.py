"""A text that was taken is never lost: the service is killed once it is stored, before it answers.

The gateway asks again, as gateways do, and gets the reply that was made the first time.
"""

import base64
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from branches.directory import load
from branches.models import Enquiry, InboundText
from branches.postcodes import PostcodeIndex
from core.clock import day_in_london
from core.database import Database
from tests.branches.factories import shipped
from tests.fakes import FakeClock
from tests.faults.test_killed import _kill, web
from tests.ports import free_port

pytestmark = [
    pytest.mark.index,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
SECRET = "a secret for texts and not secret at all"
TEXT = "from=%2B447700900123&to=%2B447761818206&text=Sam+Jones+E11+1AA&id=one"
FORM = "application/x-www-form-urlencoded"
SECONDS = 20


@pytest.fixture
def surroundings(
    database_url: str, database: Database, built_index: PostcodeIndex, index_file: Path
) -> dict[str, str]:
    with database.transaction() as session:
        today = day_in_london(FakeClock().now())
        load(session, shipped(), place_of=built_index.find, today=today)
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a key for tests, not secret at all",
        "PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "POSTCODE_INDEX": str(index_file),
        "SMS_GENERIC_SECRET": SECRET,
    }


def test_a_text_that_was_stored_is_answered_though_the_service_was_killed(
    surroundings: dict[str, str], database: Database
) -> None:
    url = surroundings["PUBLIC_URL"]
    with web(surroundings) as process, handed_over(url):
        until_stored(database)
        _kill(process)
    with web(surroundings):
        again = requests.post(
            f"{url}/webhooks/sms/generic",
            data=TEXT,
            headers={"Content-Type": FORM},
            auth=("sms", SECRET),
            timeout=SECONDS,
        )

    assert again.status_code == 200
    assert "Waltham Forest" in again.json()["reply"]
    with database.reading() as session:
        (row,) = session.scalars(select(InboundText)).all()
        assert len(session.scalars(select(Enquiry)).all()) == 1
    assert row.reply == again.json()["reply"]
    assert row.text == "Sam Jones E11 1AA"


@contextmanager
def handed_over(url: str) -> Iterator[None]:
    """Send the request, and wait for its answer without ever reading it."""
    address = urlsplit(url)
    proof = base64.b64encode(f"sms:{SECRET}".encode()).decode()
    head = (
        "POST /webhooks/sms/generic HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: Basic {proof}",
        f"Content-Type: {FORM}",
        f"Content-Length: {len(TEXT)}",
    )
    with socket.create_connection((str(address.hostname), address.port or 0), SECONDS) as sent:
        sent.sendall("\r\n".join([*head, "", TEXT]).encode())
        yield


def until_stored(database: Database) -> None:
    until = time.monotonic() + SECONDS
    while True:
        with database.reading() as session:
            if session.scalar(select(InboundText.id)):
                return
        assert time.monotonic() < until, "the text was not stored"
