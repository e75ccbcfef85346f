"""What the room of money announces, and how a member stands then; and who joins again."""

import datetime as dt
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from members.models import Consent, Likeness, Member, MembershipEvent
from payments.announcements import (
    DisputeWon,
    DuesPaid,
    DuesUnpaid,
    PaymentDisputed,
    PaymentRefunded,
    RefundFailed,
)
from payments.models import Payment, Refund, StopRequest
from payments.till import Till
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import JOINER, join_form, the_member
from tests.members.standing.books import BORN, events_of, make_member, pay, state_of
from tests.members.standing.test_recomputing import dispute, refund

pytestmark = pytest.mark.usefixtures("small_directory")
AUGUST = dt.datetime(2026, 8, 15, 9, tzinfo=dt.UTC)
SAM = JOINER["email"]


def tell(app: Flask, database: Database, *events: object) -> None:
    till: Till = app.extensions["till"]
    for event in events:
        with app.app_context(), database.transaction() as session:
            till.rules.announce(session, event, START)


def due_of(payment: Payment) -> DuesPaid:
    return DuesPaid(
        payment.pledge_id, payment.id, payment.amount_pence, payment.number, payment.paid_at
    )


@pytest.mark.parametrize(
    ("state", "kind"), [("arrears", "state"), ("lapsed", "rejoined"), ("left", None)]
)
def test_a_due_makes_who_was_behind_active_once_and_nobody_who_left(
    app: Flask, database: Database, state: str, kind: str | None
) -> None:
    with database.transaction() as session:
        member = make_member(session, state=state, paid=[AUGUST])
        paid = due_of(pay(session, member, START))
    tell(app, database, paid, paid)
    assert events_of(database, member) == ([(kind, state, "active", "gateway")] if kind else [])


def test_whose_only_due_went_back_applies_again_until_the_money_returns(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[])
        payment = pay(session, member, START)
        row = refund(payment, 1000)
        session.add(row)
    about = (payment.pledge_id, payment.id, 1000, START)
    tell(app, database, PaymentRefunded(*about), PaymentRefunded(*about))
    assert state_of(database, member) == "applied"
    with database.transaction() as session:
        session.get_one(Refund, row.id).status = "failed"
    tell(app, database, RefundFailed(*about), RefundFailed(*about))
    assert state_of(database, member) == "active"


def test_a_month_that_is_argued_about_counts_again_once_it_is_won(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[AUGUST])
        payment = pay(session, member, START)
        row = dispute(payment, "needs_response")
        session.add(row)
    about = (payment.pledge_id, payment.id, 1000, START)
    tell(app, database, PaymentDisputed(*about), PaymentDisputed(*about))
    assert state_of(database, member) == "arrears"
    with database.transaction() as session:
        session.merge(row).status = "won"
    tell(app, database, DisputeWon(*about), DisputeWon(*about))
    assert events_of(database, member) == [
        ("state", "active", "arrears", "gateway"),
        ("state", "arrears", "active", "gateway"),
    ]


def test_the_latest_word_of_a_month_that_could_not_be_taken_counts(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[AUGUST])
    later = START + dt.timedelta(days=3)
    first = DuesUnpaid(member.dues_pledge_id, START, later)
    second = DuesUnpaid(member.dues_pledge_id, later, later + dt.timedelta(days=5))
    tell(app, database, second, first, second)
    with database.reading() as session:
        found = session.get_one(Member, member.id)
        assert (found.unpaid_at, found.retry_at) == (second.at, second.retry_at)
    with database.transaction() as session:
        paid = due_of(pay(session, member, later + dt.timedelta(days=1)))
    tell(app, database, paid)
    with database.reading() as session:
        found = session.get_one(Member, member.id)
        assert (found.unpaid_at, found.retry_at, found.state) == (None, None, "active")


def test_who_falls_behind_is_written_to_once_at_each_stage_and_not_after_leaving(
    database: Database, clock: FakeClock, mailer: FakeMailer, work: Work
) -> None:
    with database.transaction() as session:
        make_member(session, paid=[START])
        make_member(session, paid=[START], email="gone@example.org", state="left")
    subjects = []
    for day in ("2026-12-31", "2027-01-01", "2027-01-20", "2027-02-01", "2027-02-28", "2027-03-01"):
        clock.moment = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        work()
        subjects.append([str(mail["Subject"]) for mail in mailer.to(SAM)])
        mailer.sent = [mail for mail in mailer.sent if mail["To"] != SAM]
    assert subjects == [
        [],
        ["Your dues are behind"],
        [],
        ["Your membership would lapse on 1 March 2027"],
        [],
        ["Your membership has lapsed"],
    ]
    assert mailer.to("gone@example.org") == []


@pytest.mark.parametrize("state", ["left", "lapsed"])
def test_who_was_a_member_joins_again_as_the_same_person(
    app: Flask,
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    join: Callable[..., str],
    state: str,
) -> None:
    with database.transaction() as session:
        member = make_member(session, state=state, paid=[AUGUST])
    before = member.dues_pledge_id
    answer = client.post("/join", data=join_form(client, address1="2 New Road"))
    assert answer.location.startswith("https://checkout.example.org/"), "as anybody is answered"
    with database.reading() as session:
        older = session.get_one(Member, member.id)
        assert (older.state, older.address1) == (state, "1 High Road"), "nothing is paid yet"
        assert session.scalars(select(Consent)).all() == []
    session_id = gateway.only_session()
    gateway.pay(session_id)
    for _time in range(2):
        assert client.get(f"/join/thanks?session_id={session_id}").status_code == 200
    found = the_member(database)
    assert (found.id, found.state, found.address1) == (member.id, "active", "2 New Road")
    assert found.joined_at == member.joined_at
    assert events_of(database, member) == [("rejoined", state, "active", "gateway")]
    with database.reading() as session:
        given = {row.channel: row.given for row in session.scalars(select(Consent))}
        assert given == {"email": True, "phone": False, "text": False, "post": False}
        asked = session.scalars(select(StopRequest.pledge_id)).all()
        assert list(asked) == [before], "older dues that still run are stopped"


def test_who_only_looks_like_a_member_is_noticed_for_an_organiser_and_told_nothing(
    database: Database, join: Callable[..., str]
) -> None:
    with database.transaction() as session:
        older = make_member(session, email="other@example.org", phone="+447700900123")
        older.date_of_birth = BORN.replace(year=1986)
        twin = make_member(session, email=SAM, name="Alex Jones")
        twin.date_of_birth = BORN.replace(year=1990)
    join(name="  sam JONES")
    with database.reading() as session:
        found = session.execute(select(Likeness.older_id, Likeness.why))
        assert {tuple(row) for row in found} == {
            (older.id, "phone"),
            (older.id, "name-postcode"),
            (twin.id, "email"),
        }


def test_the_command_says_who_would_lapse_and_names_nobody_unless_asked(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        member = make_member(session, paid=[START])

    def run(*args: str) -> Result:
        return app.test_cli_runner().invoke(args=["members", "standing", *args])

    said = run("--on", "2027-03-01", "--dry-run")
    assert said.exit_code == 0, said.output
    assert f"{member.id}  active -> lapsed" in said.output
    assert "active -> lapsed: 1\n" in said.output
    assert "Sam" not in said.output
    assert "Sam Jones" in run("--on", "2027-03-01", "--dry-run", "--with-names").output
    assert run("--on", "2027-03-01").exit_code == 2
    assert "1 looked at, 0 stand otherwise. 0 letters written." in run().output
    with database.reading() as session:
        assert session.scalars(select(MembershipEvent)).all() == []
