import re
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.database import Database
from core.links import AccessLink
from members.models import LinkRequest, MembershipEvent
from payments.models import Pledge, StopRequest
from tests.conftest import Work
from tests.databases import ON_ONE
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import (
    JOINER,
    ask,
    csrf_in,
    link_in,
    open_pages,
    the_member,
    token_in,
)

pytestmark = [pytest.mark.usefixtures("small_directory"), ON_ONE]
SAM = JOINER["email"]
OTHER = "kim@example.org"


def own_dues(database: Database, email: str = SAM) -> uuid.UUID:
    with database.reading() as session:
        return session.scalars(select(Pledge.id).where(Pledge.email_key == email)).one()


def press(client: FlaskClient, path: str) -> tuple[int, str | None]:
    """Press a button on one's own pages; return status and where it leads."""
    csrf = csrf_in(client.get("/me/giving").text)
    answer = client.post(path, data={"csrf_token": csrf})
    return answer.status_code, answer.location


def letters_with_links(mailer: FakeMailer, to: str) -> int:
    return sum("The link to your own pages" in mail["Subject"] for mail in mailer.to(to))


def test_an_unknown_address_gets_the_same_answer_the_same_work_and_no_letter(
    client: FlaskClient,
    database: Database,
    mailer: FakeMailer,
    work: Work,
    join: Callable[..., str],
) -> None:
    join()
    answers, rows = [], []
    for email in (SAM, OTHER):
        form = {"email": email, "token": token_in(client.get("/me").text)}
        answer = client.post("/me", data=form)
        answers.append(
            (answer.status_code, answer.location, answer.text, set(answer.headers.keys()))
        )
        with database.reading() as session:
            rows.append(session.scalar(select(func.count()).select_from(LinkRequest)))
    assert answers[0] == answers[1]
    assert rows == [1, 2]
    assert "on its way" in client.get("/me/sent").text
    work()
    assert letters_with_links(mailer, SAM) == 1
    assert mailer.to(OTHER) == []
    with database.reading() as session:
        assert session.scalars(select(LinkRequest)).all() == []
        assert session.scalars(select(AccessLink).where(AccessLink.email == OTHER)).all() == []


def test_a_link_goes_to_the_address_as_it_was_given_to_us(
    client: FlaskClient, mailer: FakeMailer, work: Work, join: Callable[..., str]
) -> None:
    join()
    ask(client, work, "SAM@example.org")
    assert letters_with_links(mailer, SAM) == 1
    assert mailer.to("SAM@example.org") == []


def test_an_address_gets_three_links_an_hour_and_nobody_is_told(
    client: FlaskClient,
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
    join: Callable[..., str],
) -> None:
    join()
    for _time in range(5):
        ask(client, work, SAM)
    assert letters_with_links(mailer, SAM) == 3
    clock.move(minutes=61)
    ask(client, work, SAM)
    assert letters_with_links(mailer, SAM) == 4


@pytest.mark.parametrize("typed", ["", "sam", "x" * 5000, "sam@example"])
def test_what_is_no_address_is_told(client: FlaskClient, typed: str) -> None:
    form = {"email": typed, "token": token_in(client.get("/me").text)}
    answer = client.post("/me", data=form)
    assert answer.status_code == 422
    assert "e-mail address" in answer.text


def test_asking_writes_no_cookie_and_only_our_own_form_asks(client: FlaskClient) -> None:
    page = client.get("/me")
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    form, other = (
        {"email": SAM, "token": token_in(page.text)},
        {"Origin": "https://elsewhere.example"},
    )
    assert client.post("/me", data=form, headers=other).status_code == 403
    assert client.post("/me", data={"email": SAM}).status_code == 422


def test_a_scanner_that_looks_at_a_link_uses_nothing_up(
    client: FlaskClient, mailer: FakeMailer, work: Work, join: Callable[..., str]
) -> None:
    join()
    ask(client, work, SAM)
    link = link_in(mailer, SAM, "me/open")
    for _time in range(3):
        assert client.head(link).status_code == 200
        looked = client.get(link)
        assert looked.status_code == 200
        assert "Set-Cookie" not in looked.headers
    open_pages(client, mailer, SAM)
    assert client.get("/me/giving").status_code == 200


def test_a_link_works_once(
    app: Flask, client: FlaskClient, mailer: FakeMailer, work: Work, join: Callable[..., str]
) -> None:
    join()
    ask(client, work, SAM)
    token = token_in(client.get(link_in(mailer, SAM, "me/open")).text)
    first, second = app.test_client(), app.test_client()
    assert first.post("/me/open", data={"token": token}).status_code == 303
    spent = second.post("/me/open", data={"token": token})
    assert spent.status_code == 410
    assert 'action="/me"' in spent.text
    assert client.get(f"/me/open?token={token}").status_code == 410
    assert second.get("/me/giving").location == "/me"


def test_a_link_works_for_an_hour(
    client: FlaskClient,
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
    join: Callable[..., str],
) -> None:
    join()
    ask(client, work, SAM)
    token = token_in(client.get(link_in(mailer, SAM, "me/open")).text)
    clock.move(minutes=60)
    assert client.post("/me/open", data={"token": token}).status_code == 410


@pytest.mark.parametrize("token", ["", "made-up", "a" * 5000])
def test_a_made_up_link_is_gone(client: FlaskClient, token: str) -> None:
    assert client.get(f"/me/open?token={token}").status_code == 410
    assert client.post("/me/open", data={"token": token}).status_code == 410


def test_another_site_cannot_open_a_link_in_somebody_s_browser(
    client: FlaskClient, mailer: FakeMailer, work: Work, join: Callable[..., str]
) -> None:
    join()
    ask(client, work, SAM)
    token = token_in(client.get(link_in(mailer, SAM, "me/open")).text)
    other = {"Origin": "https://elsewhere.example"}
    assert client.post("/me/open", data={"token": token}, headers=other).status_code == 403
    assert client.post("/me/open", data={"token": token}).status_code == 303


def test_the_session_holds_the_link_s_id_and_nothing_about_the_holder(holder: FlaskClient) -> None:
    with holder.session_transaction() as kept:
        assert str(uuid.UUID(kept["link"])) == kept["link"]
        assert set(kept) <= {"link", "csrf_token"}
    cookie = holder.get_cookie("groundswell")
    assert cookie is not None
    assert cookie.http_only


def test_own_pages_show_agreements_and_payments(holder: FlaskClient) -> None:
    page = holder.get("/me/giving")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Membership dues: £10 every month" in page.text
    assert "Running" in page.text
    assert page.text.count("22 November 2026") >= 2


def test_own_pages_close_after_an_hour(holder: FlaskClient, clock: FakeClock) -> None:
    clock.move(minutes=60)
    answer = holder.get("/me/giving")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert holder.get("/me/giving").location == "/me"


def test_without_a_link_own_pages_lead_to_where_one_is_asked_for(client: FlaskClient) -> None:
    for path in ("/me/giving", f"/me/stop/{uuid.uuid4()}"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, "/me")


def test_signing_out_closes_the_pages_for_a_copied_cookie_too(
    app: Flask, holder: FlaskClient
) -> None:
    cookie = holder.get_cookie("groundswell")
    assert cookie is not None
    assert press(holder, "/me/sign-out") == (303, "/me")
    assert holder.get("/me/giving").location == "/me"
    thief = app.test_client()
    thief.set_cookie("groundswell", cookie.value)
    assert thief.get("/me/giving").location == "/me"


@pytest.mark.parametrize("path", ["stop", "billing"])
def test_nobody_s_agreement_but_one_s_own_is_found(
    holder: FlaskClient, database: Database, join: Callable[..., str], path: str
) -> None:
    join(email=OTHER, name="Kim Lee", date_of_birth="1/1/1990")
    others = own_dues(database, OTHER)
    for foreign in (others, uuid.uuid4()):
        assert press(holder, f"/me/{path}/{foreign}") == (404, None)
        assert holder.get(f"/me/stop/{foreign}").status_code == 404
    assert holder.get("/me/stop/nonsense").status_code == 404
    with database.reading() as session:
        assert session.scalars(select(StopRequest)).all() == []


def test_every_button_of_one_s_own_pages_asks_for_its_token(
    holder: FlaskClient, database: Database
) -> None:
    own = own_dues(database)
    for path in (f"stop/{own}", f"billing/{own}", "sign-out"):
        assert holder.post(f"/me/{path}").status_code == 400
        assert holder.post(f"/me/{path}", data={"csrf_token": "made up"}).status_code == 400
    assert "Running" in holder.get("/me/giving").text


def test_dues_are_stopped_and_the_member_has_left(
    holder: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
) -> None:
    own = own_dues(database)
    question = holder.get(f"/me/stop/{own}")
    assert "Stop this payment?" in question.text
    assert gateway.stopped == []
    assert press(holder, f"/me/stop/{own}") == (303, "/me/giving")
    assert gateway.stopped == [f"sub_{own.hex}"]
    assert "Stopped" in holder.get("/me/giving").text
    member = the_member(database)
    assert member.state == "left"
    with database.reading() as session:
        last = session.scalars(select(MembershipEvent).order_by(MembershipEvent.id.desc())).first()
    assert last is not None
    assert (last.from_state, last.to_state, last.why, last.who) == (
        "active",
        "left",
        "stopped dues",
        "member",
    )
    assert press(holder, f"/me/stop/{own}") == (303, "/me/giving")
    assert holder.get(f"/me/stop/{own}").location == "/me/giving"
    work()
    assert len(gateway.stopped) == 1
    assert sum("stopped" in mail["Subject"] for mail in mailer.to(SAM)) == 1


def test_with_stripe_away_the_page_says_stopping_and_the_worker_stops_it(
    holder: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    work: Work,
) -> None:
    own = own_dues(database)
    gateway.down = True
    assert press(holder, f"/me/stop/{own}") == (303, "/me/giving")
    page = holder.get("/me/giving").text
    assert "Stopping" in page
    assert f"/me/stop/{own}" not in page
    assert the_member(database).state == "active"
    gateway.down = False
    clock.move(seconds=20)
    work()
    assert gateway.stopped == [f"sub_{own.hex}"]
    assert "Stopping" not in holder.get("/me/giving").text
    assert the_member(database).state == "left"


def test_who_has_left_can_join_again(
    holder: FlaskClient, database: Database, join: Callable[..., str]
) -> None:
    press(holder, f"/me/stop/{own_dues(database)}")
    join()
    assert len(re.findall("Membership dues: £10", holder.get("/me/giving").text)) == 2


def test_cards_are_managed_on_the_gateway_s_own_page(
    holder: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    own = own_dues(database)
    status, location = press(holder, f"/me/billing/{own}")
    assert status == 303
    assert location is not None
    assert location.startswith(f"https://billing.example.org/cus_{own.hex}")
    assert location.endswith("/me/giving")
    gateway.down = True
    csrf = csrf_in(holder.get("/me/giving").text)
    answer = holder.post(f"/me/billing/{own}", data={"csrf_token": csrf})
    assert answer.status_code == 503
    assert "could not reach the payment company" in answer.text
    assert "Membership dues: £10 every month" in answer.text


def test_a_giver_who_is_no_member_has_pages_too(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer, work: Work
) -> None:
    gift = {"amount": "7", "frequency": "once", "display": "first"}
    token = token_in(client.post("/donate", data=gift).text)
    client.post("/donate/details", data={**gift, "name": "Kim", "email": OTHER, "token": token})
    gateway.pay(gateway.only_session())
    client.get(f"/donate/thanks?session_id={gateway.only_session()}")
    ask(client, work, OTHER)
    open_pages(client, mailer, OTHER)
    page = client.get("/me/giving").text
    assert "You have no regular payment with us" in page
    assert "Fighting Fund" in page
    assert "£7" in page
