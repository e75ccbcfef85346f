"""Money that came past Stripe: Stripe is not asked of it, and its giver sees it all the same."""

import datetime as dt
from dataclasses import replace

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from core.outbox import OutboxMail
from members.self_service import giving
from payments import payouts, settling
from payments.models import DetailInquiry, Payment, Payout
from payments.notices import BalanceLine, Outcome
from payments.offline import undoing
from payments.wall import showing
from tests.fakes import START, FakeGateway
from tests.members.conftest import join_form, the_member
from tests.payments import test_commands as payments_commands
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.offline.kit import enter, make_fund, raised, run, sound
from tests.payments.test_money_that_comes_back import payout_of


def test_reconciling_and_following_up_ask_stripe_nothing_about_it(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    with database.transaction() as session:
        make_fund(session)
        undoing.undo(session, enter(session).id, why="x", rules=make_rules(), now=START)
        enter(session, method="bank")
        assert session.scalars(select(DetailInquiry)).all() == []
    code, said = payments_commands.run(app, "reconcile", "--days", "30")
    assert (code, said) == (
        0,
        "0 objects of Stripe's looked at, 0 of them not ours; 0 differences, 0 mended.\n",
    )
    assert "details" not in gateway.calls


def test_a_payouts_line_is_not_taken_for_an_offline_payment(session: Session) -> None:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    session.scalars(select(Payment)).one().charge = "ch_known"
    enter(session, amount="7")
    settling.apply(session, payout_of(700, "paid", "po_1"), rules=make_rules(), now=START)
    payout = session.scalars(select(Payout)).one()
    line = BalanceLine("txn_1", "charge", "ch_of_another_use", 700, 0, START)
    payouts.keep_lines(session, payout, [line], patient=False, now=START)
    assert payout.lines_at == START
    sound(session)


def test_a_giver_sees_it_on_their_own_pages_and_not_as_an_agreement(session: Session) -> None:
    make_fund(session)
    enter(session, email="sam@example.org", amount="12")
    undone = enter(session, email="sam@example.org", amount="13")
    undoing.undo(session, undone.id, why="x", rules=make_rules(), now=START)
    arrived = giving.arrived(session, "sam@example.org")
    assert sorted((each.amount_pence, each.back_pence) for each in arrived) == [
        (1200, 0),
        (1300, 1300),
    ]
    assert giving.agreements(session, "sam@example.org", now=START) == []


def test_it_has_a_message_for_the_wall_only_where_one_was_given(session: Session) -> None:
    make_fund(session)
    enter(session, name="Sam Jones")
    enter(session, name="Mo Khan", message="Solidarity!", display="first")
    (waiting,) = showing.queue(session, most=9)
    assert (waiting.text, waiting.name) == ("Solidarity!", "Mo")


def test_dues_paid_in_cash_make_an_applicant_a_member(app: Flask, database: Database) -> None:
    client = app.test_client()
    client.post("/join", data=join_form(client))
    dues = str(the_member(database).dues_pledge_id)
    words = ("--method", "cash", "--amount", "10", "--received", "2026-11-20")
    code, said = run(app, "add", *words, "--dues", dues, "--receipt")
    assert (code, "the member whose dues these are" in said) == (0, True)
    member = the_member(database)
    received = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    assert (member.state, member.joined_at) == ("active", received)
    with database.reading() as session:
        letters = set(session.scalars(select(OutboxMail.template)))
        assert letters == {"receipt", "welcome", "new_member_notice"}
        sound(session)


def test_it_counts_in_the_same_totals_as_a_gift_by_card(session: Session) -> None:
    for number in range(3):
        pledge = make_pledge(session)
        notice = make_notice(pledge, Outcome.PAID)
        settling.apply(
            session, replace(notice, payment_intent=f"pi_{number}"), rules=make_rules(), now=START
        )
    enter(session, email="sam@example.org")
    assert raised(session) == (5500, 1)
