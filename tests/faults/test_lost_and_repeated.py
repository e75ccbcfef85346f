"""Notices and answers that never come, come late, come again; and people who press twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from app import Adapters
from config import Settings
from payments.models import Pledge
from payments.stripe_gateway import StripeGateway
from tests.faults.conftest import Build, open_house
from tests.faults.house import House
from tests.faults.oracle import payments, pledges, receipts
from tests.faults.racing import at_once
from tests.journeys.conftest import SECONDS
from tests.sandbox_controls import CannotDo

OPENING = "POST /v1/checkout/sessions"


def opened(house: House) -> set[str]:
    """Every Checkout that was opened at Stripe."""
    return {
        call.body["id"]
        for call in house.sandbox.requests
        if call.method == "POST" and call.path == "/v1/checkout/sessions" and call.status == 200
    }


def test_f05_the_giver_pays_and_never_returns(house: House) -> None:
    house.give(message="Keep printing")
    house.work()
    assert house.raised() == 1000
    (receipt,) = receipts(house.sandbox)
    assert "Keep printing" in receipt["text"]
    house.assert_all_is_well()


def test_f09_the_webhook_never_comes(house: House) -> None:
    house.controls.knob("drop", count=100)
    house.give(frequency="monthly")
    house.sandbox.quiesce()
    house.work_once()
    assert house.raised() == 0
    house.clock.move(minutes=15)
    house.work_once()
    house.clock.move(seconds=5)
    house.work_once()
    assert house.raised() == 1000
    house.assert_all_is_well()


def test_f10_the_webhook_comes_five_times_and_five_at_once(house: House) -> None:
    house.controls.knob("duplicate", times=5, count=3)
    house.controls.knob("duplicate", times=5, count=3, together=True)
    house.give(frequency="monthly")
    house.sandbox.quiesce()
    at_once(5, house.work_once)
    house.work()
    assert len(payments(house.database)) == 1
    house.assert_all_is_well()


def test_f12_the_webhook_comes_three_days_late_and_counts_when_it_was_paid(house: House) -> None:
    """It is paid in the last minutes of a year; the statement of December shows it."""
    house.controls.knob("delay", count=100, seconds=3 * 86_400)
    until_new_year = seconds_to_new_year(house) - 300
    house.controls.advance(seconds=until_new_year)
    house.clock.move(seconds=until_new_year)
    session_id = house.give()
    paid_at = next(
        each["created"] for each in house.books()["charges"] if each["session"] == session_id
    )
    house.controls.advance(days=3)
    house.clock.move(days=3)
    house.work()
    (payment,) = payments(house.database)
    assert payment.paid_at.timestamp() == pytest.approx(paid_at, abs=2)
    assert (payment.paid_at.month, payment.booked_at.month) == (12, 1)
    year = payment.paid_at.year
    assert "Fighting Fund" in house.run("statement", f"{year}-12")[1]
    assert "Fighting Fund" not in house.run("statement", f"{year + 1}-01")[1]
    house.assert_all_is_well()


def seconds_to_new_year(house: House) -> int:
    now = house.clock.now()
    return int((now.replace(now.year + 1, 1, 1, 0, 0, 0) - now).total_seconds())


def test_f15_stripe_is_out_of_order(house: House) -> None:
    """Stripe keeps such an answer for the key and gives no other: another key has to be used."""
    form = house.form()
    house.controls.knob("error", match=OPENING, status=503)
    page = house.send(form)
    assert page.status_code in (502, 503)
    assert "Nothing has been charged" in page.text
    pay_and_finish(house, form)


def pay_and_finish(house: House, form: dict[str, str]) -> None:
    """Press again, pay, and see that all is well: one pledge, one Checkout, one payment."""
    answer = house.send(form)
    assert answer.status_code == 303, answer.text
    house.sandbox.pay(answer.headers["Location"])
    house.work()
    assert len(opened(house)) == len(payments(house.database)) == 1
    assert [pledge.state for pledge in pledges(house.database)] == ["paid"]
    house.assert_all_is_well()


def test_f15_stripe_takes_longer_than_anybody_waits(build: Build) -> None:
    def impatient(settings: Settings, adapters: Adapters) -> Adapters:
        gateway = StripeGateway(
            settings.stripe_api_key,
            settings.stripe_webhook_secrets,
            settings.stripe_api_base,
            patience=0.1,
        )
        return replace(adapters, gateway=gateway)

    with open_house(build(impatient)) as house:
        form = house.form()
        house.controls.knob("hang", count=2, match=OPENING, seconds=1)
        assert house.send(form).status_code == 503
        house.controls.clear_knobs()
        pay_and_finish(house, form)


def test_f16_stripe_does_it_and_the_answer_is_lost(house: House) -> None:
    form = house.form()
    house.controls.knob("lose", count=2, match=OPENING)
    page = house.send(form)
    assert page.status_code == 503
    assert "Nothing has been charged" in page.text
    assert len(opened(house)) <= 1
    pay_and_finish(house, form)


def test_f16_a_refund_is_made_and_the_answer_is_lost(house: House) -> None:
    session_id = house.give()
    house.work()
    house.controls.knob("lose", count=2, match="POST /v1/refunds")
    house.run("refund", session_id, "--amount", "4", "--why", "asked for it")
    house.work_once()
    house.clock.move(minutes=2)
    house.work()
    assert house.raised() == 600
    house.assert_all_is_well()


@pytest.mark.parametrize("status", [409, 429])
def test_f17_the_key_is_in_use_or_we_are_too_quick(house: House, status: int) -> None:
    form = house.form()
    house.controls.knob("error", count=10, match=OPENING, status=status)
    page = house.send(form)
    assert page.status_code == 503
    assert "Nothing has been charged" in page.text
    asked = [call for call in house.sandbox.requests if call.path == "/v1/checkout/sessions"]
    assert len(asked) <= 2
    assert len({call.idempotency_key for call in asked}) <= 1
    house.controls.clear_knobs()
    pay_and_finish(house, form)


def test_f20_a_double_click_begins_one_payment(house: House) -> None:
    form = house.form()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: house.send(form), range(2)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    pay_and_finish(house, form)


def test_f20_two_tabs_pay_once_and_the_second_is_told(house: House) -> None:
    form = house.form()
    one, other = (house.send(form).headers["Location"] for _tab in range(2))
    landing = house.sandbox.pay(one)
    assert house.sandbox.pay(other) == landing
    assert house.send(form).headers["Location"] == one  # Stripe's page knows, and leads on
    assert '<main data-state="received"' in requests.get(landing, timeout=SECONDS).text
    assert house.url + house.send(form).headers["Location"] == landing
    house.work()
    assert len(house.books()["charges"]) == 1
    house.assert_all_is_well()


def test_f20_back_from_the_payment_page_and_on_again_is_the_same_payment(house: House) -> None:
    form = house.form()
    there = house.send(form).headers["Location"]
    changed = {**form, "name": "Sam A. Jones"}  # a browser's Back keeps what was typed
    assert house.send(changed).headers["Location"] == there
    pay_and_finish(house, form)


def test_f20_the_page_of_thanks_may_be_loaded_as_often_as_one_likes(house: House) -> None:
    session_id = house.give()
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(house.told, [session_id] * 8))
    assert set(told) == {"received"}
    house.work()
    assert len(payments(house.database)) == 1
    house.assert_all_is_well()


def test_f20_a_checkout_that_is_paid_cannot_be_paid_again(house: House) -> None:
    session_id = house.give()
    with pytest.raises(CannotDo):
        house.controls.pay(session_id)
    house.work()
    assert [type(each) for each in pledges(house.database)] == [Pledge]
    house.assert_all_is_well()
