"""F35: whatever is typed is kept and shown as it was typed, or refused in words; never a 500."""

import itertools
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as times
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import Settings
from core.database import Database
from core.forms import new_token
from members.models import Member
from payments.models import Pledge
from payments.wall import deciding
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.faults.naughty import ALL, EMPTY, LISTED
from tests.members.conftest import JOINER, token_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GIFT = {"amount": "10", "frequency": "once", "display": "full", "email": "sam@example.org"}
_SURROGATE = re.compile("[\ud800-\udfff]")
WALL = "/donate/fighting-fund/messages"
ANSWERS = (200, 301, 303, 308, 400, 404, 410, 422)
# Where text is typed, and answers that make sense; by a path, what stands round it, and a field.
QUERIES = ("/branches?postcode=", "/branches?by=", "/api/v1/nearest?postcode=", "/join?branch=",
           "/join?source=", "/donate/thanks?session_id=", "/me/open?token=", "/donate/",
           "/branches/", "/regions/", "/api/v1/appeals/", f"{WALL}?before=")  # fmt: skip
FORMS = {
    "/donate": {**GIFT, "message": ""},
    "/me": {"email": "", "token": ""},
    "/me/open": {"token": ""},
    "/join": {**JOINER, "token": ""},
    "/donate/details": {**GIFT, "token": "", "postcode": "", "name": "Sam", "message": ""},
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The usual settings, but that one address may send many forms at once."""
    limits = replace(settings.organisation.limits, form_posts_a_second=1_000_000)
    return replace(settings, organisation=replace(settings.organisation, limits=limits))


def body(fields: dict[str, str]) -> bytes:
    """Write a form as a browser does, and what no browser would send too."""
    return "&".join(
        f"{name}={quote_plus(text.encode('utf-8', 'surrogatepass'))}"
        for name, text in fields.items()
    ).encode()


def send(client: FlaskClient, path: str, fields: dict[str, str]) -> TestResponse:
    return client.post(path, data=body(fields), content_type="application/x-www-form-urlencoded")


def can_be_shown(text: str, *, most: int, lines: bool = False) -> bool:
    kept = text.replace("\r\n", "\n").replace("\r", "\n") if lines else text
    kinds = {unicodedata.category(letter) for letter in kept if not (lines and letter in "\n\t")}
    return len(kept) <= most and not kinds & {"Cc", "Cs", "Zl", "Zp"}


def says_something(text: str) -> bool:
    return any(unicodedata.category(letter)[0] in "LNPS" for letter in text)


def arrived(text: str) -> str:
    """What no browser sends, half a pair of surrogates, arrives as the bytes it was written in."""
    return _SURROGATE.sub(lambda half: quote_plus(half[0].encode("utf-8", "surrogatepass")), text)


def as_kept(text: str) -> str:
    return arrived(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def give(client: FlaskClient, name: str, message: str) -> TestResponse:
    with client.application.app_context():
        token = new_token("donate")
    fields = {**GIFT, "token": token, "name": name, "message": message}
    return send(client, "/donate/details", fields)


def is_taken(name: str, message: str) -> bool:
    name_is_one = can_be_shown(name, most=100) and says_something(name)
    return name_is_one and can_be_shown(message, most=1000, lines=True)


def some_of(texts: Sequence[str], database: Database) -> Sequence[str]:
    """All of them on SQLite, and every fourth on PostgreSQL, which is told through the same lines.

    What cannot be shown stands at the end but for what is too long: those PostgreSQL alone minds.
    """
    sqlite = database.engine.dialect.name == "sqlite"
    return texts if sqlite else [*texts[::4], *texts[-35:]]


def shown_on_the_wall(client: FlaskClient) -> dict[str, str | None]:
    """Read the whole wall: what was written, and by whom."""
    found, path = {}, f"{WALL}.json"
    while path:
        page = json.loads(client.get(path).text)
        found.update({each["message"]: each["name"] for each in page["messages"]})
        path = page["next"] or ""
    return found


def test_f35_a_giver_is_thanked_by_the_name_and_the_message_that_were_typed(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> None:
    kept = {}
    for number, text in enumerate(some_of(ALL, database)):
        message = f"{number}: {text}"
        answer = give(client, text, message)
        name, words = arrived(text).strip(), as_kept(message)
        assert answer.status_code == (303 if is_taken(name, words) else 422), text
        if is_taken(name, words):
            session_id = answer.location.rpartition("/")[2]
            gateway.pay(session_id)
            assert client.get(f"/donate/thanks?session_id={session_id}").status_code == 200
            kept[words] = name
        else:
            assert "field__error" in answer.text
    with database.transaction() as session:
        pledges = session.scalars(select(Pledge)).all()
        assert {pledge.message: pledge.name for pledge in pledges} == kept
        for pledge in pledges:
            deciding.approve(session, pledge.id, who="Mo", now=clock.now())
    assert shown_on_the_wall(client) == kept
    pages = client.get(WALL).text + client.get(f"{WALL}.atom").text
    assert "<script>alert" not in pages
    work()
    letters = "\n".join(str(letter.get_content()) for letter in mailer.to("sam@example.org"))
    assert all(name_of_number(words) in letters for words in kept)


def name_of_number(words: str) -> str:
    """Return what every letter shows of a message: where it begins, before a line may be broken."""
    return words.partition(":")[0] + ":"


def test_f35_a_joiner_is_kept_and_greeted_by_the_name_and_address_that_were_typed(
    client: FlaskClient, small_directory: None, database: Database, gateway: FakeGateway
) -> None:
    kept = {}
    for number, text in enumerate(some_of(ALL, database)):
        email = f"sam{number}@example.org"
        fields = {**JOINER, "name": text, "address1": text, "town": text, "email": email}
        with client.application.app_context():
            fields["token"] = new_token("join")
        answer = send(client, "/join", fields)
        typed = arrived(text).strip()
        good = can_be_shown(typed, most=100) and says_something(typed)
        assert answer.status_code == (303 if good else 422), text
        if good:
            kept[email] = typed
    with database.reading() as session:
        members = session.scalars(select(Member)).all()
        assert {each.email: each.name for each in members} == kept
        assert {each.email: (each.address1, each.town) for each in members} == {
            email: (name, name) for email, name in kept.items()
        }


@ON_SQLITE
def test_f35_what_is_refused_comes_back_as_it_was_typed(client: FlaskClient) -> None:
    """Nothing typed is lost by an error, but for what no page can hold."""
    for text in ALL:
        answer = send(client, "/donate", {"amount": text, "frequency": "monthly"})
        assert answer.status_code in (200, 422)
        (field,) = re.findall(r'<input[^>]* name="amount"[^>]*>', answer.text)
        (back,) = re.findall(r' value="([^"]*)"', field)
        assert unescape(back).strip() == arrived(text).strip(), text


@ON_SQLITE
def test_f35_no_address_and_no_form_is_more_than_refused(
    client: FlaskClient, small_directory: None
) -> None:
    doors = itertools.cycle((*QUERIES, *FORMS))
    for text in (*ALL, *ALL, *LISTED):  # our own at two doors each, and at each door some of all
        door = next(doors)
        if door in FORMS:
            fields = {**FORMS[door], list(FORMS[door])[-1]: text}
            assert send(client, door, fields).status_code in (200, 410, 422)
        else:
            asked = quote_plus(text.encode("utf-8", "surrogatepass"))
            assert client.get(door + asked).status_code in ANSWERS


@ON_SQLITE
@pytest.mark.parametrize("field", ["email", "name", "source", "postcode", "display", "amount"])
def test_f35_no_line_of_a_letter_can_be_slipped_in(
    client: FlaskClient, field: str, gateway: FakeGateway
) -> None:
    for text in ("sam@example.org\nBcc: all@example.org", "x\r\nBcc: y@example.org", "x\n.\n"):
        one = send(client, "/donate", {"amount": "10", "frequency": "once"})
        fields = {**GIFT, "name": "Sam", "token": token_in(one.text), field: text}
        assert send(client, "/donate/details", fields).status_code == 422
    assert gateway.orders == {}


@ON_SQLITE
def test_f35_any_text_at_all_is_answered(app: Flask, small_directory: None) -> None:
    client = app.test_client()
    letters = st.characters(exclude_categories=())
    text = st.one_of(st.sampled_from(ALL), st.text(letters, max_size=120))

    @times(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(text, text)
    def answered(one: str, other: str) -> None:
        given_ = give(client, one, other)
        taken = is_taken(arrived(one).strip(), as_kept(other))
        assert given_.status_code == (303 if taken else 422)

    answered()


def test_the_words_are_what_they_are_meant_to_be() -> None:
    assert len(set(ALL)) == len(ALL) > 150
    assert not any(says_something(text) for text in EMPTY)
    assert len(LISTED) == 485
    assert not set(ALL[1:]) & set(LISTED)
