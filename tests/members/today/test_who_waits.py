"""Who else stands on Today, what a card tells, and what happens to one that is open meanwhile."""

import datetime as dt
import re
import uuid

import pytest
from sqlalchemy import select

from branches.models import Branch, TextOptOut
from branches.texting.numbers import hashes
from members import states
from members.merging.merging import Reason, merge
from members.models import Member
from members.room import Room
from staff.principal import Role
from tests.fakes import START
from tests.members.desk.conftest import seat
from tests.members.today.conftest import PHONE, Today
from tests.questions import counted

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def applies(
    today: Today, name: str = "Abe", *, pledge: str = "pending", **but: object
) -> uuid.UUID:
    """Let somebody have sent the form, seven hours ago, and not be a member yet."""
    sent = START - 7 * HOUR
    member = today.people.put(name, state="applied", joined_at=None, **{"created_at": sent, **but})
    with today.people.database.transaction() as session:
        session.get_one(Member, member).dues.state = pledge
    return member


def stop(today: Today, phone: str) -> None:
    keys = [each.encode() for each in today.people.app.extensions["link_keys"]]
    with today.people.database.transaction() as session:
        session.add(TextOptOut(number_hash=hashes(phone, keys)[0], since=START))


def here(today: Today) -> Room:
    found: Room = today.people.app.extensions["members"]
    return found


@ONE_DATABASE
def test_who_waits_to_be_accepted_does_so_until_it_is_decided(today: Today) -> None:
    member = applies(today, pledge="paid", waiting_since=START - DAY)
    applies(today, "Dai", pledge="paid", waiting_since=START - DAY, branch="cardiff")
    page = today.get("?shelf=applied")
    assert today.names("applied") == ["Abe"]
    assert f"/desk/people/{member}#waits" in page
    assert "waits to be accepted" in page
    card = f"/people/{member}"
    today.notes(card, "called")
    assert today.names("applied") == ["Abe"], "to ring is not yet to decide"
    today.notes(card, "left-word")
    assert today.names("applied") == []
    today.days(2)
    assert today.names("applied") == ["Abe"]
    kims = today.open(card)
    accepted = START + 2 * DAY
    with today.people.database.transaction() as session:
        row = session.get_one(Member, member, with_for_update=True)
        row.joined_at = accepted
        states.change(session, row, "active", why="accepted", who="office", now=accepted)
    assert (today.names("applied"), today.names("joined")) == ([], ["Abe"])
    assert today.press(card, "called", **kims).status_code == 409
    today.notes(card, "called")
    assert today.names("joined") == []


@ONE_DATABASE
def test_who_got_stuck_when_paying_is_asked_for_a_while(today: Today) -> None:
    stuck = applies(today, "Stuck")
    applies(today, "Just now", created_at=START - 5 * HOUR)
    applies(today, "Long ago", created_at=START - 15 * DAY)
    applies(today, "On its way", pledge="confirming")
    applies(today, "Twice", email="twice@example.org")
    applies(today, "Twice again", email="twice@example.org", created_at=START - 6.5 * HOUR)
    again = applies(today, "Paid since", email="paid@example.org")
    today.joins("Is a member", email="paid@example.org")
    assert today.names("applied") == ["Stuck", "Twice again"]
    assert "the first payment has not come" in today.get("?shelf=applied")
    assert "the first payment has not come" in today.get(f"/people/{again}")
    today.notes(f"/people/{stuck}", "called")
    assert today.names("applied") == ["Twice again"]


@ONE_DATABASE
def test_who_is_a_member_again_stands_once_among_the_new(today: Today) -> None:
    member = today.joins("Rosa Lee", 900, state="lapsed")
    short = today.joins("Short", 100, state="left")
    assert today.names("joined") == []
    with today.people.database.transaction() as session:
        for each, back in ((member, START - HOUR), (short, START)):
            row = session.get_one(Member, each, with_for_update=True)
            states.rejoin(session, row, why="joined again", now=back)
    assert today.names("joined") == ["Rosa Lee", "Short"]
    assert today.names("quiet") == []
    card = f"/people/{member}"
    for page in ("?shelf=joined", card):
        assert "A member again since 22 November 2026" in today.get(page), page
    today.notes(card, "called")
    assert today.names("joined") == ["Short"]


@ONE_DATABASE
def test_who_said_stop_is_rung_and_not_texted(today: Today) -> None:
    member = today.joins(phone=PHONE)
    text = today.text("Ali", "+447700900125")
    pages = ("?shelf=joined", f"/people/{member}", "?shelf=texted", f"/texts/{text}")
    for page in pages:
        assert "sms:" in today.get(page), page
    for phone in (PHONE, "+447700900125"):
        stop(today, phone)
    for page in pages:
        shown = today.get(page)
        assert "sms:" not in shown, page
        assert "They sent STOP" in shown, page
        assert "tel:" in shown, page
    theirs = today.people.get(f"/{member}")
    assert "sms:" not in theirs
    assert "They sent STOP" in theirs


@ONE_DATABASE
def test_a_card_tells_what_a_caller_should_know(today: Today) -> None:
    owes = today.joins("Owes", 300, state="arrears", paid=[START.replace(month=8, day=3)])
    for page in ("?shelf=arrears", f"/people/{owes}?why=arrears"):
        assert "Paid up to the end of August 2026, 3 months behind" in today.get(page), page
    told = today.text()
    assert "We did not answer it." in today.get(f"/texts/{told}")
    quiet = f"/people/{today.joins('Quiet', 40)}"
    assert "Nobody has spoken with them yet" in today.get("?shelf=quiet")
    step = today.notes(quiet, "will-come")
    today.days(25)
    assert "Last spoken with on" in today.get("?shelf=quiet")
    today.press(quiet, "undo", undoes=step)
    assert "Last spoken with on" not in today.get("?shelf=quiet")


@ONE_DATABASE
def test_a_claim_is_given_back_by_hand_and_by_none_but_its_holder(today: Today) -> None:
    card = f"/people/{today.joins()}"
    assert today.press(card, "release").status_code == 303
    today.press(card, "claim", today.ana)
    page = today.get("?shelf=joined")
    assert "ana@example.org is on it, since" in page
    assert "I am on it" not in page
    assert today.press(card, "release").status_code == 409
    assert "I am not on it any more" in today.get("?shelf=joined", client=today.ana.client)
    assert today.press(card, "release", today.ana).status_code == 303
    assert "is on it, since" not in today.get("?shelf=joined")
    audit = [each for each in today.people.desk.audit() if each[0] == "change"]
    assert audit == [("change", "today:claim"), ("change", "today:release")]


@ONE_DATABASE
def test_the_bar_counts_who_waits_on_every_page_by_the_same_questions(today: Today) -> None:
    clock = today.people.desk.clock

    def selects(asked: list[str]) -> int:
        return sum(each.startswith("SELECT") for each in asked)

    def badge(path: str) -> list[str]:
        return re.findall(r'desk-ways__count">(\d+\+?)<', today.kim.client.get(path).text)

    with counted(today.people.database) as few:
        assert badge("/desk/account") == []
    today.text()
    for number in range(3):
        today.joins(f"Joiner {number}", branch="cardiff" if number == 2 else "hackney")
        today.joins(f"Quiet {number}", 40)
    with counted(today.people.database) as known:
        assert badge("/desk/account") == []  # of a moment ago
    assert len(known) < len(few)
    clock.move(seconds=60)
    with counted(today.people.database) as many:
        assert badge("/desk/account") == ["3"]
    assert selects(many) == selects(few)
    today.joins("One more")
    assert badge("/desk/people") == ["3"]
    assert badge("/desk/today") == badge("/desk/people") == ["4"]  # today counts anew
    treasurer = seat(today.people.desk, "tre@example.org", Role.TREASURER)
    assert "desk-ways__count" not in treasurer.client.get("/desk/account").text


@ONE_DATABASE
def test_the_desk_opens_where_the_days_work_is(today: Today) -> None:
    places = {
        Role.TREASURER: "/desk/money",
        Role.MODERATOR: "/desk/messages",
        Role.ADMIN: None,
    }
    assert today.kim.client.get("/desk").location == "/desk/today"
    assert "Whom to ring" in today.kim.client.get("/desk/overview").text
    for role, place in places.items():
        somebody = seat(today.people.desk, f"{role}@example.org", role)
        assert somebody.client.get("/desk").location == place
        assert 'href="/desk/overview"' in somebody.client.get("/desk/account").text


@ONE_DATABASE
def test_a_meeting_that_was_called_off_is_not_promised(today: Today) -> None:
    card = f"/people/{today.joins()}"
    form = today.open(card)
    with today.people.database.transaction() as session:
        branch = session.scalars(select(Branch).where(Branch.slug == "hackney")).one()
        branch.meets = "Mondays 7.30pm, Hackney Library"
    off = today.press(card, "will-come", **form, day="2026-11-26", note="Keen")
    assert off.status_code == 409
    assert "has changed its meetings" in off.text
    assert "Keen" in off.text
    assert today.steps() == []
    other = today.notes(card, "will-come", **form, day="2026-11-26", other="2026-11-26")
    assert "no meeting of the branch is known for that day" in today.get(card)
    assert today.press(card, "undo", undoes=other).status_code == 303


def test_a_card_whose_record_became_one_with_another_goes_on_there(today: Today) -> None:
    keep = today.joins("Rosa Lee", 3)
    lost = today.joins("R. Lee", 2, stopped=START)
    card, due = f"/people/{lost}", today.notes(f"/people/{lost}", "left-word", note="Voicemail")
    form = today.open(card)
    kept_form = today.open(f"/people/{keep}")
    with today.people.database.transaction() as session:
        reason = Reason("one person", "office", START)
        merge(session, keep, lost, reason, rules=here(today).rules, keys=here(today).keys)
    assert [each.key for each in today.cards()] == [f"joined:{keep}"]
    assert today.press(f"/people/{keep}", "called", **kept_form).status_code == 409
    assert "Voicemail" in today.get(card)
    today.days(2)
    assert today.names("joined") == ["Rosa Lee"]
    today.notes(card, "called", **form)
    assert (today.names("joined"), today.steps()) == ([], ["left-word", "called"])
    assert today.press(card, "undo", undoes=due).status_code == 409


@ONE_DATABASE
def test_who_is_somewhere_else_or_too_young_meanwhile_loses_nobodys_words(today: Today) -> None:
    gone, young, left = today.joins("Gone"), today.joins("Young"), today.joins("Left")
    forms = {each: today.open(f"/people/{each}") for each in (gone, young, left)}
    with today.people.database.transaction() as session:
        cardiff = session.scalars(select(Branch).where(Branch.slug == "cardiff")).one()
        moved = session.get_one(Member, gone)
        moved.branch_id, moved.region_id = cardiff.id, cardiff.region_id
        session.get_one(Member, young).date_of_birth = START.date().replace(year=2010)
        session.get_one(Member, left).state = "left"
    away = today.press(f"/people/{gone}", "called", **forms[gone], note="Nice talk")
    assert (away.status_code, "Nice talk" in away.text) == (404, True)
    assert today.names("joined") == []
    assert "Under 18" in today.get(f"/people/{young}")
    assert "They are no member any more" in today.get(f"/people/{left}")
    for each in (young, left):
        today.notes(f"/people/{each}", "called", **forms[each])
    assert today.names("joined") == []
