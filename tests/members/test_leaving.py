"""Leaving on one's own pages, in two clicks."""

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from members.models import Member
from payments.models import Pledge, StopRequest
from tests.conftest import Work
from tests.fakes import FakeGateway, FakeMailer
from tests.members.conftest import JOINER, csrf_in, the_member
from tests.members.standing.books import events_of

pytestmark = pytest.mark.usefixtures("small_directory")


@pytest.mark.parametrize("down", [False, True])
def test_a_member_leaves_in_two_clicks_whether_stripe_hears_it_or_not(
    holder: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
    down: bool,  # noqa: FBT001 -- a case
) -> None:
    member = the_member(database)
    page = holder.get("/me/giving").text
    assert f'href="/me/leave/{member.id}"' in page
    asked = holder.get(f"/me/leave/{member.id}")
    assert the_member(database).state == "active", "looking changes nothing"
    gateway.down = down
    token = {"csrf_token": csrf_in(asked.text)}
    assert holder.post(f"/me/leave/{member.id}", data=token).location == "/me/left"
    assert holder.post(f"/me/leave/{member.id}", data=token).status_code == 404
    assert "take no more dues" in " ".join(holder.get("/me/left").text.split())
    assert events_of(database, member)[2:] == [("state", "active", "left", "member")]
    gateway.down = False
    work()
    with database.reading() as session:
        assert session.scalars(select(StopRequest.pledge_id)).one() == member.dues_pledge_id
        stopped = session.get_one(Pledge, member.dues_pledge_id).stopped_at
    assert (stopped is None) == down, "where it was not heard, the worker tries again later"
    assert the_member(database).state == "left"
    letters = [mail for mail in mailer.to(JOINER["email"]) if mail["Subject"] == "You have left"]
    assert len(letters) == 1
    assert "Dear Sam," in letters[0].get_content()
    assert "/me/leave/" not in holder.get("/me/giving").text


def test_nobody_s_membership_but_one_s_own_can_be_left(
    holder: FlaskClient, database: Database, join: Callable[..., str]
) -> None:
    own = the_member(database)
    join(email="kim@example.org", name="Kim Lee", date_of_birth="1/1/1990")
    with database.reading() as session:
        kim = session.scalars(select(Member).where(Member.email == "kim@example.org")).one()
    token = {"csrf_token": csrf_in(holder.get("/me/giving").text)}
    for foreign in (kim.id, uuid.uuid4()):
        assert holder.get(f"/me/leave/{foreign}").status_code == 404
        assert holder.post(f"/me/leave/{foreign}", data=token).status_code == 404
    assert holder.post(f"/me/leave/{own.id}").status_code == 400
    with database.reading() as session:
        assert session.get_one(Member, kim.id).state == "active"
