"""Which cards stand on the desk, for whom, and what moves them on."""

import datetime as dt
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from branches.models import Branch
from members import addresses
from members.protection.own import delete_members
from members.today import shelves
from members.today.records import FollowUp, FollowUpNote
from tests.fakes import START
from tests.members.desk.conftest import put, years_ago
from tests.members.today.conftest import PHONE, Today
from tests.questions import counted
from tests.staff.conftest import Person

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_each_who_should_hear_from_us_has_a_card_and_nobody_of_another_region(
    today: Today,
) -> None:
    today.text("Sam")
    today.text("Dai", "+447700900124", branch="cardiff")
    for place in ("hackney", "cardiff"):
        today.joins(f"Joiner of {place}", branch=place)
        today.joins(f"Behind of {place}", 200, branch=place, state="arrears")
        today.joins(f"Quiet of {place}", 40, branch=place)
    today.joins("Young of hackney", date_of_birth=years_ago(17))
    assert today.names("texted") == ["Sam"]
    assert today.names("joined") == ["Joiner of hackney"]
    assert today.names("arrears") == ["Behind of hackney"]
    assert today.names("quiet") == ["Quiet of hackney"]
    assert today.counts() == ["1", "0", "1", "1", "0", "1"]


def test_from_a_text_to_will_come_on_thursday_and_back(today: Today) -> None:
    card = f"/texts/{today.text()}"
    page = today.get(card)
    assert "Sam E8 1DY" in page
    assert f"tel:{PHONE}" in page
    assert 'value="2026-11-26" checked' in page
    step = today.notes(card, "will-come", day="2026-11-26", note="Brings a friend")
    assert today.names("texted") == []
    assert "26 November 2026" in today.get(f"?done={step}")
    assert "Brings a friend" in today.get(card)
    today.days(5)
    assert today.names("texted") == ["Sam"]
    assert "Thank them" in today.get("?shelf=texted")
    answer = today.press(card, "undo", undoes=step)
    assert answer.status_code == 303
    assert [each.due_at for each in today.cards()] == [None]
    assert today.steps() == ["will-come", "undo"]
    assert "<s>Will come</s>" in today.get(card)


@ONE_DATABASE
def test_who_comes_up_again_does_so_on_its_day_and_is_quiet_after_a_while(today: Today) -> None:
    card = f"/people/{today.joins()}"
    today.notes(card, "left-word")
    assert today.names("joined") == []
    today.days(2)
    assert today.names("joined") == ["Rosa Lee"]
    today.days(14)
    assert (today.names("joined"), today.names("quiet")) == ([], ["Rosa Lee"])
    today.notes(card, "called")
    assert today.counts() == ["0"] * 6


def test_a_second_press_is_harmless_and_a_stale_card_says_what_happened(today: Today) -> None:
    card = f"/people/{today.joins()}"
    kims, anas = today.open(card), today.open(card, today.ana)
    first = today.notes(card, "left-word", **kims)
    assert today.notes(card, "left-word", **kims) == first
    stale = today.press(card, "called", today.ana, **anas, note="She is keen")
    assert stale.status_code == 409
    assert "Left word" in stale.text
    assert "She is keen" in stale.text
    assert today.steps() == ["left-word"]
    assert today.press(card, "undo", today.ana, undoes=first).status_code == 409
    assert today.steps() == ["left-word"]
    second = today.notes(card, "called", today.ana)
    assert today.press(card, "undo", undoes=first).status_code == 409
    for _press in range(2):
        assert today.press(card, "undo", today.ana, undoes=second).status_code == 303
    assert today.steps() == ["left-word", "called", "undo"]


@ONE_DATABASE
def test_two_see_who_is_on_it(today: Today) -> None:
    card = f"/people/{today.joins()}"
    assert today.press(card, "claim", today.ana).status_code == 303
    assert today.press(card, "claim", today.ana).status_code == 303
    assert "ana@example.org is on it" in today.get("?shelf=joined")
    assert today.press(card, "claim").status_code == 409
    today.days(0.03)
    assert "ana@example.org is on it" not in today.get("?shelf=joined")
    assert today.press(card, "claim").status_code == 303
    assert "You are on it" in today.get(card)


@ONE_DATABASE
def test_a_texter_who_joins_is_one_card(today: Today) -> None:
    card = f"/texts/{today.text()}"
    today.notes(card, "left-word", note="Voicemail")
    today.days(3)
    assert today.names("texted") == ["Sam"]
    member = today.people.put("Sam Jones", phone=PHONE, joined=START + dt.timedelta(days=3))
    assert (today.names("texted"), today.names("joined")) == ([], ["Sam Jones"])
    page = today.get(f"/people/{member}")
    assert "Sam E8 1DY" in page
    assert "Voicemail" in page


@ONE_DATABASE
def test_a_wrong_number_is_rung_no_more_until_there_is_another(today: Today) -> None:
    member = today.joins(phone=PHONE)
    card = f"/people/{member}"
    today.notes(card, "wrong-number")
    assert today.names("joined") == ["Rosa Lee"]
    page = today.get("?shelf=joined")
    assert f"tel:{PHONE}" not in page
    assert "mailto:" in page
    today.notes(card, "wrote")
    assert today.names("joined") == []
    texter = f"/texts/{today.text('Ali', '+447700900125')}"
    today.notes(texter, "wrong-number")
    assert today.names("texted") == []


@ONE_DATABASE
def test_of_one_number_there_is_one_card_for_the_newest_text(today: Today) -> None:
    first = today.text("Sam")
    today.notes(f"/texts/{first}", "called")
    assert today.names("texted") == []
    today.text("Sam again")
    today.text("Sam Jones")
    assert today.names("texted") == ["Sam Jones"]


def test_who_is_handed_on_is_somebody_elses_to_welcome(today: Today) -> None:
    member = today.joins()
    today.notes(f"/people/{member}", "left-word")
    form = {"made_from": "", "nonce": str(uuid.uuid4()), "note": "Works there"}
    page = today.people.get(f"/{member}/transfer")
    form["made_from"] = page.split('name="made_from" value="')[1].split('"')[0]
    sent = today.kim.press(f"/desk/people/{member}/transfer", to="branch:newham", **form)
    assert sent.status_code == 303
    assert today.names("moved", today.ana.client) == ["Rosa Lee"]
    assert today.names("moved") == []
    paths = ("?shelf=moved", f"/people/{member}?why=moved")
    for page in (today.get(path, client=today.ana.client) for path in paths):
        assert "Works there" in page
        assert "kim@example.org" in page
    with today.people.database.reading() as session:
        newham = session.scalars(select(Branch.id).where(Branch.slug == "newham")).one()
        assert session.scalars(select(FollowUp.branch_id)).all() == [newham]
    today.notes(f"/people/{member}?why=moved", "called", today.ana, why="moved")
    assert today.names("moved", today.ana.client) == []


@ONE_DATABASE
def test_what_is_forgotten_takes_the_words_with_it_and_the_steps_stay(today: Today) -> None:
    enquiry = today.text()
    today.notes(f"/texts/{enquiry}", "left-word", note="Her mother answered")
    runner = today.people.app.test_cli_runner()
    today.days(800)
    assert runner.invoke(args=["members", "retain"]).exit_code == 0
    with today.people.database.reading() as session:
        assert session.scalars(select(FollowUpNote)).all() == []
    assert today.steps() == ["left-word"]
    assert [each.due_at for each in today.cards()] == [None]
    page = today.get(f"/texts/{enquiry}", 404)
    assert "Sam" not in page
    gone = today.press("", "called")  # the page of a shelf takes no steps
    assert gone.status_code == 405


@ONE_DATABASE
def test_rubbish_is_answered_in_words_and_keeps_what_was_typed(today: Today) -> None:
    card = f"/people/{today.joins()}"
    seen = today.open(card)
    for step, form in (
        ("nonsense", {}),
        ("will-come", {"day": "yesterday"}),
        ("will-come", {"day": "2026-11-21"}),
        ("will-come", {"other": "2030-01-01"}),
        ("called", {"note": "x" * 501}),
    ):
        answer = today.press(card, step, **{**seen, **form})
        assert answer.status_code == 422, step
        assert "Something needs another look" in answer.text
    for seen_version in ("", "-1", "9" * 30, "²"):
        assert today.press(card, "called", **{**seen, "seen": seen_version}).status_code == 409
    assert today.steps() == []
    for path in ("?after=again-x", "?after=fresh-x", "?shelf=x&done=99999999999", "?done=-1"):
        today.get(path)
    today.get("/texts/99999999999", 404)
    gone = today.press(f"/people/{uuid.uuid4()}", "called", seen="0", note="Keep this")
    assert gone.status_code == 404
    assert "Keep this" in gone.text


def test_nothing_of_another_region_can_be_touched(today: Today) -> None:
    member, enquiry = today.joins(branch="cardiff"), today.text(branch="cardiff")
    for path in (f"/people/{member}", f"/texts/{enquiry}"):
        today.get(path, 404)
        for step in ("called", "claim", "undo"):
            assert today.press(path, step, seen="0", undoes="1").status_code == 404
    assert today.cards() == []


@ONE_DATABASE
def test_every_look_and_step_is_written_down(today: Today) -> None:
    card = f"/people/{today.joins()}"
    today.get()
    today.notes(card, "called")
    audit = today.people.desk.audit()
    assert ("search", "today-joined:1") in audit
    assert audit[-2:] == [("look", ""), ("change", "today:called")]


def test_a_shelf_goes_on_page_after_page_by_the_same_number_of_queries(today: Today) -> None:
    joined = START - dt.timedelta(days=9)
    for name in ("Ada", "Ben"):
        today.notes(f"/people/{today.joins(name)}", "left-word")
    today.joins("Cleo", 9)
    today.days(2)
    with counted(today.people.database) as few:
        assert today.names("joined") == ["Ada", "Ben", "Cleo"]
    with today.people.database.transaction() as session:
        for number in range(15):
            put(session, f"Joiner {number:02}", joined=joined + dt.timedelta(hours=1 + number))
    with counted(today.people.database) as many:
        first = today.names("joined")
    assert (len(first), len(many)) == (shelves.PAGE, len(few))
    after = re.search(r"after=([a-z0-9-]+)", today.get("?shelf=joined"))
    assert after
    second = today.names(f"joined&after={after[1]}")
    joiners = [f"Joiner {number:02}" for number in range(15)]
    assert [*first, *second] == ["Ada", "Ben", "Cleo", *joiners]
    assert today.get().count("today-card__name") == shelves.PAGE


def test_of_two_who_press_at_one_moment_the_second_is_told(today: Today) -> None:
    card = f"/people/{today.joins()}"
    forms = {person.email: today.open(card, person) for person in (today.kim, today.ana)}

    def press(person: Person) -> int:
        return today.press(card, "called", person, **forms[person.email]).status_code

    with ThreadPoolExecutor() as both:
        assert sorted(both.map(press, (today.kim, today.ana))) == [303, 409]
    assert today.steps() == ["called"]


def test_who_is_erased_leaves_nothing_on_the_desk(today: Today) -> None:
    member = today.joins()
    card = f"/people/{member}"
    step = today.notes(card, "wrong-number", note="Her brother's")
    assert today.press(card, "undo", undoes=step).status_code == 303
    with today.people.database.transaction() as session:
        assert delete_members(session, [member]) == 1
    assert (today.cards(), today.steps()) == ([], [])
    gone = today.press(card, "called", seen="2", note="Nice talk")
    assert (gone.status_code, "Nice talk" in gone.text) == (404, True)


@ONE_DATABASE
def test_the_letters_to_organisers_lead_to_the_card(today: Today) -> None:
    member = uuid.uuid4()
    with today.people.app.test_request_context():
        of_text, of_member = addresses({"enquiry": 7}), addresses({"joiner": str(member)})
    assert of_text["card_url"].endswith("/desk/today/texts/7")
    assert of_member["card_url"].endswith(f"/desk/today/people/{member}")
