"""Taking lists out: with a reason, counted, once, in scope, and no cell a formula."""

import csv
import io

import pytest
from sqlalchemy import select

from core import spreadsheets
from core.fingerprints import of_email
from core.suppression import suppress
from members.desk import exporting
from members.desk.filters import Filters
from members.models import Member
from members.records import PeopleExport
from staff.models import AuditEntry
from staff.principal import Role
from tests.fakes import START
from tests.members.desk.conftest import People, agree, put, seat
from tests.members.desk.test_changing import filled
from tests.staff.conftest import ALEX

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REASON = "Ringing round for the meeting"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@once
def test_a_list_is_taken_out_with_a_reason_counted_and_once(people: People) -> None:
    sam = people.put("=cmd|' /C calc'!A0", phone="+447700900123", town="@home", address2="-1")
    people.put("Fay Cardiff", branch="cardiff")
    young = people.put("Yara Young", state="active")
    with people.database.transaction() as session:
        session.get_one(Member, young).date_of_birth = START.date()
        agree(session, sam, "email")
        agree(session, sam, "post")
        keys = people.app.extensions["link_keys"]
        suppress(session, of_email(people.member(sam).email_key, keys)[0], source="x", now=START)
    form = filled(people.get("/export?state=everybody")) | {"kind": "csv"}
    assert "1 person is on it." in people.get("/export?state=everybody")
    path = "/desk/people/export?state=everybody"
    assert people.kim.client.post(path, data=form).status_code == 422
    answer = people.kim.client.post(path, data=form | {"reason": REASON})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="people-2026-')
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = rows_of(answer.text)
    assert row["name"] == "'=cmd|' /C calc'!A0"
    assert (row["town"], row["address2"], row["phone"]) == ("'@home", "'-1", "07700 900123")
    assert (row["news_by_email"], row["news_by_post"], row["news_by_text"]) == ("no", "yes", "no")
    assert (row["branch"], row["region"], row["state"]) == ("Hackney", "London", "active")
    again = people.kim.client.post(path, data=form | {"reason": REASON})
    assert again.status_code == 409
    assert "taken out already" in again.text
    with people.database.reading() as session:
        (kept,) = session.scalars(select(PeopleExport))
        entries = session.scalars(select(AuditEntry).where(AuditEntry.kind == "export")).all()
    assert (kept.reason, kept.people, kept.kind) == (REASON, 1, "csv")
    assert [(each.subject_id, each.detail) for each in entries] == [(str(kept.id), "csv:1")]
    people.get("/taken", 404)
    alex = seat(people.desk, ALEX, Role.ADMIN)
    assert REASON in people.get("/taken", client=alex.client)


@once
def test_labels_are_printed_with_the_lines_that_there_are(people: People) -> None:
    people.put("Sam <b>Jones</b>", address2="")
    form = filled(people.get("/export")) | {"kind": "labels", "reason": REASON}
    answer = people.kim.client.post("/desk/people/export", data=form)
    assert answer.status_code == 200
    assert "<span>Sam &lt;b&gt;Jones&lt;/b&gt;</span><span>1 High Road</span>" in answer.text
    assert "<span></span>" not in answer.text


def test_rows_come_a_batch_at_a_time_and_each_person_once(people: People) -> None:
    with people.database.transaction() as session:
        ids = [put(session, f"Sam {'AB'[number % 2]}") for number in range(7)]
    with people.database.reading() as session:
        given = exporting.rows(
            session, people.principal(), Filters(), keys=["k"], now=START, at_once=3
        )
        numbers = [str(row[0]) for row in given]
    assert sorted(numbers) == sorted(f"{each.hex[:4]}-{each.hex[4:8]}".upper() for each in ids)


def test_a_cell_is_no_formula() -> None:
    for begins in ("=", "+", "-", "@", "\t", "\r", "\n", "\0", " =", "\N{FULLWIDTH EQUALS SIGN}"):
        marked = spreadsheets.harmless(f"{begins}1")
        assert marked == f"'{begins}1"
        assert spreadsheets.as_meant(str(marked)) == f"{begins}1"
    left = (None, -5, "Sam", "a=b", "'Sam")
    assert tuple(spreadsheets.harmless(each) for each in left) == left
