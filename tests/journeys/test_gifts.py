import csv
import io
import itertools
import json
import re

import pytest
import requests
from sqlalchemy import select

from core import clock
from core.database import Database
from payments import settling
from payments.models import Payment, Pledge, WebhookEvent
from sandbox.handle import DECLINED_CARD, NotPaid
from tests.journeys.conftest import House

SECONDS = 10


def raised(house: House) -> int:
    found: int = house.get("/api/v1/appeals/fighting-fund").json()["raised_pence"]
    return found


def receipts(house: House) -> list[dict[str, object]]:
    return house.sandbox.letters("sam@example.org")


def test_a_gift_is_paid_told_thanked_and_counted(house: House, database: Database) -> None:
    landing = house.sandbox.pay(house.checkout(amount="12.50", message="Keep printing"))
    page = requests.get(landing, timeout=SECONDS)
    assert '<main data-state="received"' in page.text
    house.work()
    (receipt,) = receipts(house)
    assert "£12.50" in str(receipt["subject"])
    assert "Keep printing" in str(receipt["text"])
    assert raised(house) == 1250
    with database.reading() as session:
        payment = session.scalars(select(Payment)).one()
    assert payment.method == "card"
    assert payment.fee_pence is not None
    assert payment.fee_pence > 0
    assert payment.charge is not None


def test_the_webhook_alone_completes_a_gift_whose_giver_never_returns(house: House) -> None:
    house.sandbox.pay(house.checkout())
    house.work()
    assert raised(house) == 1000
    assert len(receipts(house)) == 1


def test_stripe_learns_the_uuid_the_amount_the_item_and_the_address_and_nothing_else(
    house: House,
) -> None:
    house.checkout(message="nobody else's business", source="article-7")
    (order,) = [each for each in house.sandbox.requests if each.method == "POST"]
    told = json.dumps(dict(order.params))
    for secret in ("Sam", "Jones", "business", "article-7"):
        assert secret not in told
    assert set(dict(order.params)) == {
        "line_items[0][quantity]",
        "line_items[0][price_data][currency]",
        "line_items[0][price_data][unit_amount]",
        "line_items[0][price_data][product_data][name]",
        "client_reference_id",
        "customer_email",
        "metadata[pledge]",
        "payment_intent_data[metadata][pledge]",
        "expires_at",
        "success_url",
        "cancel_url",
        "mode",
        "submit_type",
    }


def test_a_declined_card_takes_nothing_and_the_page_says_so(house: House) -> None:
    address = house.checkout()
    with pytest.raises(NotPaid):
        house.sandbox.pay(address, card=DECLINED_CARD)
    house.work()
    session_id = address.rpartition("/")[2].partition("#")[0]
    page = house.get(f"/donate/thanks?session_id={session_id}")
    assert '<main data-state="not-taken"' in page.text
    assert receipts(house) == []


def test_a_monthly_gift_renews_and_each_receipt_leads_to_its_givers_pages(
    house: House, database: Database
) -> None:
    house.sandbox.pay(house.checkout(frequency="monthly"))
    house.work()
    with database.reading() as session:
        pledge = session.scalars(select(Pledge)).one()
    assert pledge.stripe_subscription is not None
    house.sandbox.renew(pledge.stripe_subscription)
    house.work()
    assert raised(house) == 2000
    links = [
        re.findall(r"(/me/open\?token=[^\s&]+)", str(letter["text"])) for letter in receipts(house)
    ]
    assert all(links), "each month's receipt leads to the giver's own pages"
    assert len({each for found in links for each in found}) == 2
    with database.reading() as session:
        numbers = session.scalars(select(Payment.number).order_by(Payment.number)).all()
        intents = session.scalars(select(Payment.payment_intent)).all()
    assert list(numbers) == [1, 2]
    assert all(intents)


def test_events_in_any_order_come_to_the_same_books(house: House, database: Database) -> None:
    """Take the notices of one monthly gift and apply them in every order, each of them twice."""
    house.sandbox.pay(house.checkout(frequency="monthly"))
    house.sandbox.quiesce()
    used = {"checkout.session.completed", "invoice.paid", "customer.subscription.created"}
    events = [event for event in house.sandbox.sent_events if event["type"] in used]
    assert {event["type"] for event in events} == used
    with database.reading() as session:
        raw = {row.event_id: row for row in session.scalars(select(WebhookEvent))}
    till = house.app.extensions["till"]
    notices = [found for row in raw.values() if (found := till.gateway.read(row.raw)) is not None]
    for order in itertools.permutations(notices):
        with house.app.app_context(), database.transaction() as session:
            for notice in (*order, *order):
                settling.apply(session, notice, rules=till.rules, now=clock.now())
            assert len(session.scalars(select(Payment)).all()) == 1
            assert session.scalars(select(Pledge)).one().state == "paid"
            session.rollback()


def test_check_explain_and_export_tell_the_same_story(house: House, database: Database) -> None:
    house.sandbox.pay(house.checkout(source="=formula"))
    house.work()
    run = house.app.test_cli_runner()
    assert run.invoke(args=["payments", "check"]).output == "The books agree.\n"
    with database.reading() as session:
        payment = session.scalars(select(Payment)).one()
        pledge = session.scalars(select(Pledge)).one()
    exported = run.invoke(args=["payments", "export", "--from", "2020-01-01", "--to", "2099-01-01"])
    (row,) = csv.DictReader(io.StringIO(exported.output))
    assert (row["id"], row["kind"], row["status"]) == (str(payment.id), "donation", "paid")
    assert (row["amount_pence"], row["fee_pence"]) == ("1000", str(payment.fee_pence))
    assert row["source"] == "'=formula"
    for name in (str(pledge.id), str(payment.id), payment.payment_intent, row["stripe_session"]):
        told = run.invoke(args=["payments", "explain", str(name)])
        assert told.exit_code == 0, told.output
        assert "The receipt was sent." in told.output
    assert run.invoke(args=["payments", "explain", "pi_nothing"]).exit_code == 1
