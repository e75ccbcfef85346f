"""D2, 13 to 24: faults that other people's systems really had, tried through the front door."""

import ast
import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import ROOT
from core import leasing
from core.outbox import OutboxMail
from payments.announcements import DonationPaid
from payments.models import RefundRequest, WebhookEvent
from tests import postgres, watching
from tests.faults.house import House
from tests.faults.looking import intent, sent, subscription
from tests.faults.oracle import payments, refunds
from tests.faults.racing import at_once
from tests.journeys.conftest import SECONDS

GOOD_ACCOUNT = "00012345"
DECLINED_CARD, GOOD_CARD = "4000000000000002", "4242424242424242"


def test_d2_13_our_refund_and_its_webhook_race_and_it_is_made_and_booked_once(
    house: House,
) -> None:
    session_id = house.give()
    house.work()
    asked = [("refund", session_id, "--amount", "4", "--why", "asked for it")] * 2
    with ThreadPoolExecutor(2) as pool:  # two people press at one moment: that is two wishes
        assert [code for code, _said in pool.map(lambda words: house.run(*words), asked)] == [0, 0]
    house.clock.move(seconds=1)
    at_once(3, house.work_once)
    house.work()
    assert sorted(each.amount_pence for each in refunds(house.database)) == [400, 400]
    assert house.run("refund", session_id, "--amount", "4", "--why", "once more")[0] == 1
    house.assert_all_is_well()


def test_d2_14_refunds_made_in_the_dashboard_are_recorded(house: House) -> None:
    session_id = house.give()
    house.work()
    house.controls.refund(intent(house), 250)
    house.controls.refund(intent(house), 250)
    house.work()
    assert house.raised() == 500
    assert [each.amount_pence for each in refunds(house.database)] == [250, 250]
    assert "2.50" in house.run("explain", session_id)[1]
    house.assert_all_is_well()


def test_d2_15_disputes_are_looked_at_the_moment_they_are_opened(house: House) -> None:
    session_id = house.give(amount="500")
    house.work()
    assert house.raised() == 50_000
    house.controls.dispute(intent(house))
    house.work()
    assert (house.raised(), house.told(session_id)) == (0, "confirming")
    told = house.run("explain", session_id)[1]
    assert "disputed" in told
    today = house.clock.now()
    statement = house.run("statement", f"{today:%Y-%m}")[1]
    assert re.search(r"Money moved for disputes by card\s+1\s+-£500", statement), statement
    house.assert_all_is_well()


def test_d2_16_a_refund_of_what_is_disputed_or_refunded_is_refused_and_stops_nothing(
    house: House,
) -> None:
    """The dispute comes between our wish and Stripe's ear; another gift's refund is not held up."""
    disputed, sound = house.give(), house.give(amount="5")
    house.work()
    for session_id in (disputed, sound):
        assert house.run("refund", session_id, "--why", "asked for it")[0] == 0
    house.controls.dispute(intent(house, 0))
    house.work()
    with house.database.reading() as session:
        wishes = session.scalars(select(RefundRequest).order_by(RefundRequest.amount_pence)).all()
    assert [each.stripe_refund is None for each in wishes] == [False, True]
    assert house.raised() == 0
    code, said = house.run("check")
    assert (code, "refund that we asked for was refused" in said) == (1, True)
    for session_id in (disputed, sound):
        code, _said = house.run("refund", session_id, "--why", "once more")
        assert code == 1


def test_d2_17_a_fee_that_is_not_known_at_first_is_asked_for_until_it_is(house: House) -> None:
    house.controls.habits(settle_seconds=3600)
    house.give()
    house.work_once()
    house.clock.move(minutes=10)
    house.work_once()
    (payment,) = payments(house.database)
    assert payment.fee_pence is None
    assert house.raised() == 1000  # gross of fees
    house.controls.advance(hours=2)
    house.clock.move(hours=2)
    house.work()
    assert payments(house.database)[0].fee_pence == 35
    house.assert_all_is_well()


def test_d2_18_nobody_who_has_paid_is_told_that_it_failed(house: House) -> None:
    session_id = house.checkout()
    assert house.controls.pay(session_id, DECLINED_CARD) == "declined"
    assert house.told(session_id) == "not-taken"
    house.controls.hold()
    assert house.controls.pay(session_id, GOOD_CARD) == "done"
    house.controls.knob("error", count=2, match="GET /v1/checkout/sessions/*", status=500)
    assert house.told(session_id) == "confirming"  # Stripe is silent: we do not know
    house.controls.clear_knobs()
    assert house.told(session_id) == "received"
    house.controls.release()
    house.work()
    house.assert_all_is_well()


def test_d2_19_every_object_is_read_by_the_library_as_it_is_and_none_as_a_dict(
    house: House,
) -> None:
    """Each list and each event is gone through with the real library, then the code too."""
    house.give(frequency="monthly", account=GOOD_ACCOUNT)
    house.give()
    house.controls.advance(days=6)
    house.clock.move(days=6)
    house.work()
    charge = next(each for each in house.books()["charges"] if each["method"] == "card")
    house.controls.early_warning(charge["id"])
    house.controls.refund(charge["id"], 100)
    house.controls.dispute(charge["id"])
    gateway = house.app.extensions["till"].gateway
    since = house.clock.now().replace(year=house.clock.now().year - 1)
    found = {type(notice).__module__.rpartition(".")[0] for notice in gateway.listed(since)}
    assert found == {"payments.notices"}
    assert all(isinstance(json.loads(raw), dict) for _notice, raw in gateway.events_since(since))
    for name in ("stripe_gateway", "stripe_listing"):
        tree = ast.parse((ROOT / "payments" / f"{name}.py").read_text())
        assert not re.search(r"\bdict\((event|session|found)\)", ast.unparse(tree))


def test_d2_20_no_payment_object_is_ever_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A notice that cannot be applied carries somebody's name and address; the log has its id."""
    house.give(message="Keep printing")
    house.sandbox.quiesce()
    (opened,) = sent(house, "checkout.session.completed")
    broken = json.loads(opened) | {"id": "evt_broken"}
    del broken["data"]["object"]["status"]
    assert "sam@example.org" in json.dumps(broken)
    with caplog.at_level(logging.DEBUG):
        assert house.notify(json.dumps(broken).encode()) == 200
        house.work_once()
    assert "notice not applied" in caplog.messages
    assert watching.heard() == []
    for secret in ("sam@example.org", "Sam Jones", "Keep printing", "customer_details"):
        assert secret not in caplog.text


def test_d2_21_what_was_paid_is_held_against_what_was_pledged(house: House) -> None:
    completed = "checkout.session.completed"
    house.controls.knob("alter", match=completed, field="amount_total", value="1")
    house.give()
    house.sandbox.quiesce()
    house.work_once()
    assert (house.raised(), payments(house.database)) == (0, [])
    assert "held" in house.run("check")[1]


def test_d2_22_events_of_other_apps_on_the_account_are_answered_200_and_left_alone(
    house: House,
) -> None:
    """Another shop sells with the same key: payments, refunds, disputes, all of them not ours."""
    shop = {
        "mode": "payment",
        "line_items[0][price_data][currency]": "gbp",
        "line_items[0][price_data][unit_amount]": "7700",
        "line_items[0][price_data][product_data][name]": "A T-shirt",
        "line_items[0][quantity]": "1",
        "client_reference_id": "order-77",
        "success_url": "https://shop.example.org/done",
    }
    made = requests.post(
        f"{house.sandbox.stripe}/v1/checkout/sessions",
        shop,
        auth=(house.settings.stripe_api_key, ""),
        timeout=SECONDS,
    )
    house.controls.pay(made.json()["id"])
    house.give()
    house.work()
    stranger = next(each for each in house.books()["charges"] if each["amount"] == 7700)
    house.controls.refund(stranger["id"], 700)
    house.controls.dispute(stranger["id"])
    house.work()
    assert (house.raised(), len(payments(house.database))) == (1000, 1)
    assert house.run("check") == (0, "The books agree.\n")
    with house.database.reading() as session:
        outcomes = set(session.scalars(select(WebhookEvent.outcome)))
    assert outcomes <= {"applied", "known", "ignored", "unknown"}
    assert len(house.sandbox.letters()) == 1


def test_d2_23_the_faults_of_one_donation_page_in_turn(house: House) -> None:
    """What metabrainz' code does: each of its faults is looked for here."""
    failing = threading.Event()
    failing.set()

    def fail(_session: Session, _paid: DonationPaid, _now: object) -> None:
        if failing.is_set():
            raise ZeroDivisionError

    # A receipt is not sent where the commit failed.
    house.app.extensions["till"].rules.announce.listen(DonationPaid, fail)
    house.give(frequency="monthly")
    house.sandbox.quiesce()
    house.work_once()
    with house.database.reading() as session:
        assert session.scalars(select(OutboxMail)).all() == []
    failing.clear()
    house.clock.move(seconds=60)
    # Two who look before they insert are not both the first.
    at_once(4, house.work_once)
    house.work()
    # A renewal has no `invoice.charge` any more: its payment is found all the same, by its invoice.
    house.controls.renew(subscription(house))
    house.work()
    assert all(each.payment_intent and each.charge for each in payments(house.database))
    # Gross is what was given; the fee stands beside it.
    first, second = payments(house.database)
    assert (first.amount_pence, second.amount_pence, first.fee_pence) == (1000, 1000, 35)
    # Events that come days later are listened to.
    house.give(account=GOOD_ACCOUNT)
    house.controls.advance(days=5)
    house.clock.move(days=5)
    house.work()
    assert house.raised() == 3000
    # Nobody asks for payment methods by name.
    asked = {name for call in house.sandbox.requests for name, _value in call.params}
    assert not [name for name in asked if name.startswith("payment_method_types")]
    house.assert_all_is_well()


def test_d2_24_nothing_is_acknowledged_before_it_is_stored_and_no_lock_outlives_its_holder(
    house: House,
) -> None:
    """What texastribune's code does: 200 before anything is kept, and a lock for somebody to free.

    `test_f07` and `test_f30` show the same by killing and by a full disk.
    """
    raw = b'{"id": "evt_1", "type": "price.created", "created": 1795000000, "livemode": false}'
    with postgres.owner(house.database.engine).begin() as connection:
        connection.execute(text("ALTER TABLE webhook_event RENAME TO elsewhere"))
    assert house.notify(raw) >= 500
    session_id = house.give()
    with postgres.owner(house.database.engine).begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO webhook_event"))
    house.controls.hurry()
    house.sandbox.quiesce()
    # A worker claims all that waits and is never heard of again: its lease runs out by itself.
    with house.database.transaction() as session:
        assert leasing.claim(session, WebhookEvent, now=house.clock.now(), most=100)
    house.work_once()
    assert payments(house.database) == []
    house.clock.move(seconds=leasing.LEASE.total_seconds())
    house.work()
    assert house.told(session_id) == "received"
    house.assert_all_is_well()
