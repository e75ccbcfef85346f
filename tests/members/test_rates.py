"""Dues of another rate: a wish first, told to Stripe once, and the member's when it was heard."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from config import Settings
from core.database import Database
from core.money import Money
from core.organisation import Rate
from members.models import Member, MembershipEvent
from members.self_service import leaving, rating, stopping
from payments.models import Declaration, MonthlyChange, Pledge
from payments.monthly import amounts, wishing
from payments.monthly.wishing import CannotChange, Wish
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import JOINER, csrf_in, join_form, the_member
from tests.members.standing.books import make_member

pytestmark = pytest.mark.usefixtures("small_directory")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOW = Rate("low-waged", "Low-waged", Money(500))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """There are a rate of the same amount as another, and one above the threshold of the law."""
    more = (Rate("youth", "Youth", Money(1000)), Rate("patron", "Patron", Money(50_001)))
    rates = (*settings.organisation.rates, *more)
    return replace(settings, organisation=replace(settings.organisation, rates=rates))


@pytest.fixture
def change(holder: FlaskClient, database: Database) -> Callable[..., tuple[int, str]]:
    """Send the form of the rate; return the status, and where it leads or the page's words."""

    def changed(**typed: str) -> tuple[int, str]:
        token = csrf_in(holder.get("/me/giving").text)
        path = f"/me/rate/{the_member(database).id}"
        answer = holder.post(path, data={"csrf_token": token, **typed})
        words = answer.location or re.sub(r"\s+", " ", answer.text)
        return answer.status_code, words

    return changed


def paid(database: Database) -> int:
    with database.reading() as session:
        pledge = session.get_one(Pledge, the_member(database).dues_pledge_id)
        return amounts.current(session, pledge).pence


def rate_events(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        found = select(MembershipEvent).where(MembershipEvent.kind == "rate")
        return [(row.why, row.who) for row in session.scalars(found.order_by(MembershipEvent.id))]


def test_another_rate_is_the_member_s_once_stripe_has_heard_of_it(
    holder: FlaskClient,
    change: Callable[..., tuple[int, str]],
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
) -> None:
    assert "Change rate" in holder.get("/me/giving").text
    gateway.deaf = True
    assert change(rate="low-waged") == (303, "/me/giving")
    assert (the_member(database).rate, paid(database)) == ("standard", 1000)
    assert "We are telling the payment company of the new amount" in holder.get("/me/giving").text
    assert change(rate="unwaged")[0] == 409
    gateway.deaf = False
    clock.move(minutes=3)
    work()
    work()
    assert (the_member(database).rate, paid(database)) == ("low-waged", 500)
    assert rate_events(database) == [("standard to low-waged, £5 a month", "member")]
    (order,) = gateway.changes.values()
    assert (order.kind, order.pence) == ("amount", 500)
    with database.reading() as session:
        assert session.scalars(select(MonthlyChange)).one().idempotency_key == order.key
    (letter,) = [each for each in mailer.to(JOINER["email"]) if "are now" in each["Subject"]]
    assert letter["Subject"] == "Your membership dues are now £5"
    assert "gift" not in letter.get_content().lower()


@on_sqlite
def test_what_may_be_chosen_is_a_rate_or_an_amount_from_the_lowest_on(
    change: Callable[..., tuple[int, str]], gateway: FakeGateway
) -> None:
    own = {"rate": "own-amount"}
    refused = [
        ({"rate": "standard"}, "what you pay already"),
        ({"rate": "nobody"}, "Choose what you can pay"),
        ({}, "what you pay already"),
        ({**own, "own_amount": "1.99"}, "Enter £2 or more"),
        ({**own, "own_amount": "10000.01"}, "Enter £10,000 or less"),
        ({**own, "own_amount": ""}, "Enter how much"),
        ({**own, "own_amount": "ten\x00"}, "Enter an amount in pounds"),
    ]
    for typed, words in refused:
        status, page = change(**typed)
        assert (status, words in page) == (422, True), typed
    assert gateway.changes == {}
    assert change(**own, own_amount="2") == (303, "/me/giving")
    assert change(rate="low-waged", own_amount="rubbish") == (303, "/me/giving")
    assert [order.pence for order in gateway.changes.values()] == [200, 500]


@on_sqlite
def test_a_rate_of_the_same_amount_needs_no_stripe(
    change: Callable[..., tuple[int, str]], database: Database, gateway: FakeGateway
) -> None:
    assert change(rate="youth") == (303, "/me/giving")
    assert (the_member(database).rate, gateway.changes) == ("youth", {})
    assert rate_events(database) == [("standard to youth, £10 a month", "member")]


@on_sqlite
def test_dues_above_the_threshold_are_declared_first(
    change: Callable[..., tuple[int, str]], database: Database, gateway: FakeGateway
) -> None:
    status, page = change(rate="patron")
    assert status == 422
    assert "comes to more than £500" in page
    assert "1 High Road" in page
    half = {"declaration": "asked", "declare_own": "y"}
    assert change(rate="patron", **half)[0] == 422
    assert gateway.changes == {}
    assert change(rate="patron", **half, declare_may_give="y") == (303, "/me/giving")
    with database.reading() as session:
        declared = session.scalars(select(Declaration)).one()
    assert (declared.name, declared.postcode) == ("Sam Jones", "E11 1AA")
    assert (the_member(database).rate, paid(database)) == ("patron", 50_001)


def test_a_month_may_be_of_either_amount_until_stripe_has_heard_and_one_wish_waits_at_a_time(
    database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        member = make_member(session)
        kept = rating.ask(session, member.id, LOW, declared=None, who="member", now=clock.now())
        assert kept is not None
        pledge = session.get_one(Pledge, member.dues_pledge_id)
        assert amounts.agreed_at(session, pledge, clock.now()) == {1000, 500}
        with pytest.raises(rating.CannotChangeRate, match="waiting"):
            rating.ask(session, member.id, LOW, declared=None, who="member", now=clock.now())


@pytest.mark.parametrize("state", ["lapsed", "left", "applied"])
@on_sqlite
def test_only_a_member_s_rate_can_be_changed(
    database: Database, clock: FakeClock, state: str
) -> None:
    with database.transaction() as session:
        member = make_member(session, state=state)
        with pytest.raises(rating.CannotChangeRate, match="no-member"):
            rating.ask(session, member.id, LOW, declared=None, who="member", now=clock.now())


@on_sqlite
def test_dues_that_stripe_does_not_take_are_not_changed_there_and_none_is_ever_paused(
    database: Database, clock: FakeClock
) -> None:
    now = clock.now()
    with database.transaction() as session:
        member = make_member(session)
        with pytest.raises(CannotChange):
            wishing.ask(session, member.dues_pledge_id, Wish("pause", months=1), now=now)
        pledge = session.get_one(Pledge, member.dues_pledge_id)
        pledge.stripe_subscription = None
        assert rating.hindrance(session, member) == "elsewhere"
        pledge.stripe_subscription = "sub_again"
        stopping.ask(session, pledge.id, now=now)
        assert rating.hindrance(session, member) == "stopped"


@on_sqlite
def test_a_wish_that_is_overtaken_by_leaving_changes_no_rate(
    change: Callable[..., tuple[int, str]],
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    work: Work,
) -> None:
    gateway.down = True
    change(rate="low-waged")
    with database.transaction() as session:
        member = session.get_one(Member, the_member(database).id)
        leaving.leave(session, member, now=clock.now())
    gateway.down = False
    clock.move(hours=2)
    work()
    work()
    assert (the_member(database).state, rate_events(database)) in [
        ("left", []),
        ("left", [("standard to low-waged, £5 a month", "member")]),
    ]


@on_sqlite
def test_nobody_s_rate_but_one_s_own_can_be_changed(
    holder: FlaskClient, database: Database, join: Callable[..., str]
) -> None:
    join(email="kim@example.org", name="Kim Lee", date_of_birth="1/1/1990")
    with database.reading() as session:
        kim = session.scalars(select(Member.id).where(Member.email == "kim@example.org")).one()
    token = {"csrf_token": csrf_in(holder.get("/me/giving").text)}
    for page in ("rate", "details", "email"):
        assert holder.get(f"/me/{page}/{kim}").status_code == 404
        assert holder.post(f"/me/{page}/{kim}", data=token).status_code == 404


@on_sqlite
def test_who_joins_may_pay_an_amount_of_their_own(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    low = client.post("/join", data=join_form(client, rate="own-amount", own_amount="1"))
    assert low.status_code == 422
    assert "Enter £2 or more" in low.text
    client.post("/join", data=join_form(client, rate="own-amount", own_amount="7.50"))
    (order,) = gateway.orders.values()
    assert (the_member(database).rate, order.pence) == ("own-amount", 750)
