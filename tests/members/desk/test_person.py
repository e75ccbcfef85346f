"""A person's page: what each role may see, what is written down, and notes."""

import datetime as dt
import re
import uuid

import pytest
from sqlalchemy import select

from members import states
from members.desk import sections
from members.models import Likeness, Member
from members.protection import exporting, finding, own
from members.records import MemberNote
from staff import auditing
from staff.auditing import Subject
from staff.principal import Role
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.desk.conftest import People, agree, put, seat, years_ago
from tests.payments.factories import make_pledge
from tests.questions import counted
from tests.staff.conftest import Person

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "She minds her mother on Thursdays"


def nonce_in(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found, page
    return found[1]


def note(people: People, member_id: uuid.UUID, text: str, by: Person | None = None) -> int:
    client = (by or people.kim).client
    page = client.get(f"/desk/people/{member_id}").text
    form = {"csrf_token": csrf_in(page), "nonce": nonce_in(page), "text": text}
    answer = client.post(f"/desk/people/{member_id}/notes", data=form)
    again = client.post(f"/desk/people/{member_id}/notes", data=form)
    assert answer.status_code == again.status_code
    return answer.status_code


def test_an_organiser_sees_all_but_gifts_and_the_look_is_written_down(people: People) -> None:
    sam = people.put(
        "Sam Jones",
        paid=[dt.datetime(2026, 10, 3, tzinfo=dt.UTC)],
        phone="+447700900123",
        state="arrears",
    )
    with people.database.transaction() as session:
        agree(session, sam, "text")
        gift = make_pledge(session, pence=7777)
        gift.email = gift.email_key = people.member(sam).email
        alike = put(session, "Samuel Jones", branch="newham")
        far = put(session, "Sammy Jones", branch="cardiff")
        for other in (alike, far):
            session.add(Likeness(newer_id=sam, older_id=other, why="phone", noticed_at=START))
    assert note(people, sam, SECRET) == 303
    page = people.get(f"/{sam}")
    for words in (
        *("In arrears", "Hackney", "tel:+447700900123", "sms:+447700900123", SECRET),
        *("Paid up to the end of October 2026", "£10 a month", "Samuel Jones", "kim@example.org"),
        f"{sam.hex[:4]}-{sam.hex[4:8]}".upper(),
    ):
        assert words in page, words
    assert page.count(SECRET) == 1  # though the form was sent twice
    assert "77.77" not in page
    assert "Sammy" not in page
    with people.database.reading() as session:
        done = auditing.of_subject(session, Subject("member", sam))
    assert [each.kind for each in done] == ["look", "change", "look"]


@once
def test_a_treasurer_sees_dues_and_neither_notes_nor_consents_nor_buttons(people: People) -> None:
    sam = people.put("Sam Jones", paid=[START])
    note(people, sam, SECRET)
    tess = seat(people.desk, "tess@example.org", Role.TREASURER)
    page = people.get(f"/{sam}", client=tess.client)
    assert "£10" in page
    assert "Paid up to the end of November 2026" in page
    for words in (SECRET, "Notes", "agreed to news", "Hand on", "Change the details"):
        assert words not in page, words
    ann = people.put("Ann Jones")
    with people.database.transaction() as session:
        agree(session, ann, "phone")
    assert people.names("?silent=yes") == ["Sam Jones"]
    assert people.names("?silent=yes", client=tess.client) == ["Ann Jones", "Sam Jones"]
    assert "Agreed to no news" not in people.get("?silent=yes", client=tess.client)
    for path in ("details", "transfer"):
        people.get(f"/{sam}/{path}", 404, tess.client)
    people.get("/export", 404, tess.client)
    assert tess.press(f"/desk/people/{sam}/notes", text="x").status_code == 404
    moe = seat(people.desk, "moe@example.org", Role.MODERATOR)
    people.get("", 404, moe.client)
    people.get(f"/{sam}", 404, moe.client)


@once
def test_who_is_out_of_scope_is_nobody_whatever_is_asked(people: People) -> None:
    far, none = people.put("Fay Cardiff", branch="cardiff"), uuid.uuid4()
    pages = [people.get(f"/{each}{path}", 404) for each in (far, none) for path in PATHS]
    bare = {re.sub(r'value="[^"]+"', "", page) for page in pages}
    assert len(bare) == 1
    for path in ("notes", "details", "transfer", "notes/1/strike"):
        for each in (far, none):
            answer = people.kim.press(f"/desk/people/{each}/{path}", text=SECRET, note=SECRET)
            assert answer.status_code == 404, path
            if path != "notes/1/strike":
                assert (SECRET in answer.text) is (path != "details")  # given back to copy
    with people.database.reading() as session:
        assert session.scalars(select(MemberNote)).all() == []
        assert auditing.of_subject(session, Subject("member", far)) == []


PATHS = ("", "/details", "/transfer")


@once
def test_a_note_is_struck_out_by_who_wrote_it_and_kept(people: People) -> None:
    sam = people.put()
    note(people, sam, SECRET)
    lou = seat(people.desk, "lou@example.org", Role.ORGANISER, "london")
    path = f"/desk/people/{sam}/notes/1/strike"
    assert lou.press(path).status_code == 404
    assert "Strike it out" not in people.get(f"/{sam}", client=lou.client)
    for _press in range(2):
        assert people.kim.press(path).status_code == 303
    assert f"<s>{SECRET}</s>" in people.get(f"/{sam}", client=lou.client)
    assert people.kim.press(f"/desk/people/{sam}/notes/{2**40}/strike").status_code == 404
    with people.database.reading() as session:
        kept = session.scalars(select(MemberNote)).one()
        done = auditing.of_subject(session, Subject("member", sam))
    assert (kept.text, kept.struck_at is not None) == (SECRET, True)
    assert [each.detail for each in done if each.kind == "change"] == ["note-struck", "note"]


@once
def test_an_empty_or_endless_note_comes_back_with_what_was_typed(people: People) -> None:
    sam = people.put()
    for text in ("", " \n ", "x" * 2001, "nul\x00", '<script>alert("x")</script>' * 100):
        page = people.get(f"/{sam}")
        answer = people.kim.client.post(
            f"/desk/people/{sam}/notes",
            data={"csrf_token": csrf_in(page), "nonce": "none", "text": text},
        )
        assert answer.status_code == 422, text[:20]
        assert "<script>alert" not in answer.text
    assert note(people, sam, '<b>&"quoted"</b> =1+1') == 303
    assert "&lt;b&gt;&amp;&#34;quoted&#34;&lt;/b&gt; =1+1" in people.get(f"/{sam}")


@once
def test_a_page_costs_as_many_questions_however_much_is_kept(people: People) -> None:
    sam = people.put()

    def costs() -> int:
        with counted(people.database) as asked:
            people.get(f"/{sam}")
        return len(asked)

    people.put("Alike", branch="newham")
    note(people, sam, "one")
    with people.database.transaction() as session:
        agree(session, sam, "email")
    before = costs()
    for number in range(5):
        note(people, sam, f"note {number}")
    with people.database.transaction() as session:
        for channel in ("email", "post"):
            agree(session, sam, channel)
        other = session.scalars(select(Member.id).where(Member.name == "Alike")).one()
        session.add(Likeness(newer_id=sam, older_id=other, why="phone", noticed_at=START))
    assert costs() == before
    assert before <= 24


@once
def test_each_part_of_a_page_shows_its_newest_and_the_way_to_the_older(people: People) -> None:
    months = [years_ago(1).replace(day=1) + dt.timedelta(days=30 * n) for n in range(14)]
    paid = [dt.datetime.combine(each, dt.time(12), dt.UTC) for each in months]
    sam = people.put("Sam Jones", paid=paid)
    with people.database.transaction() as session:
        for number in range(sections.MOST + 1):
            session.add(
                MemberNote(
                    member_id=sam,
                    account_id=uuid.uuid4(),
                    kind="note",
                    text=f"note {number:03}",
                    at=START,
                    nonce=uuid.uuid4(),
                )
            )
            states.note(
                session,
                session.get_one(Member, sam),
                "rate",
                why=f"event {number:03}",
                who="member",
                now=START,
            )
            auditing.record(session, "look", by=None, now=START, subject=Subject("member", sam))
    page = people.get(f"/{sam}")
    for words, many in (("note 0", 50), ("event 0", 50), (": <strong>£10</strong>", 12)):
        assert page.count(words) == many, words
    links = dict(re.findall(r'href="/desk/people/[^"?]+(\?(\w+)=[0-9]+)#\w+"', page))
    assert sorted(links.values()) == sorted(sections.NAMES)
    for link, name in links.items():
        older = people.get(f"/{sam}{link}")
        assert "Back to the newest" in older
        shown = {"notes": "note 000", "events": "event 000", "dues": ": <strong>£10</strong>"}
        if name in shown:
            first = 2 if name == "dues" else 1
            assert older.count(shown[name]) == first, name
        assert people.get(f"/{sam}{link.split('=')[0]}=0") != ""
    for rubbish in ("notes=x", "looks=-1", f"events={2**40}", "dues=9999", "notes=%00"):
        people.get(f"/{sam}?{rubbish}")


@once
def test_notes_are_told_to_whom_they_are_about_and_go_with_them(people: People) -> None:
    """They are exported with everything else, and who is erased leaves none behind."""
    sam = people.put(email="sam@example.org")
    note(people, sam, SECRET)
    here = people.app.extensions["protection"]
    with people.database.transaction() as session:
        person = finding.find(session, "sam@example.org", keys=here.keys)
        told = {each.table: each for each in exporting.gather(session, person, here.keepers)}
        assert SECRET in str(told["member_note"].rows)
        assert "member_word" not in told
        assert own.delete_members(session, [sam]) == 1
    with people.database.reading() as session:
        assert session.scalars(select(MemberNote)).all() == []
    people.get(f"/{sam}", 404)
