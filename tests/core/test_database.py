"""The database: aware moments, whole transactions, the same on SQLite and PostgreSQL."""

import datetime as dt
import socket
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from core import database as module
from core.database import Database
from core.links import AccessLink, mint
from core.outbox import OutboxMail, mail
from tests.core.together import together
from tests.fakes import START

HOUR = dt.timedelta(hours=1)


def links(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(sa.select(sa.func.count(AccessLink.id))).one()


@pytest.mark.parametrize(
    "moment",
    [
        START,
        START.replace(microsecond=999_999),
        dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 7, 1, tzinfo=dt.timezone(HOUR * 5.5)),
        dt.datetime(1, 1, 2, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 30, tzinfo=dt.UTC),
    ],
)
def test_a_moment_comes_back_as_it_was_in_utc(moment: dt.datetime, database: Database) -> None:
    with database.transaction() as session:
        link_id = mint(session, "sam@example.org", lifetime=dt.timedelta(0), now=moment)

    with database.reading() as session:
        found = session.get_one(AccessLink, link_id).created_at
    assert found == moment
    assert found.utcoffset() == dt.timedelta(0)


def test_moments_are_compared_as_moments_not_as_text(database: Database) -> None:
    far_east = dt.timezone(dt.timedelta(hours=9))
    early = dt.datetime(2026, 7, 1, 8, tzinfo=far_east)  # the day before, in UTC
    with database.transaction() as session:
        mint(session, "sam@example.org", lifetime=HOUR, now=early)

    with database.reading() as session:
        before = sa.select(AccessLink).where(AccessLink.created_at < early + HOUR / 2)
        after = sa.select(AccessLink).where(AccessLink.created_at > early - HOUR / 2)
        assert len(session.scalars(before).all()) == len(session.scalars(after).all()) == 1


def test_a_naive_moment_is_refused(session: Session) -> None:
    naive = START.replace(tzinfo=None)

    with pytest.raises(StatementError, match="time zone"):
        session.scalars(sa.select(AccessLink).where(AccessLink.used_at < naive)).all()
    session.rollback()


def test_a_transaction_keeps_everything(database: Database) -> None:
    with database.transaction() as session:
        mint(session, "sam@example.org", lifetime=HOUR, now=START)
        mint(session, "alex@example.org", lifetime=HOUR, now=START)

    assert links(database) == 2


def test_a_transaction_keeps_nothing_when_it_fails(database: Database) -> None:
    class Interrupted(Exception):
        """What happens half-way."""

    def half() -> None:
        with database.transaction() as session:
            mint(session, "sam@example.org", lifetime=HOUR, now=START)
            raise Interrupted

    with pytest.raises(Interrupted):
        half()

    assert links(database) == 0


def test_looking_changes_nothing(database: Database) -> None:
    with database.reading() as session:
        mint(session, "sam@example.org", lifetime=HOUR, now=START)

    assert links(database) == 0


def test_what_was_read_can_be_used_after_the_transaction(database: Database) -> None:
    with database.transaction() as session:
        mint(session, "sam@example.org", lifetime=HOUR, now=START)
        link = session.scalars(sa.select(AccessLink)).one()

    assert link.email == "sam@example.org"


def test_transactions_of_many_threads_wait_for_one_another(database: Database) -> None:
    def write() -> None:
        for _each in range(10):
            with database.transaction() as session:
                found = session.scalars(sa.select(sa.func.count(AccessLink.id))).one()
                mint(session, f"{found}@example.org", lifetime=HOUR, now=START)

    together(*[write] * 4)

    assert links(database) == 40


def test_the_application_uses_its_own_database(app: Flask, database: Database) -> None:
    with app.app_context():
        with module.transaction() as session:
            mint(session, "sam@example.org", lifetime=HOUR, now=START)
        with module.reading() as session:
            assert session.scalars(sa.select(AccessLink.email)).one() == "sam@example.org"

    assert links(database) == 1


def test_sqlite_is_as_durable_and_as_strict_as_we_say(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/deep/er/made.db")

    with made.reading() as session:
        found = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    made.engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_an_error_of_the_database_does_not_repeat_what_was_written(database: Database) -> None:
    with database.transaction() as session:
        mail(session, "receipt", key="one", to="canary@example.org", values={}, now=START)

    with pytest.raises(sa.exc.IntegrityError) as told, database.transaction() as session:
        session.add(
            OutboxMail(
                key="one",
                template="receipt",
                recipient="canary@example.org",
                values={"name": "canary"},
                message_id="one",
                created_at=START,
            )
        )

    assert "[SQL parameters hidden" in str(told.value)
    assert "canary@" not in str(told.value)


def test_a_database_that_never_answers_keeps_nobody_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        made = Database(f"postgresql://groundswell@127.0.0.1:{port}/groundswell")
        before = dt.datetime.now(dt.UTC)

        with pytest.raises(OperationalError), made.reading() as session:
            session.execute(sa.text("SELECT 1"))

    made.engine.dispose()
    assert dt.datetime.now(dt.UTC) - before < dt.timedelta(seconds=8)
