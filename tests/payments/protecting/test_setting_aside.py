"""What is put aside: charged nothing, lost nobody, written about once, finished by a button."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import links
from core.addresses import EmailAddress
from core.database import Database
from core.defence import Defence
from core.money import Money
from core.outbox import OutboxMail
from payments import pledging
from payments.models import Appeal, Pledge, Quarantine
from payments.notices import Outcome
from payments.protecting import setting_aside, watching
from payments.settling import apply
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway, FakeMailer
from tests.payments.factories import make_notice, make_rules
from tests.payments.protecting.conftest import Guarded
from tests.payments.protecting.forms import Giver

SHIPPED = Defence()
HOUR = dt.timedelta(hours=1)


def put_aside(session: Session, email: str, *, at: dt.datetime = START) -> Pledge:
    appeal = session.scalars(select(Appeal)).first()
    if appeal is None:
        appeal = Appeal(
            slug="fund", title="Fund", blurb="", target_pence=100, starts=START.date(), ends=None
        )
        session.add(appeal)
        session.flush()
    wish = pledging.Wish(
        kind="donation",
        amount=Money(1000),
        title="Fund",
        name="Sam Jones",
        email=EmailAddress.parse(email),
        form_nonce=uuid.uuid4().hex,
        appeal_id=appeal.id,
        aside="in-all",
    )
    assert pledging.pledge(session, wish, open_for=HOUR, now=at) is None
    found = pledging.pledged(session, wish.form_nonce)
    assert found is not None
    return found


def letters(session: Session) -> list[str]:
    return list(
        session.scalars(select(OutboxMail.recipient).where(OutboxMail.template == "finish"))
    )


def write(session: Session, now: dt.datetime = START, **but: int) -> int:
    return setting_aside.write_due(session, Defence(**but), now=now)


def test_what_is_put_aside_stays_so_when_its_form_is_sent_again(session: Session) -> None:
    made = put_aside(session, "sam@example.org")
    sam = EmailAddress.parse("sam@example.org")
    wish = pledging.Wish("donation", Money(1), "Fund", "Sam", sam, made.form_nonce)

    assert pledging.pledge(session, wish, open_for=HOUR, now=START) is None
    assert made.checkouts == []
    assert made.state == "pending"


def test_each_address_gets_one_letter(session: Session) -> None:
    for number in range(9):
        put_aside(session, f"sam{number % 3}@example.org", at=START + dt.timedelta(seconds=number))

    assert write(session, START + HOUR) == 3
    assert write(session, START + HOUR) == 0
    assert sorted(letters(session)) == [f"sam{number}@example.org" for number in range(3)]
    closed = session.scalars(select(Quarantine.closed)).all()
    assert closed.count("written-for-another") == 6


def test_nobody_is_written_to_twice_in_a_day(session: Session) -> None:
    put_aside(session, "sam@example.org")
    write(session)
    put_aside(session, "SAM@example.org", at=START + HOUR)

    assert write(session, START + 2 * HOUR) == 0
    assert write(session, START + 25 * HOUR) == 1
    assert len(letters(session)) == 2


def test_only_so_many_letters_go_in_a_minute(session: Session) -> None:
    for number in range(8):
        put_aside(session, f"sam{number}@example.org")
    minute = dt.timedelta(minutes=1)

    assert [write(session, START + step * minute / 2, letters_a_minute=3) for step in range(6)] == [
        *(3, 0, 3, 0, 2, 0)
    ]


def test_nobody_is_written_to_during_an_attack(session: Session) -> None:
    put_aside(session, "sam@example.org")
    watching.switch(session, "on", who="Sam", now=START)
    during = write(session)
    watching.switch(session, "auto", who="Sam", now=START)

    assert (during, write(session)) == (0, 1)


def test_who_has_paid_meanwhile_is_left_alone(session: Session) -> None:
    waiting = put_aside(session, "sam@example.org")
    wish = pledging.Wish(
        "donation",
        Money(500),
        "Fund",
        "Sam",
        EmailAddress.parse("sam@example.org"),
        "n",
        waiting.appeal_id,
    )
    checkout = pledging.pledge(session, wish, open_for=HOUR, now=START)
    assert checkout is not None
    checkout.session_id = f"cs_{checkout.pledge_id.hex}"
    session.flush()
    paid = make_notice(checkout.pledge, Outcome.PAID)
    apply(session, paid, rules=make_rules(), now=START)

    assert write(session, START + HOUR) == 0
    assert session.get_one(Quarantine, waiting.id).closed == "paid"


def test_who_was_erased_is_not_written_to(session: Session) -> None:
    waiting = put_aside(session, "sam@example.org")
    waiting.email = ""

    assert write(session) == 0
    assert session.get_one(Quarantine, waiting.id).closed == "erased"


def test_what_nobody_came_back_for_is_closed_in_the_end(session: Session) -> None:
    waiting = put_aside(session, "sam@example.org")
    write(session)
    week = START + dt.timedelta(days=7)
    write(session, week - dt.timedelta(seconds=1))
    before = waiting.state
    write(session, week)

    assert (before, waiting.state) == ("pending", "not-taken")
    with pytest.raises(setting_aside.NothingToFinish):
        setting_aside.release(session, waiting.id, SHIPPED, open_for=HOUR, now=week)


def test_the_button_gives_one_checkout_however_often_it_is_pressed(session: Session) -> None:
    waiting = put_aside(session, "sam@example.org")
    pressed = [
        setting_aside.release(session, waiting.id, SHIPPED, open_for=HOUR, now=START)[1]
        for _time in range(3)
    ]
    later = setting_aside.release(session, waiting.id, SHIPPED, open_for=HOUR, now=START + HOUR)[1]

    assert pressed[0] is not None
    assert pressed == [pressed[0]] * 3
    assert later is None


def test_nothing_is_finished_that_was_not_put_aside(session: Session) -> None:
    with pytest.raises(setting_aside.NothingToFinish):
        setting_aside.release(session, uuid.uuid4(), SHIPPED, open_for=HOUR, now=START)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_donor_put_aside_finishes_by_the_letter(
    guarded: Guarded,
    database: Database,
    clock: FakeClock,
    mailer: FakeMailer,
    gateway: FakeGateway,
) -> None:
    app = guarded(passes_per_address=1, attempts_per_address=1)
    giver = Giver(app)
    giver.give()
    for _time in range(2):
        form = giver.form(email="donor@example.org")
        answer = giver.prove(form, giver.send(form))
    assert answer.location == "/finish/later"
    Work(app)()
    (letter,) = mailer.to("donor@example.org")
    body = letter.get_content()
    address = next(line for line in body.split("\n") if "/finish?token=" in line)
    client = app.test_client()
    looks = [client.get(address).status_code for _time in range(3)]
    opened = len(gateway.orders)
    token = address.partition("token=")[2]
    pressed = [client.post("/finish", data={"token": token}) for _time in range(2)]

    assert "donor" not in address
    assert looks == [200] * 3
    assert opened == 2
    assert len(gateway.orders) == 3
    assert {each.location for each in pressed} == {
        f"https://checkout.example.org/{list(gateway.states)[-1]}"
    }
    assert giver.send(form).location == pressed[0].location
    clock.move(minutes=61)
    assert "/donate/thanks?session_id=" in client.post("/finish", data={"token": token}).location
    clock.move(days=8)
    assert client.get(address).status_code == 410


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_link_that_is_none_of_ours_opens_nothing(guarded: Guarded) -> None:
    app = guarded()
    client = app.test_client()
    another = links.token(uuid.uuid4(), app.extensions["link_keys"], setting_aside.PURPOSE)
    for token in ("", "x", "é\x00", another, "a" * 5000):
        assert client.get("/finish", query_string={"token": token}).status_code == 410
        assert client.post("/finish", data={"token": token}).status_code == 410
    foreign = {"Origin": "https://elsewhere.example.org"}
    assert client.post("/finish", data={"token": another}, headers=foreign).status_code == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_once_it_led_to_the_payment_page_the_link_tells_the_truth(
    guarded: Guarded, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    app = guarded()
    with database.transaction() as session:
        waiting = put_aside(session, "sam@example.org", at=clock.now())
    token = links.token(waiting.id, app.extensions["link_keys"], setting_aside.PURPOSE)
    client = app.test_client()
    before = client.get("/finish", query_string={"token": token})
    client.post("/finish", data={"token": token})
    after = client.get("/finish", query_string={"token": token})

    assert "Nothing has been charged so far" in before.text
    assert after.status_code == 303
    assert after.location.endswith(f"/donate/thanks?session_id={list(gateway.states)[-1]}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_stripe_is_away_the_button_is_there_again(
    guarded: Guarded, database: Database, gateway: FakeGateway, clock: FakeClock
) -> None:
    app = guarded()
    with database.transaction() as session:
        waiting = put_aside(session, "sam@example.org", at=clock.now())
    token = links.token(waiting.id, app.extensions["link_keys"], setting_aside.PURPOSE)
    client = app.test_client()
    gateway.down = True
    away = client.post("/finish", data={"token": token})
    gateway.down = False

    assert away.status_code == 503
    assert "Nothing has been charged" in away.text
    assert client.post("/finish", data={"token": token}).status_code == 303
