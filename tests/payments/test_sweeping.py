"""Notices that never came are fetched from Stripe's list."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from payments import sweeping
from payments.gateway import GatewayUnavailable, SignedNotice
from payments.models import Payment, Sweep, WebhookEvent
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway
from tests.payments.test_donating import give


def happened(gateway: FakeGateway, event_id: str, at: dt.datetime, **body: object) -> None:
    """Have Stripe remember an event of which it told nobody."""
    notice = SignedNotice(
        event_id, "checkout.session.completed", "test", livemode=False, created=at
    )
    raw = json.dumps({"id": event_id, "type": notice.type, **body}).encode()
    gateway.events[event_id] = (notice, raw)


def stored(database: Database) -> dict[str, str | None]:
    with database.reading() as session:
        return {row.event_id: row.outcome for row in session.scalars(select(WebhookEvent))}


def payments(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Payment)).one()


def test_a_gift_of_which_no_notice_came_is_booked_within_fifteen_minutes(
    client: FlaskClient, database: Database, gateway: FakeGateway, clock: FakeClock, work: Work
) -> None:
    work()
    give(client)
    paid = gateway.pay(gateway.only_session())
    happened(gateway, "evt_1", clock.now(), session=paid.session_id)
    gateway.states[paid.session_id] = paid
    clock.move(minutes=9)  # before a quiet Checkout is asked about
    work()
    assert stored(database) == {"evt_1": "applied"}
    assert "checkout" not in gateway.calls
    with database.reading() as session:
        assert payments(session) == 1


def test_what_a_webhook_brought_is_stored_once(
    app: Flask, client: FlaskClient, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    happened(gateway, "evt_1", START)
    client.post(
        "/webhooks/stripe", data=gateway.events["evt_1"][1], headers={"Stripe-Signature": "good"}
    )
    happened(gateway, "evt_2", START)
    clock.move(minutes=2)
    with app.app_context():
        assert [sweeping.look_for_missed(gateway) for _time in range(2)] == [1, 0]
    assert set(stored(database)) == {"evt_1", "evt_2"}


def test_more_than_a_batch_is_stored_whole(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    for number in range(250):
        happened(gateway, f"evt_{number}", START)
    clock.move(minutes=2)
    with app.app_context():
        assert sweeping.look_for_missed(gateway) == 250
    assert len(stored(database)) == 250


def test_an_event_of_this_moment_is_left_to_its_webhook(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    happened(gateway, "evt_1", START)
    with app.app_context():
        assert sweeping.look_for_missed(gateway) == 0
        clock.move(minutes=5)
        assert sweeping.look_for_missed(gateway) == 1


def test_the_first_look_goes_a_day_back_and_the_next_ones_overlap(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    for name, hours in (("too_old", 25), ("yesterday", 23)):
        happened(gateway, name, START - dt.timedelta(hours=hours))
    with app.app_context():
        sweeping.look_for_missed(gateway)
        assert set(stored(database)) == {"yesterday"}
        clock.move(minutes=5)
        happened(gateway, "late_in_the_list", START - dt.timedelta(minutes=14))
        sweeping.look_for_missed(gateway)
    assert set(stored(database)) == {"yesterday", "late_in_the_list"}


def test_while_stripe_is_away_the_place_is_kept_and_nothing_is_missed(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    with app.app_context():
        sweeping.look_for_missed(gateway)
        happened(gateway, "evt_1", clock.move(hours=1))
        gateway.down = True
        clock.move(days=3)
        assert sweeping.look_for_missed(gateway) == 0
        with database.reading() as session:
            assert session.get_one(Sweep, "events").done_until == START
        gateway.down = False
        assert sweeping.look_for_missed(gateway) == 1


@pytest.mark.parametrize("after", [0, 150])
def test_a_list_that_breaks_off_keeps_what_came_and_is_read_again(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock, after: int
) -> None:
    for number in range(200):
        happened(gateway, f"evt_{number}", START)
    clock.move(minutes=2)
    broken = BreaksOff(after)
    broken.events = gateway.events
    with app.app_context():
        assert sweeping.look_for_missed(broken) == 0
        assert len(stored(database)) == after // 100 * 100
        sweeping.look_for_missed(gateway)
    assert len(stored(database)) == 200


class BreaksOff(FakeGateway):
    """A gateway that goes away in the middle of its list."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def events_since(self, since: dt.datetime) -> Iterator[tuple[SignedNotice, bytes]]:
        for number, event in enumerate(FakeGateway.events_since(self, since)):
            if number == self.after:
                raise GatewayUnavailable("in the middle")
            yield event
