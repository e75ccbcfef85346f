"""Finding people: what is typed, what filters show, page after page, in scope alone."""

import datetime as dt
import importlib
import re
import uuid

import pytest
from sqlalchemy import delete, insert, select

from core import spelling
from core.database import Database
from members import searching
from members.desk import listing
from members.desk.filters import SORTS, Filters
from members.models import Consent, Member
from members.searching import MemberWord, understand
from staff.models import AuditEntry
from tests.fakes import START
from tests.members.desk.conftest import People, agree, put, years_ago
from tests.questions import counted

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
        *("0044 7700 900123", "+44 (0)7700 900 123", "7700 9001", "07700\N{EN DASH}900.123"),
        *("0123", "900 123", "00 44 7700 9001", "44 7700 9001", "\N{FULLWIDTH DIGIT NINE}00123"),
        *("e8", "E81DY", "e 81dy", "e8 1", "e81", "e81d", "Sean@EXAMPLE.org", "sean@"),
        *(number, f"{number[:4]}-{number[4:]}"),
        str(sam),
    ):
        assert people.found(typed) == ["Séan O\N{RIGHT SINGLE QUOTATION MARK}Brien-Łukasz"], typed
    people.put("Far Away", email="far@example.org", phone="+447700900789", postcode="E81 1DY")
    for typed in (
        "%",
        "_",
        "zzz",
        "\N{BALLOT BOX}",
        "n sean",
        "900124",
        "123",
        "e",
        "+4412",
        "' OR 1=1 --",
        "a\0@b",
    ):
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
    assert words[4:] == ["r 987009007744+", "t +447700900789"]


@once
def test_a_search_of_what_many_share_goes_on_and_shows_each_once(people: People) -> None:
    many = listing.MOST_FOUND + 2
    with people.database.transaction() as session:
        for number in range(many):  # each is found by both of their names
            put(session, f"Sam{chr(97 + number % 26)} Samson", phone=f"+4477009007{number:02}")
    page = people.get("?q=sam&state=members")
    assert f"More than {listing.MOST_FOUND} people are found" in page
    assert page.count('class="people__name"') == listing.MOST_FOUND
    for typed in ("sam", "07700", "7700"):  # the last one is how one of the numbers ends
        first = people.search(typed)
        last = first.people[-1].id
        second = people.search(typed, last)
        ids = [each.id for each in (*first.people, *second.people)]
        assert (first.more, second.more, len(set(ids)), len(ids)) == (True, False, many, many)
        assert people.found(typed, uuid.uuid4()) == people.found(typed)
    assert f"after={people.search('sam').people[-1].id}" in page
    assert "2 more people are found" in people.get(
        f"?q=sam&after={people.search('sam').people[-1].id}"
    )


@once
def test_filters_and_a_search_go_together_and_each_can_be_taken_off(people: People) -> None:
    people.put("Sam Hackney")
    people.put("Sam Newham", branch="newham", state="left")
    people.put("Samira Newham", branch="newham")
    assert people.names("?q=sam") == ["Sam Hackney", "Sam Newham", "Samira Newham"]
    assert people.names("?q=sam&branch=newham") == ["Sam Newham", "Samira Newham"]
    page = people.get("?q=sam&branch=newham&state=members")
    assert people.names("?q=sam&branch=newham&state=members") == ["Samira Newham"]
    for taken_off in ("Members \N{MULTIPLICATION SIGN}", "Newham \N{MULTIPLICATION SIGN}"):
        assert f">{taken_off}</a>" in page, taken_off
    assert "\N{MULTIPLICATION SIGN}" not in people.get("?q=sam")
    assert 'href="/desk/people?state=left">Newham \N{MULTIPLICATION SIGN}</a>' in people.get(
        "?state=left&branch=newham"
    )
    assert 'name="branch" value="newham"' in people.get("?branch=newham").split("</form>")[1]
    page = people.get("?q=fay&branch=newham")
    assert "Take a filter off to look through everybody" in page


@once
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("zzz", "beginning of one of their names"),
        ("07700 900999", "as a telephone number"),
        ("e20", "as a postcode"),
        ("zz@example.org", "as an e-mail address"),
        ("3f2a-91bc", "number, such as"),
    ],
)
def test_who_is_not_found_was_looked_for_as_the_page_says(
    people: People, typed: str, words: str
) -> None:
    page = people.get(f"?q={typed}")
    assert words in page
    assert "another region is not shown here" in page


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
    assert people.found("y@example") == people.found("y@") == []  # what many may share
    assert people.found("y@example.org") == people.found(young.hex[:8]) == ["Yara Young"]
    assert "Under 18" in people.get(f"/{young}")


def test_who_agreed_to_no_news_is_known_however_the_answers_came(people: People) -> None:
    sam = people.put("Sam Jones")
    answers = [[("email", True), ("email", False), ("post", False)], [("text", True)]]
    shown = []
    for each in [*answers, [("text", False)], [("phone", True), ("phone", False)]]:
        rows = [
            {"member_id": sam, "channel": channel, "given": given, "wording": "You may"}
            | {"at": START, "source": "test"}
            for channel, given in each
        ]
        with people.database.transaction() as session:
            session.execute(insert(Consent), rows)
        shown.append(people.names("?silent=yes"))
    assert shown == [["Sam Jones"], [], ["Sam Jones"], ["Sam Jones"]]


@once
def test_a_list_costs_as_many_questions_however_long_it_is(people: People) -> None:
    def costs(path: str) -> int:
        address = people.address(path, people.kim.client)
        with counted(people.database) as asked:
            people.kim.client.get(address)
        return len(asked)

    people.put("Sam Jones", phone="+447700900123")
    costs("")  # the number beside Today is counted, and known for a minute
    before = costs(""), costs("?q=sam")
    with people.database.transaction() as session:
        for _each in range(30):
            put(session, "Sam Jones", phone="+447700900123", branch="newham")
    assert (costs(""), costs("?q=sam")) == before
    assert max(before) <= 14


@once
def test_what_is_typed_stands_in_no_audit_and_no_address(people: People) -> None:
    people.put("Sam Jones")
    assert "jones" not in people.address("?q=Jones", people.kim.client).lower()
    page = people.get("?q=Jones")
    assert re.sub(r'<input[^>]*name="q"[^>]*>', "", page).count("Jones") == 1  # the name
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
        "e11": ["p", "p"],
        "E": ["n"],
        "12345678": ["m", "t", "r"],
        "01234567": ["m", "t", "r"],
        "faceabed": ["n"],
        "a@b": ["e"],
        "x" * 5000: ["n"],
    }
    assert [each.kind for each in understand(str(uuid.UUID(int=7)))] == ["m"]
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
    first, then = (importlib.import_module(f"migrations.versions.{each}") for each in _MIGRATIONS)
    with database.transaction() as session:
        sam = session.get_one(Member, put(session, "Ana de la Cruz", branch="", phone="+4420"))
        ours = [row["word"] for row in searching._rows(sam)]
        before = [row["word"] for row in first._of(sam) if not row["word"].startswith("p ")]
        theirs = [*before, *then._of(sam)]
    assert sorted(map(str, ours)) == sorted(theirs)


_MIGRATIONS = ("0016_people_desk", "0024_people_more")


@once
def test_a_search_is_kept_for_who_typed_it_and_for_nobody_else(people: People) -> None:
    people.put("Sam Jones")
    people.put("Ana Lee")
    first = people.address("?q=Jones", people.kim.client)
    assert people.address("?q=Jones", people.kim.client) == first
    later = [people.address(f"?q={'é' * 90}{number}", people.kim.client) for number in range(9)]
    assert "Sam Jones" not in people.kim.client.get(later[-1]).text
    for address in (first, later[0], "/desk/people?search=nothing"):  # forgotten, or never kept
        page = people.kim.client.get(address).text
        assert "Sam Jones" in page
        assert "Ana Lee" in page
    cookie = people.kim.client.get_cookie("groundswell")
    assert cookie is None or len(cookie.value) < 4096
