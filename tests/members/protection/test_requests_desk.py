"""The desk of requests and complaints, and of retention: clocks, answers, what goes next."""

import datetime as dt
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.addresses import EmailAddress
from core.clock import day_in_london
from core.links import AccessLink
from members.protection import asking
from members.protection.asking import Asked, NoSuchRequest, TooLateToExtend
from members.protection.models import PrivacyRequest, RetentionRun
from staff.principal import Role
from tests.fakes import START
from tests.staff.conftest import ALEX, ROBIN, Desk, Person, desk, seat

__all__ = ["desk"]
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OFFICE = "office@example.org"


def ask(desk: Desk, kind: str, name: str = "Sam Jones", at: dt.datetime = START) -> int:
    asked = Asked(kind, name, EmailAddress.parse("sam@example.org"), "Please <b>do</b>")
    with desk.database.transaction() as session:
        asking.ask(session, asked, form_nonce=uuid.uuid4().hex, office=OFFICE, now=at)
        return max(session.scalars(select(PrivacyRequest.id)))


def of(desk: Desk, number: int) -> PrivacyRequest:
    with desk.database.reading() as session:
        return session.get_one(PrivacyRequest, number)


@pytest.fixture
def alex(desk: Desk) -> Person:
    return seat(desk, ALEX, Role.ADMIN)


def read(client: FlaskClient, path: str = "") -> str:
    return client.get(f"/desk/requests{path}").text


@once
def test_a_request_is_looked_at_confirmed_extended_and_answered(desk: Desk, alex: Person) -> None:
    number = ask(desk, "access")  # 22 November
    page = read(alex.client, f"/{number}")
    assert "Please &lt;b&gt;do&lt;/b&gt;" in page
    assert "due in 30 days" in page
    for empty in ("extend", "done"):
        assert alex.press(f"/desk/requests/{number}/{empty}").status_code == 422
    assert alex.press(f"/desk/requests/{number}/confirm").status_code == 303
    assert alex.press(f"/desk/requests/{number}/extend", why="It is much").status_code == 303
    assert of(desk, number).due_on == dt.date(2027, 2, 22)
    again = alex.press(f"/desk/requests/{number}/extend", why="It is more")
    assert (again.status_code, "extended no more" in again.text) == (409, True)
    assert "It is more" in again.text
    assert alex.press(f"/desk/requests/{number}/done", outcome="Sent to them").status_code == 303
    late = alex.press(f"/desk/requests/{number}/done", outcome="Refused")
    assert (late.status_code, "before you" in late.text, "Refused" in late.text) == (
        409,
        True,
        True,
    )
    assert of(desk, number).outcome == "Sent to them"
    assert "Nobody waits for an answer." in read(alex.client)
    assert [entry for entry in desk.audit() if entry[1].startswith("request")] == [
        ("change", "request:confirmed"),
        ("change", "request:extended"),
        ("change", "request:done"),
        ("search", "requests"),
    ]
    for gone in ("/99", "/999999999999999999999"):
        assert alex.client.get(f"/desk/requests{gone}").status_code == 404


@once
def test_each_stands_with_its_clock_what_is_due_first_at_the_top(desk: Desk, alex: Person) -> None:
    for days, name in ((2, "New"), (32, "Late"), (31, "Today"), (26, "Soon")):
        ask(desk, "erasure", name, START - dt.timedelta(days=days))
    complaint = ask(desk, "complaint", "Told", START - dt.timedelta(days=60))
    with desk.database.transaction() as session:
        asking.confirm(session, complaint, now=START)
    page = read(alex.client)
    said = ["without delay", "1 day late", "due today", "due in 5 days", "due in 28 days"]
    places = [page.index(each) for each in said]
    assert places == sorted(places)
    health = alex.client.get("/desk/health").text
    assert "1 request is past the day of the law." in health


@pytest.mark.parametrize(
    ("kind", "days", "held"),
    [("access", 30, True), ("access", 31, False), ("complaint", 0, False), ("erasure", 0, True)],
)
@once
def test_a_request_is_extended_within_its_month_alone_and_a_complaint_never(
    desk: Desk, kind: str, days: int, *, held: bool
) -> None:
    number = ask(desk, kind)
    later = START + dt.timedelta(days=days)
    with desk.database.reading() as session:
        found = session.get_one(PrivacyRequest, number)
        assert (asking.could_wait_until(found, day_in_london(later)) is not None) is held
    if not held:
        with pytest.raises(TooLateToExtend), desk.database.transaction() as session:
            asking.extend(session, number, why="x", now=later)
    with pytest.raises(NoSuchRequest), desk.database.transaction() as session:
        asking.extend(session, number + 1, why="x", now=later)


@once
def test_the_office_is_reminded_of_a_request_that_was_extended_anew(desk: Desk) -> None:
    number = ask(desk, "access")
    desk.clock.move(days=25)
    office = desk.app.extensions["protection"].office_email
    assert len(desk.letters(office)) == 1
    with desk.database.transaction() as session:
        asking.extend(session, number, why="x", now=desk.clock.now())
    desk.clock.move(days=61)
    assert len(desk.letters(office)) == 2
    assert of(desk, number).reminded_at == desk.clock.now()


def test_retention_says_what_went_and_what_goes_next(desk: Desk) -> None:
    alex = seat(desk, ALEX, Role.ADMIN)
    assert "It has not run yet" in alex.client.get("/desk/retention").text
    desk.work()
    days = dt.timedelta(days=30)
    with desk.database.transaction() as session:
        over = desk.clock.now() - days
        made = AccessLink(
            id=uuid.uuid4(), email="sam@example.org", created_at=over, expires_at=over
        )
        session.add(made)
    page = alex.client.get("/desk/retention").text
    assert "Due now" not in page
    assert "22 November 2026, 18:00" in page
    counted = alex.client.get("/desk/retention?count=now").text
    assert "Counted for you" in counted
    desk.clock.move(hours=6)
    desk.work()
    with desk.database.reading() as session:
        first, second = session.scalars(select(RetentionRun).order_by(RetentionRun.id))
        assert session.get(AccessLink, made.id) is None
    assert (sum(first.gone.values()), sum(second.gone.values())) == (0, 1)
    assert sum(second.next_due.values()) == 0
    robin = seat(desk, ROBIN, Role.ADMIN)  # six hours at the desk are too many
    assert "1 links" in robin.client.get("/desk/retention").text
