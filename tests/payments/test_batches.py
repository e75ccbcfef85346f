"""Notices are applied together: what comes too early, and what cannot be applied, hurts nobody."""

import json

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from payments import checking
from payments.models import Payment, Refund, WebhookEvent
from payments.notices import Outcome
from tests.conftest import Work
from tests.fakes import FakeGateway
from tests.payments.factories import make_notice, make_pledge
from tests.payments.test_money_that_comes_back import refund_of


def tell(client: FlaskClient, **sessions: object) -> None:
    for name, session in sessions.items():
        event = json.dumps({"id": f"evt_{name}", "type": "x", "session": session})
        client.post("/webhooks/stripe", data=event, headers={"Stripe-Signature": "good"})


def outcomes(database: Database) -> dict[str, str | None]:
    with database.reading() as session:
        return {each.event_id: each.outcome for each in session.scalars(select(WebhookEvent))}


def test_a_refund_before_its_payment_in_one_batch_is_booked(
    app: Flask, client: FlaskClient, database: Database, work: Work, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        gateway.notices["early"] = refund_of(pledge, 300)
        gateway.notices["paid"] = make_notice(pledge, Outcome.PAID)
    tell(client, early="early", paid="paid")
    work()
    assert outcomes(database) == {"evt_early": "applied", "evt_paid": "applied"}
    with database.reading() as session:
        assert session.scalars(select(Refund.amount_pence)).all() == [300]
        early = session.scalars(
            select(WebhookEvent).where(WebhookEvent.event_id == "evt_early")
        ).one()
        assert (early.about, early.due_at, early.pledge_id) == (None, None, pledge.id)
        assert checking.faults(session) == []


def test_one_that_cannot_be_read_keeps_no_other_of_its_batch_from_being_booked(
    app: Flask, client: FlaskClient, database: Database, work: Work, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        gateway.notices["paid"] = make_notice(make_pledge(session), Outcome.PAID)
    tell(client, poison={"not": "hashable"}, paid="paid", venom=[])
    work()
    assert outcomes(database) == {"evt_poison": None, "evt_paid": "applied", "evt_venom": None}
    with database.reading() as session:
        assert len(session.scalars(select(Payment)).all()) == 1
        failing = select(WebhookEvent.last_error).where(WebhookEvent.due_at.is_not(None))
        assert session.scalars(failing).all() == ["TypeError", "TypeError"]
