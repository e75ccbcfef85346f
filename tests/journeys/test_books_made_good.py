"""Notices that never come, and how the books are made good from Stripe's all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from core.database import Database
from payments import checking
from payments.models import Dispute, Payment, Payout, Pledge, Refund, WebhookEvent
from tests.journeys.conftest import House

ACCOUNT = "00012345"
MINUTE, DAY = 60, 86_400


@pytest.fixture
def deaf(house: House) -> Iterator[House]:
    """A house that Stripe tells nothing."""
    house.sandbox.do("knob", kind="drop", count=10**6)
    yield house
    house.sandbox.do("clear_knobs")


def run(house: House, *words: str) -> tuple[int, list[str]]:
    result = house.app.test_cli_runner().invoke(args=["payments", *words])
    return result.exit_code, result.output.splitlines()


def pay(house: House, account: str | None = None, **gift: str) -> dict[str, Any]:
    """Go through both steps and pay; return what the stand-in says of it."""
    session_id = house.checkout(**gift).rpartition("/")[2].partition("#")[0]
    paid: dict[str, Any] = house.sandbox.do(
        "pay", session=session_id, account=account, email="sam@example.org"
    )
    return paid


def pass_days(house: House, days: int) -> None:
    house.clock.move(days=days)
    house.sandbox.advance(days * DAY)


def stored(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(WebhookEvent)).all())


def the_payment(database: Database) -> Payment:
    with database.reading() as session:
        assert checking.faults(session) == []
        return session.scalars(select(Payment)).one()


def test_a_gift_that_nobody_told_us_of_is_found_in_the_list_of_events(
    deaf: House, database: Database
) -> None:
    pay(deaf)
    deaf.work()
    assert stored(database) == 0
    deaf.clock.move(minutes=6)
    deaf.work()
    assert stored(database) > 0
    assert the_payment(database).amount_pence == 1000
    assert len(deaf.sandbox.letters("sam@example.org")) == 1


def test_a_replay_since_yesterday_brings_a_gift_and_a_replay_by_id_changes_nothing(
    deaf: House, database: Database
) -> None:
    pay(deaf)
    deaf.sandbox.quiesce()
    code, said = run(deaf, "replay", "--since", "2020-01-01")
    assert code == 0, said
    (done,) = [words for words in said if "checkout.session.completed applied" in words]
    assert run(deaf, "replay", "--id", done.split()[0])[1][0].endswith(" known")
    assert the_payment(database).amount_pence == 1000


def test_all_that_was_never_told_is_found_by_objects_and_mended(
    deaf: House, database: Database
) -> None:
    pay(deaf)
    pay(deaf, frequency="monthly", amount="7")
    pay(deaf, ACCOUNT, amount="20")
    pass_days(deaf, 8)
    code, said = run(deaf, "reconcile", "--days", "20")
    lacking = [words.split()[2] for words in said if "do not show it" in words]
    assert code == 1
    assert {what: lacking.count(what) for what in lacking} == {
        "Checkout": 3,
        "invoice": 1,
        "payout": 2,
    }
    code, said = run(deaf, "reconcile", "--days", "20", "--fix")
    assert code == 0, said
    again = run(deaf, "reconcile", "--days", "20")
    assert again[1][-1].endswith("; 0 differences, 0 mended.")
    with database.reading() as session:
        assert checking.faults(session) == []
        booked = {
            each.payment_intent: (each.amount_pence, each.paid_at.timestamp())
            for each in session.scalars(select(Payment))
        }
    charges = deaf.sandbox.do("books")["charges"]
    assert {intent: pence for intent, (pence, _at) in booked.items()} == {
        each["payment_intent"]: each["amount"] for each in charges
    }
    for each in charges:  # a card's fee is written down some seconds after the money was taken
        assert each["cleared"] - booked[each["payment_intent"]][1] < MINUTE


def test_a_direct_debit_is_confirming_until_stripe_lists_that_it_settled_or_failed(
    deaf: House, database: Database
) -> None:
    pay(deaf, ACCOUNT, amount="20")
    pay(deaf, "22222227", amount="30")
    run(deaf, "reconcile", "--fix")
    with database.reading() as session:
        assert set(session.scalars(select(Pledge.state))) == {"confirming"}
    pass_days(deaf, 8)
    code, said = run(deaf, "reconcile", "--days", "1", "--fix")
    assert code == 0, said
    with database.reading() as session:
        found = {each.amount_pence: each.state for each in session.scalars(select(Pledge))}
    assert found == {2000: "paid", 3000: "not-taken"}
    assert the_payment(database).amount_pence == 2000


def test_refunds_disputes_and_payouts_that_nobody_told_us_of_are_mended(
    deaf: House, database: Database
) -> None:
    for amount in ("10", "20", "30"):
        pay(deaf, amount=amount)
    run(deaf, "reconcile", "--fix")
    with database.reading() as session:
        intents = {
            each.amount_pence: each.payment_intent for each in session.scalars(select(Payment))
        }
    deaf.sandbox.do("refund", payment_intent=intents[1000], amount=400)
    failing = deaf.sandbox.do("refund", payment_intent=intents[2000], amount=500)
    deaf.sandbox.do("fail_refund", refund=failing["id"])
    dispute = deaf.sandbox.do("dispute", payment_intent=intents[3000])
    deaf.sandbox.do("close_dispute", dispute=dispute["id"], outcome="lost")
    pass_days(deaf, 7)
    code, said = run(deaf, "reconcile", "--days", "20", "--fix")
    assert code == 0, said
    assert run(deaf, "reconcile", "--days", "20")[0] == 0
    with database.reading() as session:
        refunds = {each.amount_pence: each.status for each in session.scalars(select(Refund))}
        assert refunds == {400: "succeeded", 500: "failed"}
        assert list(session.scalars(select(Dispute.status))) == ["lost"]
        assert list(session.scalars(select(Payout.status))) == ["paid"]
    deaf.work()
    with database.reading() as session:
        assert checking.faults(session) == []


def test_a_subscription_that_ended_at_stripe_is_found(deaf: House, database: Database) -> None:
    pay(deaf, frequency="monthly")
    run(deaf, "reconcile", "--fix")
    with database.reading() as session:
        name = session.scalars(select(Pledge.stripe_subscription)).one()
    till = deaf.app.extensions["till"]
    till.gateway.stop(name)
    code, said = run(deaf, "reconcile", "--fix")
    assert code == 0
    assert f"subscription {name} (ended)" in said[0]
    with database.reading() as session:
        assert session.scalars(select(Pledge.stopped_at)).one() is not None


def test_the_worker_makes_the_books_good_by_itself_within_two_hours(
    deaf: House, database: Database
) -> None:
    deaf.work()
    pay(deaf, frequency="monthly")
    (subscription,) = deaf.sandbox.do("books")["subscriptions"]
    deaf.sandbox.renew(subscription["id"])
    deaf.clock.move(hours=2)
    deaf.work()
    with database.reading() as session:
        assert sorted(session.scalars(select(Payment.number))) == [1, 2]
