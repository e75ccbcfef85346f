"""A monthly gift by Direct Debit whose first debit is sent back, and tried again."""

import re

import pytest

from tests.journeys.conftest import House
from tests.sandbox_controls import Controls

BAD_ACCOUNT, GOOD_ACCOUNT = "22222227", "00012345"


def told(house: House, session_id: str) -> str:
    page = house.get(f"/donate/thanks?session_id={session_id}").text
    found = re.search(r'<main data-state="([^"]+)"', page)
    assert found, page
    return found[1]


def later(house: House, controls: Controls, days: int) -> None:
    controls.advance(days=days)
    house.clock.move(days=days)
    house.work()


@pytest.fixture
def controls(house: House) -> Controls:
    found = Controls.of(house.sandbox)
    found.habits(debit_days=4, retry_days="3")
    return found


@pytest.fixture
def sent_back(house: House, controls: Controls) -> str:
    """The Checkout of a gift whose first debit was sent back."""
    session_id = house.checkout(frequency="monthly").rpartition("/")[2].partition("#")[0]
    controls.pay(session_id, account=BAD_ACCOUNT)
    house.work()
    assert told(house, session_id) == "confirming"
    later(house, controls, 4)
    return session_id


def test_it_is_not_taken_after_each_try_and_confirming_during_each(
    house: House, controls: Controls, sent_back: str
) -> None:
    assert told(house, sent_back) == "not-taken"
    later(house, controls, 3)
    assert told(house, sent_back) == "confirming"
    later(house, controls, 4)
    assert told(house, sent_back) == "not-taken"


def test_it_is_confirming_while_stripe_does_not_say_whether_it_is_tried_again(
    house: House, controls: Controls, sent_back: str
) -> None:
    controls.knob("error", count=2, match="GET /v1/invoice_payments", status=503)
    assert told(house, sent_back) == "confirming"


def test_it_is_received_once_another_account_has_paid(
    house: House, controls: Controls, sent_back: str
) -> None:
    (subscription,) = controls.books()["subscriptions"]
    controls.change_card(subscription["id"], account=GOOD_ACCOUNT)
    later(house, controls, 3)
    later(house, controls, 4)
    assert told(house, sent_back) == "received"
