import io
import re
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.database import Database
from payments.models import Checkout, LedgerEntry, Payment, Pledge
from payments.notices import Outcome
from tests.conftest import Work
from tests.databases import ON_ONE
from tests.fakes import FakeClock, FakeGateway, FakeMailer

pytestmark = ON_ONE

DETAILS = {"name": "Sam Jones", "email": "sam@example.org", "postcode": "e11 1aa"}


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def step_two(client: FlaskClient, **step_one: str) -> dict[str, str]:
    """Send step one and return the form of step two as a browser would send it."""
    gift = {"amount": "10", "frequency": "once", "message": "Solidarity!", **step_one}
    page = client.post("/donate", data=gift)
    assert page.status_code == 200, page.text
    return {**gift, "display": "first", **DETAILS, "token": token_in(page.text)}


def give(client: FlaskClient, **step_one: str) -> str:
    """Go through both steps; return where the giver is sent."""
    answer = client.post("/donate/details", data=step_two(client, **step_one))
    assert answer.status_code == 303, answer.text
    return answer.location


def test_a_gift_from_another_site_leads_to_checkout_with_its_message_and_source(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    location = give(client, source="article-7", message="From the paper")
    (order,) = gateway.orders.values()
    assert location == f"https://checkout.example.org/{gateway.only_session()}"
    assert (order.pence, order.title, order.email) == (1000, "Fighting Fund", "sam@example.org")
    with database.reading() as session:
        pledge = session.scalars(select(Pledge)).one()
    assert pledge.id == order.pledge_id
    assert (pledge.message, pledge.source, pledge.display) == (
        "From the paper",
        "article-7",
        "first",
    )
    assert (pledge.name, pledge.postcode, pledge.state) == ("Sam Jones", "E11 1AA", "pending")


def test_no_other_site_can_agree_to_anything_for_a_giver(client: FlaskClient) -> None:
    """What step one is sent beside its own fields is not what the giver says in step two."""
    sent = {"amount": "10", "consent": "y", "cover_fee": "y", "display": "full"}
    page = client.post("/donate", data=sent).text
    boxes = re.findall(r'<input[^>]* type="(?:checkbox|radio)"[^>]*>', page)
    assert len(boxes) == 5
    assert [box for box in boxes if "checked" in box] == [
        box for box in boxes if 'value="anonymous"' in box
    ]


def test_step_one_is_cacheable_and_writes_no_cookie(client: FlaskClient) -> None:
    page = client.get("/donate?amount=12.50&message=Hello")
    assert page.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in page.headers
    assert 'value="12.50"' in page.text
    assert "Hello" in page.text


def test_the_same_form_sent_twice_opens_one_checkout(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = step_two(client)
    first, second = (client.post("/donate/details", data=form) for _time in range(2))
    assert first.location == second.location
    assert len(gateway.states) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Pledge)) == 1


def test_a_form_sent_again_after_paying_leads_to_the_truth(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    form = step_two(client)
    client.post("/donate/details", data=form)
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    again = client.post("/donate/details", data=form)
    assert again.location == f"/donate/thanks?session_id={gateway.only_session()}"
    assert len(gateway.orders) == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.OPEN, "not-taken"),
        (Outcome.EXPIRED, "not-taken"),
        (Outcome.FAILED, "not-taken"),
        (Outcome.SETTLING, "confirming"),
        (Outcome.PAID, "received"),
    ],
)
def test_the_thanks_page_tells_the_truth(
    client: FlaskClient, gateway: FakeGateway, outcome: Outcome, state: str
) -> None:
    give(client)
    gateway.come_to(gateway.only_session(), outcome)
    page = client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    assert page.status_code == 200
    assert f'<main data-state="{state}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_thanks_page_does_not_say_not_taken_while_stripe_is_silent(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    give(client)
    gateway.down = True
    page = client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    assert '<main data-state="confirming"' in page.text


@pytest.mark.parametrize("unknown", ["", "cs_nothing", "a" * 5000, "%00"])
def test_an_unknown_session_is_not_found(client: FlaskClient, unknown: str) -> None:
    assert client.get(f"/donate/thanks?session_id={unknown}").status_code == 404


def test_a_gift_is_booked_once_and_thanked_once_however_often_we_are_told(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
) -> None:
    give(client)
    session_id = gateway.only_session()
    gateway.pay(session_id)
    for number in range(3):
        client.get(f"/donate/thanks?session_id={session_id}")
        told = client.post(
            "/webhooks/stripe",
            json={"id": f"evt_{number % 2}", "type": "checkout", "session": session_id},
            headers={"Stripe-Signature": "good"},
        )
        assert told.status_code == 200
        work()
    with database.reading() as session:
        payment = session.scalars(select(Payment)).one()
        entries = session.execute(select(LedgerEntry.account, LedgerEntry.pence)).all()
    assert payment.amount_pence == 1000
    assert sorted(map(tuple, entries)) == [("gifts", -1000), ("stripe", 1000)]
    (receipt,) = mailer.to("sam@example.org")
    assert "£10" in receipt["Subject"]
    assert "Solidarity!" in receipt.get_content()
    assert "/me/open" not in receipt.get_content()


def test_a_monthly_giver_gets_the_link_to_stop_in_the_first_receipt(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer, work: Work
) -> None:
    give(client, frequency="monthly")
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    work()
    (receipt,) = mailer.to("sam@example.org")
    assert "http://127.0.0.1:8000/me/open?token=" in receipt.get_content()


def test_fee_and_method_are_asked_afterwards_and_booked_once(
    client: FlaskClient, database: Database, gateway: FakeGateway, work: Work, clock: FakeClock
) -> None:
    give(client)
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    clock.move(seconds=5)
    work()
    work()
    with database.reading() as session:
        payment = session.scalars(select(Payment)).one()
        fees = session.scalars(select(LedgerEntry.pence).where(LedgerEntry.account == "fees")).all()
    assert (payment.fee_pence, payment.method) == (35, "card")
    assert list(fees) == [35]


def test_a_lost_webhook_loses_no_money(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    work: Work,
    clock: FakeClock,
) -> None:
    give(client)
    gateway.pay(gateway.only_session())
    clock.move(minutes=11)
    work()
    with database.reading() as session:
        assert session.scalars(select(Pledge)).one().state == "paid"


def test_a_silent_stripe_charges_nothing_and_keeps_what_was_typed(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    form = step_two(client)
    gateway.down = True
    page = client.post("/donate/details", data=form)
    assert page.status_code == 503
    assert 'value="Sam Jones"' in page.text
    assert "Nothing has been charged" in page.text
    gateway.down = False
    again = client.post("/donate/details", data={**form, "token": token_in(page.text)})
    assert again.status_code == 303
    assert len(gateway.orders) == 1


def test_an_answer_lost_on_the_way_opens_no_second_checkout(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    form = step_two(client)
    gateway.deaf = True
    assert client.post("/donate/details", data=form).status_code == 503
    gateway.deaf = False
    assert client.post("/donate/details", data=form).status_code == 303
    assert len(gateway.states) == 1


def test_a_form_whose_page_was_never_reached_and_is_over_leads_to_the_truth(
    client: FlaskClient, gateway: FakeGateway, clock: FakeClock
) -> None:
    form = step_two(client)
    gateway.deaf = True
    assert client.post("/donate/details", data=form).status_code == 503
    gateway.deaf = False
    clock.move(minutes=61)  # a Checkout is open for an hour, a form for two
    answer = client.post("/donate/details", data=form)
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert '<main data-state="not-taken"' in page.text


def test_after_a_definite_no_the_next_try_is_a_new_one(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = step_two(client)
    gateway.refusing = True
    assert client.post("/donate/details", data=form).status_code == 502
    gateway.refusing = False
    assert client.post("/donate/details", data=form).status_code == 303
    with database.reading() as session:
        states = session.scalars(select(Checkout.state).order_by(Checkout.attempt)).all()
    assert list(states) == ["refused", "open"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", ""),
        ("amount", "ten pounds"),
        ("amount", "10.999"),
        ("amount", "-5"),
        ("amount", "0.99"),
        ("amount", "1e9"),
        ("amount", "NaN"),
        ("amount", "٣"),
        ("amount", "99999999999999"),
        ("amount", "10000.01"),
        ("frequency", "weekly"),
        ("message", "x" * 1001),
        ("message", "nul \0 here"),
        ("source", "two\nlines"),
    ],
)
def test_a_bad_step_one_comes_back_filled_in(client: FlaskClient, field: str, value: str) -> None:
    gift = {"amount": "10", "frequency": "once", "message": "kept words", "source": "s"}
    page = client.post("/donate", data={**gift, field: value})
    assert page.status_code == 422
    if field != "message":
        assert "kept words" in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "two\nlines"),
        ("email", ""),
        ("email", "nobody"),
        ("email", "a@b\nBcc: c@example.org"),
        ("postcode", "nowhere"),
        ("display", "shouted"),
        ("token", ""),
        ("token", "forged"),
    ],
)
def test_a_bad_step_two_comes_back_filled_in_and_takes_nothing(
    client: FlaskClient, gateway: FakeGateway, field: str, value: str
) -> None:
    form = {**step_two(client), field: value}
    page = client.post("/donate/details", data=form)
    assert page.status_code == 422
    assert "Solidarity!" in page.text
    assert gateway.orders == {}
    if field != "email":
        assert 'value="sam@example.org"' in page.text


def test_an_expired_form_comes_back_filled_in_and_works_when_sent_again(
    client: FlaskClient, clock: FakeClock
) -> None:
    form = step_two(client)
    clock.move(minutes=121)
    page = client.post("/donate/details", data=form)
    assert page.status_code == 422
    again = client.post("/donate/details", data={**form, "token": token_in(page.text)})
    assert again.status_code == 303


def test_step_two_sent_by_another_site_is_refused(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    form = step_two(client)
    for origin in ("https://elsewhere.example.org", "null"):
        answer = client.post("/donate/details", data=form, headers={"Origin": origin})
        assert answer.status_code == 403
    assert gateway.orders == {}


def test_an_unknown_appeal_is_not_found(client: FlaskClient) -> None:
    assert client.get("/donate/no-such-fund").status_code == 404


def test_a_form_elsewhere_that_names_no_appeal_of_ours_loses_nothing(client: FlaskClient) -> None:
    gift = {"amount": "5", "appeal": "no-such\0", "message": "kept words"}
    page = client.post("/donate", data=gift)
    assert page.status_code == 422
    assert "kept words" in page.text
    assert "Fighting Fund" in page.text


def test_a_file_or_json_in_place_of_a_form_is_an_empty_form(client: FlaskClient) -> None:
    file = (io.BytesIO(b"10"), "amount.txt")
    answers = [
        client.post("/donate", data={"amount": file}),
        client.post("/donate", json={"amount": "10"}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_what_stripe_is_told_holds_nothing_but_what_it_may_know(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    give(client, message="a private message")
    (order,) = gateway.orders.values()
    told = str(order)
    assert isinstance(order.pledge_id, uuid.UUID)
    for secret in ("Sam", "Jones", "E11", "private"):
        assert secret not in told


def test_a_giver_may_add_the_card_fee_and_is_told_what_it_is(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    asked = client.post("/donate", data={"amount": "10", "frequency": "once"}).text
    assert "£0.36 more" in asked
    form = step_two(client)
    client.post("/donate/details", data={**form, "cover_fee": "y"})
    (order,) = gateway.orders.values()
    with database.reading() as session:
        pledge = session.scalars(select(Pledge)).one()
    assert (order.pence, pledge.amount_pence, pledge.cover_pence) == (1036, 1036, 36)
    again = client.get(f"/donate/thanks?session_id={gateway.only_session()}").text
    assert "amount=10&amp;" in again  # who tries again is not asked for the fee twice


def test_without_the_tick_nothing_is_added(client: FlaskClient, gateway: FakeGateway) -> None:
    give(client)
    (order,) = gateway.orders.values()
    assert order.pence == 1000
