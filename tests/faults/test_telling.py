"""What people who look after the money are told: a story in plain words, and alarms in the log."""

import logging

import pytest
from sqlalchemy.orm import Session

from payments import explaining, settling
from payments.notices import FraudWarned, Outcome
from payments.sentences import sentence
from tests.fakes import START
from tests.faults.house import House
from tests.faults.oracle import payments
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import refund_of


def test_a_fraud_warning_leads_to_the_payment_it_warns_of(session: Session) -> None:
    pledge, rules = make_pledge(session), make_rules()
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=rules, now=START)
    intent = f"pi_{pledge.id.hex}"
    warning = FraudWarned("issfr_1", intent, None, "unauthorized", livemode=False, at=START)
    settling.apply(session, warning, rules=rules, now=START)
    session.expire_all()
    assert explaining.explain(session, "issfr_1").pledge == pledge


def test_money_on_its_way_back_is_not_said_to_have_arrived(session: Session) -> None:
    pledge, rules = make_pledge(session), make_rules()
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=rules, now=START)
    notice = refund_of(pledge, 400, status="pending")
    settling.apply(session, notice, rules=rules, now=START)
    session.expire_all()
    steps = explaining.explain(session, str(pledge.id)).steps
    (told,) = [sentence(step.kind, step.values) for step in steps if step.kind == "refund"]
    assert told == "£4 was sent back to the payer (re_1)."


def test_a_direct_debit_that_fails_is_told_as_it_was(house: House) -> None:
    session_id = house.checkout()
    house.controls.pay(session_id, account="22222227")
    house.work()
    house.controls.advance(days=5)
    house.work()
    _code, said = house.run("explain", session_id)
    assert "the bank refused the Direct Debit" in said
    assert "booked" not in said
    assert "In the end no money was taken." in said


def test_a_monthly_story_names_its_method_and_the_payment_of_each_receipt(house: House) -> None:
    session_id = house.give(frequency="monthly")
    house.work()
    house.controls.advance(months=1, hours=2)
    house.work()
    _code, said = house.run("explain", session_id)
    for number in (1, 2):
        assert f"Payment {number} of £10 was taken by card" in said
        assert f"The receipt of payment {number} was sent." in said


def test_who_watches_the_log_hears_of_disputes_warnings_and_what_comes_back(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.give()
    house.work()
    intent = payments(house.database)[0].payment_intent or ""
    with caplog.at_level(logging.WARNING):
        house.controls.early_warning(intent)
        house.controls.fail_refund(house.controls.refund(intent, 300)["id"])
        house.controls.dispute(intent)
        house.work()
        house.run("replay", "--since", "2026-01-01")
    told = [line for line in caplog.messages if line.endswith("look at it")]
    assert sorted(told) == [
        "a bank disputes a payment: look at it",
        "a payment may be fraud: look at it",
        "a refund came back: look at it",
    ]
