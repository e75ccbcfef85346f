"""Erasing: what goes, what the law keeps and until when, and that the books stay as they were."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from core.outbox import OutboxMail
from core.suppression import is_suppressed
from members import states
from members.models import Member
from members.protection.models import Erasure
from payments import checking, erasing, settling, totals
from payments.law import deciding
from payments.models import AppealDonor, PermissibilityCheck, Pledge
from payments.notices import Outcome
from tests.conftest import Work
from tests.fakes import START, FakeGateway, FakeMailer
from tests.members.conftest import ask, join_form
from tests.members.protection.people import (
    MESSAGE,
    SAM,
    end_dues,
    everything,
    give,
    run,
    sums,
    text_us,
)
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import dispute_of, refund_of

pytestmark = pytest.mark.usefixtures("small_directory")


def erase(app: Flask, someone: str = SAM, *args: str) -> str:
    said = run(app, "erase", someone, "--why", "asked by letter", *args)
    assert said.exit_code == 0, said.output
    return said.output


def accept_all(session: Session) -> None:
    for check in session.scalars(select(PermissibilityCheck)).all():
        deciding.accept(session, check.payment_id, why="seen", who="Kim", now=START)


def test_who_left_and_applies_again_is_erased_with_both(
    app: Flask, client: FlaskClient, database: Database, join: Callable[..., str]
) -> None:
    join()
    with database.transaction() as session:
        end_dues(session)
        states.change(
            session,
            session.scalars(select(Member)).one(),
            "left",
            why="moved away",
            who="member",
            now=START,
        )
    assert client.post("/join", data=join_form(client)).status_code == 303
    with database.transaction() as session:  # and never pays
        assert session.scalars(select(Member.rejoins_id)).all().count(None) == 1
        for pledge in session.scalars(select(Pledge).where(Pledge.state == "pending")):
            pledge.state = "not-taken"

    erase(app)

    with database.reading() as session:
        assert session.scalars(select(Member)).all() == []


def test_nothing_is_left_but_what_the_law_keeps(
    app: Flask, database: Database, join: Callable[..., str]
) -> None:
    join()
    with database.transaction() as session:
        give(session, pence=60000)
        text_us(session, app)
        make_pledge(session)  # and never paid
        session.flush()
        end_dues(session)
        accept_all(session)
    with database.transaction() as session:  # its Checkout is over
        for pledge in session.scalars(select(Pledge).where(Pledge.state == "pending")):
            pledge.state = "not-taken"

    said = erase(app)

    left = everything(database)
    for gone in (SAM, MESSAGE, "900123", "7700900123", "1985", "Leytonstone"):
        assert gone.lower() not in left.lower(), [
            line for line in left.splitlines() if gone.lower() in line.lower()
        ]
    named = {line.partition("=")[0] for line in left.splitlines() if "Jones" in line}
    assert named <= {"pledge.name", "declaration.name"}
    assert "kept by law: 2 payments, until 31 December 2032" in said
    assert "kept by law: 1 checks, until 31 December 2032" in said


def test_the_books_and_the_totals_are_as_they_were(
    app: Flask, database: Database, join: Callable[..., str]
) -> None:
    join()
    with database.transaction() as session:
        pledge = give(session)
        appeal_id = pledge.appeal_id or 0
        settling.apply(session, refund_of(pledge, 300), rules=make_rules(), now=START)
        end_dues(session)
        before = (sums(session), totals.total(session, appeal_id))
        totals.keep(session, now=START + dt.timedelta(hours=1))

    erase(app)

    with database.reading() as session:
        assert (sums(session), totals.total(session, appeal_id)) == before
        assert checking.faults(session) == []
    assert "books agree" in app.test_cli_runner().invoke(args=["payments", "check"]).output


def test_two_gifts_of_one_giver_are_one_donors_still(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        give(session)
        give(session)

    erase(app)
    with database.transaction() as session:
        give(session)  # comes back
        keys = set(session.scalars(select(Pledge.email_key)))
        assert len(session.scalars(select(AppealDonor.id)).all()) == 2
    assert len(keys) == 2

    erase(app)
    with database.reading() as session:
        assert len(set(session.scalars(select(Pledge.email_key)))) == 1
        assert checking.faults(session) == []


@pytest.mark.parametrize(
    "what", ["running", "monthly", "disputed", "under way", "open", "unchecked"]
)
def test_what_still_runs_stands_against_it_in_words(
    app: Flask, database: Database, join: Callable[..., str], what: str
) -> None:
    words = {
        "running": "still run",
        "monthly": "still run",
        "disputed": "bank disputes",
        "under way": "under way",
        "open": "under way",
        "unchecked": "treasurer's check",
    }
    if what == "running":
        join()
    with database.transaction() as session:
        if what == "monthly":
            pledge = make_pledge(session, "monthly")
            settling.apply(
                session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START
            )
        elif what == "disputed":
            settling.apply(session, dispute_of(give(session)), rules=make_rules(), now=START)
        elif what == "under way":
            notice = make_notice(make_pledge(session), Outcome.SETTLING)
            settling.apply(session, notice, rules=make_rules(), now=START)
        elif what == "open":
            make_pledge(session)
        elif what == "unchecked":
            give(session, pence=60000)
    before = everything(database)

    said = run(app, "erase", SAM, "--why", "asked")

    assert said.exit_code == 1
    assert words[what] in said.output
    assert everything(database) == before


def test_a_dry_run_says_the_same_and_changes_nothing(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        give(session)
        text_us(session, app)
    before = everything(database)

    would = erase(app, SAM, "--dry-run")

    assert everything(database) == before
    assert would.splitlines()[1:] == erase(app).splitlines()


def test_again_is_harmless_and_says_what_is_kept(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        reference = give(session).id.hex[:8]
    erase(app)
    before = everything(database)

    again, by_reference = erase(app), erase(app, reference)

    assert "nothing that could go" in again
    assert "kept by law: 1 payments, until 31 December 2032" in again
    assert "kept by law: 1 payments" in by_reference
    assert everything(database) == before


def test_what_stripe_tells_again_brings_nothing_back(
    app: Flask, database: Database, gateway: FakeGateway, work: Work
) -> None:
    with database.transaction() as session:
        pledge = give(session)
        notice = make_notice(pledge, Outcome.PAID)
    gateway.states[notice.session_id] = notice
    erase(app)
    before = everything(database)

    replayed = app.test_cli_runner().invoke(args=["payments", "replay", "--since", "2026-01-01"])
    with database.transaction() as session:
        settling.apply(session, notice, rules=make_rules(), now=START)
    work()

    assert replayed.exit_code == 0, replayed.output
    assert "0 failed" in replayed.output
    changed = set(everything(database).splitlines()) - set(before.splitlines())
    assert {line.partition(".")[0] for line in changed} <= {
        *("sweep", "appeal_checkpoint", "webhook_event", "detail_inquiry", "payment"),
        "branch_confirmation",  # the worker begins to count for branches that it has not seen
        *("ledger_transaction", "ledger_entry", "ledger_day", "ledger_days_kept"),
        *("figure_count", "monthly_figure", "retention_run", "worker_beat"),
    }
    for gone in (SAM, MESSAGE):
        assert gone.lower() not in everything(database).lower()


def test_money_that_comes_back_after_it_writes_to_nobody(
    app: Flask, database: Database, mailer: FakeMailer, work: Work
) -> None:
    with database.transaction() as session:
        pledge = give(session)
    erase(app)

    with database.transaction() as session:
        settling.apply(session, refund_of(pledge, 1000), rules=make_rules(), now=START)
    work()

    assert mailer.to(SAM) == mailer.to("Sam@example.org") == []
    with database.reading() as session:
        assert checking.faults(session) == []


def test_a_letter_that_waits_is_not_sent(
    app: Flask, database: Database, mailer: FakeMailer, work: Work
) -> None:
    with database.transaction() as session:
        give(session)
        assert session.scalars(select(OutboxMail)).all()

    erase(app)
    work()

    assert mailer.sent == []


def test_the_address_gets_no_news_afterwards(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        give(session)
    keys = app.extensions["link_keys"]

    erase(app)

    with database.reading() as session:
        assert is_suppressed(session, SAM, keys)
        assert not is_suppressed(session, "alex@example.org", keys)


def test_nobody_else_loses_anything(
    app: Flask, database: Database, join: Callable[..., str]
) -> None:
    join(name="Alex Kim", email="alex@example.org", phone="07700 900456")
    with database.transaction() as session:
        give(session)
        give(session, name="Alex Kim", email="alex@example.org", email_key="alex@example.org")
        text_us(session, app)
        text_us(session, app, "+447700900456")

    def of_alex() -> set[str]:
        lines = everything(database).splitlines()
        return {line for line in lines if "alex" in line.lower() or "900456" in line}

    before = of_alex()
    erase(app)

    assert of_alex() == before
    with database.reading() as session:
        assert session.scalars(select(Member.name)).all() == ["Alex Kim"]


def test_an_erasure_is_noted_without_saying_whose(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        give(session)

    erase(app)

    with database.reading() as session:
        (noted,) = session.scalars(select(Erasure))
        assert (noted.why, noted.kept_until) == ("asked by letter", dt.date(2032, 12, 31))
        assert noted.kept["payments"] == 1
        assert "sam" not in noted.known_as


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_link_is_sent_to_an_erased_address(
    app: Flask, database: Database, client: FlaskClient, mailer: FakeMailer, work: Work
) -> None:
    with database.transaction() as session:
        give(session)
    erase(app)

    ask(client, work, SAM)

    assert mailer.sent == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("why", ["", "   ", "x" * 1001])
def test_it_needs_a_reason(app: Flask, why: str) -> None:
    assert run(app, "erase", SAM, "--why", why).exit_code == 2


@pytest.mark.parametrize(
    ("paid_on", "ends_month", "until"),
    [
        ("2026-12-31", 12, "2032-12-31"),
        ("2027-01-01", 12, "2033-12-31"),
        ("2026-03-31", 3, "2032-03-31"),
        ("2026-04-01", 3, "2033-03-31"),
        ("2024-02-29", 2, "2030-02-28"),
        ("2026-11-30", 11, "2032-11-30"),
    ],
)
def test_records_are_kept_six_years_from_the_end_of_the_financial_year(
    paid_on: str, ends_month: int, until: str
) -> None:
    kept = erasing.kept_until(dt.date.fromisoformat(paid_on), ends_month)

    assert kept == dt.date.fromisoformat(until)


@given(st.dates(dt.date(2001, 2, 16), dt.date(2100, 1, 1)), st.integers(1, 12))
def test_nothing_is_kept_for_less_than_six_years_nor_for_seven(
    paid_on: dt.date, ends_month: int
) -> None:
    kept = erasing.kept_until(paid_on, ends_month)

    assert kept.month == ends_month
    assert (kept + dt.timedelta(days=1)).day == 1
    assert 6 * 365 <= (kept - paid_on).days <= 7 * 366
