"""Joining through a branch: the one on the leaflet, while it is open."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from branches.models import Branch, DirectoryState, Region
from core.database import Database
from members.models import MembershipEvent
from payments.models import Pledge
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import JOINER, NOTIFIED, the_member, token_in

pytestmark = pytest.mark.usefixtures("two_regions")
ELSEWHERE = "yorkshire@example.org"


@pytest.fixture
def two_regions(small_directory: None, database: Database) -> None:
    """Waltham Forest, where the joiner lives, and Leeds, which is far away."""
    with database.transaction() as session:
        region = Region(
            slug="yorkshire",
            name="Yorkshire",
            phone="+447809839793",
            display="078 0983 9793",
            ons_code="E12000003",
            notify_email=ELSEWHERE,
            rank=1,
        )
        branch = Branch(
            slug="leeds",
            name="Leeds",
            region=region,
            postcode="LS1 6AL",
            lat=53.79,
            lon=-1.55,
            position_given=True,
            place="",
            meets="",
            status="open",
            sample=True,
            rank=1,
        )
        session.add(branch)


def close(database: Database, slug: str, day: dt.date) -> None:
    with database.transaction() as session:
        closing = update(Branch).where(Branch.slug == slug).values(status="closed", closed=day)
        session.execute(closing)
        session.add(DirectoryState(id=1, version=1))  # so that everybody looks again


def branch_of(database: Database) -> tuple[str | None, str | None]:
    """Return the slugs of the only member's branch and region."""
    member = the_member(database)
    with database.reading() as session:
        branch = session.get(Branch, member.branch_id) if member.branch_id else None
        region = session.get(Region, member.region_id) if member.region_id else None
    return branch.slug if branch else None, region.slug if region else None


def form_at(client: FlaskClient, address: str, **but: str) -> dict[str, str]:
    """Fill in the form that stands at an address, with what it hides."""
    page = client.get(address).text
    hidden = dict(re.findall(r'<input type="hidden" name="(branch|source)" value="([^"]*)"', page))
    return {**JOINER, **hidden, "token": token_in(page), **but}


def test_the_page_says_through_which_branch_one_joins(client: FlaskClient) -> None:
    page = client.get("/join?branch=leeds&source=leaflet")
    assert page.status_code == 200
    assert 'through <a href="/branches/leeds">Leeds</a>' in page.text
    assert "It decides your branch." not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers


def test_the_branch_on_the_leaflet_goes_before_that_of_the_postcode(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
) -> None:
    sent = form_at(client, "/join?branch=leeds&source=leaflet")
    assert client.post("/join", data=sent).status_code == 303
    assert branch_of(database) == ("leeds", "yorkshire")
    assert the_member(database).postcode == "E11 1AA"
    with database.reading() as session:
        assert session.scalars(select(Pledge.source)).one() == "leaflet"
        why = session.scalars(select(MembershipEvent.why)).one()
    assert why == "sent the form, through Leeds"
    gateway.pay(gateway.only_session())
    page = client.get(f"/join/thanks?session_id={gateway.only_session()}").text
    assert 'Your branch is <a href="/branches/leeds">Leeds</a>' in page
    work()
    assert branch_of(database) == ("leeds", "yorkshire")
    assert the_member(database).state == "active"
    assert mailer.to(ELSEWHERE)
    assert not mailer.to(NOTIFIED)


def test_a_branch_that_closes_before_the_first_due_is_not_the_new_member_s(
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
) -> None:
    client.post("/join", data=form_at(client, "/join?branch=leeds"))
    close(database, "leeds", clock.now().date())
    gateway.pay(gateway.only_session())
    client.get(f"/join/thanks?session_id={gateway.only_session()}")
    assert branch_of(database) == ("waltham-forest", "london")


@pytest.mark.parametrize(
    "slug", ["atlantis", "", "LEEDS", "leeds'--", "../leeds", "\x00", "x" * 5000, "<b>leeds</b>"]
)
def test_rubbish_in_the_place_of_a_branch_counts_for_nothing(
    client: FlaskClient, database: Database, slug: str
) -> None:
    page = client.get("/join", query_string={"branch": slug, "source": slug})
    assert page.status_code == 200
    assert "You are joining through" not in page.text
    assert 'name="branch"' not in page.text
    sent = form_at(client, "/join", branch=slug)
    assert client.post("/join", data=sent).status_code == 303
    assert branch_of(database) == ("waltham-forest", "london")


def test_a_closed_branch_counts_for_nothing(
    client: FlaskClient, database: Database, clock: FakeClock
) -> None:
    sent = form_at(client, "/join?branch=leeds")
    assert sent["branch"] == "leeds"
    close(database, "leeds", clock.now().date())
    assert "You are joining through" not in client.get("/join?branch=leeds").text
    assert client.post("/join", data=sent).status_code == 303
    assert branch_of(database) == ("waltham-forest", "london")


def test_a_form_that_comes_back_with_errors_still_names_the_branch(client: FlaskClient) -> None:
    sent = form_at(client, "/join?branch=leeds&source=leaflet", postcode="nonsense")
    answer = client.post("/join", data=sent)
    assert answer.status_code == 422
    assert "You are joining through" in answer.text
    assert 'name="branch" value="leeds"' in answer.text
    assert 'name="source" value="leaflet"' in answer.text


def test_who_goes_back_and_joins_without_the_leaflet_is_placed_by_the_postcode(
    client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    client.post("/join", data=form_at(client, "/join?branch=leeds"))
    client.post("/join", data=form_at(client, "/join"))
    assert len(gateway.orders) == 1
    assert branch_of(database) == ("waltham-forest", "london")


def test_nobody_is_too_far_away_for_a_leaflet(client: FlaskClient, database: Database) -> None:
    sent = form_at(client, "/join?branch=leeds", postcode="BT1 1AA")
    assert client.post("/join", data=sent).status_code == 303
    assert branch_of(database) == ("leeds", "yorkshire")
    assert the_member(database).precision == "none"
