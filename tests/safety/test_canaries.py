"""Every detail of a person is a canary, and everything breaks: none of them sings anywhere.

Not in a log or an error report, not in what is counted, not in a column that keeps why something
failed, not in an address, and nowhere at Stripe but for the e-mail address.
"""

import csv
import io
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
import stripe
from flask import Flask

from core import logs, mail
from core.database import Base, Database
from core.mail import MailRefused
from members.models import Member
from payments import stripe_gateway
from payments.gateway import CheckoutOrder, GatewayUnavailable, PaymentRefused
from staff.models import AuditEntry
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import token_in
from tests.safety import walking
from tests.safety.town import PEOPLE, Someone, Town

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHO = PEOPLE["B"]
# What a fault would quote, were it asked for its words.
WORDS = f"{WHO.name} {WHO.email} {WHO.phone} {WHO.postcode} {WHO.words} {WHO.street} {WHO.born}"


class Tattler(Exception):
    """A fault that nobody thought of, whose words tell everything."""


# In turn: what nobody thought of, and what the adapters make of their libraries' errors.
OF_STRIPE = (Tattler(WORDS), PaymentRefused("CardError"))
OF_MAIL = (Tattler(WORDS), MailRefused("code 550"))


@dataclass(slots=True)
class TattlingGateway(FakeGateway):
    """A Stripe that breaks with everything it knows in its words."""

    fault: Exception | None = None

    def _called(self, name: str) -> None:
        FakeGateway._called(self, name)
        if self.fault:
            raise self.fault


@dataclass(slots=True)
class TattlingMailer(FakeMailer):
    """A mail server that breaks in the same way."""

    fault: Exception | None = None

    def send(self, message: EmailMessage) -> None:
        if self.fault:
            raise self.fault
        FakeMailer.send(self, message)


@pytest.fixture
def gateway() -> FakeGateway:
    return TattlingGateway()


@pytest.fixture
def mailer() -> FakeMailer:
    return TattlingMailer()


@pytest.fixture
def log(app: Flask) -> Iterator[io.StringIO]:
    """What the running application writes, with every record of every library."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    stream = io.StringIO()
    logs.set_up("json", stream)
    yield stream
    logs.set_up("text")


def sung(text: str) -> list[str]:
    """The canaries in a text."""
    return [canary for canary in WHO.canaries if canary in text.lower()]


def every_field() -> dict[str, str]:
    """A form with everything in it that any form asks for."""
    return {
        "name": WHO.name,
        "email": WHO.email,
        "phone": WHO.phone,
        "date_of_birth": WHO.born,
        "address1": WHO.street,
        "address2": WHO.street,
        "town": WHO.town,
        "postcode": WHO.postcode,
        "message": WHO.words,
        "source": WHO.words,
        "amount": "12",
        "frequency": "monthly",
        "display": "full",
        "rate": "standard",
        "kind": "access",
        "role": "admin",
        "months": "1",
        "password": WHO.words,
        "code": WHO.words,
        "consent_email": "y",
        "text": WHO.words,
        "note": WHO.words,
        "reason": WHO.words,
        "to": WHO.words,
        "made_from": WHO.words,
        "own_amount": WHO.words,
        "q": WHO.name,
        "why": WHO.words,
        "keep": WHO.words,
        "decision": "accept",
        "method": "cash",
        "received": "2026-11-20",
        "appeal": "fighting-fund",
        "reference": WHO.words,
        "account": WHO.words,
        "outcome": WHO.words,
        "place": WHO.words,
        "meets": WHO.words,
        "lat": WHO.words,
        "lon": WHO.words,
        "slug": WHO.words,
        "region": WHO.words,
        "opened": WHO.born,
        "closed": WHO.born,
        "catchments": WHO.words,
        "ons_code": WHO.words,
        "notify_email": WHO.email,
        "step": "called",
        "seen": "0",
        "day": WHO.born,
        "other": WHO.words,
    }


def send_everything(town: Town) -> tuple[set[int], list[str]]:
    """Send a form with everything in it to every route; return the answers, and where one tells.

    Each form carries its own token; pages are asked with the words in their query.
    """
    statuses, told = set(), []
    for route in walking.routes(town):
        those = (town.visitors[name] for name in ("signed out", "holder of B", "admin"))
        let_in = [each for each in those if not walking.turned_away(route, each)]
        for visitor in let_in[:1] if "sign-out" not in str(route) else ():
            form = every_field() | {"csrf_token": visitor.csrf} | token_of(town, route)
            answer = visitor.client.open(
                walking.path_of(town, route, "B"),
                method=route.method,
                data=form if route.method == "POST" else None,
                query_string={} if route.method == "POST" else {"q": WHO.name, "email": WHO.email},
            )
            statuses.add(answer.status_code)
            told += [f"{route}: {each}" for each in sung(answer.location or "")]
    return statuses, told


def token_of(town: Town, route: walking.Route) -> dict[str, str]:
    """The token of a public form, found on the page that shows it."""
    pages = {"POST /donate/details": "/donate", "POST /join": "/join", "POST /me": "/me"}
    pages |= {"POST /desk/sign-in": "/desk/sign-in", "POST /privacy/request": "/privacy/request"}
    page = pages.get(str(route))
    if page is None:
        return {}
    client = town.visitors["signed out"].client
    gift = {"amount": "12", "frequency": "monthly"}
    answer = client.post(page, data=gift) if page == "/donate" else client.get(page)
    return {"token": token_in(answer.text)} if 'name="token"' in answer.text else {}


def on_paper() -> dict[str, str]:
    """Somebody as they stand on a paper form."""
    return {
        "name": WHO.name,
        "email": f"paper.{WHO.email}",
        "date-of-birth": WHO.born,
        "address1": WHO.street,
        "town": WHO.town,
        "postcode": "CF10 1EP",  # at their own they would be known already
        "rate": "standard",
    }


def people_file(folder: Path) -> Path:
    """A file of people, with that one."""
    path = folder / "people.csv"
    columns, cells = zip(*on_paper().items(), strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[name.replace("-", "_") for name in columns], cells])
    return path


def errors_kept(database: Database) -> dict[str, list[str]]:
    """Every column of every table that keeps why something failed, with what stands in it."""
    found: dict[str, list[str]] = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if "error" in column.name:
                    kept = session.scalars(sa.select(column).where(column.is_not(None)))
                    found[f"{table.name}.{column.name}"] = [str(each) for each in kept]
    return found


@ON_SQLITE
def test_no_canary_sings_where_stripe_and_mail_break_in_every_way(
    town: Town,
    log: io.StringIO,
    gateway: TattlingGateway,
    mailer: TattlingMailer,
    clock: FakeClock,
    work: Work,
) -> None:
    kept: dict[str, list[str]] = {}
    for of_stripe, of_mail in zip(OF_STRIPE, OF_MAIL, strict=True):
        gateway.fault, mailer.fault = of_stripe, of_mail
        statuses, told = send_everything(town)
        assert told == []
        assert {200, 303, 404, 422} <= statuses
        work()
        clock.move(minutes=20)
        work()
        for name, found in errors_kept(town.database).items():
            kept.setdefault(name, []).extend(found)
    town.app.test_cli_runner().invoke(args=["payments", "reconcile", "--days", "3"])
    with town.database.reading() as session:
        audit = [str(row) for row in session.execute(sa.select(AuditEntry.__table__))]
    counted = town.visitors["signed out"].client.get("/metrics").text

    assert {"Tattler", "job failed", "request failed"} <= {
        each for each in ("Tattler", "job failed", "request failed") if each in log.getvalue()
    }
    assert [line for line in log.getvalue().splitlines() if sung(line)] == []
    assert sung(counted) == []
    assert audit
    assert sung(" ".join(audit)) == []
    assert kept["outbox_mail.last_error"]
    assert {name: tells for name, found in kept.items() if (tells := sung(" ".join(found)))} == {}


@ON_SQLITE
def test_no_canary_sings_where_the_database_refuses_everything(
    town: Town, log: io.StringIO, work: Work, tmp_path: Path
) -> None:
    words = WORDS.replace("'", "")
    with town.database.transaction() as session:  # else two who pay are not made one
        session.get_one(Member, town.others["B"]).dues.stopped_at = town.clock.now()
    with town.database.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for what in ("INSERT", "UPDATE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER no_{what}_{table.name} BEFORE {what} ON {table.name} "
                    f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
                )
    statuses, told = send_everything(town)
    work()
    one, other = (str(each["B"]) for each in (town.members, town.others))
    refused: tuple[tuple[str, ...], ...] = (
        ("staff", "invite", WHO.email, "--role", "admin"),
        ("members", "import", str(people_file(tmp_path))),
        ("members", "add", *(f"--{name}={text}" for name, text in on_paper().items())),
        ("members", "merge", one, other, "--why", WHO.words),
    )
    results = [town.app.test_cli_runner().invoke(args=[*each]) for each in refused]

    assert 500 in statuses
    assert told == []
    assert "IntegrityError" in log.getvalue()
    assert [line for line in log.getvalue().splitlines() if sung(line)] == []
    assert [each.exit_code for each in results] == [1] * len(refused)
    assert [type(each.exception).__name__ for each in results[1:]] == ["IntegrityError"] * 3


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({WHO.email: (550, WORDS.encode())}),
        smtplib.SMTPDataError(554, WORDS),
        smtplib.SMTPSenderRefused(450, WORDS.encode(), WHO.email),
        OSError(WORDS),
    ],
)
def test_what_a_mail_server_says_is_told_to_nobody(error: Exception) -> None:
    assert sung(str(mail._refusal(error))) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (stripe.InvalidRequestError, {"param": "customer_email", "http_status": 400}),
        (stripe.CardError, {"param": "", "code": "card_declined", "http_status": 402}),
        (stripe.APIError, {"http_status": 503}),
        (stripe.APIConnectionError, {}),
    ],
)
def test_what_stripe_says_is_told_to_nobody(
    kind: Callable[..., stripe.StripeError], more: dict[str, object]
) -> None:
    with pytest.raises((GatewayUnavailable, PaymentRefused)) as told, stripe_gateway._told_apart():
        raise kind(WORDS, **more)

    assert sung(str(told.value)) == []
    assert told.value.__cause__ is None


def test_an_error_of_the_database_tells_none_of_the_values(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError) as raised, database.transaction() as session:
        session.execute(sa.text("SELECT :words FROM there_is_none"), {"words": WORDS})

    assert sung(str(raised.value)) == []


@ON_SQLITE
def test_stripe_is_told_the_address_and_nothing_else_of_anybody(
    town: Town, gateway: FakeGateway
) -> None:
    assert {each.name for each in fields(CheckoutOrder)} - {"email"} == {
        *("key", "pledge_id", "pence", "title", "monthly", "dues", "expires_at"),
        *("success_url", "cancel_url"),
    }
    theirs = [order for order in gateway.orders.values() if order.email == WHO.email]
    assert len(theirs) == 2
    told = "\n".join(repr(order).replace(WHO.email, "") for order in theirs)
    assert sung(told) == []


def test_the_canaries_are_heard() -> None:
    for text in (WORDS, WHO.name.upper(), "+447700900872", "cf103np", "1941-05-14"):
        assert sung(text)
    assert set(Someone.__dataclass_fields__) == {
        *("name", "email", "phone", "born", "street", "town", "postcode", "words", "note")
    }
