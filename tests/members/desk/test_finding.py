"""Finding people: what is typed, what filters show, page after page, in scope alone."""

import datetime as dt
import importlib
import uuid

import pytest
from sqlalchemy import delete, select

from core import spelling
from core.database import Database
from members import searching
from members.desk import listing
from members.desk.filters import SORTS, Filters
from members.models import Member
from members.searching import MemberWord, understand
from staff.models import AuditEntry
from tests.fakes import START
from tests.members.desk.conftest import People, agree, counted, put, years_ago

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_somebody_is_found_by_whatever_is_known_of_them(people: People) -> None:
    sam = people.put(
        "Séan O\N{RIGHT SINGLE QUOTATION MARK}Brien-Łukasz",
        email="Sean@Example.org",
        email_key="sean@example.org",
        phone="+447700900123",
        postcode="E8 1DY",
    )
    people.put("Kim Brown", email="other@example.org", phone="+447700900456", postcode="N1 1AA")
    people.put("Sean Obrien", branch="cardiff", email="wales@example.org")
    number = sam.hex[:8]
    for typed in (
        *("sean", "SÉAN", "obrien sean", "o'bri luk", "lukasz", "sean o brien"),
        *("07700 900123", "+44 7700 900123", "077009001", "(07700) 900-123"),
        *("e8", "E81DY", "e8 1", "Sean@EXAMPLE.org", "sean@", number, f"{number[:4]}-{number[4:]}"),
        str(sam),
    ):
        assert people.found(typed) == ["Séan O\N{RIGHT SINGLE QUOTATION MARK}Brien-Łukasz"], typed
    for typed in ("%", "_", "zzz", "\N{BALLOT BOX}", "n sean", "900123", "' OR 1=1 --", "a\0@b"):
        assert people.found(typed) == [], typed
    assert people.names("?q=%2B44 7700 900123") == people.found("sean")


def test_words_follow_what_is_kept_and_go_with_the_member(people: People) -> None:
    sam = people.put("Sam Jones")
    with people.database.transaction() as session:
        member = session.get_one(Member, sam)
        member.name, member.phone = "Alexandra Kollontai", "+447700900789"
    assert people.found("sam") == []
    assert people.found("alex kollon") == ["Alexandra Kollontai"]
    assert people.found("07700900789") == ["Alexandra Kollontai"]
    with people.database.transaction() as session:
        session.execute(delete(MemberWord))
        member = session.get_one(Member, sam)
        member.state = "arrears"
    assert people.found("alex") == []  # what has nothing to do with words writes none
    run = people.app.test_cli_runner().invoke(args=["members", "reindex"])
    assert (run.exit_code, run.output.split()[0]) == (0, "1")
    assert people.found("alex") == ["Alexandra Kollontai"]
    with people.database.transaction() as session:
        words = session.scalars(select(MemberWord.word).order_by(MemberWord.word)).all()
    assert words[1:3] == ["n alexandra kollontai", "n kollontai alexandra"]


@once
def test_a_search_of_what_many_share_asks_for_more(people: People) -> None:
    with people.database.transaction() as session:
        for number in range(listing.MOST_FOUND + 2):
            put(session, f"Sam Jones{chr(97 + number % 26)}")
    page = people.get("?q=sam")
    assert f"More than {listing.MOST_FOUND} people are found" in page
    assert page.count('class="people__name"') == listing.MOST_FOUND


@once
def test_each_filter_is_a_link_and_shows_what_it_says(people: People) -> None:
    lately = START - dt.timedelta(days=3)
    people.put("Ann Active", joined=lately, branch="newham")
    behind = people.put("Bea Behind", state="arrears")
    people.put("Cy Applied", state="applied", joined_at=None)
    people.put("Di Left", state="left")
    people.put("Ed Nowhere", region="london", branch="")
    people.put("Fay Cardiff", branch="cardiff")
    with people.database.transaction() as session:
        agree(session, behind, "email")
        agree(session, behind, "post")
        agree(session, behind, "email", given=False)
    assert people.names() == ["Ann Active", "Bea Behind", "Ed Nowhere"]
    for query, expected in {
        "state=arrears": ["Bea Behind"],
        "state=applied": ["Cy Applied"],
        "state=left": ["Di Left"],
        "branch=newham": ["Ann Active"],
        "branch=none": ["Ed Nowhere"],
        "branch=cardiff": [],
        "region=wales": [],
        "region=london": ["Ann Active", "Bea Behind", "Ed Nowhere"],
        "since=week": ["Ann Active"],
        "silent=yes": ["Ann Active", "Ed Nowhere"],
        "moved=yes": [],
        "state=nonsense&sort=0&since=%00&branch=%00&region=A": [
            "Ann Active",
            "Bea Behind",
            "Ed Nowhere",
        ],
    }.items():
        assert people.names(f"?{query}") == expected, query
    assert people.names("?sort=newest")[0] == "Ann Active"
    page = people.get("?state=arrears")
    assert 'href="/desk/people?state=arrears&amp;branch=newham"' in page
    assert 'aria-current="true">In arrears' in page
    assert "1 person." in page


def test_pages_show_everybody_once_though_names_and_moments_are_alike(people: People) -> None:
    many = listing.PAGE + 7
    with people.database.transaction() as session:
        for number in range(many):
            put(session, f"Sam {'ABC'[number % 3]}", joined=START - dt.timedelta(days=number % 2))
    principal = people.principal()
    with people.database.reading() as session:
        for sort in SORTS:
            filters = Filters(sort=sort)
            first = listing.page(session, principal, filters, after=None, now=START)
            last = first.people[-1].id
            second = listing.page(session, principal, filters, after=last, now=START)
            assert (first.more, second.more, first.count) == (True, False, many)
            ids = [each.id for each in (*first.people, *second.people)]
            assert len(set(ids)) == len(ids) == many
            gone = listing.page(session, principal, filters, after=uuid.uuid4(), now=START)
            assert [each.id for each in gone.people] == [each.id for each in first.people]


@once
def test_who_is_under_18_is_on_no_list_and_found_by_what_names_them_alone(people: People) -> None:
    almost = years_ago(18) + dt.timedelta(days=1)
    young = people.put("Yara Young", date_of_birth=almost, email="y@example.org", postcode="E8 1DY")
    people.put("Ola Old", date_of_birth=years_ago(18), postcode="E8 1DY")
    assert people.names() == ["Ola Old"]
    assert people.found("y") == people.found("young") == []
    assert people.found("e8") == ["Ola Old"]
    assert people.found("y@example.org") == people.found(young.hex[:8]) == ["Yara Young"]
    assert "Under 18" in people.get(f"/{young}")


@once
def test_a_list_costs_as_many_questions_however_long_it_is(people: People) -> None:
    def costs(path: str) -> int:
        with counted(people.database) as asked:
            people.get(path)
        return len(asked)

    people.put("Sam Jones", phone="+447700900123")
    before = costs(""), costs("?q=sam")
    with people.database.transaction() as session:
        for _each in range(30):
            put(session, "Sam Jones", phone="+447700900123", branch="newham")
    assert (costs(""), costs("?q=sam")) == before
    assert max(before) <= 12


@once
def test_what_is_typed_stands_in_no_audit_and_no_link(people: People) -> None:
    people.put("Sam Jones")
    page = people.get("?q=Jones")
    assert page.count("Jones") == 2  # in the box, and in the name
    with people.database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.kind, entry.detail, entry.subject_id) == ("search", "people:1", None)


def test_what_is_typed_is_understood() -> None:
    kinds = {
        typed: [each.kind for each in understand(typed)]
        for typed in ("", "   ", "e11", "E", "12345678", "01234567", "faceabed", "a@b", "x" * 5000)
    }
    assert kinds == {
        "": [],
        "   ": [],
        "e11": ["p"],
        "E": ["n"],
        "12345678": ["m"],
        "01234567": ["m", "t"],
        "faceabed": ["n"],
        "a@b": ["e"],
        "x" * 5000: ["n"],
    }
    sorted_by = {
        each: spelling.sort_key(each)
        for each in (
            "Maria del Carmen",
            "Zoë Ó-Briain Hall",
            "Ann Lee-Shaw",
            "Sam O Brien",
            "\N{BALLOT BOX}",
        )
    }
    assert list(sorted_by.values()) == [
        *("carmen maria del", "hall zoe obriain", "lee shaw ann", "obrien sam", ""),
    ]
    assert len(spelling.turned(" ".join("abcdefghijklmn"))) == spelling.MOST_WORDS


def test_the_migration_and_the_service_write_the_same_words(database: Database) -> None:
    """Who was a member before is found as anybody who joins now."""
    migration = importlib.import_module("migrations.versions.0016_people_desk")
    with database.transaction() as session:
        sam = session.get_one(Member, put(session, "Ana de la Cruz", branch="", phone="+4420"))
        ours = searching._rows(sam)
        theirs = list(migration._of(sam))
    assert sorted(map(str, ours)) == sorted(map(str, theirs))
