"""F19: money that comes back, or never came: refunds, disputes, Direct Debits, payouts."""

import re

import pytest

from tests.faults.house import House
from tests.faults.joining import join, membership
from tests.faults.oracle import payments, pledges, refunds

BAD_ACCOUNT, GOOD_ACCOUNT, REVOKED_LATER = "22222227", "00012345", "55555559"


def intents(house: House) -> list[str]:
    return [each.payment_intent or "" for each in payments(house.database)]


def later(house: House, days: int) -> None:
    """Let days go by, with all that the clock brings."""
    house.controls.advance(days=days)
    house.clock.move(days=days)
    house.work()


@pytest.mark.parametrize(("pence", "left"), [(None, 0), (400, 600)])
def test_f19_a_refund_whole_or_in_part(house: House, pence: int | None, left: int) -> None:
    session_id = house.give()
    house.work()
    house.controls.refund(intents(house)[0], pence)
    house.work()
    assert house.raised() == left
    assert house.told(session_id) == ("received" if left else "refunded")
    house.assert_all_is_well()


def test_f19_a_refund_that_fails_weeks_later(house: House) -> None:
    house.give()
    house.work()
    refund = house.controls.refund(intents(house)[0])
    house.work()
    assert house.raised() == 0
    later(house, 14)
    house.controls.fail_refund(refund["id"])
    house.work()
    assert [each.status for each in refunds(house.database)] == ["failed"]
    assert house.raised() == 1000
    house.assert_all_is_well()


@pytest.mark.parametrize(("outcome", "left"), [("won", 1000), ("lost", 0)])
def test_f19_a_dispute_won_or_lost(house: House, outcome: str, left: int) -> None:
    session_id = house.give()
    house.work()
    dispute = house.controls.dispute(intents(house)[0])
    house.work()
    assert house.raised() == 0
    assert house.told(session_id) == "confirming"
    house.controls.answer_dispute(dispute["id"])
    house.controls.close_dispute(dispute["id"], outcome)
    house.work()
    assert house.raised() == left
    assert house.told(session_id) == ("received" if left else "refunded")
    house.assert_all_is_well()


@pytest.mark.usefixtures("small_directory")
def test_f19_a_direct_debit_that_fails_five_days_later_makes_nobody_a_member(
    house: House,
) -> None:
    house.controls.habits(debit_days=5)
    session_id = join(house)
    house.controls.pay(session_id, account=BAD_ACCOUNT)
    house.work()
    assert membership(house) == "applied"
    page = house.get(f"/join/thanks?session_id={session_id}").text
    assert '<main data-state="confirming"' in page
    later(house, 5)
    page = house.get(f"/join/thanks?session_id={session_id}").text
    assert re.search('<main data-state="(confirming|not-taken)"', page)
    assert membership(house) == "applied"
    assert payments(house.database) == []
    house.assert_all_is_well()


@pytest.mark.usefixtures("small_directory")
def test_f19_a_direct_debit_that_settles_makes_a_member_who_lapses_some_time_after_dues_end(
    house: House,
) -> None:
    session_id = join(house)
    house.controls.pay(session_id, account=GOOD_ACCOUNT)
    house.work()
    assert membership(house) == "applied"
    later(house, 5)
    assert membership(house) == "active"
    subscription = pledges(house.database)[0].stripe_subscription
    assert subscription
    house.controls.habits(retry_days="1", after_retries="cancel")
    house.controls.change_card(subscription, account=BAD_ACCOUNT)
    house.controls.renew(subscription)
    later(house, 12)
    assert membership(house) == "active", "what was paid is not over"
    later(house, 92)
    assert membership(house) == "lapsed"
    house.assert_all_is_well()


def test_f19_a_direct_debit_claimed_back_under_the_guarantee(house: House) -> None:
    session_id = house.give(account=REVOKED_LATER)
    house.work()
    later(house, 5)
    house.controls.settle()
    house.work()
    assert house.raised() == 0
    assert house.told(session_id) == "refunded"
    house.assert_all_is_well()


def test_f19_a_single_direct_debit_that_fails_was_never_counted(house: House) -> None:
    session_id = house.give(account=BAD_ACCOUNT)
    house.work()
    assert (house.told(session_id), house.raised()) == ("confirming", 0)
    later(house, 5)
    assert (house.told(session_id), house.raised()) == ("not-taken", 0)
    house.assert_all_is_well()


def test_f19_a_payout_that_fails_is_ours_again_and_is_paid_with_the_next(house: House) -> None:
    house.give()
    house.work()
    later(house, 7)
    (payout,) = house.books()["payouts"]
    assert payout["status"] == "paid"
    house.assert_all_is_well()
    house.controls.fail_payout(payout["id"])
    house.work()
    house.assert_all_is_well()
    later(house, 3)
    assert [each["status"] for each in house.books()["payouts"]] == ["failed", "paid"]
    house.assert_all_is_well()
