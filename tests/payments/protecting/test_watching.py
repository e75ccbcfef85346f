"""When everybody is asked: by cards declined, by a rush, by an operator; and when no more."""

import datetime as dt
import json

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.defence import Defence
from core.outbox import OutboxMail
from payments.models import DeclinedTry, DefenceChange, DefenceState
from payments.notices import Outcome, PaymentDeclined
from payments.protecting import watching
from payments.settling import Applied, apply
from payments.stripe_reading import notice_of
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeMailer
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.protecting.conftest import Guarded
from tests.payments.protecting.forms import Giver, challenge_in, worked

SHIPPED = Defence()
OFFICE = "office@example.org"
INTENT = {
    "object": "payment_intent",
    "id": "pi_1",
    "metadata": {"pledge": "0f0e0d0c-0b0a-4908-8706-050403020100"},
    "description": None,
    "latest_charge": "ch_1",
    "last_payment_error": {"type": "card_error", "charge": "ch_1"},
    "livemode": False,
}


def decline(session: Session, many: int, at: dt.datetime = START, begin: int = 0) -> None:
    for number in range(begin, begin + many):
        apply(
            session,
            PaymentDeclined(f"ch_{number}", livemode=False, at=at),
            rules=make_rules(),
            now=at,
        )


def look(session: Session, now: dt.datetime = START) -> watching.State:
    return watching.look(session, SHIPPED, alarm=OFFICE, now=now)


def failed(**but: object) -> PaymentDeclined | None:
    event = {
        "type": "payment_intent.payment_failed",
        "created": int(START.timestamp()),
        "livemode": False,
        "data": {"object": {**INTENT, **but}},
    }
    found = notice_of(json.loads(json.dumps(event)))
    assert found is None or isinstance(found, PaymentDeclined)
    return found


def test_a_declined_card_of_ours_is_read_and_nothing_else_of_it() -> None:
    assert failed() == PaymentDeclined("ch_1", livemode=False, at=START)
    assert failed(metadata={}, description="Subscription creation") is not None


@pytest.mark.parametrize(
    "but",
    [
        {"metadata": {}},
        {"metadata": {"pledge": "another's"}},
        {"metadata": {}, "description": "Subscription update"},
        {"last_payment_error": {"charge": "ch_1", "payment_method": {"type": "bacs_debit"}}},
    ],
)
def test_what_is_no_card_typed_on_our_page_is_not_counted(but: dict[str, object]) -> None:
    assert failed(**but) is None


def test_a_try_that_failed_before_any_charge_counts_too() -> None:
    first = failed(latest_charge=None, last_payment_error={"type": "card_error"})

    assert first is not None
    assert first.attempt == f"pi_1:{int(START.timestamp())}"


def test_a_decline_counts_once_however_often_it_is_told(session: Session) -> None:
    notice = PaymentDeclined("ch_1", livemode=False, at=START)
    told = [apply(session, notice, rules=make_rules(), now=START) for _time in range(3)]

    assert told == [Applied.APPLIED, Applied.KNOWN, Applied.KNOWN]
    assert session.scalar(select(func.count()).select_from(DeclinedTry)) == 1


def test_a_decline_of_the_other_mode_counts_for_nothing(session: Session) -> None:
    notice = PaymentDeclined("ch_1", livemode=True, at=START)

    assert apply(session, notice, rules=make_rules(), now=START) is Applied.HELD
    assert session.scalar(select(func.count()).select_from(DeclinedTry)) == 0


def test_nine_declines_are_none_of_our_business_and_ten_are(session: Session) -> None:
    decline(session, 9)
    before = look(session)
    decline(session, 1, begin=9)

    assert not before.everybody
    assert look(session).everybody


def test_many_declines_among_more_payments_are_no_attack(session: Session) -> None:
    for _number in range(12):
        pledge = make_pledge(session)
        paid = make_notice(pledge, Outcome.PAID)
        apply(session, paid, rules=make_rules(), now=START)
    decline(session, 11, START + dt.timedelta(seconds=1))
    mild = look(session, START + dt.timedelta(seconds=2))
    decline(session, 1, START + dt.timedelta(seconds=1), begin=11)

    assert not mild.everybody
    assert look(session, START + dt.timedelta(seconds=2)).everybody


def test_an_attack_ends_after_calm_and_not_before(session: Session) -> None:
    decline(session, 10)
    look(session)
    minute = dt.timedelta(minutes=1)
    warm = START + 9 * minute
    decline(session, 5, warm, begin=10)  # half of what it was seen by: it is not calm yet

    assert look(session, START + 10 * minute).everybody
    assert look(session, START + 24 * minute).everybody
    assert not look(session, START + 35 * minute).everybody
    assert not look(session, START + 36 * minute).everybody


def test_it_is_told_once_by_mail_when_it_is_seen_and_when_it_is_over(session: Session) -> None:
    decline(session, 10)
    for second in range(5):
        look(session, START + dt.timedelta(seconds=second))
    for minute in range(20, 60):
        look(session, START + dt.timedelta(minutes=minute))

    sent = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
    assert [(mail.template, mail.recipient) for mail in sent] == [
        ("attack_seen", OFFICE),
        ("attack_over", OFFICE),
    ]
    kept = session.scalars(select(DefenceChange.what).order_by(DefenceChange.id)).all()
    assert kept == ["seen", "over"]


def test_whether_to_change_is_known_without_changing(session: Session) -> None:
    assert not watching.is_to_change(session, SHIPPED, now=START)
    decline(session, 10)
    assert watching.is_to_change(session, SHIPPED, now=START)
    look(session)
    assert not watching.is_to_change(session, SHIPPED, now=START)
    assert watching.is_to_change(session, SHIPPED, now=START + dt.timedelta(seconds=10))
    assert watching.is_to_change(session, SHIPPED, now=START + dt.timedelta(minutes=15))
    assert session.scalar(select(func.count()).select_from(DefenceState)) == 1


def test_a_rush_asks_everybody_and_is_told_once(session: Session) -> None:
    for second in range(3):
        now = START + dt.timedelta(seconds=second)
        found = watching.rush(session, SHIPPED, alarm=OFFICE, now=now)

    assert found.everybody
    assert found.because == "rush"
    assert found.attack_since == START
    assert session.scalar(select(func.count()).select_from(OutboxMail)) == 1
    assert not look(session, now + dt.timedelta(minutes=15)).everybody


@pytest.mark.parametrize("mode", ["on", "off"])
def test_what_an_operator_says_goes_before_what_is_seen(mode: str, session: Session) -> None:
    watching.switch(session, mode, who="Sam", now=START)
    decline(session, 100)
    watching.rush(session, SHIPPED, alarm=OFFICE, now=START)

    assert look(session).everybody is (mode == "on")
    assert not watching.switch(session, mode, who="Sam", now=START)
    assert watching.switch(session, "auto", who="Sam", now=START)
    assert look(session).everybody
    kept = [(each.what, each.who) for each in watching.changes(session)]
    assert kept == [("seen", "the service"), ("auto", "Sam"), (mode, "Sam")]


def test_what_was_declined_is_forgotten_after_a_month(session: Session) -> None:
    decline(session, 3)
    watching.forget(session, now=START + dt.timedelta(days=30))
    assert session.scalar(select(func.count()).select_from(DeclinedTry)) == 3
    watching.forget(session, now=START + dt.timedelta(days=30, seconds=1))
    assert session.scalar(select(func.count()).select_from(DeclinedTry)) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_under_attack_the_browser_does_its_work_while_the_form_is_filled_in(
    guarded: Guarded, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        decline(session, 10, clock.now())
        look(session, clock.now())
    app = guarded()
    giver = Giver(app)
    page = giver._post("/donate", {"amount": "10", "frequency": "once"})
    form = giver.form()

    assert challenge_in(page.text) is not None
    assert 'data-sends="no"' in page.text
    assert 'name="answer"' not in page.text
    assert challenge_in(app.test_client().get("/join").text) is not None
    assert giver.send(form).status_code == 422
    token = page.text.split('name="token" value="')[1].split('"')[0]
    assert giver.send({**form, "token": token, "altcha": worked(page.text)}).status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_whole_of_an_attack_by_the_worker(
    guarded: Guarded, database: Database, clock: FakeClock, mailer: FakeMailer
) -> None:
    app = guarded()
    work, giver = Work(app), Giver(app)
    with database.transaction() as session:
        decline(session, 10, clock.now())
    work()
    watched(app)
    during = giver.give().status_code
    clock.move(minutes=11)
    work()
    clock.move(minutes=11)
    work()
    watched(app)

    assert during == 422
    assert giver.give().status_code == 303
    assert [message["Subject"] for message in mailer.sent] == [
        "The payment forms are under attack",
        "The attack on the payment forms is over",
    ]


def watched(app: Flask) -> None:
    """Let this process look anew, as it does every other second."""
    app.extensions["gate"].watch.fresh_until = 0.0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_operator_is_told_how_it_stands(guarded: Guarded, clock: FakeClock) -> None:
    app = guarded(attempts_per_address=1)
    giver = Giver(app)
    giver.give()
    form = giver.form()
    giver.prove(form, giver.send(form))
    watched(app)
    giver.give()  # a look writes down what was counted before
    runner = app.test_cli_runner()
    said = [
        runner.invoke(args=["payments", "defence", *words]).output
        for words in ((), ("--on", "--who", "Sam"), ("--on",), ("--auto",))
    ]

    assert "It is calm" in said[0]
    assert "2 passed, 1 were asked to prove themselves, 0 were put aside" in said[0]
    assert "switched on by hand (Sam)" in said[1]
    assert "nothing has changed" in said[2]
    assert "left to itself again (command line)" in said[3]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_prometheus_is_told(guarded: Guarded) -> None:
    app = guarded(attempts_per_address=1)
    giver = Giver(app)
    giver.give()
    giver.give()
    told = app.test_client().get("/metrics").text

    assert 'groundswell_payment_attempts_total{verdict="pass"} 1.0' in told
    assert 'groundswell_payment_attempts_total{verdict="ask"} 1.0' in told
    assert "groundswell_defence_on 0.0" in told
