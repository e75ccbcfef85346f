"""Retention: each thing goes when its time is over, not a moment before, and a dry run says so."""

import datetime as dt
import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from branches.models import Enquiry, OutboxText
from branches.texting import notifying
from core import links, outbox
from core.addresses import EmailAddress
from core.database import Database
from core.links import AccessLink
from core.outbox import OutboxMail
from members.models import EmailChange, Member, MembershipEvent
from members.protection import asking
from members.protection.asking import Asked
from members.protection.models import PrivacyRequest
from members.texts import Text
from payments import checking, settling
from payments.models import Pledge, Quarantine, WebhookEvent
from payments.notices import Outcome
from tests.conftest import Work
from tests.fakes import START, FakeClock
from tests.members.protection.people import everything, give, run, text_us
from tests.members.standing.books import make_member
from tests.payments.factories import make_notice, make_pledge, make_rules

pytestmark = pytest.mark.usefixtures("small_directory")
# Six years from the end of 2026.
NAMES = (dt.date(2033, 1, 1) - START.date()).days
KINDS = {
    "texts and enquiries": 30,
    "reminders by text": 30,
    "unpaid pledges": 90,
    "notices of the payment company": 90,
    "payments put aside": 90,
    "applications never paid": 90,
    "applications that came to nothing": 90,
    "changes of e-mail address": 31,
    "letters": 365,
    "links": 31,
    "requests": 1095,
    "names of donors": NAMES,
}
ASKED = Asked("access", "Sam Jones", EmailAddress.parse("sam@example.org"), "")


def counts(output: str) -> dict[str, int]:
    return {
        found[2]: int(found[1])
        for line in output.splitlines()
        if (found := re.fullmatch(r" *([0-9]+)  (.+)", line))
    }


def one_of_each(app: Flask, session: Session) -> None:
    """Make one of whatever goes by clock, all of this moment, and gifts that stay."""
    give(session)  # with its notice
    aside = make_pledge(session)
    aside.state, aside.checkouts[0].state = "pending", "expired"
    session.add(Quarantine(pledge_id=aside.id, because="in-all", kept_at=START, closed="expired"))
    text_us(session, app)  # with a link that works for a day
    told = [Text("dues-behind-text:x:1:last", "+447700900124", "x")]
    notifying.put_out(session, told, rules=app.extensions["branches"].text_rules, now=START)
    for text in session.scalars(select(OutboxText)):
        text.due_at, text.done_at = None, START
    asking.ask(session, ASKED, form_nonce="n", office="office@example.org", now=START)
    (request,) = session.scalars(select(PrivacyRequest))
    asking.finish(session, request.id, outcome="sent", now=START)
    for mail in session.scalars(select(OutboxMail)):
        mail.due_at, mail.done_at = None, START
    dues = make_pledge(session, "dues")
    dues.state, dues.checkouts[0].state = "not-taken", "expired"
    session.add(
        Member(
            id=dues.id,
            state="applied",
            name="Sam Jones",
            email="sam@example.org",
            email_key="sam@example.org",
            date_of_birth=dt.date(1985, 3, 27),
            address1="1 High Road",
            address2="",
            town="London",
            postcode="E11 1AA",
            precision="postcode",
            rate="standard",
            dues_pledge_id=dues.id,
            form_nonce=dues.form_nonce,
            created_at=START,
        )
    )


def declined(session: Session) -> None:
    """Make an applicant who was declined, and had asked to be written to elsewhere."""
    member = make_member(session, state="left", email="kim@example.org")
    member.joined_at = None
    said = {"from_state": "applied", "to_state": "left", "why": "", "who": "Mo", "at": START}
    session.add(MembershipEvent(member_id=member.id, kind="declined", **said))
    session.add(
        EmailChange(
            id=member.id,
            member_id=member.id,
            email="kim.new@example.org",
            email_key="kim.new@example.org",
            old_email=member.email,
            old_key=member.email_key,
            asked_at=START,
            expires_at=START + dt.timedelta(days=1),
        )
    )


def test_nothing_goes_before_its_time_and_all_of_it_then(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        one_of_each(app, session)
        declined(session)
    letters = 2  # a receipt, and word to the office
    for days in sorted(set(KINDS.values())):
        clock.moment = START + dt.timedelta(days=days) - dt.timedelta(seconds=1)
        if days in (30, NAMES):
            clock.moment -= dt.timedelta(days=1)  # a text, or a name, goes as its day begins
        gone_before = {kind for kind, each in KINDS.items() if each < days}
        assert set(counts(run(app, "retain").output).values()) == {0}, days
        clock.moment = START + dt.timedelta(days=days)
        found = counts(run(app, "retain", "--dry-run").output)
        assert set(found) == set(KINDS)
        assert {kind for kind, count in found.items() if count} == {
            kind for kind, each in KINDS.items() if each == days
        } - gone_before
        done = counts(run(app, "retain").output)
        assert done == found
        expected = {"unpaid pledges": 2, "letters": letters}
        assert all(count in (0, expected.get(kind, 1)) for kind, count in done.items())


def test_what_was_paid_stays_and_the_books_agree(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        one_of_each(app, session)
    clock.move(days=2000)

    assert run(app, "retain").exit_code == 0

    with database.reading() as session:
        kept = session.scalars(select(Pledge).where(Pledge.state == "paid")).one()
        assert (kept.name, kept.email) == ("Sam Jones", "Sam@example.org")
        assert checking.faults(session) == []
        for gone in (Member, WebhookEvent, AccessLink, Quarantine, PrivacyRequest):
            assert session.scalar(select(func.count()).select_from(gone)) == 0
        assert session.scalars(select(Enquiry.phone)).all() == [None]
        assert {mail.recipient for mail in session.scalars(select(OutboxMail))} == {""}
        unpaid = session.scalars(select(Pledge).where(Pledge.state != "paid")).all()
        assert {(each.name, each.email, each.message) for each in unpaid} == {("", "", "")}


def test_a_dry_run_changes_nothing_and_a_second_run_finds_nothing(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        one_of_each(app, session)
    clock.move(days=2000)
    before = everything(database)

    run(app, "retain", "--dry-run")
    assert everything(database) == before
    run(app, "retain")
    after = everything(database)

    assert set(counts(run(app, "retain").output).values()) == {0}
    assert everything(database) == after


def test_what_waits_is_left_alone(app: Flask, database: Database, clock: FakeClock) -> None:
    """An open page, a Direct Debit under way, a held gift, a letter and a notice not done yet."""
    with database.transaction() as session:
        confirming, held, waiting = (make_pledge(session) for _each in range(3))
        settling.apply(
            session, make_notice(confirming, Outcome.SETTLING), rules=make_rules(), now=START
        )
        held.state, held.held_because = "held", "amount"
        waiting.checkouts[0].expires_at = START + dt.timedelta(days=4000)
        outbox.mail(session, "receipt", key="k", to="sam@example.org", values={}, now=START)
        for number, state in enumerate(("held", None)):
            session.add(
                WebhookEvent(
                    event_id=f"evt_{number}",
                    type="t",
                    livemode=False,
                    created=START,
                    received_at=START,
                    raw=b"{}",
                    outcome=state,
                    due_at=None if state else START,
                )
            )
    clock.move(days=2000)

    assert set(counts(run(app, "retain").output).values()) == {0}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_more_than_a_batch_goes_in_one_run(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        for _number in range(1001):
            links.mint(session, "sam@example.org", lifetime=dt.timedelta(days=1), now=START)
    clock.move(days=40)

    assert counts(run(app, "retain").output)["links"] == 1001


def test_money_for_a_pledge_that_was_emptied_is_booked(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        pledge.state, pledge.checkouts[0].state = "not-taken", "expired"
    clock.move(days=200)
    run(app, "retain")

    with database.transaction() as session:
        late = settling.apply(
            session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=clock.now()
        )
        session.flush()
        assert late == "applied"
        assert checking.faults(session) == []
        assert session.scalars(select(OutboxMail)).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_worker_does_it_by_itself(
    app: Flask, database: Database, clock: FakeClock, work: Work
) -> None:
    with database.transaction() as session:
        links.mint(session, "sam@example.org", lifetime=dt.timedelta(days=1), now=START)
    clock.move(days=40)

    work()

    with database.reading() as session:
        assert session.scalars(select(AccessLink)).all() == []
