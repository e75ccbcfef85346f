"""The desk of people, asked for another region's: in lists, files, labels, notes and hand-overs.

What every route answers to an empty form is the walk's; here the forms are filled in.
"""

import uuid
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import settings as times
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from members.desk.person import number_of
from members.models import Member
from staff.models import AuditEntry, StaffAccount
from tests.conftest import Work
from tests.safety import walking
from tests.safety.test_two_regions import ASKED, TRIES, faults_of, queries
from tests.safety.town import BRANCHES, PEOPLE, REGIONS, Town, Visitor

Query = Mapping[str, str]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# What narrows and orders the list, and where it goes on.
FILTERS = ("state", "region", "branch", "since", "moved", "silent", "sort", "after", "q")
THERE = f"region:{REGIONS['B'][0]}"
# Lists that hold everybody of A, and lists of B's that hold nobody whom A may see.
WIDE: tuple[Query, ...] = ({}, {"state": "everybody"}, {"sort": "newest"}, {"since": "week"})
OF_B: tuple[Query, ...] = (
    {"region": REGIONS["B"][0]},
    {"branch": BRANCHES["B"][0]},
    {"moved": "yes"},
)


def organisers(town: Town) -> list[Visitor]:
    """Who looks after the region A, and after its branch."""
    return [each for each in town.blind if each.role]


def press(
    visitor: Visitor, path: str, typed: Query | None = None, query: Query | None = None
) -> TestResponse:
    """Send a form of the desk, with its token and a number that no other has."""
    data = {"csrf_token": visitor.csrf, "nonce": str(uuid.uuid4()), **(typed or {})}
    return visitor.client.post(f"/desk/people{path}", data=data, query_string=query)


def listed(visitor: Visitor, **query: str) -> str:
    asked = walking.looked_for(visitor, query) if "q" in query else query
    answer = visitor.client.get("/desk/people", query_string=asked)
    assert answer.status_code == 200
    return answer.text


@ON_SQLITE
def test_no_filter_sort_search_or_cursor_shows_another_region(town: Town) -> None:
    (everybody,) = [each for each in walking.routes(town) if str(each) == "GET /desk/people"]

    @times(TRIES, max_examples=12)  # each new set of filters is a query to put together
    @given(st.sampled_from(organisers(town)), queries(town, FILTERS))
    def learns_nothing(visitor: Visitor, query: dict[str, str]) -> None:
        assert faults_of(town, everybody, visitor, query) == []

    learns_nothing()
    number, last = number_of(town.members["B"]), str(town.members["B"])
    drawn_too_rarely: tuple[Query, ...] = (
        *({"after": last, "sort": each} for each in ("name", "newest", "oldest")),
        *({"q": typed, "state": "everybody"} for typed in (*ASKED, number, last)),
    )
    for visitor in organisers(town):
        for query in drawn_too_rarely:
            assert faults_of(town, everybody, visitor, query) == []
    admin, kim = town.visitors["admin"], town.visitors["organiser of A"]
    for typed in (*ASKED[:-1], number):  # the list is no index of streets
        assert PEOPLE["B"].name in listed(admin, q=typed)
        assert PEOPLE["B"].name not in listed(kim, q=typed)
    assert PEOPLE["A"].name in listed(kim)
    assert walking.noted_of_b(town) == []


@ON_SQLITE
def test_what_is_taken_out_holds_nobody_of_another_region(town: Town) -> None:
    """Nor counts them: what is written down of a list says how many were on it."""
    for visitor in organisers(town):
        for kind in ("csv", "labels"):
            for query in (*WIDE, *OF_B):
                answer = press(visitor, "/export", {"kind": kind, "reason": "to all"}, query)
                assert answer.status_code == 200
                assert list(walking.told_of_b(answer)) == []
                assert (PEOPLE["A"].name in answer.text) is (query in WIDE)
    with town.database.reading() as session:
        found = session.scalars(
            select(AuditEntry.detail)
            .join(StaffAccount, StaffAccount.id == AuditEntry.account_id)
            .where(AuditEntry.kind == "export", StaffAccount.role == "organiser")
        ).all()
    once = [f"{kind}:{people}" for kind in ("csv", "labels") for people in "1211000"]
    assert sorted(found) == sorted(once * 2)


def forms(member: uuid.UUID, other: uuid.UUID, note: object) -> list[tuple[str, Query]]:
    """Every form about a member, filled in: a note of theirs, and a record that may be theirs too.

    What is typed is of A, but for the ids.
    """
    who = PEOPLE["A"]
    taken = {"name": who.name, "email": "taken@example.org", "made_from": ""}
    moved = {"to": f"branch:{BRANCHES['A'][0]}", "note": "Ours.", "made_from": ""}
    return [
        (f"/{member}/notes", {"text": "Rang them."}),
        (f"/{member}/notes/{note}/strike", {}),
        (f"/{member}/details", taken),
        (f"/{member}/transfer", moved),
        (f"/{member}/accept", {}),
        (f"/{member}/decline", {"why": "I know them."}),
        *of_two(member, other),
    ]


def of_two(one: uuid.UUID, other: uuid.UUID) -> list[tuple[str, Query]]:
    """Every form about two who may be one person, but for the number of the one that is kept."""
    made_one: list[tuple[str, Query]] = [
        (f"/{one}/same/{other}", {"keep": str(keep), "why": "I know them."})
        for keep in (one, other)
    ]
    return [*made_one, (f"/{one}/two/{other}", {})]


@ON_SQLITE
def test_a_form_about_another_regions_member_is_one_about_nobody(town: Town) -> None:
    note, none = town.rows["note_id"]["B"], uuid.UUID(int=7)
    mine, theirs = town.members["A"], town.members["B"]
    waits, waits_here = town.others["B"], town.others["A"]
    alike = [
        *zip(forms(theirs, waits, note), forms(none, waits, note), strict=True),
        *zip(forms(waits, mine, note), forms(none, mine, note), strict=True),
        *zip(of_two(mine, theirs), of_two(mine, none), strict=True),
        *zip(of_two(waits_here, waits), of_two(waits_here, none), strict=True),
        ((f"/{mine}/notes/{note}/strike", {}), (f"/{mine}/notes/7701999/strike", {})),
    ]
    before = walking.of_b(town)
    for visitor in organisers(town):
        for (path, typed), (of_nobody, same) in alike:
            answer, like = press(visitor, path, typed), press(visitor, of_nobody, same)
            assert answer.status_code == 404, path
            assert walking.plain(answer) == walking.plain(like), path
        for two in (f"/{mine}/same/{theirs}", f"/{theirs}/same/{mine}", f"/{waits}/same/{theirs}"):
            answer = visitor.client.get(f"/desk/people{two}")
            like = visitor.client.get(f"/desk/people/{none}/same/{mine}")
            assert answer.status_code == 404, two
            assert walking.plain(answer) == walking.plain(like), two

    assert walking.of_b(town) == before
    assert walking.noted_of_b(town) == []


@ON_SQLITE
def test_who_became_one_in_another_region_is_nobody_here(town: Town) -> None:
    """Under neither id, and under the two together: there they lead to who is left."""
    there, keep, lost = town.visitors["organiser of B"], town.members["B"], town.others["B"]
    with town.database.transaction() as session:  # nobody pays twice
        session.get_one(Member, lost).dues.stopped_at = town.clock.now()
    for _press in range(2):
        answer = press(there, *of_two(keep, lost)[0])
        assert answer.location == f"/desk/people/{keep}?done=merged"
    assert str(keep) in there.client.get(f"/desk/people/{lost}").location

    before = walking.of_b(town)
    for visitor in organisers(town):
        for one, other in ((keep, lost), (lost, keep), (town.members["A"], lost)):
            for path, typed in of_two(one, other):
                assert press(visitor, path, typed).status_code == 404, path
            assert visitor.client.get(f"/desk/people/{one}/same/{other}").status_code == 404
        assert visitor.client.get(f"/desk/people/{lost}").status_code == 404
    assert walking.of_b(town) == before
    assert walking.noted_of_b(town) == []


def test_who_was_handed_on_is_gone_from_here_and_whole_there(town: Town, work: Work) -> None:
    """With row-level security beneath, too."""
    kim, there = town.visitors["organiser of A"], town.visitors["organiser of B"]
    who, page = PEOPLE["A"], f"/desk/people/{town.members['A']}"
    with town.database.reading() as session:
        member = session.get_one(Member, town.members["A"])
        made_from = f"{member.region_id}:{member.branch_id}"
    assert there.client.get(page).status_code == 404
    typed = {"to": THERE, "note": "Moves to Cardiff.", "made_from": made_from}
    answer = press(kim, f"/{town.members['A']}/transfer", typed)
    assert answer.location == "/desk/people?done=moved"
    work()

    for visitor in organisers(town):
        nobody = visitor.client.get(f"/desk/people/{uuid.UUID(int=7)}")
        assert walking.plain(visitor.client.get(page)) == walking.plain(nobody)
        for query in ({}, {"state": "everybody"}, {"q": who.email}, {"moved": "yes"}):
            assert who.name not in listed(visitor, **query)
        taken = press(visitor, "/export", {"kind": "csv", "reason": "to all"})
        assert who.name not in taken.text
    assert who.name in listed(there, moved="yes")
    found = there.client.get(page).text
    assert "Moves to Cardiff." in found
    assert who.note in found
