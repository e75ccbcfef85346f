"""The admins' pages: health in plain words, the audit as links and file, seats of the sample."""

import csv
import datetime as dt
import io
import re
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app import Adapters, create_app
from branches.texting import switching
from config import Settings
from core import outbox
from payments.models import WebhookEvent
from staff import accounts, auditing, seats
from staff.auditing import Subject
from staff.models import StaffAccount
from staff.principal import Role
from staff.records import AuditExport, WorkerBeat
from tests.fakes import START, FakeGateway, FakeMailer
from tests.members.conftest import csrf_in
from tests.staff.conftest import ALEX, KIM, Desk, Person, seat

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def part(page: str, title: str) -> str:
    """What the page of health says of a part, with its level first."""
    found = re.search(rf'parts__one--(\w+)">\s*<h2>{title} .*?</li>\s*</ul>', page, re.DOTALL)
    assert found, page
    return f"{found[1]}: {' '.join(re.sub('<[^>]*>', ' ', found[0]).split())}"


@once
def test_health_says_what_does_not_go_as_it_should(desk: Desk) -> None:
    alex = seat(desk, ALEX, Role.ADMIN)
    page = alex.client.get("/desk/health").text
    assert part(page, "Worker").startswith("wrong: ")
    desk.work()
    page = alex.client.get("/desk/health").text
    assert part(page, "Worker").startswith("well: ")
    assert part(page, "Mail").startswith("well: ")
    assert part(page, "Data protection").startswith("well: ")
    with desk.database.transaction() as session:
        outbox.mail(
            session, "stopped", key="x:1", to="sam@example.org", values={}, now=desk.clock.now()
        )
        switching.turn(session, on=False, now=desk.clock.now())
        notice = WebhookEvent(
            event_id="evt_1",
            type="x",
            livemode=False,
            created=START,
            received_at=START,
            raw=b"{}",
            due_at=START + dt.timedelta(days=1),
            attempts=7,
        )
        held = WebhookEvent(
            event_id="evt_2",
            type="x",
            livemode=False,
            created=START,
            received_at=START,
            raw=b"{}",
            outcome="held",
        )
        session.add_all([notice, held])
        session.execute(update(WorkerBeat).values(failures=2))
    assert part(alex.client.get("/desk/health").text, "Mail").startswith("well: ")
    assert "2 jobs have failed it" in part(alex.client.get("/desk/health").text, "Worker")
    desk.clock.move(minutes=20)
    page = alex.client.get("/desk/health").text
    assert part(page, "Worker").startswith("wrong: ")
    assert part(page, "Mail").startswith("wrong: ")
    assert "1 letter waits" in part(page, "Mail")
    assert "Replies are switched off" in part(page, "Text line")
    stripe = part(page, "Stripe and the books")
    assert stripe.startswith("wrong: ")
    assert "1 notice fails again" in stripe
    assert "1 notice waits for a person" in stripe
    assert "sam@example.org" not in page
    levels = re.findall(r"parts__one--(\w+)", page)
    assert levels == sorted(levels, key=("wrong", "look", "well").index)


@once
def test_the_audit_is_narrowed_by_links_that_keep_one_another(desk: Desk) -> None:
    alex = seat(desk, ALEX, Role.ADMIN)
    with desk.database.transaction() as session:
        for days, detail in ((40, "old"), (3, "new")):
            at = START - dt.timedelta(days=days)
            for number in (1, 2):
                subject = Subject("member", f"m{number}")
                auditing.record(session, "look", by=None, now=at, subject=subject, detail=detail)
    page = alex.client.get("/desk/accounts/audit?kind=look&since=week").text
    assert page.count("<strong>look</strong> · new") == 2
    assert "old" not in page
    assert "kind=look&amp;since=month" in page
    assert "subject=member:m1" in page
    one = alex.client.get("/desk/accounts/audit?subject=member:m1").text
    assert (one.count("· new<"), one.count("· old<")) == (1, 1)
    for rubbish in ("since=x", "subject=x", "subject=:", "account=%00", "kind=look&since=' OR 1"):
        assert alex.client.get(f"/desk/accounts/audit?{rubbish}").status_code == 404


def test_the_audit_is_taken_out_with_a_reason_once_and_as_it_stood(desk: Desk) -> None:
    alex = seat(desk, ALEX, Role.ADMIN)
    with desk.database.transaction() as session:
        for number in range(3):
            subject = Subject("member", f"-{number}")
            auditing.record(session, "look", by=None, now=START, subject=subject)
    path = "/desk/accounts/audit/export?kind=look"
    page = alex.client.get(path).text
    assert "3 entries are in the file." in page
    nonce = re.search(r'name="nonce"[^>]*value="([^"]+)"', page)
    assert nonce, page
    form = {"csrf_token": csrf_in(page), "nonce": nonce[1]}
    assert alex.client.post(path, data=form).status_code == 422
    answer = alex.client.post(path, data=form | {"reason": "For the officer"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["subject_id"] for row in rows] == ["'-2", "'-1", "'-0"]
    assert "audit-2026-" in answer.headers["Content-Disposition"]
    assert alex.client.post(path, data=form | {"reason": "Again"}).status_code == 409
    with desk.database.reading() as session:
        (kept,) = session.scalars(select(AuditExport))
    assert (kept.reason, kept.entries) == ("For the officer", 3)
    assert desk.audit()[-1] == ("export", "audit:3")
    assert "For the officer" in alex.client.get(path).text


@once
def test_the_list_of_accounts_says_what_each_looks_after(desk: Desk) -> None:
    alex = seat(desk, ALEX, Role.ADMIN)
    seat(desk, KIM, Role.ORGANISER, "wales")
    assert "Organiser · Wales" in alex.client.get("/desk/accounts").text


@once
def test_the_list_of_accounts_goes_on_and_shows_each_once(desk: Desk) -> None:
    alex = seat(desk, ALEX, Role.ADMIN)
    with desk.database.transaction() as session:
        for number in range(2 * accounts.PAGE):
            session.add(account(number, revoked=number % 3 == 0))
    address, seen = "/desk/accounts", list[str]()
    while address:
        page = alex.client.get(address).text
        seen += re.findall(r"\d+-of-many@example.org", page)
        further = re.search(r'href="(/desk/accounts\?after=[^"]+)"', page)
        address = further[1] if further else ""
    working = [f"{number:03}-of-many@example.org" for number in range(100) if number % 3]
    revoked = [f"{number:03}-of-many@example.org" for number in range(0, 100, 3)]
    assert seen == working + revoked
    assert "000-of-many" not in alex.client.get(f"/desk/accounts?after={uuid.UUID(int=7)}").text


def account(number: int, *, revoked: bool) -> StaffAccount:
    email = f"{number:03}-of-many@example.org"
    return StaffAccount(
        id=uuid.uuid4(),
        email=email,
        email_key=email,
        role=Role.TREASURER,
        invited_at=START,
        revoked_at=START if revoked else None,
    )


@once
def test_the_seats_of_the_sample_open_the_desk_with_the_codes_that_are_printed(desk: Desk) -> None:
    run = desk.app.test_cli_runner().invoke
    assert run(args=["staff", "sample-codes"]).exit_code == 1
    there = run(args=["staff", "sample-codes", "--if-there"])
    assert (there.exit_code, there.output) == (0, "")
    made = run(args=["staff", "sample-seats", "--region", "wales"])
    assert (made.exit_code, made.output) == (0, "4 made.\n")
    assert run(args=["staff", "sample-seats"]).output == "They are there already.\n"
    printed = run(args=["staff", "sample-codes"]).output
    assert [line.split()[0] for line in printed.splitlines()] == [str(role) for role in Role]
    for line in printed.splitlines():
        role, email, *password, code = line.split()
        person = Person(desk, email, desk.browser(), " ".join(password))
        assert person.type_password().location == "/desk/sign-in/code"
        assert person.type_code(code).location == "/desk"
        assert f"signed in as {role}" in person.client.get("/desk/overview").text
    with desk.database.reading() as session:
        wales = session.get_one(StaffAccount, seats.ident(Role.ORGANISER)).scopes
        assert [each.region_id is not None for each in wales] == [True]
    with desk.database.transaction() as session:
        session.get_one(StaffAccount, seats.ident(Role.TREASURER)).revoked_at = START
    assert "treasurer" not in run(args=["staff", "sample-codes"]).output


@once
def test_an_account_of_a_seats_address_that_is_somebodys_stays_theirs(desk: Desk) -> None:
    seat(desk, seats.address(Role.ADMIN), Role.ADMIN)
    run = desk.app.test_cli_runner().invoke
    refused = run(args=["staff", "sample-seats"])
    assert (refused.exit_code, "Somebody has an account" in refused.output) == (1, True)
    with desk.database.reading() as session:
        assert len(session.scalars(select(StaffAccount)).all()) == 1
    assert run(args=["staff", "sample-codes"]).exit_code == 1


@once
def test_production_knows_no_seats_and_says_so_where_there_are_some(
    settings: Settings, desk: Desk
) -> None:
    desk.app.test_cli_runner().invoke(args=["staff", "sample-seats"])
    theirs = replace(settings, environment="production")
    adapters = Adapters(desk.clock, desk.database, FakeMailer(), FakeGateway())
    made = create_app(theirs, adapters)
    for command in ("sample-seats", "sample-codes"):
        assert made.test_cli_runner().invoke(args=["staff", command]).exit_code == 1
    reports = {str(each.title): each for each in made.extensions["staff"].reports}
    with made.test_request_context(), desk.database.reading() as session:
        (said,) = reports["Accounts"].say(session, START)
    assert said.level == "wrong"
