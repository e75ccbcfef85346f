"""No page tells whether we know an address: not by its words, not by the work it makes.

Time is not measured: it is what the work takes. So the statements asked of the database are held
against each other, and the hashes made of passwords.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.database import Database
from staff import passwords
from staff.models import StaffAccount
from staff.principal import Role
from tests.fakes import START
from tests.members.conftest import JOINER, join_form, token_in
from tests.safety.town import account_of
from tests.staff.conftest import PASSWORD

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KNOWN, UNKNOWN = "sam@example.org", "nobody-here@example.org"
STAFF = ("kim@example.org", "revoked@example.org", "invited@example.org")
_NEW = re.compile(r'name="token" value="[^"]+"|cs_[0-9a-f]+_[0-9a-f-]+')
_COUNTED = ("X-RateLimit", "Content-Length")  # the page holds the address again, long or short
Door = Callable[[FlaskClient, str], TestResponse]


def sign_in(client: FlaskClient, email: str) -> TestResponse:
    form = {"email": email, "password": "wrong, wrong, wrong, wrong"}
    return client.post("/desk/sign-in", data={**form, "token": _token(client, "/desk/sign-in")})


def ask_for_a_link(client: FlaskClient, email: str) -> TestResponse:
    return client.post("/me", data={"email": email, "token": _token(client, "/me")})


def ask_for_data(client: FlaskClient, email: str) -> TestResponse:
    form = {"kind": "access", "name": "Sam Jones", "email": email, "message": ""}
    token = _token(client, "/privacy/request")
    return client.post("/privacy/request", data={**form, "token": token})


def give(client: FlaskClient, email: str) -> TestResponse:
    gift = {"amount": "10", "frequency": "once", "display": "full"}
    token = token_in(client.post("/donate", data=gift).text)
    form = {**gift, "name": "Sam Jones", "email": email, "token": token}
    return client.post("/donate/details", data=form)


def join(client: FlaskClient, email: str) -> TestResponse:
    """With another birthday: the address alone is what many know."""
    return client.post("/join", data=join_form(client, email=email, date_of_birth="1/1/1990"))


# Each door, the addresses that we know there, and whether the work has to be the same: who joins
# or gives is on the way to paying, and what is like another member is noted for an organiser.
DOORS: dict[str, tuple[Door, tuple[str, ...], bool]] = {
    "sign-in": (sign_in, STAFF, True),
    "link": (ask_for_a_link, (KNOWN,), True),
    "request": (ask_for_data, (KNOWN,), True),
    "donate": (give, (KNOWN,), True),
    "join": (join, (KNOWN,), False),
}


def _token(client: FlaskClient, page: str) -> str:
    return token_in(client.get(page).text)


@contextmanager
def working(database: Database) -> Iterator[list[str]]:
    """Note each statement and each hash, without what is in them."""
    done: list[str] = []

    def asked(_c: object, _k: object, statement: str, *_rest: object) -> None:
        done.append(statement)

    def called(frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and "argon2" in code.co_filename and code.co_name in ("verify", "hash"):
            done.append(f"argon2 {code.co_name}")

    sa.event.listen(database.engine, "before_cursor_execute", asked)
    sys.setprofile(called)
    try:
        yield done
    finally:
        sys.setprofile(None)
        sa.event.remove(database.engine, "before_cursor_execute", asked)


@pytest.fixture
def known(app: Flask, client: FlaskClient, database: Database, small_directory: None) -> None:
    """A member, an organiser, one whose account was taken back, and one who was only invited."""
    assert client.post("/join", data=join_form(client)).status_code == 303
    assert JOINER["email"] == KNOWN
    kept = passwords.hashed(PASSWORD)
    with database.transaction() as session:
        for email in STAFF:
            found = account_of(session, email.partition("@")[0], Role.ADMIN, now=START)
            account = session.get_one(StaffAccount, found)
            assert account.email == email
            account.password_hash = None if "invited" in email else kept
            account.revoked_at = START if "revoked" in email else None


@pytest.mark.parametrize("name", DOORS)
def test_the_answer_and_the_work_are_the_same_for_everybody(
    app: Flask, database: Database, known: None, name: str
) -> None:
    door, addresses, same_work = DOORS[name]
    door(app.test_client(), "warm@example.org")  # what is made once and kept
    found = []
    for email in (UNKNOWN, *addresses):
        with working(database) as done:
            answer = door(app.test_client(), email)
        head = [each for each in answer.headers if not each[0].startswith(_COUNTED)]
        told = _NEW.sub("", f"{answer.status_code} {head} {answer.text}".replace(email, ""))
        found.append((told, done if same_work else []))

    for told, _done in found[1:]:
        assert told == found[0][0]
    for _told, done in found[1:]:
        assert done == found[0][1]
    assert not same_work or found[0][1]
    assert name != "sign-in" or found[0][1].count("argon2 verify") == 1
