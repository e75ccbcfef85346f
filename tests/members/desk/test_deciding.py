"""Deciding at the desk: applications that wait, and whether two records are one person's."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select

from members.merging.models import MergedMember
from members.models import Likeness, Member, MembershipEvent
from staff.auditing import Subject, of_subject
from staff.principal import Role
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.desk.conftest import People, put, seat
from tests.staff.conftest import Person

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GONE = uuid.UUID(int=7)


def applicant(people: People, branch: str = "hackney") -> uuid.UUID:
    """Put in somebody who has joined and paid and waits."""
    with people.database.transaction() as session:
        made = put(session, state="applied", paid=[START], branch=branch)
        session.get_one(Member, made).waiting_since = START - dt.timedelta(days=2)
        return made


def send(people: People, path: str, by: Person | None = None, **typed: str) -> tuple[int, str]:
    """Send a form with the token of the session; return the status and where it leads, or words."""
    client = (by or people.kim).client
    form = {**typed, "csrf_token": csrf_in(client.get("/desk/account").text)}
    answer = client.post(f"/desk/people/{path}", data=form)
    return answer.status_code, answer.location or answer.text


def alike(people: People) -> tuple[uuid.UUID, uuid.UUID]:
    """Put in two who may be one person."""
    with people.database.transaction() as session:
        older = put(session, paid=[START])
        newer = put(session, name="Samuel Jones", stopped=START)
        session.add(Likeness(newer_id=newer, older_id=older, why="phone", noticed_at=START))
    return older, newer


def stops(people: People, member_id: uuid.UUID, at: dt.datetime | None) -> None:
    """Let somebody's dues be stopped, or run."""
    with people.database.transaction() as session:
        session.get_one(Member, member_id).dues.stopped_at = at


def done_to(people: People, member_id: uuid.UUID) -> list[str]:
    with people.database.reading() as session:
        entries = of_subject(session, Subject("member", member_id), most=9)
    return [each.detail for each in entries if each.kind == "change"]


def test_who_waits_is_accepted_once_and_the_second_who_decides_is_told(people: People) -> None:
    sam = applicant(people)
    lou = seat(people.desk, "lou@example.org", Role.ORGANISER, "london")
    assert "Accept as a member" in people.get(f"/{sam}")

    assert send(people, f"{sam}/accept") == (303, f"/desk/people/{sam}?done=accepted")
    late, told = send(people, f"{sam}/decline", lou, why="Nobody knows them")

    assert (late, "decided meanwhile" in told, "Nobody knows them" in told) == (409, True, True)
    assert people.member(sam).state == "active"
    assert done_to(people, sam) == ["accepted"]
    page = people.get(f"/{sam}")
    assert "Accept as a member" not in page
    assert "accepted, had waited since" in page


@once
def test_a_second_press_finds_who_was_accepted_as_the_member_they_were(people: People) -> None:
    """Of the application no row is left, and its address leads on in their own region alone."""
    with people.database.transaction() as session:
        older = put(session, state="left", stopped=START - dt.timedelta(days=9))
        newer = put(session, state="applied", rejoins_id=older, paid=[START])
        session.get_one(Member, newer).waiting_since = START - dt.timedelta(days=2)
    far = seat(people.desk, "wyn@example.org", Role.ORGANISER, "wales")
    assert send(people, f"{newer}/accept") == (303, f"/desk/people/{older}?done=accepted")
    status, told = send(people, f"{newer}/accept")
    assert (status, f"/desk/people/{older}" in told) == (409, True)
    assert people.kim.client.get(f"/desk/people/{newer}").location == f"/desk/people/{older}"
    status, told = send(people, f"{newer}/accept", far)
    assert (status, str(older) in told) == (404, False)
    assert done_to(people, older) == ["accepted"]


def test_who_is_not_accepted_has_left_with_a_reason(people: People) -> None:
    sam = applicant(people)

    status, page = send(people, f"{sam}/decline", why="  ")
    assert (status, "Say why." in page) == (422, True)
    assert people.member(sam).waiting_since is not None
    for _press in range(2):
        answer = send(people, f"{sam}/decline", why="Stands for another party")
        assert answer == (303, f"/desk/people/{sam}?done=declined")

    assert people.member(sam).state == "left"
    assert "Stands for another party" in people.get(f"/{sam}")
    assert done_to(people, sam) == ["declined"]


@once
def test_whose_dues_all_went_back_is_not_accepted(people: People) -> None:
    with people.database.transaction() as session:
        sam = put(session, state="applied")
        session.get_one(Member, sam).waiting_since = START

    assert send(people, f"{sam}/accept") == (303, f"/desk/people/{sam}?done=unpaid")
    assert people.member(sam).state == "applied"


def test_two_records_become_one_and_the_lost_one_leads_there(people: People) -> None:
    older, newer = alike(people)
    page = people.get(f"/{newer}/same/{older}")
    assert "Samuel Jones" in page
    stops(people, newer, None)
    status, words = send(people, f"{newer}/same/{older}", why="Rang", keep=str(older))
    assert (status, "Both pay dues at the gateway" in words) == (409, True)
    stops(people, newer, START)

    status, words = send(people, f"{newer}/same/{older}", why="Rang", keep=str(GONE))
    assert (status, "Choose which record stays." in words) == (422, True)
    for _press in range(2):
        kept = send(people, f"{newer}/same/{older}", why="Rang: joined twice", keep=str(older))
        assert kept == (303, f"/desk/people/{older}?done=merged")

    assert people.kim.client.get(f"/desk/people/{newer}").location == f"/desk/people/{older}"
    assert "Another record of theirs became one with this" in people.get(f"/{older}")
    assert done_to(people, older) == ["merged"]
    with people.database.reading() as session:
        (pointer,) = session.scalars(select(MergedMember)).all()
        (event,) = session.scalars(select(MembershipEvent).where(MembershipEvent.kind == "merged"))
    assert (pointer.lost_id, pointer.who) == (newer, event.who)
    assert pointer.who.startswith("staff:")


@once
def test_two_people_are_kept_apart_and_nobody_is_asked_again(people: People) -> None:
    older, newer = alike(people)
    assert "One person, or two?" in people.get(f"/{older}")

    for _press in range(2):
        assert send(people, f"{older}/two/{newer}")[0] == 303

    assert "One person, or two?" not in people.get(f"/{older}")
    assert done_to(people, older) == ["two-people"]


def test_nothing_is_decided_of_people_of_another_region(people: People) -> None:
    theirs = applicant(people, branch="cardiff")
    with people.database.transaction() as session:
        mine = put(session)
        session.add(Likeness(newer_id=theirs, older_id=mine, why="phone", noticed_at=START))
    for pair in (f"{mine}/same/{theirs}", f"{theirs}/same/{mine}"):
        people.get(f"/{pair}", 404)
        assert send(people, pair, why="Rang", keep=str(mine))[0] == 404
    assert send(people, f"{mine}/two/{theirs}")[0] == 404
    assert send(people, f"{theirs}/accept")[0] == 404
    assert send(people, f"{theirs}/decline", why="Rang")[0] == 404

    assert people.member(theirs).waiting_since is not None
    assert done_to(people, mine) == done_to(people, theirs) == []
