"""Who gives above the threshold says so before Checkout; whoever gives less is asked nothing."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.database import Database
from payments.law.forms import MAY_GIVE, OWN
from payments.models import Declaration, Payment, PermissibilityCheck, Pledge
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import ask, open_pages
from tests.payments.test_donating import step_two, token_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASKED = "Who gives"
DONOR = {
    "declaration": "asked",
    "donor_type": "individual",
    "donor_name": "Samuel Jones",
    "donor_address1": "1 High Road",
    "donor_address2": "Leytonstone",
    "donor_town": "London",
    "donor_postcode": "e111aa",
    "declare_own": "y",
    "declare_may_give": "y",
}
COMPANY = {
    "donor_type": "company",
    "donor_name": "Made-up Bakers Limited",
    "donor_number": "0123 4567",
}


def kept(database: Database) -> list[Declaration]:
    with database.reading() as session:
        return list(session.scalars(select(Declaration).order_by(Declaration.id)))


def nothing_was_begun(database: Database, gateway: FakeGateway) -> bool:
    with database.reading() as session:
        pledges = session.scalar(select(func.count()).select_from(Pledge))
    return (pledges, gateway.orders) == (0, {})


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_at_five_hundred_pounds_nothing_more_is_asked(
    client: FlaskClient, database: Database, gateway: FakeGateway, frequency: str
) -> None:
    gift = {"amount": "500.00", "frequency": frequency, "message": ""}
    assert ASKED not in client.post("/donate", data=gift).text
    assert client.post("/donate/details", data=step_two(client, **gift)).status_code == 303
    assert (len(gateway.orders), kept(database)) == (1, [])


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_a_penny_more_is_asked_who_gives_before_checkout(
    client: FlaskClient, database: Database, gateway: FakeGateway, frequency: str
) -> None:
    gift = {"amount": "500.01", "frequency": frequency, "message": ""}
    page = client.post("/donate", data=gift).text
    for words in (
        ASKED,
        "Above £500",
        "within 30 days",
        "£11,180",
        "the money goes back",
        str(OWN),
    ):
        assert words in page
    assert "(England and Wales) receives the money" in page
    form = step_two(client, **gift)
    refused = client.post("/donate/details", data={**form, "declaration": "asked"})
    assert refused.status_code == 422
    assert nothing_was_begun(database, gateway)
    answer = client.post("/donate/details", data={**form, **DONOR, "token": token_in(refused.text)})
    assert answer.status_code == 303, answer.text
    (row,) = kept(database)
    assert (row.donor_type, row.name, row.number) == ("individual", "Samuel Jones", "")
    assert (row.address1, row.address2, row.town) == ("1 High Road", "Leytonstone", "London")
    assert (row.postcode, row.country) == ("E11 1AA", "")
    assert row.wording == f"{MAY_GIVE}\n{OWN}"
    (order,) = gateway.orders.values()
    assert "Jones" not in repr(order)
    assert "High Road" not in repr(order)


@ON_SQLITE
def test_the_card_fee_that_carries_a_gift_over_has_the_form_come_back_asking(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = step_two(client, amount="500", message="Solidarity") | {"cover_fee": "y"}
    page = client.post("/donate/details", data=form)
    assert page.status_code == 422
    assert "comes to more than £500" in page.text
    assert "field--wrong" not in page.text  # nobody was at fault: the questions are new
    assert re.search(
        r'<input[^>]*name="cover_fee"[^>]*checked|checked[^>]*name="cover_fee"', page.text
    )
    for typed in ("Sam Jones", "sam@example.org", "Solidarity", 'value="500"'):
        assert typed in page.text
    assert nothing_was_begun(database, gateway)
    again = {**form, **DONOR, "token": token_in(page.text)}
    assert client.post("/donate/details", data=again).status_code == 303
    (order,) = gateway.orders.values()
    assert (order.pence > 50_000, len(kept(database))) == (True, 1)


@ON_SQLITE
def test_who_takes_the_card_fee_off_again_is_asked_nothing_and_nothing_is_kept(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = step_two(client, amount="500")
    page = client.post("/donate/details", data={**form, "cover_fee": "y"})
    again = {**form, **DONOR, "token": token_in(page.text)}
    assert client.post("/donate/details", data=again).status_code == 303
    (order,) = gateway.orders.values()
    assert (order.pence, kept(database)) == (50_000, [])


@ON_SQLITE
@pytest.mark.parametrize("begin", ["10", "500"])
@pytest.mark.parametrize("end", ["500.01", "600", "10000"])
def test_an_amount_that_was_changed_between_the_steps_skips_nothing(
    client: FlaskClient, database: Database, gateway: FakeGateway, begin: str, end: str
) -> None:
    form = step_two(client, amount=begin) | {"amount": end}
    page = client.post("/donate/details", data=form)
    assert (page.status_code, ASKED in page.text) == (422, True)
    assert nothing_was_begun(database, gateway)


@ON_SQLITE
def test_a_form_sent_again_with_another_amount_changes_nothing(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = step_two(client, amount="10")
    first = client.post("/donate/details", data=form)
    second = client.post("/donate/details", data={**form, **DONOR, "amount": "600"})
    assert first.location == second.location
    (order,) = gateway.orders.values()
    assert (order.pence, kept(database)) == (1000, [])


@ON_SQLITE
@pytest.mark.parametrize(
    ("but", "words"),
    [
        ({"donor_address1": ""}, "first line of the donor&#39;s address"),
        ({"donor_town": " "}, "donor&#39;s town"),
        ({"donor_postcode": ""}, "donor&#39;s postcode"),
        ({"donor_postcode": "nonsense"}, "a whole postcode"),
        ({"donor_postcode": "", "donor_country": "Scotland"}, "donor&#39;s postcode"),
        ({"donor_address1": "x" * 101}, "100 characters at most"),
        ({"donor_town": "Lon\x07don"}, "cannot be shown"),
        ({"donor_type": "charity"}, "Not a valid choice"),
        ({"declare_own": ""}, "only if it is the donor&#39;s own money"),
        ({"declare_may_give": ""}, "only from a donor who may give"),
        ({**COMPANY, "donor_name": ""}, "registered name of the body"),
        ({**COMPANY, "donor_number": ""}, "the number under which"),
        ({**COMPANY, "donor_number": "12"}, "such as 01234567"),
        ({**COMPANY, "donor_country": "France"}, "its office in the UK"),
        ({"donor_type": "registered-society", "donor_number": ""}, "the number under which"),
    ],
)
def test_what_is_missing_is_told_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    but: dict[str, str],
    words: str,
) -> None:
    typed = {name: value for name, value in {**DONOR, **but}.items() if value}
    page = client.post("/donate/details", data={**step_two(client, amount="600"), **typed})
    assert page.status_code == 422
    assert re.search(rf'class="field__error"[^\n]*{re.escape(words)}', page.text), page.text
    assert "<title>Error:" in page.text
    if "donor_town" not in but:
        assert 'value="London"' in page.text
    assert nothing_was_begun(database, gateway)


@ON_SQLITE
@pytest.mark.parametrize(
    ("but", "name", "number", "postcode", "country"),
    [
        ({"donor_name": ""}, "Sam Jones", "", "E11 1AA", ""),
        ({"donor_number": "77", "donor_country": "uk"}, "Samuel Jones", "", "E11 1AA", ""),
        ({"donor_postcode": "", "donor_country": "France"}, "Samuel Jones", "", "", "France"),
        ({"donor_postcode": "75001", "donor_country": "Eire"}, "Samuel Jones", "", "75001", "Eire"),
        (COMPANY, "Made-up Bakers Limited", "01234567", "E11 1AA", ""),
        ({"donor_type": "trade-union", "donor_name": "Bakers"}, "Bakers", "", "E11 1AA", ""),
    ],
)  # fmt: skip
def test_people_at_home_and_abroad_and_bodies_are_kept_as_they_declare(
    client: FlaskClient,
    database: Database,
    but: dict[str, str],
    name: str,
    number: str,
    postcode: str,
    country: str,
) -> None:
    form = {**step_two(client, amount="600"), **DONOR, **but}
    answer = client.post("/donate/details", data=form)
    assert answer.status_code == 303, answer.text
    (row,) = kept(database)
    assert (row.name, row.number, row.postcode, row.country) == (name, number, postcode, country)


@ON_SQLITE
def test_another_site_cannot_tick_what_a_donor_declares(client: FlaskClient) -> None:
    page = client.post("/donate", data={"amount": "600", **DONOR}).text
    assert not re.search(r'name="declare_\w+"[^>]*checked|checked[^>]*name="declare_', page)
    assert "1 High Road" not in page


@ON_SQLITE
def test_a_silent_stripe_keeps_what_was_declared_on_the_page(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = {**step_two(client, amount="600"), **DONOR}
    gateway.down = True
    page = client.post("/donate/details", data=form)
    assert (page.status_code, "Samuel Jones" in page.text) == (503, True)
    gateway.down = False
    assert client.post("/donate/details", data=form).status_code == 303
    assert len(kept(database)) == 1


def test_a_gift_is_marked_once_whichever_way_it_becomes_known(
    client: FlaskClient, database: Database, gateway: FakeGateway, work: Work, clock: FakeClock
) -> None:
    client.post("/donate/details", data={**step_two(client, amount="600"), **DONOR})
    session_id = gateway.only_session()
    gateway.pay(session_id)
    gateway.charged_at = clock.now() - dt.timedelta(days=4)
    for number in range(3):
        notice = {"id": f"evt_{number}", "type": "checkout", "session": session_id}
        client.post("/webhooks/stripe", json=notice, headers={"Stripe-Signature": "good"})
        client.get(f"/donate/thanks?session_id={session_id}")
        clock.move(minutes=70)  # the hourly look at Stripe's own lists comes as well
        work()
    with database.reading() as session:
        payment = session.scalars(select(Payment)).one()
        check = session.scalars(select(PermissibilityCheck)).one()
    assert payment.charged_at == gateway.charged_at
    assert (check.payment_id, check.state) == (payment.id, "waiting")
    assert check.received_on == gateway.charged_at.date()


def test_donors_see_on_their_own_pages_what_they_declared_of_what_they_paid(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer, work: Work
) -> None:
    paid, never = ("1 High Road", "9 Never Street")
    for street in (never, paid):
        form = {**step_two(client, amount="600"), **DONOR, "donor_address1": street}
        client.post("/donate/details", data=form)
    session_id = list(gateway.states)[-1]
    gateway.pay(session_id)
    client.get(f"/donate/thanks?session_id={session_id}")
    ask(client, work, "sam@example.org")
    open_pages(client, mailer, "sam@example.org")
    page = client.get("/me/giving").text
    assert (paid in page, never in page) == (True, False)
    assert "Samuel Jones" in page


def test_a_gift_that_only_the_worker_finds_is_marked(
    client: FlaskClient, database: Database, gateway: FakeGateway, work: Work, clock: FakeClock
) -> None:
    client.post("/donate/details", data={**step_two(client, amount="600"), **DONOR})
    gateway.pay(gateway.only_session())
    clock.move(minutes=11)
    work()
    with database.reading() as session:
        assert session.scalars(select(PermissibilityCheck)).one().state == "waiting"
