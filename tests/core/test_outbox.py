"""The outbox: a mail is kept with the work that causes it, once for each event."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import outbox
from core.database import Database
from core.outbox import OutboxMail
from tests.core.together import together
from tests.fakes import START


def put(session: Session, key: str = "receipt:1", to: str = "sam@example.org") -> bool:
    return outbox.mail(session, "receipt", key=key, to=to, values={"pence": 1000}, now=START)


def kept(database: Database) -> list[OutboxMail]:
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def test_a_mail_is_due_at_once(database: Database) -> None:
    with database.transaction() as session:
        assert put(session)

    (mail,) = kept(database)
    assert (mail.template, mail.recipient, mail.values) == (
        "receipt",
        "sam@example.org",
        {"pence": 1000},
    )
    assert (mail.created_at, mail.due_at, mail.attempts) == (START, START, 0)
    assert (mail.done_at, mail.last_error) == (None, None)


def test_one_event_is_one_mail_however_often_it_is_told(database: Database) -> None:
    for _time in range(3):
        with database.transaction() as session:
            put(session)
    with database.transaction() as session:
        assert not put(session)
        assert not put(session)
        assert put(session, key="receipt:2")

    assert [mail.key for mail in kept(database)] == ["receipt:1", "receipt:2"]


def test_one_event_told_at_one_moment_is_one_mail_and_no_error(database: Database) -> None:
    def tell() -> bool:
        with database.transaction() as session:
            session.execute(sa.text("SELECT 1"))
            return put(session)

    assert sorted(together(*[tell] * 4)) == [False, False, False, True]
    assert len(kept(database)) == 1


def test_work_that_fails_sends_no_mail(database: Database) -> None:
    def half() -> None:
        with database.transaction() as session:
            put(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()

    assert kept(database) == []


def test_every_mail_has_a_message_id_of_its_own(database: Database) -> None:
    with database.transaction() as session:
        for number in range(20):
            put(session, key=str(number))

    assert len({mail.message_id for mail in kept(database)}) == 20


def test_a_mail_carries_no_moment_without_a_zone(session: Session) -> None:
    naive: dt.datetime = START.replace(tzinfo=None)

    with pytest.raises(sa.exc.StatementError, match="time zone"):
        outbox.mail(session, "receipt", key="1", to="sam@example.org", values={}, now=naive)
    session.rollback()
