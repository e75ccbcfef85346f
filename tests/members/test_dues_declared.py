"""Dues above the threshold enter the same checks as gifts."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from config import Settings
from core.database import Database
from core.money import Money
from core.organisation import Rate
from payments.models import Declaration, PermissibilityCheck, Pledge
from tests.fakes import FakeGateway
from tests.members.conftest import join_form, token_in

pytestmark = [
    pytest.mark.usefixtures("small_directory"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
DECLARED = {"declaration": "asked", "declare_own": "y", "declare_may_give": "y"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The organisation has a rate at the threshold and one above it."""
    more = (Rate("most", "Most", Money(50_000)), Rate("patron", "Patron", Money(50_001)))
    rates = (*settings.organisation.rates, *more)
    return replace(settings, organisation=replace(settings.organisation, rates=rates))


def declarations(database: Database) -> list[Declaration]:
    with database.reading() as session:
        return list(session.scalars(select(Declaration).order_by(Declaration.id)))


def test_a_rate_at_the_threshold_asks_nothing_more(client: FlaskClient, database: Database) -> None:
    assert client.post("/join", data=join_form(client, rate="most")).status_code == 303
    assert declarations(database) == []


def test_a_rate_above_it_asks_before_checkout_and_keeps_what_is_declared(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = join_form(client, rate="patron")
    page = client.post("/join", data=form)
    assert page.status_code == 422
    assert "comes to more than £500" in page.text
    assert 'value="1 High Road"' in page.text
    assert gateway.orders == {}
    for half in ({"declare_own": "y"}, {"declare_may_give": "y"}, {}):
        refused = client.post("/join", data={**form, "declaration": "asked", **half})
        assert (refused.status_code, gateway.orders) == (422, {})
        assert "field__error" in refused.text
    form |= {**DECLARED, "token": token_in(page.text)}
    assert client.post("/join", data=form).status_code == 303
    (row,) = declarations(database)
    assert (row.donor_type, row.name, row.postcode) == ("individual", "Sam Jones", "E11 1AA")
    assert (row.address1, row.address2, row.town) == ("1 High Road", "Leytonstone", "London")
    assert "electoral register" in row.wording


def test_the_first_due_above_it_is_marked(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    client.post("/join", data=join_form(client, rate="patron") | DECLARED)
    gateway.pay(gateway.only_session())
    client.get(f"/join/thanks?session_id={gateway.only_session()}")
    with database.reading() as session:
        assert session.scalars(select(PermissibilityCheck)).one().state == "waiting"


def test_who_went_back_and_fills_the_form_in_anew_adds_what_is_corrected(
    client: FlaskClient, database: Database
) -> None:
    for town in ("London", "Leyton"):
        form = join_form(client, rate="patron", town=town) | DECLARED
        assert client.post("/join", data=form).status_code == 303
    with database.reading() as session:
        session.scalars(select(Pledge)).one()
    assert [row.town for row in declarations(database)] == ["London", "Leyton"]
