"""An appeal's total: the same whether it is kept, half kept or added up."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.addresses import EmailAddress
from core.database import Database
from core.money import Money
from payments import checking, pledging, settling, totals
from payments.models import Appeal, AppealCheckpoint, LedgerTransaction, Pledge
from payments.notices import Outcome
from payments.totals import Total
from tests.fakes import START, FakeClock
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import refund_of

LONG_AFTER = START + dt.timedelta(hours=1)


def give(session: Session, email: str, pence: int) -> Pledge:
    pledge = make_pledge(session, pence=pence)
    pledge.email_key = EmailAddress.parse(email).key
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    session.flush()
    return pledge


def newest(session: Session) -> int:
    found = select(LedgerTransaction.id).order_by(LedgerTransaction.id.desc()).limit(1)
    return session.scalars(found).one()


def test_a_kept_total_is_the_one_that_is_added_up(session: Session) -> None:
    pledge = give(session, "sam@example.org", 1000)
    give(session, "jo@example.org", 500)
    appeal = pledge.appeal_id
    assert appeal is not None
    whole = Total(1500, 2)
    assert totals.total(session, appeal) == whole
    totals.keep(session, now=LONG_AFTER)
    assert session.scalars(select(AppealCheckpoint.upto)).one() == newest(session)
    assert totals.total(session, appeal) == whole

    give(session, "sam@example.org", 200)  # known already
    give(session, "kim@example.org", 300)
    settling.apply(session, refund_of(pledge, 400), rules=make_rules(), now=START)
    session.flush()
    grown = Total(1600, 3)
    assert totals.total(session, appeal) == grown
    totals.keep(session, now=LONG_AFTER)
    assert totals.total(session, appeal) == grown
    assert totals.in_full(session, appeal, upto=newest(session)) == grown
    assert checking.faults(session) == []


def test_what_was_booked_a_moment_ago_is_not_kept_yet(session: Session) -> None:
    give(session, "sam@example.org", 1000)
    totals.keep(session, now=START + dt.timedelta(seconds=30))
    assert session.scalar(select(AppealCheckpoint)) is None


def test_dues_and_other_appeals_count_for_nothing(session: Session) -> None:
    pledge = give(session, "sam@example.org", 1000)
    other = Appeal(
        slug="other", title="Other", blurb="", target_pence=1, starts=START.date(), ends=None
    )
    session.add(other)
    session.flush()
    wish = pledging.Wish(
        kind="donation",
        amount=Money(700),
        title="Other",
        name="Sam Jones",
        email=EmailAddress.parse("sam@example.org"),
        form_nonce="one",
        appeal_id=other.id,
    )
    checkout = pledging.pledge(session, wish, open_for=dt.timedelta(hours=1), now=START)
    assert checkout is not None
    checkout.session_id = f"cs_{checkout.pledge_id.hex}"
    notice = make_notice(checkout.pledge, Outcome.PAID)
    settling.apply(session, notice, rules=make_rules(), now=START)
    totals.keep(session, now=LONG_AFTER)
    assert pledge.appeal_id is not None
    assert totals.total(session, pledge.appeal_id) == Total(1000, 1)
    assert totals.total(session, other.id) == Total(700, 1)


@pytest.mark.parametrize("wrong", ["raised_pence", "donors"])
def test_a_kept_total_that_is_wrong_is_found(session: Session, wrong: str) -> None:
    give(session, "sam@example.org", 1000)
    totals.keep(session, now=LONG_AFTER)
    setattr(session.scalars(select(AppealCheckpoint)).one(), wrong, 7)
    session.flush()
    assert [fault.rule for fault in checking.faults(session)] == [
        "what is kept of an appeal's total agrees with the ledger"
    ]


def test_the_worker_throws_a_wrong_sum_away_and_the_next_round_makes_it_anew(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        appeal = give(session, "sam@example.org", 1000).appeal_id
    clock.move(minutes=5)
    assert appeal is not None
    with app.app_context():
        totals.keep_due()
        with database.transaction() as session:
            session.scalars(select(AppealCheckpoint)).one().raised_pence = 1
        checking.check_due()
        totals.keep_due()
    with database.reading() as session:
        assert totals.total(session, appeal) == Total(1000, 1)


def test_a_total_may_be_larger_than_any_gift(session: Session) -> None:
    for _ in range(2):
        appeal = give(session, "sam@example.org", 1_500_000_000).appeal_id
    totals.keep(session, now=LONG_AFTER)
    session.flush()
    assert appeal is not None
    assert totals.total(session, appeal) == Total(3_000_000_000, 1)
    assert checking.faults(session) == []
