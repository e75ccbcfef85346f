"""The treasurer's commands, and the letters that say the time runs down."""

import datetime as dt
import re

import pytest
from flask import Flask
from sqlalchemy import delete, select

from core.clock import day_in_london
from core.database import Database
from core.outbox import OutboxMail
from payments import settling
from payments.law import deciding, reminding
from payments.models import Declaration, Payment, PermissibilityCheck
from payments.receipts import reference
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeMailer
from tests.payments.factories import make_rules
from tests.payments.law.test_marking import ABOVE, pay, refund
from tests.payments.offline.kit import enter, make_fund
from tests.payments.test_commands import run

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TREASURER = "test@example.org"


@pytest.fixture
def payment(database: Database, app: Flask) -> Payment:
    with database.transaction() as session:
        return pay(session)


def test_the_figures_of_today_and_of_another_day_are_listed(app: Flask) -> None:
    code, today = run(app, "law")
    assert code == 0
    for words in ("£500", "£11,180", "30 days", "6 years", "https://www.legislation.gov.uk/"):
        assert words in today
    assert today.count("UNCONFIRMED") == 5
    assert "£7,500" in run(app, "law", "--on", "2023-12-31")[1]
    assert "£7,500" not in run(app, "law", "--on", "2024-01-01")[1]
    assert run(app, "law", "--on", "1999-01-01")[0] == 1
    assert run(app, "law", "--on", "soon")[0] == 2


def test_checks_are_listed_without_the_donor_unless_it_is_asked_for(
    app: Flask, database: Database, payment: Payment
) -> None:
    code, said = run(app, "checks")
    assert code == 0
    assert f"{payment.id}  {reference(payment.pledge_id)}  £500.01" in said
    assert "received 22 Nov 2026, due 21 Dec 2026  29 days left  waiting  declared" in said
    assert "Jones" not in said
    assert "Samuel Jones" in run(app, "checks", "--with-donors")[1]
    with database.transaction() as session:
        session.execute(delete(Declaration))
    assert "DECLARATION MISSING" in run(app, "checks")[1]


def test_nothing_to_check_is_said(app: Flask) -> None:
    assert run(app, "checks") == (0, "Nothing waits to be checked.\n")
    assert run(app, "checks", "--split-gifts")[1].startswith("Nobody's gifts")


@pytest.mark.parametrize(
    ("days", "said"),
    [(28, "1 day left"), (29, "THE LAST DAY"), (30, "LATE by 1 day "), (400, "LATE by 371 days")],
)
def test_the_clock_is_told_and_what_is_late_is_never_called_accepted(
    app: Flask, clock: FakeClock, payment: Payment, days: int, said: str
) -> None:
    clock.move(days=days)
    listed = run(app, "checks")[1]
    assert said in listed
    assert ("LATE: 1." in listed) == ("LATE" in said)
    assert "waiting" in listed


def test_a_payment_is_accepted_by_its_reference_and_why_is_kept(
    app: Flask, database: Database, payment: Payment
) -> None:
    code, said = run(
        app, "checks", reference(payment.pledge_id), "--accept", "--why", "register, AB-12"
    )
    assert (code, "It is kept." in said, "accepted" in said) == (0, True, True)
    assert "nothing has changed" in run(app, "checks", str(payment.id), "--accept", "--why", "x")[1]
    assert run(app, "checks")[1] == "Nothing waits to be checked.\n"
    assert "register, AB-12" in run(app, "checks", "--all")[1]
    story = run(app, "explain", str(payment.id))[1]
    assert "They declared who gives" in story
    assert "until 21 Dec 2026" in story
    assert "accepted by command line: register, AB-12" in story


def test_the_story_of_a_payment_says_when_it_was_charged_and_when_it_reached_the_bank(
    app: Flask, database: Database, payment: Payment
) -> None:
    with database.transaction() as session:
        found = session.get_one(Payment, payment.id)
        found.charged_at = START - dt.timedelta(days=4)
        found.payout_arrived_on = dt.date(2026, 11, 27)
    story = run(app, "explain", str(payment.id))[1]
    assert "18 Nov 2026 12:00:00  Payment 1 was charged." in story
    assert "The money of payment 1 reached the bank on 27 Nov 2026." in story
    assert "Jones" not in story


def test_what_shall_go_back_leads_to_the_refund_and_stays_listed(
    app: Flask, database: Database, payment: Payment
) -> None:
    said = run(app, "checks", str(payment.id), "--returned", "--why", "a charity")[1]
    assert f"flask payments refund {payment.id}" in said
    assert "still here" in run(app, "checks")[1]
    with database.transaction() as session:
        settling.apply(session, refund(payment, ABOVE), rules=make_rules(), now=START)
    assert run(app, "checks")[1] == "Nothing waits to be checked.\n"
    assert run(app, "checks", str(payment.id), "--accept", "--why", "x")[0] == 1


def test_what_came_past_stripe_and_shall_go_back_leads_to_its_undoing(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        make_fund(session)
        by_hand = enter(session, amount="750").id
    said = run(app, "checks", str(by_hand), "--returned", "--why", "a charity")[1]
    assert f"flask payments offline undo {by_hand}" in said
    assert "payments refund" not in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--accept"], 2),
        (["--why", "x"], 2),
        (["abc", "--accept"], 2),
        (["abc", "--why", "x"], 2),
        (["abc"], 2),
        (["abc", "--accept", "--returned", "--why", "x"], 2),
        (["abc", "--accept", "--why", "  "], 2),
        (["abc", "--accept", "--why", "x", "--with-donors"], 2),
        (["abc", "--accept", "--why", "x"], 1),
        (["'; DROP TABLE payment", "--accept", "--why", "x"], 1),
    ],
)
def test_what_makes_no_sense_is_refused(app: Flask, words: list[str], code: int) -> None:
    found, said = run(app, "checks", *words)
    assert (found, "Traceback" in said) == (code, False), said


def test_a_small_payment_has_nothing_to_decide(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        small = pay(session, 50_000)
    assert run(app, "checks", str(small.id), "--accept", "--why", "x")[0] == 1


def test_split_gifts_are_a_list_of_references(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        references = {reference(pay(session, 40_000).pledge_id) for _gift in range(2)}
    code, said = run(app, "checks", "--split-gifts")
    assert (code, "£800 in 2 payments, 0 of them" in said) == (0, True)
    assert references <= set(re.findall(r"[0-9A-F]{8}", said))
    assert "example.org" not in said


def test_the_treasurer_is_written_to_once_at_each_stage_with_no_donor_in_the_letter(
    app: Flask, clock: FakeClock, mailer: FakeMailer, work: Work, payment: Payment
) -> None:
    told = []
    for day in range(1, 40):
        clock.moment = START.replace(hour=9)
        clock.move(days=day - 1)
        before = len(mailer.to(TREASURER))
        work()
        work()
        told += [day] * (len(mailer.to(TREASURER)) - before)
    assert told == [20, 25, 28, 31]  # the day of receipt is the first
    letters = [str(each.get_content()) for each in mailer.to(TREASURER)]
    for letter in letters:
        assert reference(payment.pledge_id) in letter
        assert not re.search(r"Jones|High Road|E11|sam@", letter)
    assert "IT IS LATE" in letters[-1]
    assert "late" in str(mailer.to(TREASURER)[-1]["Subject"])


def test_stages_that_were_slept_through_are_told_in_one_letter(
    app: Flask, clock: FakeClock, mailer: FakeMailer, work: Work, database: Database
) -> None:
    with database.transaction() as session:
        first = pay(session)
        pay(session)
        deciding.give_back(session, first.id, why="a charity", who="Kim", now=START)
    clock.move(days=27)
    work()
    (letter,) = mailer.to(TREASURER)
    assert letter.get_content().count("Reference:") == 2
    assert "has not gone" in letter.get_content()


def test_what_is_decided_is_not_written_about(
    app: Flask, clock: FakeClock, mailer: FakeMailer, work: Work, database: Database
) -> None:
    with database.transaction() as session:
        deciding.accept(session, pay(session).id, why="seen", who="Kim", now=START)
        settling.apply(session, refund(pay(session), ABOVE), rules=make_rules(), now=START)
    clock.move(days=60)
    work()
    assert mailer.to(TREASURER) == []


def test_two_workers_write_one_letter(database: Database, payment: Payment) -> None:
    later = START.replace(month=12, day=30)
    written = []
    for _worker in range(2):
        with database.transaction() as session:
            written.append(reminding.remind(session, TREASURER, now=later))
    assert written == [True, False]
    with database.reading() as session:
        (mail,) = session.scalars(select(OutboxMail).where(OutboxMail.template == "checks_due"))
    assert mail.recipient == TREASURER


def test_what_was_never_marked_is_marked_by_the_worker(
    database: Database, clock: FakeClock, work: Work, payment: Payment
) -> None:
    with database.transaction() as session:
        session.execute(delete(PermissibilityCheck))
    clock.move(hours=2)
    work()
    with database.reading() as session:
        check = session.scalars(select(PermissibilityCheck)).one()
    assert (check.payment_id, check.received_on) == (payment.id, day_in_london(START))
