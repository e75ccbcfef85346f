"""The 485 strings of the Big List, through every field: out again as they came, or refused.

Every field of every form is given each of them, with the forms found by walking their classes.
Through the front door they go several to a field, as many as it holds, and are looked for wherever
what was typed comes out: database, pages, feeds, letters, the treasurer's file, one's own data.
"""

import csv
import io
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from html import unescape
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse
from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField

from core.database import Database
from core.forms import GuardedForm, PublicForm, new_token
from members.models import Member
from members.protection.models import PrivacyRequest
from payments.appeals import DEFAULT
from payments.law.forms import DuesDeclarationForm
from payments.models import Pledge
from payments.wall import deciding
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.faults.naughty import LISTED
from tests.faults.test_naughty_words import can_be_shown, says_something, shown_on_the_wall
from tests.members.conftest import JOINER, link_in, token_in
from tests.safety.buttons import forms
from tests.safety.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SAM = "sam@example.org"
GIFT = {"amount": "10", "frequency": "once", "display": "full", "email": SAM}
# Fields in which what makes no sense is left out, and is no error of whoever sent it.
LEFT_OUT = {"branch", "source", "message", "donor_country", "donor_number"}
CHOSEN = (RadioField, SelectField, SelectMultipleField)


def every_form(kind: type[PublicForm] = PublicForm) -> Iterator[type[PublicForm]]:
    """Every form that any room of the running service has."""
    for each in kind.__subclasses__():
        yield each
        yield from every_form(each)


def test_every_field_of_every_form_takes_each_string_as_it_is_or_says_why_not(app: Flask) -> None:
    forms = sorted(set(every_form()) - {GuardedForm, DuesDeclarationForm}, key=lambda f: f.__name__)
    assert len(forms) > 15
    names = _names(app, forms)
    faults = set()
    for turn in range(len(LISTED)):
        typed = {name: LISTED[(turn + 7 * n) % len(LISTED)] for n, name in enumerate(names)}
        with app.test_request_context(method="POST", data=typed):
            for kind in forms:
                form = kind()
                form.validate()
                faults |= {f"{kind.__name__}: {told}" for told in _wrong(form, typed)}

    assert faults == set()


def _names(app: Flask, forms: Sequence[type[PublicForm]]) -> list[str]:
    with app.test_request_context():
        return sorted({field.name for kind in forms for field in kind(formdata=None)})


def _wrong(form: PublicForm, typed: dict[str, str]) -> Iterator[str]:
    for field in form:
        text = typed[field.name]
        if field.errors:
            if not all(says_something(str(words)) for words in field.errors):
                yield f"{field.name} refuses {text!r} without words"
        elif not _is_kept(field, text):
            yield f"{field.name} makes {field.data!r} of {text!r}"


def _is_kept(field: Field, text: str) -> bool:
    if isinstance(field, BooleanField):
        return field.data is (text not in ("", "false"))
    if isinstance(field, CHOSEN):
        return field.data in (None, []) or str(field.data) == text
    usual = {"appeal": DEFAULT, **dict.fromkeys(LEFT_OUT, "")}
    return field.data in (text, text.strip(), usual.get(field.name))


def packs(most: int) -> list[str]:
    """The strings that people can read, in order, as many to a text as it holds."""
    found = [""]
    for text in map(str.strip, LISTED):
        if not can_be_shown(text, most=most):
            continue
        longer = f"{found[-1]} {text}".strip()
        if len(longer) > most:
            found.append(text)
        else:
            found[-1] = longer
    return [each for each in found if says_something(each)]


def join(client: FlaskClient, email: str, lines: Sequence[str]) -> TestResponse:
    with client.application.app_context():
        token = new_token("join")
    name, address1, address2, town = lines
    where = {"address1": address1, "address2": address2, "town": town}
    return client.post(
        "/join", data={**JOINER, **where, "token": token, "name": name, "email": email}
    )


def test_who_joins_is_kept_and_told_of_as_they_wrote(
    client: FlaskClient,
    small_directory: None,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
) -> None:
    lines = packs(100)
    wanted, told = {}, []
    for n in range(0, len(lines), 4):
        email = f"sam{n}@example.org"
        mine = wanted[email] = [lines[(n + at) % len(lines)] for at in range(4)]
        answer = join(client, email, mine)
        assert answer.status_code == 303, mine
        if n % 12:  # every third pays, and is told of
            continue
        told.append(mine[0])
        gateway.pay(session_id := answer.location.rpartition("/")[2])
        page = client.get(f"/join/thanks?session_id={session_id}").text
        assert unescape(page).count(mine[0].split()[0])
    with database.reading() as session:
        members = session.scalars(select(Member)).all()
        kept = {
            each.email: [each.name, each.address1, each.address2, each.town] for each in members
        }
    work()
    notices = "\n".join(str(each.get_content()) for each in mailer.to("london@example.org"))

    assert kept == wanted
    assert len(told) > 10
    assert [name for name in told if f"Name:      {name}\n" not in notices] == []


def test_what_a_giver_writes_comes_out_everywhere_as_it_went_in(
    app: Flask,
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> None:
    messages, names, sources = packs(1000), packs(100), packs(200)
    wanted = {}
    for name, message, source in zip(names, messages, sources, strict=False):
        with app.app_context():
            typed = {"token": new_token("donate"), "name": name, "message": message}
        answer = client.post("/donate/details", data={**GIFT, **typed, "source": source})
        assert answer.status_code == 303, typed
        gateway.pay(session_id := answer.location.rpartition("/")[2])
        page = client.get(f"/donate/thanks?session_id={session_id}").text
        assert message in unescape(page)
        wanted[message] = name
        clock.move(seconds=1)
    with database.transaction() as session:
        for pledge in session.scalars(select(Pledge)).all():
            deciding.approve(session, pledge.id, who="Mo", now=clock.now())
    work()
    letters = _squeezed("\n".join(str(each.get_content()) for each in mailer.to(SAM)))

    assert shown_on_the_wall(client) == wanted
    assert [each for each in wanted if _squeezed(each) not in letters] == []
    assert _sources(app) == sources[: len(wanted)]
    held = _everything_held(client, mailer, work)
    assert {(each["message"], each["name"]) for each in held["pledge"]} == set(wanted.items())


def _squeezed(text: str) -> str:
    """A text without its spaces: letters break their lines where they must."""
    return "".join(text.split())


def _sources(app: Flask) -> list[str]:
    """The sources in the treasurer's file, without what keeps them from being formulas."""
    day = ("--from", "2026-11-22", "--to", "2026-11-22")
    told = app.test_cli_runner().invoke(args=["payments", "export", *day])
    assert told.exit_code == 0, told.output
    rows = csv.DictReader(io.StringIO(told.stdout, newline=""))
    found = sorted((row["created_at"], row["source"]) for row in rows)
    return [
        source.removeprefix("'") if source[1:2] in "=+-@\t" else source for _at, source in found
    ]


def _everything_held(
    client: FlaskClient, mailer: FakeMailer, work: Work
) -> dict[str, list[dict[str, str]]]:
    """What one's own pages give as a download, read back."""
    client.post("/me", data={"email": SAM, "token": token_in(client.get("/me").text)})
    work()
    page = client.get(link_in(mailer, SAM, "me/open")).text
    client.post("/me/open", data={"token": token_in(page)})
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me/data").text)
    answer = client.post("/me/data", data={"csrf_token": found[1] if found else ""})
    with ZipFile(io.BytesIO(answer.data)) as packed:
        page = unescape(packed.read("index.html").decode())
        held: dict[str, list[dict[str, str]]] = json.loads(packed.read("data.json"))["held"]
    assert [each["message"] for each in held["pledge"] if each["message"] not in page] == []
    return held


def test_what_somebody_asks_about_their_data_is_kept_as_it_was_written(
    client: FlaskClient, database: Database
) -> None:
    wanted = {}
    for name, message in zip(packs(100), packs(2000), strict=False):
        typed = {"kind": "access", "name": name, "message": message, "email": SAM}
        token = token_in(client.get("/privacy/request").text)
        assert client.post("/privacy/request", data={**typed, "token": token}).status_code == 303
        wanted[message] = name
    with database.reading() as session:
        kept = session.scalars(select(PrivacyRequest)).all()

        assert {each.message: each.name for each in kept} == wanted


def test_what_the_desk_writes_about_somebody_is_shown_as_it_was_written(town: Town) -> None:
    page = f"/desk/people/{town.members['A']}"
    visitor = town.visitors["organiser of A"]
    for text in packs(2000):
        typed = {"csrf_token": visitor.csrf, "nonce": str(uuid.uuid4()), "text": text}
        answer = visitor.client.post(f"{page}/notes", data=typed)
        assert answer.status_code == 303, text
    shown = unescape(visitor.client.get(page).text)
    assert [text for text in packs(2000) if text not in shown] == []

    lines = packs(100)
    for n in range(0, len(lines), 12):
        form = visitor.client.get(f"{page}/details").text
        kept = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', form))
        given = {name: unescape(text) for name, text in kept.items()}
        at = ("name", "address1", "address2", "town")
        mine = {name: lines[(n + more) % len(lines)] for more, name in enumerate(at)}
        answer = visitor.client.post(f"{page}/details", data={**given, **mine})
        assert answer.status_code == 303, mine
        shown = unescape(visitor.client.get(page).text)
        assert [text for text in mine.values() if text not in shown] == []


def test_what_the_treasurer_writes_and_the_banks_file_says_is_shown_as_it_was(town: Town) -> None:
    books = town.visitors["treasurer"]
    names, sources, messages = packs(100), packs(200), packs(1000)
    for name, source, message in zip(names, sources, messages, strict=False):
        gift = {"amount": "5", "method": "cash", "received": "2026-11-20", "appeal": DEFAULT}
        said = {"name": name, "reference": source, "message": message, "display": "full"}
        typed = {"csrf_token": books.csrf, **gift, **said}
        answer = books.client.post("/desk/money/offline/new", data=typed)
        assert answer.status_code == 303, typed
        page = books.client.get(answer.location).text
        assert name in unescape(page)
        (form,) = [each for each in forms(page) if each.action.endswith("/undo")]
        undone = {**form.fields, "why": source}
        assert books.client.post(f"{answer.location}/undo", data=undone).status_code == 303
        assert source in unescape(books.client.get(answer.location).text)
    many = min(len(names), len(sources), len(messages))
    listed = unescape(books.client.get("/desk/money/offline").text)
    assert [text for text in (*names[:many], *sources[:many]) if text not in listed] == []
    with town.database.reading() as session:
        kept = set(session.scalars(select(Pledge.message)))
    assert set(messages[:many]) <= kept
    assert many > 10

    written = io.StringIO(newline="")
    lines = [["2026-11-20", "FPI", text, "5.00"] for text in names[:20]]
    csv.writer(written).writerows([["Date", "Type", "Description", "Amount"], *lines])
    file = (io.BytesIO(written.getvalue().encode()), "bank.csv")
    loaded = {"csrf_token": books.csrf, "account": names[0][:60], "file": file}
    answer = books.client.post("/desk/money/bank", data=loaded)
    assert answer.status_code == 200, answer.text
    shown = unescape(answer.text)
    assert [text for text in names[:20] if text not in shown] == []


def test_a_page_that_refuses_shows_again_what_was_typed(client: FlaskClient) -> None:
    for text in packs(1000):
        answer = client.post("/donate", data={"amount": text, "frequency": "monthly"})
        (field,) = re.findall(r'<input[^>]* name="amount"[^>]*>', answer.text)
        (back,) = re.findall(r' value="([^"]*)"', field)
        assert (answer.status_code, unescape(back)) == (422, text)


def test_the_api_takes_none_of_them_for_a_place(client: FlaskClient) -> None:
    for n in range(0, len(LISTED), 100):
        asked = list(LISTED[n : n + 100])
        answer = client.post("/api/v1/nearest", json={"postcodes": asked})
        results = answer.get_json()["results"]
        assert [each["query"] for each in results] == asked
        assert {each["code"] for each in results} <= {"not_a_postcode", "missing_postcode"}
