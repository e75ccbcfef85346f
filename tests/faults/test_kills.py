"""Processes that die by SIGKILL at a named moment: nothing is lost and nothing is done twice."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from sqlalchemy import select

from core.database import Database
from members.self_service import stopping
from payments.models import WebhookEvent
from sandbox.handle import Sandbox
from tests.faults.conftest import Build, open_house
from tests.faults.house import House
from tests.faults.launching import Processes
from tests.faults.oracle import assert_thanked_once, payments, pledges, receipts, refunds

LEASE_IS_OVER = 180  # seconds
SESSIONS = "/v1/checkout/sessions"


@contextmanager
def web_dies(processes: Processes, failpoint: str, house: House) -> Iterator[None]:
    """Serve from a process that dies of what the block does; whoever asked gets no answer."""
    with processes.web(failpoint) as web:
        house.sandbox.serve(house.url)
        yield
        web.killed()
    house.sandbox.serve(None)


def press(house: House, form: dict[str, str]) -> None:
    """Press the button, and see the connection break."""
    with pytest.raises(requests.ConnectionError):
        house.send(form)


def opened(sandbox: Sandbox) -> set[str]:
    """Every Checkout that was ever opened at Stripe."""
    return {
        call.body["id"]
        for call in sandbox.requests
        if (call.method, call.path, call.status) == ("POST", SESSIONS, 200)
    }


def keys(sandbox: Sandbox) -> list[str | None]:
    """The idempotency keys of every wish for a Checkout, in turn."""
    return [
        call.idempotency_key
        for call in sandbox.requests
        if (call.method, call.path) == ("POST", SESSIONS)
    ]


def finish(house: House, form: dict[str, str]) -> None:
    """Send the same form to the service that was started anew, pay, and see all be well."""
    answer = house.send(form)
    assert answer.status_code == 303, answer.text
    landing = house.sandbox.pay(answer.headers["Location"])
    assert '<main data-state="received"' in requests.get(landing, timeout=10).text
    house.work()
    assert len(payments(house.database)) == len(pledges(house.database)) == 1
    house.assert_all_is_well()


@pytest.fixture
def form(build: Build) -> dict[str, str]:
    """Step two, filled in, from a service that is no longer there."""
    house = build()
    with open_house(house):
        return house.form()


def test_f01_killed_before_the_pledge_commits(
    processes: Processes, build: Build, form: dict[str, str]
) -> None:
    house = build()
    with web_dies(processes, "before-pledge-commits", house):
        press(house, form)
    assert pledges(house.database) == []
    assert keys(house.sandbox) == []
    with open_house(house):
        finish(house, form)


def test_f02_killed_after_the_pledge_and_before_stripe_is_called(
    processes: Processes, build: Build, form: dict[str, str]
) -> None:
    house = build()
    with web_dies(processes, "before-checkout-call", house):
        press(house, form)
    (pledge,) = pledges(house.database)
    assert keys(house.sandbox) == []
    with open_house(house):
        finish(house, form)
    assert keys(house.sandbox) == [f"checkout:{pledge.id}:1"]


def test_f02_and_whoever_does_not_press_again_is_told_that_nothing_was_taken(
    processes: Processes, build: Build, form: dict[str, str]
) -> None:
    house = build()
    with web_dies(processes, "after-pledge-commits", house):
        press(house, form)
    house.clock.move(minutes=61)
    house.work_once()
    assert pledges(house.database)[0].state == "not-taken"
    assert opened(house.sandbox) == set()
    house.assert_all_is_well()


def test_f03_killed_after_stripe_made_the_checkout_and_before_we_kept_it(
    processes: Processes, build: Build, form: dict[str, str]
) -> None:
    house = build()
    with web_dies(processes, "after-checkout-answer", house):
        press(house, form)
    before = opened(house.sandbox)
    assert len(before) == 1
    with open_house(house):
        finish(house, form)
    assert opened(house.sandbox) == before
    assert len(set(keys(house.sandbox))) == 1


def test_f04_killed_before_the_redirect_is_sent(
    processes: Processes, build: Build, form: dict[str, str]
) -> None:
    house = build()
    with web_dies(processes, "before-redirect", house):
        press(house, form)
    before = opened(house.sandbox)
    assert len(before) == 1
    with open_house(house):
        finish(house, form)
    assert opened(house.sandbox) == before


def test_f06_killed_inside_the_webhook_before_it_commits(
    processes: Processes, build: Build
) -> None:
    house = build()
    with open_house(house):
        session_id = house.checkout(frequency="monthly")
    with web_dies(processes, "inside-webhook-before-commit", house):
        house.controls.pay(session_id)
    assert stored(house.database) == []
    with open_house(house):
        house.work()
        assert house.told(session_id) == "received"
    house.assert_all_is_well()


def test_f07_killed_after_the_webhook_commits_and_before_it_answers(
    processes: Processes, build: Build
) -> None:
    house = build()
    with open_house(house):
        session_id = house.checkout()
    with web_dies(processes, "webhook-committed-before-200", house):
        house.controls.pay(session_id)
    (first,) = stored(house.database)
    with open_house(house):
        house.work()
    sent = [event["id"] for event in house.sandbox.sent_events]
    assert sent.count(first) == 2
    assert len(stored(house.database)) == len(set(sent))
    house.assert_all_is_well()


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(WebhookEvent.event_id)))


def test_f08_killed_in_the_mail_worker_after_the_letter_was_handed_over(
    processes: Processes, build: Build
) -> None:
    house = build()
    with open_house(house):
        house.give()
        house.sandbox.quiesce()
    processes.worker_dies("after-smtp-data")
    assert len(receipts(house.sandbox)) == 1
    house.work_once()
    assert len(receipts(house.sandbox)) == 1  # the dead one's lease runs on
    house.clock.move(seconds=LEASE_IS_OVER)
    house.work_once()
    first, again = receipts(house.sandbox)
    assert (first["message_id"], first["text"]) == (again["message_id"], again["text"])
    assert_thanked_once(house.database, house.sandbox, most=2)


@pytest.mark.parametrize("failpoint", ["apply-before-commit", "apply-after-commit"])
def test_kill_while_a_notice_is_applied(processes: Processes, build: Build, failpoint: str) -> None:
    house = build()
    with open_house(house):
        session_id = house.give()
        house.sandbox.quiesce()
        processes.worker_dies(failpoint)
        assert len(payments(house.database)) == (failpoint == "apply-after-commit")
        house.clock.move(seconds=LEASE_IS_OVER)
        house.work()
        assert house.told(session_id) == "received"
    house.assert_all_is_well()


def test_kill_while_reconciling_mends(processes: Processes, build: Build) -> None:
    house = build()
    house.controls.knob("drop", count=100)
    with open_house(house):
        for amount in ("10", "5"):
            house.give(amount=amount)
    processes.command_dies("apply-after-commit", "payments", "reconcile", "--fix", ahead=60)
    assert len(payments(house.database)) == 1
    code, said = house.run("reconcile", "--fix")
    assert code == 0, said
    house.controls.settle()
    for _time in range(2):
        house.clock.move(seconds=60)
        house.work_once()
    house.assert_all_is_well()


def test_kill_before_the_fee_is_kept(processes: Processes, build: Build) -> None:
    house = build()
    with open_house(house):
        house.give()
        house.sandbox.quiesce()
        processes.worker_dies("before-fee-kept", ahead=10)
        house.clock.move(seconds=LEASE_IS_OVER)
        house.work()
    house.assert_all_is_well()


def test_kill_between_a_refund_at_stripe_and_its_entry_in_our_books(
    processes: Processes, build: Build
) -> None:
    house = build()
    with open_house(house):
        session_id = house.give()
        house.work()
        said = house.run("refund", session_id, "--amount", "4", "--why", "asked for it")
        assert said[0] == 0, said
        processes.worker_dies("after-refund-answer", ahead=10)
        house.sandbox.quiesce()
        house.clock.move(seconds=LEASE_IS_OVER)
        house.work()
        assert house.raised() == 600
    assert [each.amount_pence for each in refunds(house.database)] == [400]
    house.assert_all_is_well()


def test_kill_between_a_stop_at_stripe_and_its_entry_in_our_books(
    processes: Processes, build: Build
) -> None:
    house = build()
    with open_house(house):
        house.give(frequency="monthly")
        house.work()
        with house.database.transaction() as session:
            stopping.ask(session, pledges(house.database)[0].id, now=house.clock.now())
        processes.worker_dies("after-stop-answer", ahead=LEASE_IS_OVER)
        house.clock.move(seconds=2 * LEASE_IS_OVER)
        house.work()
    (subscription,) = house.books()["subscriptions"]
    assert subscription["status"] == "canceled"
    assert pledges(house.database)[0].stopped_at is not None
    stops = [each for each in house.sandbox.letters() if "stopped" in each["subject"]]
    assert len(stops) == 1
    house.assert_all_is_well()


def test_kill_before_what_a_payout_is_made_of_is_kept(processes: Processes, build: Build) -> None:
    house = build()
    week = dt.timedelta(days=7)
    with open_house(house):
        house.give()
        house.work()
        house.controls.advance(days=week.days)
        house.sandbox.quiesce()
        house.clock.move(days=week.days)
        processes.worker_dies("before-payout-lines-kept", ahead=week.total_seconds())
        house.clock.move(seconds=LEASE_IS_OVER)
        house.work()
    assert len(house.books()["payouts"]) == 1
    house.assert_all_is_well()
