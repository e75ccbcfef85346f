"""Changing the directory: shown before, applied once, and followed by the members it concerns."""

import datetime as dt
import io
import random

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from branches.desk import following, moving, snapshots
from branches.desk.moving import Change
from branches.desk.world import World, trying
from branches.directory import files_of
from branches.locator import Locator
from branches.models import Branch, Catchment
from branches.postcodes import PostcodeIndex
from branches.snapshot import take
from members.models import Member, MembershipEvent
from members.records import MemberTransfer
from members.residents import MembersHere
from members.searching import MemberWord
from staff.models import AuditEntry
from tests.branches.desk.conftest import (
    BRANCHES,
    CARDIFF,
    HACKNEY,
    LEYTON,
    REGIONS,
    Branches,
    days_on,
    fields,
    table,
)
from tests.branches.factories import files
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.desk.conftest import put

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DIRECTORY = "/desk/branches/directory"


def test_who_would_move_is_shown_first_and_follows_once_it_is_applied(branches: Branches) -> None:
    near = [branches.settle(LEYTON, "leyton") for _each in range(2)]
    by_hand = branches.settle(LEYTON, "newham")
    gone = branches.settle(CARDIFF, "leyton")
    with branches.database.transaction() as session:
        session.execute(update(Member).where(Member.id == near[1]).values(state="left"))
    where = branches.prepare("leyton", closed=START.date().isoformat())
    page = branches.alex.client.get(where).text
    assert table(page)[-2:] == [["Leyton", "Cardiff", "1"], ["Leyton", "Newham", "1"]]
    assert branches.branch("leyton").status == "open"
    assert branches.kim.client.get(where).status_code == 404

    assert branches.apply(where) == 303
    assert branches.apply(where) == 303  # the button pressed twice
    assert branches.branch("leyton").status == "closed"
    branches.desk.work()

    stand = [branches.stands(each) for each in (*near, by_hand, gone)]
    assert stand == ["newham", "leyton", "newham", "cardiff"]
    with branches.database.reading() as session:
        events = session.scalars(
            select(MembershipEvent).where(MembershipEvent.kind == "moved")
        ).all()
        words = session.scalars(
            select(MemberWord.branch_id).where(MemberWord.member_id == near[0])
        ).all()
        handed_on = session.scalar(select(func.count()).select_from(MemberTransfer))
    assert {each.member_id for each in events} == {near[0], gone}
    assert {each.who for each in events} == {f"staff:{branches.changes()[0].account_id}"}
    assert set(words) == {branches.id("newham")}
    assert handed_on == 2
    (change,) = branches.changes()
    assert (change.moved, change.files, change.before) == (2, None, None)
    assert ("change", "directory:applied") in branches.desk.audit()
    assert branches.desk.audit().count(("change", "moved:2")) == 1
    assert "2 people have moved." in branches.alex.client.get(DIRECTORY).text


@once
def test_what_was_shown_of_an_older_directory_is_refused_in_words(branches: Branches) -> None:
    first, second = branches.prepare("leyton", name="East"), branches.prepare("newham", name="West")
    assert branches.apply(first) == 303
    assert branches.apply(second) == 409
    page = branches.alex.client.get(second).text
    assert "was changed since this was prepared" in page
    assert "Apply this change" not in page
    assert ["East", "Leyton"] in table(page)
    assert branches.branch("newham").name == "Newham"


@once
def test_the_second_of_two_admins_is_shown_both_versions(branches: Branches) -> None:
    path = f"{DIRECTORY}/branch/{branches.id('leyton')}"
    form = fields(branches.alex.client.get(path).text)
    assert branches.apply(branches.prepare("leyton", name="East", catchments="sector E11 1")) == 303
    answer = branches.alex.client.post(path, data=form | {"name": "West", "postcode": "E11 1AA"})
    assert answer.status_code == 409
    assert 'value="West"' in answer.text
    assert '<span class="story__text">East</span>' in answer.text
    assert "sector E11 1" in answer.text
    again = branches.alex.client.post(path, data=fields(answer.text))
    assert again.status_code == 303
    assert table(branches.alex.client.get(again.location).text)[0] == ["East", "West"]


@once
def test_two_changes_in_a_row_leave_everybody_where_the_last_one_puts_them(
    branches: Branches,
) -> None:
    sam, ann = branches.settle(LEYTON, "leyton"), branches.settle(HACKNEY, "hackney")
    assert branches.apply(branches.prepare("hackney", catchments="outcode E11")) == 303
    today = START.date().isoformat()
    assert branches.apply(branches.prepare("hackney", closed=today)) == 303
    branches.desk.work()
    assert (branches.stands(sam), branches.stands(ann)) == ("leyton", "newham")


@once
def test_a_day_to_come_is_shown_and_is_followed_when_it_comes(branches: Branches) -> None:
    sam = branches.settle(LEYTON, "leyton")
    day = dt.date(2027, 1, 10)
    where = branches.prepare("leyton", closed=day.isoformat())
    page = branches.alex.client.get(where).text
    assert "On 10 January 2027: 1 person" in " ".join(page.split())
    assert branches.apply(where) == 303
    for days, slug in ((days_on(day) - 1, "leyton"), (1, "newham")):
        branches.desk.clock.move(days=days)
        branches.desk.work()
        assert branches.stands(sam) == slug


def test_the_count_is_what_each_postcode_by_itself_comes_to(
    branches: Branches, built_index: PostcodeIndex
) -> None:
    """Sectors are counted first; nobody is missed by it, whatever changes."""
    locator: Locator = branches.desk.app.extensions["branches"].locator
    chosen = random.Random(6)  # noqa: S311 -- a test's own people, the same each time
    every = [
        f"{out} {digit}{unit}"
        for out in ("E8", "E9", "E10", "E11", "E15", "E7", "CF10")
        for digit in range(1, 9)
        for unit in ("AA", "AB", "BD", "DP", "HH", "LN", "PQ", "RS")
    ]
    with branches.database.transaction() as session:
        before = take(session, version=0, today=START.date())
        rules = locator.locating(before)
        rows = [member_at(session, postcode) for postcode in chosen.sample(every, 120)]
        for member in rows:
            placed = locator.place_by(rules, member.postcode)
            member.branch_id = placed.branch.id if placed.branch else None
            member.region_id = placed.region.id if placed.region else None
        session.flush()
        world = World(built_index, START.date())
        for branches_csv, catchments in (
            (BRANCHES.replace("leyton,Leyton,london,E11 1AA", "leyton,Leyton,london,E7 8AA"), ""),
            (BRANCHES + "poplar,Poplar,london,E9 5AA,,,,,,,open,,,no\n", ""),
            (BRANCHES, "hackney,sector,E11 1\nnewham,district,E09000012\n"),
            (BRANCHES.replace("leyton,Leyton,london", "leyton,Leyton,wales"), ""),
        ):
            sent = files(
                regions=REGIONS, branches=branches_csv, catchments="branch,kind,code\n" + catchments
            )
            with trying(session, world, sent):
                after = world.directory(session)
            change = Change.of(
                locator, before, snapshots.read(snapshots.written(after), today=START.date())
            )
            counted = sum(each.people for each in moving.flows(session, MembersHere(), change))
            one_by_one = moving.Following(change)
            people = MembersHere().following(session, None, 1000)
            exact = sum(
                one_by_one.goes_to(each.postcode, each.stand) is not None for each in people
            )
            assert counted == exact > 0


def member_at(session: Session, postcode: str) -> Member:
    return session.get_one(Member, put(session, postcode=postcode))


@once
def test_people_are_looked_at_a_few_at_a_time_and_none_twice(branches: Branches) -> None:
    people = [branches.settle(LEYTON, "leyton") for _each in range(5)]
    assert branches.apply(branches.prepare("leyton", closed=START.date().isoformat())) == 303
    locator: Locator = branches.desk.app.extensions["branches"].locator
    steps = 0
    with branches.desk.app.app_context():
        while True:
            with branches.database.transaction() as session:
                world = World.at(locator, START.date())
                if not following.follow(
                    session,
                    world=world,
                    locator=locator,
                    residents=MembersHere(),
                    now=START,
                    most=2,
                ):
                    break
            steps += 1
    assert steps == 3
    assert {branches.stands(each) for each in people} == {"newham"}
    assert branches.changes()[0].moved == 5


@once
def test_files_are_refused_by_line_and_column_and_what_is_taken_out_loads_again(
    branches: Branches,
) -> None:
    client, database = branches.alex.client, branches.database
    taken = {
        name: client.get(f"{DIRECTORY}/export?file={name}").data
        for name in ("regions.csv", "branches.csv", "catchments.csv")
    }
    with database.reading() as session:
        assert taken == files_of(session)
    assert client.get(f"{DIRECTORY}/export?file=secrets.csv").status_code == 404
    bad = taken["branches.csv"].replace(b"E15 1AA", b"=1+1").replace(b",Cardiff,wales", b",,kent")
    answer = send(branches, taken | {"branches.csv": bad})
    assert answer.status_code == 422
    for words in ("branches.csv, line 4, postcode:", "line 5, name: is missing", "line 5, region:"):
        assert words in answer.text
    assert branches.changes() == []
    same = send(branches, taken)
    page = client.get(same.location).text
    assert "the directory says all of this already" in page
    short = b"\n".join(taken["branches.csv"].split(b"\n")[:4]) + b"\n"
    less = send(branches, taken | {"branches.csv": short})
    assert ["Open", "Closed"] in table(client.get(less.location).text)
    assert branches.apply(less.location) == 303
    assert branches.branch("cardiff").status == "closed"
    entries = [each for each in branches.desk.audit() if each[0] == "export"]
    assert entries == [
        ("export", f"directory:{name}") for name in ("regions", "branches", "catchments")
    ]


def send(branches: Branches, sent: dict[str, bytes]) -> TestResponse:
    csrf = csrf_in(branches.alex.client.get("/desk").text)
    parts = {name.removesuffix(".csv"): (io.BytesIO(each), name) for name, each in sent.items()}
    return branches.alex.client.post(DIRECTORY, data={"csrf_token": csrf, **parts})


@once
def test_a_new_branch_and_a_region_go_the_same_way_and_faults_stand_beside_fields(
    branches: Branches,
) -> None:
    sam = branches.settle(HACKNEY, "hackney")
    client, path = branches.alex.client, f"{DIRECTORY}/new"
    form = fields(client.get(path).text) | {"slug": "poplar", "name": "Poplar", "region": "london"}
    bad = client.post(path, data=form | {"postcode": "E9", "catchments": "sector E9 5\nvillage X"})
    assert bad.status_code == 422
    assert "village X: must be one of" in bad.text
    assert 'value="Poplar"' in bad.text
    assert client.post(path, data=form | {"slug": "leyton"}).status_code == 409
    good = client.post(path, data=form | {"postcode": "E9 5AA", "catchments": "sector E8 1"})
    assert branches.apply(good.location) == 303
    branches.desk.work()
    assert branches.stands(sam) == "poplar"
    with branches.database.reading() as session:
        (region_id,) = session.scalars(select(Branch.region_id).where(Branch.slug == "cardiff"))
        assert session.scalar(select(func.count()).select_from(Catchment)) == 1
    region = f"{DIRECTORY}/region/{region_id}"
    form = fields(client.get(region).text)
    assert client.post(region, data=form | {"display": "nonsense"}).status_code == 422
    kept = client.post(region, data=form | {"notify_email": "cymru@example.org"})
    assert branches.apply(kept.location) == 303
    with branches.database.reading() as session:
        about = session.scalars(
            select(AuditEntry.subject_id).where(AuditEntry.subject_kind == "region")
        ).all()
    assert about == [str(region_id)]


@once
def test_what_would_begin_a_formula_is_edited_and_taken_out_and_loaded_as_it_was_typed(
    branches: Branches,
) -> None:
    client, said = branches.kim.client, {"place": "=HYPERLINK(1)", "email": "=cmd@example.org"}
    path = branches.path("hackney", "/edit")
    assert client.post(path, data=fields(client.get(path).text) | said).status_code == 303
    shown = fields(client.get(path).text)
    assert {name: shown[name] for name in said} == said
    moved = branches.prepare("hackney", name="=Hackney")
    assert "=Hackney" in branches.alex.client.get(moved).text
    assert "&#39;=" not in branches.alex.client.get(moved).text
    assert branches.apply(moved) == 303
    assert branches.prepare("leyton", name="Leytonstone")  # whose file has the other's cells, too
    with branches.database.reading() as session:
        taken = files_of(session)
    assert b",'=HYPERLINK(1)," in taken["branches.csv"]
    assert b",'=cmd@example.org," in taken["branches.csv"]
    same = send(branches, taken)
    assert "the directory says all of this already" in branches.alex.client.get(same.location).text
    found = branches.branch("hackney")
    assert (found.name, found.place, found.email) == ("=Hackney", *said.values())
