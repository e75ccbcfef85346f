"""A small directory, and joiners who fill in the form as a browser would."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from branches.models import Branch, Region
from core.database import Database
from members.models import Member
from tests.conftest import Work
from tests.fakes import FakeGateway, FakeMailer

JOINER = {
    "name": "Sam Jones",
    "email": "sam@example.org",
    "phone": "07700 900123",
    "date_of_birth": "27/3/1985",
    "address1": "1 High Road",
    "address2": "Leytonstone",
    "town": "London",
    "postcode": "e11 1aa",
    "rate": "standard",
    "consent_email": "y",
}
NOTIFIED = "london@example.org"
OFFICE = "test@example.org"


@pytest.fixture
def small_directory(database: Database) -> None:
    """One region with one branch; everywhere else the national office answers."""
    with database.transaction() as session:
        region = Region(
            slug="london",
            name="London",
            phone="+442089888786",
            display="020 8988 8786",
            ons_code="E12000007",
            notify_email=NOTIFIED,
            rank=0,
        )
        branch = Branch(
            slug="waltham-forest",
            name="Waltham Forest",
            region=region,
            postcode="E17 4QH",
            lat=51.58341,
            lon=-0.01952,
            position_given=True,
            place="",
            meets="",
            status="open",
            sample=True,
            rank=0,
        )
        session.add(branch)


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def join_form(client: FlaskClient, **but: str) -> dict[str, str]:
    """Open the form and fill it in; what is given as empty is left out."""
    typed = {**JOINER, "token": token_in(client.get("/join").text), **but}
    return {name: value for name, value in typed.items() if value}


def the_member(database: Database) -> Member:
    with database.reading() as session:
        return session.scalars(select(Member)).one()


def link_in(mailer: FakeMailer, to: str, page: str) -> str:
    """Return the path of the newest link to this page in the letters to this address."""
    for message in reversed(mailer.to(to)):
        found = re.search(rf"(/{page}\?token=\S+)", str(message.get_content()))
        if found:
            return found[1]
    raise AssertionError(f"no letter to {to} leads to {page}")


@pytest.fixture
def join(client: FlaskClient, gateway: FakeGateway, work: Work) -> Callable[..., str]:
    """Join, pay the first due, and let the worker write its letters; give the Checkout's id."""

    def joined(**but: str) -> str:
        answer = client.post("/join", data=join_form(client, **but))
        assert answer.status_code == 303, answer.text
        session_id = answer.location.rpartition("/")[2]
        gateway.pay(session_id)
        assert client.get(f"/join/thanks?session_id={session_id}").status_code == 200
        work()
        return session_id

    return joined


@pytest.fixture
def holder(
    client: FlaskClient, join: Callable[..., str], mailer: FakeMailer, work: Work
) -> FlaskClient:
    """A browser that joined, asked for a link and opened it."""
    join()
    ask(client, work, JOINER["email"])
    open_pages(client, mailer, JOINER["email"])
    return client


def ask(client: FlaskClient, work: Work, email: str) -> None:
    answer = client.post("/me", data={"email": email, "token": token_in(client.get("/me").text)})
    assert (answer.status_code, answer.location) == (303, "/me/sent")
    work()


def open_pages(client: FlaskClient, mailer: FakeMailer, email: str) -> None:
    page = client.get(link_in(mailer, email, "me/open")).text
    answer = client.post("/me/open", data={"token": token_in(page)})
    assert (answer.status_code, answer.location) == (303, "/me/giving")
