"""Proving: all of the books in parts once a day, and what moved in between."""

import datetime as dt
import logging
import uuid

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from payments import checking, parts, settling
from payments.models import LedgerEntry, LedgerTransaction, Payment, Sweep
from payments.notices import Outcome
from payments.proving import Proving
from tests.conftest import Work
from tests.fakes import START, FakeClock
from tests.payments.factories import make_notice, make_pledge, make_rules

DAY = dt.timedelta(days=1)


def give(session: Session, now: dt.datetime = START) -> Payment:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=now)
    session.flush()
    return session.scalars(select(Payment).where(Payment.pledge_id == pledge.id)).one()


def spoil(payment: Payment) -> None:
    payment.fee_pence = 20  # and nothing is booked


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the alarm was raised over since this was asked last."""
    found = [row.__dict__["payment"] for row in caplog.records if row.levelno == logging.CRITICAL]
    caplog.clear()
    return found


@pytest.mark.parametrize("movements", [1, 3, 10, 1000])
def test_the_parts_find_between_them_what_the_whole_finds_each_once(
    session: Session, movements: int
) -> None:
    payments = [give(session) for _ in range(12)]
    for payment in payments[::3]:
        spoil(payment)
    for payment in payments[1::4]:
        payment.pledge.state = "pending"
        movement = select(LedgerTransaction.id).where(LedgerTransaction.payment_id == payment.id)
        one_sided = {"transaction_id": session.scalars(movement).one(), "account": "fees"}
        session.add(LedgerEntry(pence=1, **one_sided))
    make_pledge(session).held_because = "amount"
    session.flush()
    whole = sorted((fault.rule, fault.subject) for fault in checking.faults(session))
    divided = list(parts.all_parts(session, movements=movements))
    found = [fault for part in divided for fault in checking.faults(session, part)]
    assert len({rule for rule, _subject in whole}) >= 4
    assert sorted((fault.rule, fault.subject) for fault in found) == whole
    assert (len(divided) > 1) is (movements < 1000)


def test_what_has_moved_since_is_looked_at_with_its_payment_and_its_pledge(
    session: Session,
) -> None:
    before, after = give(session), give(session, now=START + DAY)
    for payment in (before, after):
        spoil(payment)
        payment.pledge.state = "pending"
    session.flush()
    part = parts.moved_since(session, START + DAY / 2)
    assert {fault.subject for fault in checking.faults(session, part)} == {
        str(after.id),
        str(after.pledge_id),
    }


def test_a_payment_that_was_never_booked_is_looked_at(session: Session) -> None:
    pledge = make_pledge(session)
    made = {"number": 1, "amount_pence": 1000, "currency": "GBP", "payment_intent": "pi_1"}
    moments = {"paid_at": START, "booked_at": START + DAY}
    session.add(Payment(id=uuid.uuid4(), pledge_id=pledge.id, kind=pledge.kind, **moments, **made))
    session.flush()
    part = parts.moved_since(session, START + DAY)
    assert "a payment is booked once, in full" in {
        fault.rule for fault in checking.faults(session, part)
    }


def test_what_waits_for_a_person_is_always_looked_at(session: Session) -> None:
    make_pledge(session).held_because = "amount"
    session.flush()
    part = parts.moved_since(session, START + 30 * DAY)
    assert [fault.rule for fault in checking.faults(session, part)] == [
        "nothing is held for a person to look at"
    ]


def test_the_whole_is_proved_once_a_day_and_what_moves_every_ten_minutes(
    app: Flask,
    database: Database,
    clock: FakeClock,
    work: Work,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.transaction() as session:
        old = give(session)
    for _day in range(2):  # on the first its fee is booked
        clock.move(days=1)
        work()
    with database.transaction() as session:
        assert session.get_one(Sweep, checking.PROVED).done_until == clock.now()
        spoil(session.get_one(Payment, old.id))
    clock.move(minutes=11)
    work()
    assert told(caplog) == []  # it did not move
    with database.transaction() as session:
        new = give(session, now=clock.now())
        spoil(new)
    clock.move(minutes=11)
    work()
    assert set(told(caplog)) == {str(new.id)}
    clock.move(days=1)
    work()
    assert set(told(caplog)) == {str(new.id), str(old.id)}


def test_one_worker_proves_and_one_that_dies_is_followed_by_another(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        give(session)
    first, second = Proving(), Proving()
    with app.app_context():
        assert first() == 1  # its one part; and there it dies
        assert second() == 0
        clock.move(minutes=59)
        assert second() == 0
        clock.move(minutes=1)
        began = clock.now()
        assert [second(), second(), second()] == [1, 0, 0]
    with database.reading() as session:
        assert session.get_one(Sweep, checking.PROVED).done_until == began
