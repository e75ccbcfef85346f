"""Workers, pages, refunds and a comparison, all at one moment: no penny twice, nothing lost."""

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from core import clock
from core.database import transaction
from payments import reconciling, refunding
from payments.models import Payment, RefundRequest, WebhookEvent
from payments.refunding import NotRefundable
from tests.faults.house import House
from tests.faults.oracle import payments, refunds
from tests.faults.racing import at_once


def compare(house: House) -> None:
    """Compare the books with Stripe's and mend them, as the worker and the command do."""
    with house.app.app_context():
        rules, gateway = house.app.extensions["till"].rules, house.app.extensions["till"].gateway
        since = clock.now() - dt.timedelta(days=7)
        for _page in reconciling.walk(gateway, reconciling.Round(rules, since, fix=True)):
            pass


def ask_for_all_of_it(house: House, payment: Payment) -> None:
    """Ask for all that is left of a payment, as a treasurer would; too late is no fault."""
    with house.app.app_context():
        try:
            with transaction() as session:
                refunding.ask(session, payment.id, pence=None, why="asked for", now=clock.now())
        except NotRefundable:
            return


def test_everything_at_once_comes_to_the_books_of_stripe(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    known = [house.give(email=f"known{number}@example.org") for number in range(2)]
    house.work()
    in_our_books = payments(house.database)
    house.controls.hold("*")
    fresh = [house.give(email=f"fresh{number}@example.org") for number in range(6)]
    house.give(frequency="monthly")
    intents = [each["payment_intent"] for each in house.books()["charges"]][len(known) :]
    for number, intent in enumerate(intents[:6]):
        if number % 3 == 0:
            house.controls.refund(intent, 300)
            house.controls.refund(intent, 200)
        elif number % 3 == 1:
            house.controls.close_dispute(house.controls.dispute(intent)["id"], "won")
        else:
            house.controls.fail_refund(house.controls.refund(intent, 400)["id"])
    house.controls.advance(days=6)
    house.controls.release(order="shuffled", seed=4)
    house.sandbox.quiesce()
    doings: list[Callable[[], object]] = [
        *[house.work_once] * 3,
        *[partial(house.told, session_id) for session_id in fresh[:2]],
        *[partial(ask_for_all_of_it, house, in_our_books[0])] * 2,
        partial(compare, house),
    ]

    def one_of_them() -> None:
        assert doings.pop()() is not False

    at_once(len(doings), one_of_them)
    for _round in range(3):
        house.clock.move(minutes=3)
        house.work()
    with house.database.reading() as session:
        assert set(session.scalars(select(WebhookEvent.last_error))) == {None}
        assert set(session.scalars(select(WebhookEvent.due_at))) == {None}
        assert len(session.scalars(select(RefundRequest)).all()) == 1
    assert sum(each.amount_pence for each in refunds(house.database)) >= 1000
    assert {"job failed", "job put off", "notice not applied"}.isdisjoint(caplog.messages)
    house.assert_all_is_well()
