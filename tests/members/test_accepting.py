"""Where the organisation asks for it, an organiser decides of who has joined and paid."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from config import Settings
from core.database import Database
from members import accepting, states
from members.accepting import NoReason, NothingPaid, NotWaiting
from members.models import Member, MembershipEvent
from members.room import Room
from payments.announcements import DuesPaid, MonthlyStopped
from payments.models import Payment, Pledge, Refund, StopRequest
from payments.till import Till
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeMailer
from tests.members.conftest import (
    JOINER,
    NOTIFIED,
    OFFICE,
    ask,
    csrf_in,
    join_form,
    open_pages,
    the_member,
)
from tests.members.standing.books import events_of, pay
from tests.postgres import ONLY_GROWS

pytestmark = pytest.mark.usefixtures("small_directory")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ACCOUNT = str(uuid.UUID(int=7))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The organisation accepts its members."""
    rules = replace(settings.organisation.membership, acceptance=True)
    return replace(settings, organisation=replace(settings.organisation, membership=rules))


@pytest.fixture
def accept(app: Flask, database: Database, clock: FakeClock) -> Callable[[], Member]:
    def accepted() -> Member:
        here: Room = app.extensions["members"]
        with app.app_context(), database.transaction() as session:
            return accepting.accept(
                session,
                the_member(database).id,
                who=ACCOUNT,
                places=here.places,
                rules=here.rules,
                now=clock.now(),
            )

    return accepted


@pytest.fixture
def decline(app: Flask, database: Database, clock: FakeClock) -> Callable[..., uuid.UUID | None]:
    def declined(why: str = "Works for the other side") -> uuid.UUID | None:
        here: Room = app.extensions["members"]
        with database.transaction() as session:
            member_id, rules, now = the_member(database).id, here.rules, clock.now()
            return accepting.decline(session, member_id, why=why, who=ACCOUNT, rules=rules, now=now)

    return declined


def subjects(mailer: FakeMailer, to: str) -> list[str]:
    return [str(each["Subject"]) for each in mailer.to(to)]


def test_who_has_paid_waits_and_is_welcomed_once_accepted(
    client: FlaskClient,
    database: Database,
    join: Callable[..., str],
    accept: Callable[[], Member],
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
) -> None:
    page = client.get(f"/join/thanks?session_id={join()}").text
    assert "Your application has arrived" in page
    assert "you are a member." not in page
    waiting = the_member(database)
    assert (waiting.state, waiting.waiting_since) == ("applied", clock.now())
    assert "Thank you: your application has arrived" in subjects(mailer, JOINER["email"])
    assert not any("Welcome" in each for each in subjects(mailer, JOINER["email"]))
    assert subjects(mailer, NOTIFIED) == ["An application in Waltham Forest: please decide"]
    clock.move(days=3)
    assert accept().state == "active"
    with pytest.raises(NotWaiting):
        accept()
    work()
    member = the_member(database)
    assert (member.state, member.joined_at) == ("active", clock.now())
    assert member.waiting_since is None
    assert events_of(database, member) == [
        ("state", None, "applied", "applicant"),
        ("waiting", "applied", "applied", "gateway"),
        ("state", "applied", "active", ACCOUNT),
    ]
    assert sum("Welcome" in each for each in subjects(mailer, JOINER["email"])) == 1
    assert len(subjects(mailer, NOTIFIED)) == 2


def test_a_declined_application_ends_its_dues_and_the_treasurer_hears_what_to_give_back(
    client: FlaskClient,
    database: Database,
    join: Callable[..., str],
    decline: Callable[..., uuid.UUID | None],
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
) -> None:
    session_id = join()
    with pytest.raises(NoReason):
        decline(" \n")
    assert decline() == the_member(database).dues_pledge_id
    with pytest.raises(NotWaiting):
        decline()
    clock.move(minutes=3)
    work()
    work()
    member = the_member(database)
    assert events_of(database, member)[2:] == [("declined", "applied", "left", ACCOUNT)]
    with database.reading() as session:
        (payment,) = session.scalars(select(Payment)).all()
        assert session.get_one(Pledge, member.dues_pledge_id).stopped_at is not None
        assert session.scalars(select(Refund)).all() == [], "nothing goes back by itself"
        why = session.scalars(select(MembershipEvent.why)).all()[-1]
    assert why == "Works for the other side"
    (told,) = [each for each in mailer.to(JOINER["email"]) if "to join" in each["Subject"]]
    assert "asked to give back" in " ".join(told.get_content().split())
    assert "other side" not in told.get_content()
    (notice,) = [each for each in mailer.to(OFFICE) if "Dues to give back" in each["Subject"]]
    assert f"Payment {payment.id}: £10" in notice.get_content()
    assert "Sam" not in notice.get_content()
    page = client.get(f"/join/thanks?session_id={session_id}").text
    assert "This application is closed" in page
    clock.move(days=89)
    work()
    assert the_member(database).state == "left"
    clock.move(days=2)
    work()
    with database.reading() as session:
        assert session.scalars(select(Member)).all() == [], "its time is over; the money's is not"
        assert session.get(Payment, payment.id) is not None
    assert client.post("/join", data=join_form(client)).status_code == 303


@on_sqlite
def test_no_clock_and_no_more_dues_change_who_waits(
    app: Flask,
    database: Database,
    join: Callable[..., str],
    accept: Callable[[], Member],
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
) -> None:
    join()
    member = the_member(database)
    letters = {str(each["To"]): str(each["Subject"]) for each in mailer.sent}
    clock.move(days=200)
    till: Till = app.extensions["till"]
    with app.app_context(), database.transaction() as session:
        again = DuesPaid(member.dues_pledge_id, uuid.uuid4(), 1000, 2, clock.now())
        till.rules.announce(session, again, clock.now())
        ended = MonthlyStopped(member.dues_pledge_id, "dues", clock.now())
        till.rules.announce(session, ended, clock.now())
    work()
    told = {str(each["To"]): str(each["Subject"]) for each in mailer.sent}
    told.pop("london@example.org", None)  # whose branches nobody has looked over for so long
    assert told.items() <= letters.items()
    assert the_member(database).waiting_since == member.waiting_since
    assert [each[0] for each in events_of(database, member)] == ["state", "waiting"]
    accept()
    assert the_member(database).state == "lapsed", "by what is in the books"
    with database.transaction() as session:
        pay(session, member, clock.now())
    with app.app_context(), database.transaction() as session:
        till.rules.announce(session, again, clock.now())
    assert the_member(database).state == "active"


@on_sqlite
def test_nobody_is_accepted_whose_every_due_went_back(
    app: Flask, database: Database, join: Callable[..., str], accept: Callable[[], Member]
) -> None:
    join()
    with database.transaction() as session:
        payment = session.scalars(select(Payment)).one()
        session.add(
            Refund(
                id=uuid.uuid4(),
                payment_id=payment.id,
                stripe_refund="re_1",
                amount_pence=payment.amount_pence,
                status="succeeded",
                made_at=START,
                changed_at=START,
            )
        )
    with pytest.raises(NothingPaid):
        accept()
    assert the_member(database).waiting_since is not None


@on_sqlite
def test_who_waits_sees_it_on_their_pages_and_can_take_it_back(
    client: FlaskClient,
    database: Database,
    join: Callable[..., str],
    mailer: FakeMailer,
    work: Work,
) -> None:
    join()
    ask(client, work, JOINER["email"])
    open_pages(client, mailer, JOINER["email"])
    member = the_member(database)
    page = client.get("/me/giving").text
    assert "waits for an organiser" in page
    assert f"/me/rate/{member.id}" not in page
    assert client.post("/join", data=join_form(client)).location == "/join/look-in-your-mail"
    work()
    assert "You have applied already" in subjects(mailer, JOINER["email"])
    token = {"csrf_token": csrf_in(page)}
    refused = client.post(f"/me/rate/{member.id}", data={**token, "rate": "low-waged"})
    assert refused.status_code == 409
    left = client.post(f"/me/leave/{member.id}", data=token)
    assert "application is taken back" in client.get(left.location).text
    assert events_of(database, member)[2:] == [("state", "applied", "left", "member")]
    with database.reading() as session:
        assert session.scalars(select(StopRequest.pledge_id)).all() == [member.dues_pledge_id]
    work()
    assert "Your application is taken back" in subjects(mailer, JOINER["email"])


@on_sqlite
def test_who_was_a_member_before_waits_again_and_is_the_same_once_accepted(
    app: Flask,
    client: FlaskClient,
    database: Database,
    join: Callable[..., str],
    accept: Callable[[], Member],
    clock: FakeClock,
) -> None:
    join()
    older = accept()
    with database.transaction() as session:
        member = session.get_one(Member, older.id)
        session.get_one(Pledge, member.dues_pledge_id).stopped_at = clock.now()
        states.change(session, member, "left", why="left", who="member", now=clock.now())
    clock.move(days=1)
    join()
    with database.reading() as session:
        assert session.get_one(Member, older.id).state == "left"
        (newer,) = [each.member for each in accepting.waiting(session)]
    here: Room = app.extensions["members"]
    with app.app_context(), database.transaction() as session:
        back = accepting.accept(
            session,
            newer.id,
            who=ACCOUNT,
            places=here.places,
            rules=here.rules,
            now=clock.now(),
        )
        assert back.id == older.id
    member = the_member(database)
    assert (member.id, member.state) == (older.id, "active")
    assert events_of(database, member)[-1] == ("rejoined", "left", "active", ACCOUNT)


@on_sqlite
def test_the_commands_list_accept_and_decline(
    app: Flask, database: Database, join: Callable[..., str]
) -> None:
    def run(*args: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["members", *args])
        return done.exit_code, done.output

    join()
    join(email="kim@example.org", name="Kim Lee", date_of_birth="1/1/1990")
    with database.reading() as session:
        sam, kim = (each.member.id for each in accepting.waiting(session))
    assert "Sam" not in run("waiting")[1]
    assert "2 waiting." in run("waiting", "--with-names")[1]
    assert run("accept", str(sam))[0] == 0
    assert run("accept", str(sam))[0] == 1
    assert run("decline", str(kim), "--why", " ")[0] == 2
    assert run("decline", str(kim), "--why", "Not near us", "--who", "Mo")[0] == 0
    assert run("decline", str(uuid.uuid4()), "--why", "Nobody")[0] == 1
    assert run("accept", "nobody")[0] == 2
    assert run("waiting") == (0, "0 waiting.\n")


def test_the_database_lets_only_applicants_wait_and_be_declined(
    database: Database, clock: FakeClock, join: Callable[..., str], accept: Callable[[], Member]
) -> None:
    join()
    member_id = accept().id
    for kind, before, after in (("waiting", "active", "active"), ("declined", "active", "left")):
        with pytest.raises(DBAPIError), database.transaction() as session:
            session.add(
                MembershipEvent(
                    member_id=member_id,
                    kind=kind,
                    from_state=before,
                    to_state=after,
                    at=clock.now(),
                    why="",
                    who="test",
                )
            )
    with pytest.raises(DBAPIError), database.transaction() as session:
        session.get_one(Member, member_id).waiting_since = clock.now()
    with pytest.raises(DBAPIError, match=ONLY_GROWS), database.transaction() as session:
        session.execute(sa.update(MembershipEvent).values(why="otherwise"))
