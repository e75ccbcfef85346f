import datetime as dt
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import Branch
from core.database import Database
from core.outbox import OutboxMail
from members.models import Member, MembershipEvent
from members.self_service import stopping
from payments.announcements import DuesPaid, MonthlyStopped
from payments.models import Pledge
from payments.notices import Outcome
from payments.till import Till
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import NOTIFIED, OFFICE, join_form, link_in, the_member, token_in

pytestmark = pytest.mark.usefixtures("small_directory")


def events(database: Database) -> list[tuple[str | None, str, str, str]]:
    with database.reading() as session:
        rows = session.scalars(select(MembershipEvent).order_by(MembershipEvent.id))
        return [(row.from_state, row.to_state, row.why, row.who) for row in rows]


def announce(app: Flask, session: Session, event: object, now: dt.datetime) -> None:
    till: Till = app.extensions["till"]
    till.rules.announce(session, event, now)


def test_the_first_due_makes_a_member(
    database: Database, clock: FakeClock, join: Callable[..., str]
) -> None:
    join()
    member = the_member(database)
    assert (member.state, member.joined_at) == ("active", clock.now())
    assert events(database) == [
        (None, "applied", "sent the form", "applicant"),
        ("applied", "active", "first due paid", "gateway"),
    ]


def test_a_new_member_is_welcomed_with_branch_contact_and_links(
    mailer: FakeMailer, join: Callable[..., str]
) -> None:
    join()
    (welcome,) = [mail for mail in mailer.to("sam@example.org") if "Welcome" in mail["Subject"]]
    text = welcome.get_content()
    assert "Dear Sam," in text
    assert "Your branch is Waltham Forest" in " ".join(text.split())
    assert "020 8988 8786" in text
    assert "/join/confirm?token=" in text
    assert "/me/open?token=" in text


def test_the_organiser_of_the_region_is_told_whom_to_ring(
    mailer: FakeMailer, join: Callable[..., str]
) -> None:
    join()
    (notice,) = mailer.to(NOTIFIED)
    text = notice.get_content()
    assert "Waltham Forest" in notice["Subject"]
    for told in (
        "Sam Jones",
        "07700 900123",
        "sam@example.org",
        "E11 1AA",
        "Standard, £10 a month",
    ):
        assert told in text
    assert "1985" not in text
    assert "High Road" not in text


def test_outside_the_regions_the_office_is_told(
    mailer: FakeMailer, join: Callable[..., str]
) -> None:
    join(postcode="BT1 1AA", phone="")
    (notice,) = mailer.to(OFFICE)
    assert "not given" in notice.get_content()
    (welcome,) = [mail for mail in mailer.to("sam@example.org") if "Welcome" in mail["Subject"]]
    assert "020 8988 8777" in welcome.get_content()


def test_nobody_promises_to_ring_a_member_who_gave_no_number(
    mailer: FakeMailer, join: Callable[..., str]
) -> None:
    join(phone="")
    (welcome,) = [mail for mail in mailer.to("sam@example.org") if "Welcome" in mail["Subject"]]
    assert "Somebody will write to you soon" in " ".join(welcome.get_content().split())
    (notice,) = mailer.to(NOTIFIED)
    assert "They gave no telephone number" in " ".join(notice.get_content().split())


def test_a_due_told_again_and_again_makes_one_member_once(
    app: Flask,
    database: Database,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
    join: Callable[..., str],
) -> None:
    join()
    member = the_member(database)
    for number in (1, 1, 2):
        paid = DuesPaid(member.dues_pledge_id, uuid.uuid4(), 1000, number, clock.move(days=1))
        with app.app_context(), database.transaction() as session:
            announce(app, session, paid, clock.now())
    work()
    assert len(events(database)) == 2
    assert len(mailer.to(NOTIFIED)) == 1
    assert sum("Welcome" in mail["Subject"] for mail in mailer.to("sam@example.org")) == 1


def test_a_branch_that_closed_while_the_debit_settled_is_not_the_new_member_s(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> None:
    client.post("/join", data=join_form(client))
    session_id = gateway.only_session()
    gateway.come_to(session_id, Outcome.SETTLING)
    client.get(f"/join/thanks?session_id={session_id}")
    assert the_member(database).branch_id is not None
    with database.transaction() as session:
        branch = session.scalars(select(Branch)).one()
        branch.status, branch.closed = "closed", clock.now().date()
    clock.move(days=4)
    gateway.pay(session_id)
    client.get(f"/join/thanks?session_id={session_id}")
    work()
    assert the_member(database).branch_id is None
    (notice,) = mailer.to(NOTIFIED)
    assert "none within reach" in notice.get_content()


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        (Outcome.OPEN, "not-taken", "not a member yet"),
        (Outcome.EXPIRED, "not-taken", "not a member yet"),
        (Outcome.FAILED, "not-taken", "not a member yet"),
        (Outcome.SETTLING, "confirming", "Please do not pay again"),
        (Outcome.PAID, "received", "you are a member"),
    ],
)
def test_the_page_after_paying_tells_the_truth(
    client: FlaskClient, gateway: FakeGateway, outcome: Outcome, state: str, words: str
) -> None:
    client.post("/join", data=join_form(client))
    gateway.come_to(gateway.only_session(), outcome)
    page = client.get(f"/join/thanks?session_id={gateway.only_session()}")
    assert page.status_code == 200
    assert f'<main data-state="{state}"' in page.text
    assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "020 8988 8786" in page.text
    assert ("Waltham Forest" in page.text) == (state != "not-taken")


@pytest.mark.parametrize("unknown", ["", "cs_nothing", "a" * 5000, "%00"])
def test_an_unknown_session_is_not_found(client: FlaskClient, unknown: str) -> None:
    assert client.get(f"/join/thanks?session_id={unknown}").status_code == 404


def test_the_page_of_a_gift_is_not_a_joiner_s(client: FlaskClient, gateway: FakeGateway) -> None:
    gift = {"amount": "10", "frequency": "once", "display": "first"}
    token = token_in(client.post("/donate", data=gift).text)
    client.post(
        "/donate/details",
        data={**gift, "name": "Sam Jones", "email": "sam@example.org", "token": token},
    )
    assert client.get(f"/join/thanks?session_id={gateway.only_session()}").status_code == 404


def test_dues_that_end_at_the_gateway_end_the_membership_once_what_was_paid_is_over(
    app: Flask, database: Database, clock: FakeClock, work: Work, join: Callable[..., str]
) -> None:
    join()
    member = the_member(database)
    for _time in range(2):
        with app.app_context(), database.transaction() as session:
            session.get_one(Pledge, member.dues_pledge_id).stopped_at = clock.now()
            ended = MonthlyStopped(member.dues_pledge_id, "dues", clock.now())
            announce(app, session, ended, clock.now())
    assert the_member(database).state == "active"
    clock.moment = dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.UTC)
    work()
    assert the_member(database).state == "active"
    clock.move(days=1)
    work()
    assert the_member(database).state == "lapsed"
    assert events(database)[2:] == [
        ("active", "lapsed", "paid up to 2026-11, dues have ended", "clock")
    ]


def test_who_asked_to_stop_their_dues_has_left_once_they_end(
    app: Flask, database: Database, clock: FakeClock, join: Callable[..., str]
) -> None:
    join()
    member = the_member(database)
    for _time in range(2):
        with app.app_context(), database.transaction() as session:
            stopping.ask(session, member.dues_pledge_id, now=clock.now())
            ended = MonthlyStopped(member.dues_pledge_id, "dues", clock.now())
            announce(app, session, ended, clock.now())
    assert events(database)[2:] == [("active", "left", "stopped dues", "member")]


def test_a_due_told_after_the_end_makes_nobody_a_member_again(
    app: Flask, client: FlaskClient, database: Database, clock: FakeClock
) -> None:
    client.post("/join", data=join_form(client))
    member = the_member(database)
    told: list[object] = [
        MonthlyStopped(member.dues_pledge_id, "dues", clock.now()),
        DuesPaid(member.dues_pledge_id, uuid.uuid4(), 1000, 1, clock.now()),
    ]
    for event in told:
        with app.app_context(), database.transaction() as session:
            announce(app, session, event, clock.now())
    assert the_member(database).state == "left"


def test_a_monthly_gift_makes_nobody_a_member_and_its_end_nobody_leave(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with app.app_context(), database.transaction() as session:
        announce(app, session, MonthlyStopped(uuid.uuid4(), "monthly", clock.now()), clock.now())
        announce(app, session, DuesPaid(uuid.uuid4(), uuid.uuid4(), 5, 1, clock.now()), clock.now())
        assert session.scalars(select(Member)).all() == []
        assert session.scalars(select(OutboxMail)).all() == []


def test_the_link_in_the_welcome_confirms_the_address_when_its_button_is_pressed(
    client: FlaskClient,
    database: Database,
    mailer: FakeMailer,
    clock: FakeClock,
    join: Callable[..., str],
) -> None:
    join()
    link = link_in(mailer, "sam@example.org", "join/confirm")
    client.head(link)
    page = client.get(link)
    assert page.status_code == 200
    assert the_member(database).email_confirmed_at is None, "a scanner that looks confirms nothing"
    pressed_at = clock.move(days=400)
    for _time in range(2):
        answer = client.post("/join/confirm", data={"token": token_in(page.text)})
        assert "Your address is confirmed" in answer.text
        clock.move(days=1)
    assert the_member(database).email_confirmed_at == pressed_at
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "made-up", "a" * 5000])
def test_a_made_up_confirmation_is_not_found(client: FlaskClient, token: str) -> None:
    assert client.get(f"/join/confirm?token={token}").status_code == 404
    assert client.post("/join/confirm", data={"token": token}).status_code == 404


def test_a_link_to_somebody_s_pages_confirms_no_address(
    client: FlaskClient, mailer: FakeMailer, join: Callable[..., str]
) -> None:
    join()
    token = link_in(mailer, "sam@example.org", "me/open").partition("=")[2]
    assert client.post("/join/confirm", data={"token": token}).status_code == 404


def test_the_database_refuses_a_member_who_never_joined(
    client: FlaskClient, database: Database
) -> None:
    client.post("/join", data=join_form(client))
    change = sa.update(Member).values(state="active")
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        session.execute(change)
