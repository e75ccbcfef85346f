"""Every kind of signed link: once, again, too late, altered, at the door of every other kind."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import fingerprints, links, unsubscribing
from core.addresses import EmailAddress
from core.database import Database
from members import confirming
from members.models import Member
from members.self_service import readdressing
from payments.protecting import setting_aside
from staff import inviting
from staff.accounts import Post
from staff.models import StaffInvitation
from staff.principal import Role
from tests.fakes import START, FakeClock
from tests.house import CODE, calls, files, name_of
from tests.members.conftest import join_form, token_in
from tests.payments.protecting.test_setting_aside import put_aside
from tests.staff.conftest import PASSWORD

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SAM = "sam@example.org"
# Who signs what leaves the house. Form tokens and questions guard forms; the rest are links.
SIGNERS = {
    "core/form_tokens.py",
    "core/links.py",
    "core/unsubscribing.py",
    "payments/protecting/questions.py",
}
PURPOSES = {
    "members/confirming.py",
    "members/letter_links.py",
    "members/self_service/readdressing.py",
    "payments/protecting/views.py",
    "staff/inviting.py",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of link: how its token is made, the door it opens, and what is answered there.

    `again` is the answer to who uses it a second time, `late` to who comes after its time; None
    where it has none: it does no more than it did, however late.
    """

    make: Callable[[Session, tuple[str, ...]], str]
    door: str
    name: str
    once: int
    again: int
    late: int | None
    dead: int


def access(session: Session, keys: tuple[str, ...]) -> str:
    return links.token(links.mint(session, SAM, lifetime=dt.timedelta(hours=1), now=START), keys)


def invitation(session: Session, keys: tuple[str, ...]) -> str:
    email = EmailAddress.parse(f"{uuid.uuid4().hex}@example.org")
    account = inviting.invite(session, email, Post(Role.ADMIN), by=None, now=START)
    rows = select(StaffInvitation.id).where(StaffInvitation.account_id == account.id)
    return inviting.token(session.scalars(rows).one(), keys)


def confirmation(session: Session, keys: tuple[str, ...]) -> str:
    return confirming.token(session.scalars(select(Member.id)).one(), keys)


def finish(session: Session, keys: tuple[str, ...]) -> str:
    return links.token(put_aside(session, SAM).id, keys, setting_aside.PURPOSE)


def change_of_address(session: Session, keys: tuple[str, ...]) -> str:
    email = EmailAddress.parse(f"{uuid.uuid4().hex}@example.org")
    member, hour = session.scalars(select(Member)).one(), dt.timedelta(hours=1)
    made = readdressing.ask(session, member, email, lifetime=hour, now=START)
    return readdressing.token(made, keys)


def unsubscribe(_session: Session, keys: tuple[str, ...]) -> str:
    return unsubscribing.token([fingerprints.of_email(SAM, keys[:1])[0], ""], keys)


KINDS = {
    "access": Kind(access, "/me/open", "token", once=303, again=410, late=410, dead=410),
    "invitation": Kind(
        invitation, "/desk/invitation", "link", once=303, again=410, late=410, dead=410
    ),
    "confirmation": Kind(
        confirmation, "/join/confirm", "token", once=200, again=200, late=None, dead=404
    ),
    "change of address": Kind(
        change_of_address, "/me/confirm-address", "token", once=200, again=404, late=404, dead=404
    ),
    "finish": Kind(finish, "/finish", "token", once=303, again=303, late=410, dead=410),
    "unsubscribe": Kind(
        unsubscribe, "/unsubscribe", "token", once=200, again=200, late=None, dead=404
    ),
}


@dataclass
class Letters:
    """Everything that is sent by mail, and a browser to open it with."""

    app: Flask
    client: FlaskClient
    database: Database

    def make(self, kind: Kind) -> str:
        with self.database.transaction() as session:
            return kind.make(session, tuple(self.app.extensions["link_keys"]))

    def use(self, kind: Kind, token: str) -> TestResponse:
        """Press the button behind a link."""
        form = {kind.name: token}
        if kind.door == "/desk/invitation":
            page = self.client.get(kind.door, query_string={"token": token}).text
            guard = token_in(page) if 'name="token"' in page else ""
            form |= {"token": guard, "new_password": PASSWORD}
        return self.client.post(kind.door, data=form)


@pytest.fixture
def letters(app: Flask, client: FlaskClient, database: Database, small_directory: None) -> Letters:
    """Somebody who has joined, and the letters that can be written to them."""
    assert client.post("/join", data=join_form(client)).status_code == 303
    return Letters(app, client, database)


def test_every_place_that_signs_something_is_known() -> None:
    signers, purposes = set(), set()
    for path in files(*CODE):
        for name, _call in calls(path):
            if name.rpartition(".")[2] in ("URLSafeSerializer", "URLSafeTimedSerializer", "Signer"):
                signers.add(name_of(path))
            if name == "links.token":
                purposes.add(name_of(path))
    assert signers == SIGNERS
    assert purposes == PURPOSES


@ON_SQLITE
@pytest.mark.parametrize("name", KINDS)
def test_a_link_does_what_it_is_for_once_and_nothing_when_it_is_used_up_late_or_altered(
    letters: Letters, clock: FakeClock, name: str
) -> None:
    kind = KINDS[name]
    token = letters.make(kind)
    for altered in (token[:-1], token + "A", token[1:], token.swapcase(), token.replace(".", "")):
        assert letters.use(kind, altered).status_code == kind.dead, altered
    for other in set(KINDS) - {name}:
        stolen = letters.make(KINDS[other])
        assert letters.use(kind, stolen).status_code == kind.dead, other
    first = letters.use(kind, token)
    again = letters.use(kind, token)
    assert (first.status_code, again.status_code) == (kind.once, kind.again)
    if kind.again == 303:  # nothing new: the same payment page
        assert first.location == again.location
    late = letters.make(kind)
    clock.move(days=400)
    assert letters.use(kind, late).status_code == (kind.late or kind.once)


@ON_SQLITE
def test_a_cookie_that_was_planted_before_a_link_was_opened_opens_nothing(letters: Letters) -> None:
    """Session fixation: whoever put a session into a browser does not share what it comes to."""
    thief = letters.app.test_client()
    token = letters.make(KINDS["access"])
    thief.post("/me/open", data={"token": token})
    planted = thief.get_cookie("groundswell")
    assert planted
    thief.get("/me/consent")
    csrf = re.search(r'csrf_token" value="([^"]+)"', thief.get("/me/consent").text)
    thief.post("/me/sign-out", data={"csrf_token": csrf[1] if csrf else ""})
    letters.client.set_cookie("groundswell", planted.value)
    opened = letters.use(KINDS["access"], letters.make(KINDS["access"]))
    kept = letters.client.get_cookie("groundswell")

    assert opened.location == "/me/giving"
    assert kept
    assert kept.value != planted.value
    assert letters.client.get("/me/giving").status_code == 200
    thief.set_cookie("groundswell", planted.value)
    assert thief.get("/me/giving").location == "/me"
