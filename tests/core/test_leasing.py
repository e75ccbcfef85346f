"""Waiting work: claimed under a lease, by one worker at a time, tried again with back-off."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import leasing
from core.database import Database
from core.leasing import LEASE
from core.outbox import OutboxMail, mail
from tests.core.together import together
from tests.fakes import START

SECOND = dt.timedelta(seconds=1)


def put(database: Database, count: int) -> None:
    with database.transaction() as session:
        for number in range(count):
            to = f"{number}@example.org"
            mail(session, "receipt", key=str(number), to=to, values={}, now=START)


def claim(database: Database, now: dt.datetime = START, most: int = 20) -> list[str]:
    with database.transaction() as session:
        return [row.key for row in leasing.claim(session, OutboxMail, now=now, most=most)]


def only(session: Session) -> OutboxMail:
    return session.scalars(sa.select(OutboxMail)).one()


def test_work_is_claimed_in_the_order_it_came(database: Database) -> None:
    put(database, 5)

    assert claim(database, most=3) == ["0", "1", "2"]
    assert claim(database, most=3) == ["3", "4"]
    assert claim(database, most=3) == []


def test_no_more_is_claimed_than_was_asked_for_whatever_the_plan(database: Database) -> None:
    put(database, 30)
    with database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
                session.execute(sa.text(f"SET LOCAL enable_{way} = off"))

        taken = leasing.claim(session, OutboxMail, now=START, most=4)

    assert [row.key for row in taken] == ["0", "1", "2", "3"]


def test_workers_that_claim_at_one_moment_never_get_the_same_row(database: Database) -> None:
    put(database, 60)

    def work() -> list[str]:
        found: list[str] = []
        while taken := claim(database, most=4):
            found += taken
        return found

    shares = together(*[work] * 4)

    everything = [key for share in shares for key in share]
    assert sorted(everything, key=int) == [str(number) for number in range(60)]


def test_a_lease_that_ran_out_is_taken_again(database: Database) -> None:
    put(database, 1)
    assert claim(database) == ["0"]

    assert claim(database, START + LEASE - SECOND) == []
    assert claim(database, START + LEASE) == ["0"]

    with database.reading() as session:
        assert only(session).attempts == 2


def test_work_that_is_not_due_is_left_alone(database: Database) -> None:
    put(database, 1)

    assert claim(database, START - SECOND) == []


def test_work_that_is_done_is_never_claimed_again(database: Database) -> None:
    put(database, 1)
    with database.transaction() as session:
        (row,) = leasing.claim(session, OutboxMail, now=START)
        leasing.done(row, now=START)

    assert claim(database, START + 365 * 24 * 60 * 60 * SECOND) == []
    with database.reading() as session:
        assert only(session).done_at == START


def test_work_that_failed_waits_longer_each_time_but_never_over_an_hour(database: Database) -> None:
    put(database, 1)
    now, waits = START, []
    for _attempt in range(12):
        with database.transaction() as session:
            (row,) = leasing.claim(session, OutboxMail, now=now)
            leasing.failed(row, "down", now=now)
            assert row.due_at is not None
            waits.append(int((row.due_at - now).total_seconds()))
            now = row.due_at

    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


def test_very_many_attempts_wait_an_hour_too() -> None:
    row = OutboxMail(attempts=1_000_000)

    leasing.failed(row, "down", now=START)

    assert row.due_at == START + dt.timedelta(hours=1)


def test_work_put_off_says_why(database: Database) -> None:
    put(database, 1)
    claim(database)

    with database.transaction() as session:
        leasing.put_off(session, OutboxMail, only(session).id, "no answer", now=START)

    with database.reading() as session:
        row = only(session)
    assert (row.due_at, row.last_error) == (START + 15 * SECOND, "no answer")


@pytest.mark.parametrize("later", [LEASE, dt.timedelta(days=365)])
def test_work_given_up_stays_to_be_seen_and_is_not_tried(
    later: dt.timedelta, database: Database
) -> None:
    put(database, 1)
    claim(database)

    with database.transaction() as session:
        leasing.given_up(only(session), "refused")

    assert claim(database, START + later) == []
    with database.reading() as session:
        row = only(session)
    assert (row.due_at, row.done_at, row.last_error) == (None, None, "refused")
