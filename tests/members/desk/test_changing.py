"""Changing people: two at once lose nothing, and who is handed on is in one scope at a time."""

import datetime as dt
import html
import re
import uuid

import pytest
from sqlalchemy import select

from core.protection import Person as PersonKnown
from members.desk import editing, listing, transferring
from members.desk.editing import ChangedMeanwhile, Details
from members.desk.filters import Filters
from members.desk.person import find
from members.desk.transferring import MovedMeanwhile
from members.models import Member, MembershipEvent
from members.protection import own
from members.records import MemberNote, MemberTransfer
from members.rejoining import take_over
from members.room import EXTENSION
from payments.models import Pledge
from staff import auditing
from staff.auditing import Subject
from staff.principal import Role
from tests.core.together import together
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.desk.conftest import People, put, seat
from tests.payments.factories import make_pledge
from tests.staff.conftest import Person

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def filled(page: str) -> dict[str, str]:
    """Return what a form of the page holds, as a browser would send it."""
    fields = re.findall(r'<input[^>]*?name="([a-z0-9_]+)"[^>]*?value="([^"]*)"', page)
    found = {name: html.unescape(value) for name, value in fields}
    chosen = re.search(r'<option selected value="([^"]+)"', page)
    return {**found, "csrf_token": csrf_in(page), **({"to": chosen[1]} if chosen else {})}


def opened(
    people: People, member_id: uuid.UUID, page: str, by: Person | None = None
) -> dict[str, str]:
    return filled(people.get(f"/{member_id}/{page}", client=(by or people.kim).client))


def test_the_second_of_two_organisers_is_told_both_versions_and_loses_nothing(
    people: People,
) -> None:
    sam = people.put(phone="+447700900123")
    lou = seat(people.desk, "lou@example.org", Role.ORGANISER, "london")
    mine, theirs = opened(people, sam, "details"), opened(people, sam, "details", lou)
    theirs["town"] = "Leyton"
    path = f"/desk/people/{sam}/details"
    assert lou.client.post(path, data=theirs).status_code == 303
    mine |= {"phone": "07700 900999", "town": "Stratford"}
    told = people.kim.client.post(path, data=mine)
    assert told.status_code == 409
    assert "Somebody else has changed these details" in told.text
    assert 'value="Stratford"' in told.text
    assert "Now:</strong> Leyton" in told.text
    assert people.member(sam).town == "Leyton"
    again = filled(told.text)
    assert again["phone"] == "07700 900999"
    for _press in range(2):  # the second finds it done
        assert people.kim.client.post(path, data=again).status_code == 303
    member = people.member(sam)
    assert (member.town, member.phone) == ("Stratford", "+447700900999")
    with people.database.reading() as session:
        done = auditing.of_subject(session, Subject("member", sam))
        moved = session.scalars(
            select(MembershipEvent.who).where(MembershipEvent.kind == "moved")
        ).all()
    changes = [each.detail for each in done if each.kind == "change"]
    assert changes == ["details:address_phone", "details:address"]
    assert len(moved) == 2
    assert "lou@example.org" in people.get(f"/{sam}")


def test_of_two_who_send_at_one_moment_one_is_told(people: People) -> None:
    sam = people.put()
    before = Details.of(people.member(sam))
    places, principal = people.app.extensions[EXTENSION].places, people.principal()

    def send(town: str) -> str:
        with people.app.app_context():
            try:
                with people.database.transaction() as session:
                    member = find(session, principal, sam, lock=True)
                    assert member is not None
                    wished = Details(**{**_as_dict(before), "town": town})
                    editing.change(
                        session,
                        principal,
                        member,
                        wished,
                        made_from=before.mark,
                        places=places,
                        now=START,
                    )
            except ChangedMeanwhile:
                return "told"
        return town

    kept = together(lambda: send("Leyton"), lambda: send("Stratford"))
    assert sorted(kept) in (["Leyton", "told"], ["Stratford", "told"])
    assert people.member(sam).town in kept


def _as_dict(details: Details) -> dict[str, str]:
    return {name: getattr(details, name) for name in Details.__slots__}


@once
def test_another_e_mail_address_is_told_to_the_one_of_before(people: People) -> None:
    sam = people.put(email="sam@example.org", email_confirmed_at=START)
    form = opened(people, sam, "details")
    path = f"/desk/people/{sam}/details"
    for bad in (
        {"email": "nowhere"},
        {"email": ""},
        {"postcode": "E99"},
        {"name": " "},
        {"phone": "1"},
    ):
        answer = people.kim.client.post(path, data=form | bad)
        assert answer.status_code == 422, bad
    assert people.kim.client.post(path, data=form | {"email": "new@example.org"}).status_code == 303
    member = people.member(sam)
    assert (member.email_key, member.email_confirmed_at) == ("new@example.org", None)
    assert people.desk.letters("sam@example.org") == ["Your e-mail address with us was changed"]
    (letter,) = people.desk.mailer.to("sam@example.org")
    assert "new@example.org" not in letter.get_content()
    assert people.names("?q=new@example.org") == ["Sam Jones"]
    with people.database.reading() as session:
        theirs = PersonKnown(addresses=frozenset(["new@example.org"]), members=frozenset([sam]))
        assert len(own.letters(session, theirs)) == 1  # it is emptied with them


def test_who_is_handed_on_leaves_one_scope_and_is_in_the_other_as_moved_in(people: People) -> None:
    sam = people.put(postcode="CF10 1AA")
    far = seat(people.desk, "wyn@example.org", Role.ORGANISER, "wales")
    form = opened(people, sam, "transfer")
    path = f"/desk/people/{sam}/transfer"
    assert "you will not see them any more" in people.get(f"/{sam}/transfer")
    assert people.kim.client.post(path, data=form | {"to": "branch:cardiff"}).status_code == 422
    form |= {"to": "branch:cardiff", "note": "Keen on the food bank"}
    for _press in range(2):
        answer = people.kim.client.post(path, data=form)
        assert (answer.status_code, answer.location) == (303, "/desk/people?done=moved")
    people.get(f"/{sam}", 404)
    assert people.names() == people.names("?q=sam") == []
    assert people.names("?moved=yes", client=far.client) == ["Sam Jones"]
    assert people.names("?q=sam", client=far.client) == ["Sam Jones"]
    page = people.get(f"/{sam}", client=far.client)
    assert "Keen on the food bank" in page
    assert "handed on to Cardiff" in page
    assert people.desk.letters("wales@example.org") == ["Somebody has been handed on to Cardiff"]
    (letter,) = people.desk.mailer.to("wales@example.org")
    assert "Sam" not in letter.get_content()
    assert f"/desk/people/{sam}" in letter.get_content()
    with people.database.reading() as session:
        assert len(session.scalars(select(MemberTransfer)).all()) == 1
        assert len(session.scalars(select(MemberNote)).all()) == 1
        events = session.scalars(select(MembershipEvent.kind)).all()
    assert events == ["moved"]
    with people.database.reading() as session:
        filters, later = Filters(moved=True), START + dt.timedelta(days=31)
        wyn = people.principal("wyn@example.org")
        assert listing.count(session, wyn, filters, now=START) == 1
        assert listing.count(session, wyn, filters, now=later) == 0


@once
def test_within_one_region_nobody_is_written_to_and_they_stay_in_sight(people: People) -> None:
    sam = people.put()
    form = opened(people, sam, "transfer") | {"to": "branch:newham", "note": "Lives there"}
    answer = people.kim.client.post(f"/desk/people/{sam}/transfer", data=form)
    assert (answer.status_code, answer.location) == (303, f"/desk/people/{sam}?done=moved")
    assert people.names("?branch=newham") == ["Sam Jones"]
    assert people.desk.letters("london@example.org") == []
    form = opened(people, sam, "transfer") | {"note": "Works nights"}
    for nowhere in (
        "",
        "branch:nowhere",
        "region:nowhere",
        "london",
        "branch:\0",
        "branch:" + "x" * 5000,
    ):
        answer = people.kim.client.post(f"/desk/people/{sam}/transfer", data=form | {"to": nowhere})
        assert answer.status_code == 422, nowhere
    answer = people.kim.client.post(
        f"/desk/people/{sam}/transfer", data=form | {"to": "region:london"}
    )
    assert answer.status_code == 303
    assert people.names("?branch=none") == ["Sam Jones"]


@once
def test_who_was_handed_on_meanwhile_is_not_handed_on_by_an_old_page(people: People) -> None:
    sam, gone = people.put(), people.put("Gone Meanwhile")
    old = opened(people, sam, "transfer") | {"to": "branch:cardiff", "note": "A word"}
    stale = opened(people, gone, "details")
    with people.database.transaction() as session:
        kim, to = people.principal(), transferring.destination(session, "branch:newham")
        for each in (sam, gone):
            member = session.get_one(Member, each)
            before = (member.region_id, member.branch_id)
            if each == gone:
                to = transferring.destination(session, "branch:cardiff")
            assert transferring.transfer(
                session,
                kim,
                member,
                to,
                made_from=before,
                note="First",
                nonce=uuid.uuid4(),
                now=START,
            )
            with pytest.raises(MovedMeanwhile):
                transferring.transfer(
                    session,
                    kim,
                    member,
                    transferring.destination(session, "region:wales"),
                    made_from=before,
                    note="Second",
                    nonce=uuid.uuid4(),
                    now=START,
                )
    told = people.kim.client.post(f"/desk/people/{sam}/transfer", data=old)
    assert told.status_code == 409
    assert "A word" in told.text
    assert "Newham" in told.text
    assert people.names("?branch=newham") == ["Sam Jones"]
    lost = people.kim.client.post(f"/desk/people/{gone}/details", data=stale | {"town": "Bow"})
    assert lost.status_code == 404
    assert "Bow" in lost.text


@once
def test_the_note_of_who_applied_anew_stays_with_who_they_were(people: People) -> None:
    """An application that an older membership takes over leaves its notes there."""
    with people.database.transaction() as session:
        older = put(session, state="left", stopped=START - dt.timedelta(days=9))
        newer = put(session, state="applied", rejoins_id=older)
        session.add(
            MemberNote(
                member_id=newer,
                account_id=uuid.uuid4(),
                kind="note",
                text="Rang",
                at=START,
                nonce=uuid.uuid4(),
            )
        )
        session.flush()
        taken = take_over(
            session,
            session.get_one(Member, newer),
            paid_at=START,
            why="paid",
            who="gateway",
            now=START,
        )
        assert taken is not None
        assert session.scalars(select(MemberNote.member_id)).all() == [older]


def test_receipts_of_dues_follow_another_address_and_gifts_do_not(people: People) -> None:
    sam = people.put(email="sam@example.org")
    with people.database.transaction() as session:
        member = session.get_one(Member, sam)
        gift = make_pledge(session)
        gift.email = gift.email_key = member.email
    sent = opened(people, sam, "details") | {"email": "Samuel@example.org"}
    path = f"/desk/people/{sam}/details"
    for _press in range(2):
        assert people.kim.client.post(path, data=sent).status_code in (303, 409)
    with people.database.reading() as session:
        member = session.get_one(Member, sam)
        dues = session.get_one(Pledge, member.dues_pledge_id)
        assert (dues.email, dues.email_key) == ("Samuel@example.org", "samuel@example.org")
        assert session.get_one(Pledge, gift.id).email == "sam@example.org"
