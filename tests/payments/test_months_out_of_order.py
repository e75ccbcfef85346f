"""A monthly gift whose second month we hear of before the first."""

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.database import Database
from payments import settling
from payments.notices import InvoicePaid, RefundState
from tests.fakes import START, FakeGateway, invoice_of
from tests.payments.factories import make_rules
from tests.payments.test_donating import give

MONTH = dt.timedelta(days=30)


@pytest.fixture
def first(client: FlaskClient, gateway: FakeGateway, database: Database) -> InvoicePaid:
    """The first month of a gift; its notice came after that of the second."""
    give(client, frequency="monthly")
    (order,) = gateway.orders.values()
    second = replace(invoice_of(order, 2, START + MONTH), payment_intent="pi_2")
    first = replace(invoice_of(order, 1, START), payment_intent="pi_1")
    with database.transaction() as session:
        for notice in (second, first):
            settling.apply(session, notice, rules=make_rules(), now=START + MONTH)
    return first


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(("refunded", "said"), [("pi_1", "refunded"), ("pi_2", "received")])
def test_the_page_of_thanks_speaks_of_the_month_that_was_paid_first(
    client: FlaskClient, gateway: FakeGateway, database: Database, refunded: str, said: str
) -> None:
    refund = RefundState(
        refund="re_1",
        payment_intent=refunded,
        charge=None,
        pence=1000,
        currency="GBP",
        status="succeeded",
        reason=None,
        livemode=False,
        made_at=START + MONTH,
        at=START + MONTH,
    )
    with database.transaction() as session:
        settling.apply(session, refund, rules=make_rules(), now=START + MONTH)
    page = client.get(f"/donate/thanks?session_id={gateway.only_session()}").text
    assert f'<main data-state="{said}"' in page


def test_the_export_gives_the_checkout_to_the_month_that_was_paid_on_it(
    app: Flask, gateway: FakeGateway, first: InvoicePaid
) -> None:
    asked = ["payments", "export", "--from", "2026-11-01", "--to", "2026-12-31"]
    rows = list(csv.DictReader(io.StringIO(app.test_cli_runner().invoke(args=asked).output)))
    assert [(row["stripe_invoice"], row["stripe_session"]) for row in rows] == [
        (first.invoice, gateway.only_session()),
        (first.invoice.removesuffix("_1") + "_2", ""),
    ]
