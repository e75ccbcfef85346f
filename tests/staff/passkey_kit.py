"""What the tests of passkeys share: a key in software, at the browser of somebody at the desk."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from staff import authenticators, challenges, passkeys
from staff.challenges import Purpose
from staff.passkeys import Verdict
from tests.fakes import FakeClock
from tests.members.conftest import csrf_in
from tests.staff.authenticator import SoftKey
from tests.staff.conftest import ALEX, PASSWORD, Desk, Person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MADE_HERE = authenticators.Relying("localhost", "http://localhost", "Test")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A service that is reached by a name, as browsers want it for passkeys."""
    return replace(settings, public_url="http://localhost")


def options_in(page: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, page
    read: dict[str, Any] = json.loads(html.unescape(found[1]))
    return read


def enrol_with(person: Person, key: SoftKey, **lies: Any) -> TestResponse:  # noqa: ANN401 -- of any kind
    page = person.client.get("/desk/sign-in/set-up").text
    form = {"csrf_token": csrf_in(page), "passkey": key.make(options_in(page), **lies)}
    answer = person.client.post("/desk/sign-in/set-up/passkey", data=form)
    person.recovery = re.findall(r"<code>([^<]+)</code>", answer.text)
    return answer


def invited(desk: Desk, email: str = ALEX) -> Person:
    person = desk.invite(email, "--role", "admin")
    assert person.accept().location == "/desk/sign-in/code"
    return person


def with_key(desk: Desk, email: str = ALEX) -> tuple[Person, SoftKey]:
    person, key = invited(desk, email), SoftKey()
    assert enrol_with(person, key).status_code == 200
    return person, key


def challenge_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.post("/desk/sign-in/passkey/challenge")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    read: dict[str, Any] = answer.get_json()
    return read


def sign_in_with(client: FlaskClient, key: SoftKey, **lies: Any) -> TestResponse:  # noqa: ANN401 -- of any kind
    answer = key.prove(challenge_of(client), **lies)
    return client.post("/desk/sign-in/passkey", data={"passkey": answer})


def add_key(person: Person, key: SoftKey, name: str = "my key") -> TestResponse:
    begun = person.press("/desk/account/passkeys", password=PASSWORD)
    assert begun.location == "/desk/account/passkeys/new", begun.text
    page = person.client.get(begun.location).text
    form = {"csrf_token": csrf_in(page), "name": name, "passkey": key.make(options_in(page))}
    return person.client.post("/desk/account/passkeys/new", data=form)


def prove(desk: Desk, answer: Callable[[dict[str, Any]], str]) -> Verdict:
    """Put a challenge, and judge what is answered as the sign-in does."""
    challenge = challenges.new(Purpose.SIGN_IN, now=desk.clock.now())
    text = answer(json.loads(authenticators.to_prove(MADE_HERE, (), challenge)))
    with desk.database.transaction() as session:
        passkeys.owner(session, passkeys.claimed(text))
        return passkeys.prove(
            session, text, who=MADE_HERE, challenge=challenge, now=desk.clock.now()
        )


def said(text: str, _options: dict[str, Any]) -> str:
    return text


def taken(answer: str) -> object:
    challenge = challenges.new(Purpose.ADD, now=FakeClock().now())
    return authenticators.made(answer, MADE_HERE, challenge)
