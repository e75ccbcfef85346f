"""What happens at one moment, and what others wait behind."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import Database
from payments import checking, receiving, settling
from payments.gateway import PaymentDetails, SignedNotice
from payments.models import Payment, Refund
from payments.notices import Outcome
from payments.till import Till
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway
from tests.payments.factories import make_notice, make_pledge
from tests.payments.test_money_that_comes_back import refund_of

SECONDS = 20


@dataclass
class Stubborn(FakeGateway):
    """Says of some payments what nobody can read."""

    garbled: set[str] = field(default_factory=set)

    def details(self, *, payment_intent: str | None, invoice: str | None) -> PaymentDetails:
        if payment_intent in self.garbled:
            raise KeyError("latest_charge")
        return super().details(payment_intent=payment_intent, invoice=invoice)


@pytest.fixture
def gateway() -> Stubborn:
    return Stubborn()


def test_a_refund_told_while_its_payment_is_being_booked_is_not_forgotten(
    app: Flask, database: Database, gateway: Stubborn, clock: FakeClock, work: Work
) -> None:
    """The one does not see the other yet, and is not woken: asking for the fee wakes it."""
    till: Till = app.extensions["till"]
    with database.transaction() as session:
        pledge = make_pledge(session)
        event = {"id": "evt_refund", "type": "refund.created", "session": "the refund"}
        notice = SignedNotice("evt_refund", "refund.created", "test", livemode=False, created=START)
        receiving.store(session, notice, json.dumps(event).encode(), now=START)
    told: dict[str, object] = gateway.states  # type: ignore[assignment]  # read() hands it through
    told["the refund"] = refund_of(pledge, 400)

    def apply_the_refund() -> None:
        with app.app_context():
            receiving.apply_due(gateway, till.rules)

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            paid = make_notice(pledge, Outcome.PAID)
            settling.apply(session, paid, rules=till.rules, now=START)
            beside = pool.submit(apply_the_refund)
            if session.get_bind().dialect.name == "postgresql":  # SQLite lets one writer in
                beside.result(SECONDS)
        beside.result(SECONDS)
    clock.move(minutes=2)
    work()
    with database.reading() as session:
        assert session.scalars(select(Refund.amount_pence)).all() == [400]
        assert checking.faults(session) == []


def test_a_payment_that_cannot_be_read_keeps_nobody_else_waiting(
    app: Flask, database: Database, gateway: Stubborn, clock: FakeClock, work: Work
) -> None:
    rules = app.extensions["till"].rules
    with database.transaction() as session:
        pledges = [make_pledge(session) for _number in range(3)]
        for pledge in pledges:
            settling.apply(session, make_notice(pledge, Outcome.PAID), rules=rules, now=START)
    gateway.garbled.add(f"pi_{pledges[0].id.hex}")
    for _round in range(3):
        clock.move(minutes=3)
        work()
    with database.reading() as session:
        fees = {row.pledge_id: row.fee_pence for row in session.scalars(select(Payment))}
    assert [fees[pledge.id] for pledge in pledges] == [None, 35, 35]
    gateway.garbled.clear()
    clock.move(hours=1)
    work()
    with database.reading() as session:
        assert set(session.scalars(select(Payment.fee_pence))) == {35}
