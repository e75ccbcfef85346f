"""Notices out of order, of tomorrow, about people who were erased, and of another amount."""

import json
import logging

import pytest
from sqlalchemy import select

from core.links import AccessLink
from core.outbox import OutboxMail
from members.models import Member
from payments.models import WebhookEvent
from payments.stripe_gateway import API_VERSION
from tests.faults.house import House
from tests.faults.oracle import payments, pledges

SETTLED = 5  # days after which a Direct Debit has settled


@pytest.mark.parametrize(("order", "seed"), [("last first", 0), ("shuffled", 1)])
def test_f11_notices_out_of_order_come_to_the_same_books(
    house: House, order: str, seed: int
) -> None:
    """Two months of a gift, the first refunded in part, the second disputed: told backwards."""
    house.controls.hold()
    house.give(frequency="monthly")
    (subscription,) = house.books()["subscriptions"]
    house.controls.renew(subscription["id"])
    first, second = (each["payment_intent"] for each in house.books()["charges"])
    refund = house.controls.refund(first, 400, status="pending")
    dispute = house.controls.dispute(second)
    house.controls.settle_refund(refund["id"])
    house.controls.close_dispute(dispute["id"], "won")
    house.controls.settle()
    assert house.controls.do("release", order=order, seed=seed)["released"] > 20
    house.work()
    assert house.raised() == 600 + 1000
    house.assert_all_is_well()


def test_f13_an_event_after_erasure_is_booked_and_brings_nobody_back(house: House) -> None:
    """A Direct Debit settles after its giver had everything about them erased."""
    session_id = house.give(account="00012345", frequency="monthly", message="Solidarity")
    house.work()
    assert house.told(session_id) == "confirming"
    with house.database.transaction() as session:
        pledge = session.merge(pledges(house.database)[0])
        pledge.name = pledge.email = pledge.email_key = pledge.message = ""
    house.controls.advance(days=SETTLED)
    house.clock.move(days=SETTLED)
    house.work()
    (payment,) = payments(house.database)
    (kept,) = pledges(house.database)
    assert (payment.amount_pence, kept.state) == (1000, "paid")
    assert (kept.name, kept.email, kept.email_key, kept.message) == ("", "", "", "")
    with house.database.reading() as session:
        for nothing in (Member, AccessLink, OutboxMail):
            assert session.scalars(select(nothing)).all() == []
    assert house.run("check") == (0, "The books agree.\n")
    assert house.raised() == 1000


@pytest.mark.parametrize(
    "but",
    [
        {"type": "a.kind.of.tomorrow"},
        {"api_version": "2027-03-31.fennel"},
        {"a_field_of_tomorrow": {"deep": [1, None]}},
        {"data": {"object": {"object": "shape.of.tomorrow"}}, "type": "v3.shape.made"},
    ],
)
def test_f14_an_event_of_tomorrow_is_stored_and_answered(
    house: House, caplog: pytest.LogCaptureFixture, but: dict[str, object]
) -> None:
    usual = {"id": "evt_tomorrow", "object": "event", "type": "price.created", "livemode": False}
    event = {**usual, "api_version": API_VERSION, "created": 1_795_000_000, **but}
    event.setdefault("data", {"object": {"object": "price"}})
    raw = json.dumps(event).encode()
    with caplog.at_level(logging.ERROR):
        assert [house.notify(raw) for _time in range(2)] == [200, 200]
    alerts = [line for line in caplog.messages if line == "notice of another API version"]
    assert bool(alerts) == ("api_version" in but)
    assert house.work_once()
    with house.database.reading() as session:
        kept = session.scalars(select(WebhookEvent)).one()
    assert (kept.raw, kept.outcome, kept.due_at) == (raw, "ignored", None)
    house.assert_all_is_well()


def test_f14_a_known_event_with_fields_of_tomorrow_is_booked_as_ever(house: House) -> None:
    house.controls.knob("alter", count=9, field="of_tomorrow.deep", value="news")
    house.give()
    house.sandbox.quiesce()
    house.controls.clear_knobs()
    house.work()
    house.assert_all_is_well()


ALTERED = [
    ("once", "checkout.session.completed", "amount_total", "1"),
    ("once", "checkout.session.completed", "currency", "eur"),
    ("once", "checkout.session.completed", "mode", "subscription"),
    ("monthly", "invoice.paid", "amount_paid", "1"),
    ("monthly", "invoice.paid", "currency", "eur"),
]


@pytest.mark.parametrize(("frequency", "event", "field", "value"), ALTERED)
def test_f18_another_amount_or_currency_is_held_for_a_person_and_not_booked(
    house: House, frequency: str, event: str, field: str, value: str
) -> None:
    house.controls.knob("alter", match=event, field=field, value=value)
    session_id = house.give(frequency=frequency)
    house.sandbox.quiesce()
    house.work_once()
    assert payments(house.database) == []
    assert house.raised() == 0
    assert house.told(session_id) == "confirming"
    code, said = house.run("check")
    assert code == 1
    assert "held for a person to look at" in said
    assert not [each for each in house.sandbox.letters() if "Receipt" in each["subject"]]
