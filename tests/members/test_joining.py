import datetime as dt
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from branches.models import Branch, Region
from core.database import Database
from members.forms import CONSENTS
from members.models import Consent, Member, MembershipEvent
from payments.models import Pledge
from payments.notices import Outcome
from tests.conftest import Work
from tests.databases import ON_ONE
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import JOINER, join_form, the_member

BAD_INPUT = [
    ("name", "", "Enter your name."),
    ("name", " ", "Enter your name."),
    ("name", "x" * 101, "100 characters at most"),
    ("email", "sam", "Enter an e-mail address"),
    ("phone", "12", "Enter a telephone number"),
    ("date_of_birth", "", "Enter your date of birth."),
    ("date_of_birth", "30/2/1985", "as day, month and year"),
    ("date_of_birth", "27/3/85", "as day, month and year"),
    ("date_of_birth", "23/11/2026", "Look at the year again"),
    ("date_of_birth", "21/11/1905", "Look at the year again"),
    ("date_of_birth", "23/11/2010", "from the age of 16. Until then"),
    ("address1", "", "Enter the first line"),
    ("town", "", "Enter your town"),
    ("postcode", "", "Enter your postcode."),
    ("rate", "", "Choose what you can pay"),
    ("rate", "free", "Choose what you can pay"),
    ("name", "Sam\x07", "cannot be shown"),
]
BAD_POSTCODES = ("E11", "E11 1", "nonsense", "E11 1AAA", "x" * 5000, "\x00")
pytestmark = [pytest.mark.usefixtures("small_directory"), ON_ONE]


def count(database: Database, kind: type[Member | Pledge | MembershipEvent | Consent]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def tag(page: str, field_id: str) -> str:
    """Return the tag that has this id."""
    found = re.search(rf'<[^>]* id="{field_id}"[^>]*>', page)
    assert found, field_id
    return found[0]


def test_the_form_writes_no_cookie_and_is_kept_by_no_cache(client: FlaskClient) -> None:
    page = client.get("/join")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers


def test_the_form_names_the_rates_and_ticks_nothing(client: FlaskClient) -> None:
    page = client.get("/join").text
    assert "£10 a month" in page
    assert "£2 a month" in page
    assert " checked" not in page
    for name in ("name", "email", "tel", "bday", "address-line1", "address-line2", "postal-code"):
        assert f'autocomplete="{name}"' in page


def test_joining_leads_to_checkout_for_the_first_due(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    answer = client.post("/join", data=join_form(client))
    (order,) = gateway.orders.values()
    assert answer.status_code == 303
    assert answer.location == f"https://checkout.example.org/{gateway.only_session()}"
    assert "Set-Cookie" not in answer.headers
    assert (order.pence, order.title, order.email) == (1000, "Membership dues", "sam@example.org")
    assert order.monthly
    assert order.dues
    assert order.success_url.endswith("/join/thanks?session_id={CHECKOUT_SESSION_ID}")
    assert order.cancel_url.endswith("/join/cancelled")
    member = the_member(database)
    assert (member.state, member.joined_at) == ("applied", None)
    assert (member.name, member.email, member.phone) == (
        "Sam Jones",
        "sam@example.org",
        "+447700900123",
    )
    assert (member.date_of_birth, member.rate) == (dt.date(1985, 3, 27), "standard")
    assert (member.postcode, member.precision) == ("E11 1AA", "postcode")
    assert member.dues_pledge_id == order.pledge_id


def test_a_joiner_is_placed_in_the_branch_and_region_of_the_locator(
    client: FlaskClient, database: Database
) -> None:
    client.post("/join", data=join_form(client))
    member = the_member(database)
    with database.reading() as session:
        branch, region = (
            session.scalars(select(Branch)).one(),
            session.scalars(select(Region)).one(),
        )
    assert (member.branch_id, member.region_id) == (branch.id, region.id)


def test_a_postcode_that_no_source_has_is_taken_and_placed_more_roughly(
    client: FlaskClient, database: Database
) -> None:
    answer = client.post("/join", data=join_form(client, postcode="E11 1FY"))
    assert answer.status_code == 303
    member = the_member(database)
    assert (member.postcode, member.precision) == ("E11 1FY", "sector")
    assert member.branch_id is not None


def test_a_postcode_without_a_place_joins_under_the_national_office(
    client: FlaskClient, database: Database
) -> None:
    assert client.post("/join", data=join_form(client, postcode="BT1 1AA")).status_code == 303
    member = the_member(database)
    assert (member.precision, member.branch_id, member.region_id) == ("none", None, None)


def test_a_bad_postcode_gives_the_form_back_with_everything_typed(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    for postcode in BAD_POSTCODES:
        sent = join_form(client, postcode=postcode, name="Zoë & Öz")
        answer = client.post("/join", data=sent)
        assert answer.status_code == 422, postcode
        assert "Enter a whole postcode" in answer.text
        assert 'value="Zoë &amp; Öz"' in answer.text
        for name in ("email", "phone", "date_of_birth", "address1", "address2", "town"):
            assert f'value="{JOINER[name]}"' in answer.text
        for box in ("rate-0", "consent_email"):
            assert "checked" in tag(answer.text, box)
    assert gateway.orders == {}
    assert count(database, Member) == 0


def test_bad_input_is_told_beside_its_field_and_keeps_nobody(
    client: FlaskClient, database: Database
) -> None:
    for field, typed, words in BAD_INPUT:
        answer = client.post("/join", data=join_form(client, **{field: typed}))
        assert answer.status_code == 422
        assert answer.text.count(words) == 2, (words, "beside the field and in the summary")
    assert count(database, Pledge) == 0


@pytest.mark.parametrize("day", ["1985-03-27", "27.3.1985", "27-03-1985", " 27 / 3 / 1985 "])
def test_a_birthday_may_be_written_in_many_ways(
    client: FlaskClient, database: Database, day: str
) -> None:
    assert client.post("/join", data=join_form(client, date_of_birth=day)).status_code == 303
    assert the_member(database).date_of_birth == dt.date(1985, 3, 27)


def test_who_turns_sixteen_today_in_london_can_join(client: FlaskClient, clock: FakeClock) -> None:
    clock.moment = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)  # 00:30 on 1 July in London
    assert client.post("/join", data=join_form(client, date_of_birth="1/7/2010")).status_code == 303
    young = client.post("/join", data=join_form(client, date_of_birth="2/7/2010"))
    assert young.status_code == 422


def test_a_telephone_number_may_be_left_out(client: FlaskClient, database: Database) -> None:
    assert client.post("/join", data=join_form(client, phone="")).status_code == 303
    assert the_member(database).phone is None


def test_the_same_form_sent_twice_makes_one_member_and_one_checkout(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = join_form(client)
    first, second = (client.post("/join", data=form) for _time in range(2))
    assert first.location == second.location
    assert (len(gateway.orders), gateway.calls.count("open_checkout")) == (1, 1)
    assert (count(database, Member), count(database, Pledge)) == (1, 1)
    assert (count(database, MembershipEvent), count(database, Consent)) == (1, 4)


def test_the_same_form_sent_by_two_threads_at_once_makes_one_member(
    app: Flask, client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = join_form(client)

    def send(_number: int) -> str | None:
        return app.test_client().post("/join", data=form).location

    with ThreadPoolExecutor(4) as senders:
        locations = set(senders.map(send, range(4)))
    assert locations == {f"https://checkout.example.org/{gateway.only_session()}"}
    assert (count(database, Member), count(database, Consent)) == (1, 4)


def test_every_channel_s_answer_is_kept_with_the_sentence_that_was_shown(
    client: FlaskClient, database: Database, clock: FakeClock
) -> None:
    page = client.get("/join").text
    client.post("/join", data=join_form(client, consent_post="y"))
    with database.reading() as session:
        rows = list(session.scalars(select(Consent).order_by(Consent.id)))
    assert {row.channel: row.given for row in rows} == {
        "email": True,
        "phone": False,
        "text": False,
        "post": True,
    }
    for row in rows:
        assert row.wording == str(CONSENTS[row.channel])
        assert row.wording in page
        assert (row.at, row.source) == (clock.now(), "join form")


def test_a_form_from_another_site_is_refused(client: FlaskClient, database: Database) -> None:
    form, other = join_form(client), {"Origin": "https://elsewhere.example"}
    assert client.post("/join", data=form, headers=other).status_code == 403
    assert count(database, Pledge) == 0


def test_a_form_that_lay_open_too_long_comes_back_filled_in_and_works(
    client: FlaskClient, database: Database
) -> None:
    form = join_form(client, token="made up")
    answer = client.post("/join", data=form)
    assert answer.status_code == 422
    assert 'value="Sam Jones"' in answer.text
    assert count(database, Pledge) == 0


def test_with_the_gateway_down_the_form_comes_back_and_pressing_again_goes_on(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = join_form(client)
    gateway.down = True
    answer = client.post("/join", data=form)
    assert answer.status_code == 503
    assert "Nothing has been charged" in answer.text
    assert f'value="{form["token"]}"' in answer.text
    assert f'value="{JOINER["address1"]}"' in answer.text
    gateway.down = False
    assert client.post("/join", data=form).status_code == 303
    assert (len(gateway.orders), count(database, Member)) == (1, 1)


def test_a_refused_checkout_is_told_and_the_next_try_is_a_new_one(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    form = join_form(client)
    gateway.refusing = True
    assert client.post("/join", data=form).status_code == 502
    gateway.refusing = False
    assert client.post("/join", data=form).status_code == 303
    assert count(database, Member) == 1


def test_a_form_sent_again_after_paying_leads_to_the_truth(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    form = join_form(client)
    client.post("/join", data=form)
    gateway.pay(gateway.only_session())
    client.get(f"/join/thanks?session_id={gateway.only_session()}")
    again = client.post("/join", data=form)
    assert again.location == f"/join/thanks?session_id={gateway.only_session()}"
    assert len(gateway.orders) == 1


def test_a_form_whose_checkout_was_never_reached_in_time_was_not_taken(
    client: FlaskClient, gateway: FakeGateway, clock: FakeClock
) -> None:
    form = join_form(client)
    gateway.down = True
    client.post("/join", data=form)
    clock.move(minutes=61)
    again = client.post("/join", data=form)
    assert again.location == "/join/cancelled"
    assert 'data-state="not-taken"' in client.get(again.location).text


def test_a_member_who_joins_again_gets_a_letter_and_no_second_checkout(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
    join: Callable[..., str],
) -> None:
    join()
    form = join_form(client, name="Samuel Jones", email="SAM@example.org")
    for _time in range(2):
        answer = client.post("/join", data=form)
        assert (answer.status_code, answer.location) == (303, "/join/look-in-your-mail")
    assert client.get(answer.location).status_code == 200
    work()
    assert (len(gateway.orders), count(database, Member)) == (1, 1)
    letters = [mail for mail in mailer.to("sam@example.org") if "already" in mail["Subject"]]
    assert len(letters) == 1
    assert "/me/open?token=" in letters[0].get_content()


def test_a_member_whose_direct_debit_is_settling_gets_no_second_checkout(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    client.post("/join", data=join_form(client))
    gateway.come_to(gateway.only_session(), Outcome.SETTLING)
    client.get(f"/join/thanks?session_id={gateway.only_session()}")
    answer = client.post("/join", data=join_form(client))
    assert answer.location == "/join/look-in-your-mail"


def test_letters_to_a_member_who_joins_again_are_three_an_hour(
    client: FlaskClient, mailer: FakeMailer, work: Work, join: Callable[..., str]
) -> None:
    join()
    answers = {client.post("/join", data=join_form(client)).location for _time in range(5)}
    work()
    assert answers == {"/join/look-in-your-mail"}
    assert sum("already" in mail["Subject"] for mail in mailer.to("sam@example.org")) == 3


def test_an_address_alone_does_not_show_that_somebody_is_a_member(
    client: FlaskClient, join: Callable[..., str]
) -> None:
    join()
    answer = client.post("/join", data=join_form(client, date_of_birth="28/3/1985"))
    assert answer.status_code == 303
    assert answer.location.startswith("https://checkout.example.org/")


def test_who_goes_back_before_paying_goes_on_with_the_same_checkout_and_what_they_now_say(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    first = client.post("/join", data=join_form(client, phone=""))
    second = client.post("/join", data=join_form(client, name="Samantha Jones"))
    assert first.location == second.location
    assert len(gateway.orders) == 1
    member = the_member(database)
    assert (member.name, member.phone) == ("Samantha Jones", "+447700900123")


def test_who_goes_back_for_another_rate_can_pay_only_the_new_one(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    client.post("/join", data=join_form(client))
    first = gateway.only_session()
    second = client.post("/join", data=join_form(client, rate="low-waged"))
    assert second.location.rpartition("/")[2] != first
    assert gateway.states[first].outcome is Outcome.EXPIRED
    with database.reading() as session:
        states = session.scalars(select(Pledge.state).order_by(Pledge.amount_pence)).all()
    assert list(states) == ["pending", "not-taken"]


@pytest.mark.parametrize("minutes", [1, 90])
@pytest.mark.parametrize("outcome", [Outcome.PAID, Outcome.SETTLING])
def test_who_has_paid_without_our_having_heard_is_not_led_to_pay_again(
    client: FlaskClient, gateway: FakeGateway, clock: FakeClock, outcome: Outcome, minutes: int
) -> None:
    client.post("/join", data=join_form(client))
    first = gateway.only_session()
    gateway.come_to(first, outcome)
    clock.move(minutes=minutes)  # a Checkout is open for an hour
    answer = client.post("/join", data=join_form(client, rate="low-waged"))
    assert (answer.status_code, answer.location) == (303, f"/join/thanks?session_id={first}")
    assert len(gateway.orders) == 1
    state = "received" if outcome is Outcome.PAID else "confirming"
    assert f'<main data-state="{state}"' in client.get(answer.location).text


def test_who_never_paid_in_time_can_join_again(
    client: FlaskClient, gateway: FakeGateway, clock: FakeClock
) -> None:
    client.post("/join", data=join_form(client))
    clock.move(hours=2)
    answer = client.post("/join", data=join_form(client))
    assert answer.location.startswith("https://checkout.example.org/")
    assert len(gateway.orders) == 2
