"""Requests and complaints: kept once, answered alike, and never past their day unseen."""

import datetime as dt
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from members.protection import asking
from members.protection.models import PrivacyRequest
from tests.conftest import Work
from tests.fakes import FakeClock, FakeMailer
from tests.members.conftest import OFFICE, token_in
from tests.members.protection.people import run

PAGE = "/privacy/request"


def form(client: FlaskClient, **but: str) -> dict[str, str]:
    typed = {
        "kind": "access",
        "name": "Sam Jones",
        "email": "sam@example.org",
        "message": "All of it, please",
        "token": token_in(client.get(PAGE).text),
        **but,
    }
    return {name: value for name, value in typed.items() if value}


def kept(database: Database) -> list[PrivacyRequest]:
    with database.reading() as session:
        return list(session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id)))


@pytest.mark.parametrize(
    ("kind", "asked_on", "due_on"),
    [
        ("access", "2026-11-22", "2026-12-22"),
        ("access", "2027-01-31", "2027-02-28"),
        ("erasure", "2028-01-30", "2028-02-29"),
        ("objection", "2026-12-31", "2027-01-31"),
        ("complaint", "2026-11-22", "2026-12-22"),
        ("complaint", "2027-02-01", "2027-03-03"),
        ("complaint", "2026-06-19", "2026-07-19"),
    ],
)
def test_the_law_says_until_when(kind: str, asked_on: str, due_on: str) -> None:
    found = asking.due_on(kind, dt.date.fromisoformat(asked_on))

    assert found == dt.date.fromisoformat(due_on)


def test_a_request_is_kept_once_and_the_office_is_told_without_a_name(
    client: FlaskClient, database: Database, mailer: FakeMailer, work: Work
) -> None:
    sent = form(client)
    answers = [client.post(PAGE, data=sent) for _time in range(2)]
    work()

    assert {(each.status_code, each.location) for each in answers} == {(303, f"{PAGE}/sent")}
    (request,) = kept(database)
    assert (request.kind, request.due_on) == ("access", dt.date(2026, 12, 22))
    assert request.confirm_by is None
    (letter,) = mailer.to(OFFICE)
    told = " ".join((str(letter["Subject"]) + letter.get_content()).split())
    assert "22 December 2026" in told
    assert "Sam" not in told
    assert "sam@" not in told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "but",
    [
        {"kind": ""},
        {"kind": "anything"},
        {"name": ""},
        {"email": "sam"},
        {"message": "x" * 2001},
        {"name": "Sam\x00"},
        {"token": "forged"},
    ],
    ids="-".join,
)
def test_what_cannot_be_taken_comes_back_filled_in(
    client: FlaskClient, database: Database, but: dict[str, str]
) -> None:
    answer = client.post(PAGE, data=form(client, **but))

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert kept(database) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_site_sends_no_request(client: FlaskClient, database: Database) -> None:
    sent = form(client)

    answer = client.post(PAGE, data=sent, headers={"Origin": "https://elsewhere.example.org"})

    assert answer.status_code == 403
    assert kept(database) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_it_is_about_can_be_chosen_by_the_link(client: FlaskClient) -> None:
    chosen = client.get(f"{PAGE}?about=complaint").text
    nonsense = client.get(f"{PAGE}?about=<script>").text

    (ticked,) = [each for each in re.findall(r"<input[^>]*>", chosen) if " checked" in each]
    assert 'value="complaint"' in ticked
    assert "<script>" not in nonsense


def test_the_office_is_reminded_once_before_the_day(
    app: Flask,
    client: FlaskClient,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> None:
    client.post(PAGE, data=form(client))
    work()
    clock.move(days=22)
    work()
    assert len(mailer.to(OFFICE)) == 1

    clock.move(days=2)
    work()
    clock.move(days=1)
    work()

    assert len(mailer.to(OFFICE)) == 2
    assert str(mailer.to(OFFICE)[1]["Subject"]).startswith("Due by 22 December 2026")


def test_of_what_is_done_or_confirmed_nobody_is_reminded(
    app: Flask,
    client: FlaskClient,
    database: Database,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> None:
    client.post(PAGE, data=form(client))
    client.post(PAGE, data=form(client, kind="complaint"))
    work()
    request, complaint = kept(database)
    said = [
        run(app, "requests", "--done", str(request.id), "--why", "sent"),
        run(app, "requests", "--confirm", str(complaint.id)),
    ]
    clock.move(days=28)
    work()

    assert [each.exit_code for each in said] == [0, 0]
    assert len(mailer.to(OFFICE)) == 2  # as they came


def test_requests_are_listed_by_their_day_and_what_is_late_says_so(
    app: Flask, client: FlaskClient, clock: FakeClock
) -> None:
    client.post(PAGE, data=form(client))
    clock.move(days=5)
    client.post(PAGE, data=form(client, kind="erasure"))
    clock.move(days=27)

    lines = run(app, "requests").output.splitlines()

    assert "access" in lines[0]
    assert "LATE" in lines[0]
    assert "sam@example.org" in lines[0]
    assert "erasure" in lines[2]
    assert "LATE" not in lines[2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_answer_is_noted_once_and_needs_a_reason(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    client.post(PAGE, data=form(client))
    number = str(kept(database)[0].id)

    codes = [
        run(app, "requests", *args).exit_code
        for args in (
            ("--done", number),
            ("--done", number, "--why", " "),
            ("--why", "sent"),
            ("--done", number, "--confirm", number, "--why", "sent"),
            ("--done", "999", "--why", "sent"),
            ("--confirm", "999"),
            ("--done", number, "--why", "sent"),
            ("--done", number, "--why", "sent again"),
        )
    ]

    assert codes == [2, 2, 2, 2, 1, 1, 0, 1]
    assert kept(database)[0].outcome == "sent"
    assert "No request waits" in run(app, "requests").output
