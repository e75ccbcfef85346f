"""A monthly giver's own pages: pausing, going on, another amount, stopping in two clicks."""

import re
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import links
from core.database import Database
from core.links import AccessLink
from payments.models import MonthlyChange, Pledge
from payments.monthly import amounts
from payments.monthly.amounts import Amount
from tests.conftest import Work
from tests.databases import ON_ONE
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import csrf_in, open_pages, token_in

pytestmark = ON_ONE

KIM = "kim@example.org"


@pytest.fixture
def giver(client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer, work: Work) -> FlaskClient:
    """A browser of somebody who gives £10 a month, opened by the link in the receipt."""
    gift = {"amount": "10", "frequency": "monthly", "display": "first"}
    token = token_in(client.post("/donate", data=gift).text)
    client.post("/donate/details", data={**gift, "name": "Kim", "email": KIM, "token": token})
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    work()
    open_pages(client, mailer, KIM)
    return client


@pytest.fixture
def own(giver: FlaskClient, database: Database) -> uuid.UUID:
    with database.reading() as session:
        return session.scalars(select(Pledge.id).where(Pledge.email_key == KIM)).one()


@pytest.fixture
def send(giver: FlaskClient) -> Callable[..., str]:
    """Send a form of one's own pages; return where it leads, or the page that came back."""

    def sent(path: str, **fields: str) -> str:
        page = giver.get("/me/giving").text
        answer = giver.post(path, data={"csrf_token": csrf_in(page), **fields})
        assert answer.status_code in (303, 422), answer.status_code
        return answer.location if answer.status_code == 303 else answer.text

    return sent


def given(database: Database, own: uuid.UUID) -> Amount:
    with database.reading() as session:
        return amounts.current(session, session.get_one(Pledge, own))


def test_a_gift_is_paused_and_goes_on_early(
    giver: FlaskClient, own: uuid.UUID, send: Callable[..., str], gateway: FakeGateway
) -> None:
    assert "6 months" in giver.get(f"/me/pause/{own}").text
    assert send(f"/me/pause/{own}", months="3") == "/me/giving"
    page = giver.get("/me/giving").text
    assert "Paused until 21 March 2027" in page
    assert f"/me/pause/{own}" not in page
    assert f"/me/stop/{own}" in page
    assert send(f"/me/pause/{own}", months="3") == "/me/giving"
    assert send(f"/me/resume/{own}") == "/me/giving"
    assert "Running" in giver.get("/me/giving").text
    assert [order.kind for order in gateway.changes.values()] == ["pause", "resume"]


@pytest.mark.parametrize("months", ["", "0", "4", "-1", "1e9", "three", "3\x00"])
def test_a_pause_of_other_months_comes_back(
    own: uuid.UUID, send: Callable[..., str], months: str, gateway: FakeGateway
) -> None:
    assert "Pause this gift" in send(f"/me/pause/{own}", months=months)
    assert gateway.changes == {}


@pytest.mark.parametrize(
    ("typed", "fee", "taken"),
    [
        ("25", {}, Amount(2500, 0)),
        ("£5.50", {}, Amount(550, 0)),
        ("1", {}, Amount(100, 0)),
        ("500", {}, Amount(50_000, 0)),
        ("25", {"cover_fee": "y"}, Amount(2559, 59)),
    ],
)
def test_another_amount_is_given_from_the_next_month_on(
    giver: FlaskClient,
    own: uuid.UUID,
    send: Callable[..., str],
    database: Database,
    typed: str,
    fee: dict[str, str],
    taken: Amount,
) -> None:
    assert send(f"/me/change/{own}", amount=typed, **fee) == "/me/giving"
    assert given(database, own) == taken
    shown = f"£{taken.pence / 100:.2f}".removesuffix(".00")
    assert f"{shown} every month" in giver.get("/me/giving").text
    form = giver.get(f"/me/change/{own}").text
    assert ("checked" in form) == bool(fee)
    assert re.search(rf'name="amount"[^>]*value="{typed.lstrip("£")}"', form)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0.99", "The least"),
        ("500.01", "begin a"),
        ("1e9", "Enter an amount"),
        ("-5", "Enter an amount"),
        ("NaN", "Enter an amount"),
        ("١٠", "Enter an amount"),  # noqa: RUF001 -- an Arabic ten
        ("10.123", "Enter an amount"),
        ("", "Enter an amount"),
        ("9" * 5000, "Enter an amount"),
        ("ten", "Enter an amount"),
    ],
)
def test_what_is_no_amount_to_change_to_comes_back_as_it_was_typed(
    own: uuid.UUID, send: Callable[..., str], database: Database, typed: str, words: str
) -> None:
    page = send(f"/me/change/{own}", amount=typed)
    assert words in page
    assert f'value="{typed}"' in page or not typed
    assert given(database, own) == Amount(1000, 0)


def test_the_card_fee_counts_towards_the_most(
    own: uuid.UUID, send: Callable[..., str], database: Database
) -> None:
    assert "begin a" in send(f"/me/change/{own}", amount="500", cover_fee="y")
    assert given(database, own) == Amount(1000, 0)


def test_while_stripe_does_not_hear_us_the_page_says_so_and_nothing_else_is_asked(
    giver: FlaskClient,
    own: uuid.UUID,
    send: Callable[..., str],
    gateway: FakeGateway,
    database: Database,
    clock: FakeClock,
    work: Work,
) -> None:
    gateway.deaf = True
    assert send(f"/me/change/{own}", amount="25") == "/me/giving"
    page = giver.get("/me/giving").text
    assert "We are telling the payment company of the new amount" in page
    assert "£10 every month" in page
    for path in (f"/me/change/{own}", f"/me/pause/{own}"):
        assert path not in page
        assert giver.get(path).location == "/me/giving"
        assert send(path, amount="30", months="1") == "/me/giving"
    assert f"/me/stop/{own}" in page
    gateway.deaf = False
    clock.move(minutes=3)
    work()
    assert given(database, own) == Amount(2500, 0)
    assert len(gateway.changes) == 1


def test_a_wish_whose_request_died_is_told_by_the_worker(
    own: uuid.UUID, send: Callable[..., str], gateway: FakeGateway, clock: FakeClock, work: Work
) -> None:
    gateway.down = True
    send(f"/me/pause/{own}", months="1")
    gateway.down = False
    clock.move(minutes=3)
    work()
    assert [order.kind for order in gateway.changes.values()] == ["pause"]


def test_what_was_refused_is_told_and_can_be_tried_again(
    giver: FlaskClient,
    own: uuid.UUID,
    send: Callable[..., str],
    gateway: FakeGateway,
    database: Database,
    clock: FakeClock,
    work: Work,
) -> None:
    gateway.refusing = True
    send(f"/me/change/{own}", amount="25")
    for _time in range(6):
        clock.move(hours=2)
        work()
    gateway.refusing = False
    with database.reading() as session:
        assert session.scalars(select(MonthlyChange.due_at)).all() == [None]
    assert given(database, own) == Amount(1000, 0)
    assert giver.get(f"/me/change/{own}").location == "/me", "the pages have closed meanwhile"
    with database.transaction() as session:
        session.scalars(select(AccessLink)).one().used_at = clock.now()
    with giver.session_transaction() as browser, database.reading() as session:
        browser["link"] = str(session.scalars(select(AccessLink.id)).one())
    assert "did not take your last change" in giver.get("/me/giving").text
    send(f"/me/change/{own}", amount="30")
    assert given(database, own) == Amount(3000, 0)


def test_the_mailed_link_stops_a_gift_in_two_clicks(
    own: uuid.UUID, client: FlaskClient, mailer: FakeMailer, database: Database
) -> None:
    """The button that opens the pages, and the button that stops; no question in between."""
    unused(database)
    (letter,) = [mail for mail in mailer.to(KIM) if "Receipt" in mail["Subject"]]
    (path,) = re.findall(r"(/me/open\?token=\S+&to=\S+)", letter.get_content())
    page = client.get(path).text
    to = re.search(r'name="to" value="([^"]+)"', page)
    assert to
    answer = client.post("/me/open", data={"token": token_in(page), "to": to[1]})
    assert answer.location == f"/me/stop/{own}"
    page = client.get(answer.location).text
    assert f"/me/pause/{own}" in page
    assert f"/me/change/{own}" in page
    client.post(answer.location, data={"csrf_token": csrf_in(page)})
    assert "Stopped" in client.get("/me/giving").text


@pytest.mark.parametrize(
    "to", ["", "https://elsewhere.example", "//elsewhere.example", "20260", "x" * 9000, "../donate"]
)
@pytest.mark.usefixtures("own")
def test_a_link_leads_nowhere_but_to_ones_own_pages(
    client: FlaskClient, database: Database, to: str
) -> None:
    name = unused(database)
    token = links.token(name, client.application.extensions["link_keys"])
    answer = client.post("/me/open", data={"token": token, "to": to})
    assert answer.location == "/me/giving"


def unused(database: Database) -> uuid.UUID:
    """Make the link of the receipt as good as new; return its id."""
    with database.transaction() as session:
        link = session.scalars(select(AccessLink)).one()
        link.used_at = None
        return link.id
