"""Nothing that anybody types ever stands in a log: not their name, not their number, no word."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import logs
from core.database import Database
from payments.gateway import CheckoutOrder, OpenCheckout
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import token_in

NAME, STREET, WORDS = "Canaria Finch", "7 Canary Wharf", "canary message"
EMAIL, OTHER = "canary@example.org", "canary-two@example.org"
PHONE, SMS = "07700 900987", "+447700900986"
POSTCODE, SPACED = "e111aa", "E11 1AA"
GIFT = {"amount": "10", "frequency": "once", "message": WORDS}
GIVER = {"name": NAME, "email": EMAIL, "postcode": POSTCODE, "display": "full", "consent": "y"}
JOINER = {
    "name": NAME,
    "email": OTHER,
    "phone": PHONE,
    "date_of_birth": "27/3/1985",
    "address1": STREET,
    "address2": STREET,
    "town": "Canarytown",
    "postcode": POSTCODE,
    "rate": "standard",
    "consent_email": "y",
}
CANARIES = ("canar", "finch", "900987", "900986", POSTCODE, SPACED, "e11%201aa", "e11+1aa", "1985")


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Tattler(Exception):
    """A fault whose words quote what was typed."""


@dataclass(slots=True)
class TattlingGateway(FakeGateway):
    """A gateway that breaks with everything it knows in its words."""

    tattling: bool = False

    def open_checkout(self, order: CheckoutOrder) -> OpenCheckout:
        if self.tattling:
            raise Tattler(f"{NAME} {order.email} {WORDS} {PHONE} {SPACED}")
        return FakeGateway.open_checkout(self, order)


@pytest.fixture
def gateway() -> FakeGateway:
    return TattlingGateway()


@pytest.fixture
def log(app: Flask) -> Iterator[io.StringIO]:
    """What the running application writes, with every record of every library."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    stream = io.StringIO()
    logs.set_up("json", stream)
    yield stream
    logs.set_up("text")


def type_everything(client: FlaskClient) -> list[int]:
    """Type into every public form and send a text; return what was answered."""
    basic = ("sms", "sandbox-phone-secret")
    text = {"from": SMS, "to": "+447761818206", "text": f"{NAME} {SPACED}", "id": WORDS}
    token = {"token": WORDS}
    answers = [
        client.post("/donate", data=GIFT),
        client.post("/donate", data={**GIFT, "amount": WORDS}),
        client.post("/donate/details", data={**GIFT, **GIVER, **token}),
        client.post("/donate/details", data={**GIFT, **GIVER, **_token(client, "/donate")}),
        client.post("/join", data={**JOINER, **token}),
        client.post("/join", data={**JOINER, **_token(client, "/join")}),
        client.post("/me", data={"email": EMAIL, **token}),
        client.post("/me", data={"email": EMAIL, **_token(client, "/me")}),
        client.post("/me/open", data=token),
        client.post("/join/confirm", data=token),
        client.get("/branches", query_string={"postcode": POSTCODE}),
        client.get("/donate", query_string=GIFT),
        client.get("/donate/thanks", query_string={"session_id": WORDS}),
        client.get("/me/open", query_string=token),
        client.get("/api/v1/nearest", query_string={"postcode": SPACED}),
        client.post("/api/v1/nearest", json={"postcodes": [SPACED, WORDS]}),
        client.post("/webhooks/sms/generic", json=text, auth=basic),
        client.post("/webhooks/sms/generic", json=text, auth=("sms", WORDS)),
        client.post("/webhooks/sms/generic", data=WORDS, auth=basic),
        client.post("/webhooks/stripe", data=WORDS, headers={"Stripe-Signature": WORDS}),
        client.post("/none", data={**GIVER, **JOINER}),
        client.post("/donate", data={"message": WORDS * 30_000}),
    ]
    return [answer.status_code for answer in answers]


def _token(client: FlaskClient, page: str) -> dict[str, str]:
    answer = client.post(page, data=GIFT) if page == "/donate" else client.get(page)
    return {"token": token_in(answer.text) if answer.status_code == 200 else ""}


def no_canary(log: io.StringIO) -> None:
    written = log.getvalue().lower()
    for canary in CANARIES:
        assert canary.lower() not in written, written


def test_nothing_typed_is_logged(client: FlaskClient, log: io.StringIO, work: Work) -> None:
    found = type_everything(client)
    work()

    assert {200, 303, 400, 401, 404, 410, 413, 422} <= set(found)
    assert max(found) < 500
    assert "notice refused" in log.getvalue()
    no_canary(log)


def test_nothing_typed_is_logged_where_mail_and_gateway_fail(
    client: FlaskClient,
    log: io.StringIO,
    work: Work,
    gateway: TattlingGateway,
    mailer: FakeMailer,
    clock: FakeClock,
) -> None:
    gateway.tattling = mailer.down = True

    found = type_everything(client)
    work()
    clock.move(minutes=5)
    work()

    assert 500 in found
    assert "Tattler" in log.getvalue()
    no_canary(log)


@ON_SQLITE
def test_nothing_typed_is_logged_where_the_database_refuses(
    client: FlaskClient, log: io.StringIO, database: Database
) -> None:
    with database.engine.begin() as connection:
        for table in ("pledge", "link_request", "inbound_text"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{NAME} {EMAIL} {WORDS}'); END"
            )

    found = type_everything(client)

    assert found.count(500) >= 3
    assert "IntegrityError" in log.getvalue()
    no_canary(log)


@ON_SQLITE
def test_nothing_typed_is_logged_where_the_tables_are_gone(
    client: FlaskClient, log: io.StringIO, database: Database
) -> None:
    with database.engine.begin() as connection:
        for table in ("checkout", "membership_event", "consent", "link_request", "text_opt_out"):
            connection.exec_driver_sql(f"DROP TABLE {table}")

    found = type_everything(client)

    assert 503 in found
    assert "database unavailable" in log.getvalue()
    no_canary(log)
