"""Two records of one person become one, with everything that hangs on either."""

import datetime as dt
import io
import json
import threading
import uuid
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import fingerprints, links, suppression
from core.database import Base, Database
from members import confirming
from members.joining import applicant
from members.merging import moving, pointers
from members.merging.deciding import CannotMerge
from members.merging.merging import Merged, Reason, merge
from members.merging.models import MergedMember
from members.models import Consent, Likeness, Member, MemberPledge, MembershipEvent
from members.room import Room
from payments.models import Pledge
from staff import auditing
from staff.auditing import Subject
from tests.fakes import START
from tests.members.protection.people import give, run
from tests.members.standing.books import events_of, make_member

SAM, OTHER = "sam@example.org", "sam.jones@example.org"
WHY = Reason("the same person by two forms", "office", START)
KEYS = ["a key for tests, not secret at all"]
EARLIER = dt.datetime(2026, 9, 3, 12, tzinfo=dt.UTC)


def two(session: Session, **lost: Any) -> tuple[Member, Member]:  # noqa: ANN401 -- of make_member
    """Make a member, and another record of theirs; nothing of its dues is taken any more."""
    keep = make_member(session, paid=[START])
    said = {"email": OTHER, "paid": [EARLIER], "stopped": START, "phone": "+447700900123"}
    lose = make_member(session, **{**said, **lost})
    return keep, lose


def merged(session: Session, app: Flask, keep: uuid.UUID, lose: uuid.UUID) -> Merged:
    room: Room = app.extensions["members"]
    return merge(session, keep, lose, WHY, rules=room.rules, keys=KEYS)


def consent(session: Session, member: Member, channel: str, *, given: bool) -> None:
    asked = {"wording": f"{channel} {given}", "at": EARLIER, "source": "join form"}
    session.add(Consent(member_id=member.id, channel=channel, given=given, **asked))
    session.flush()


def why_not(session: Session, app: Flask, keep: uuid.UUID, lose: uuid.UUID) -> str:
    with pytest.raises(CannotMerge) as refused:
        merged(session, app, keep, lose)
    return refused.value.why


def test_the_kept_one_has_all_and_the_lost_id_leads_there(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        keep, lose = two(session)
        third = make_member(session, email="alex@example.org", name="Alex Jones", stopped=START)
        for one, other in ((keep, lose), (lose, third), (third, keep)):
            session.add(Likeness(newer_id=one.id, older_id=other.id, why="phone", noticed_at=START))
        session.add(
            MembershipEvent(member_id=lose.id, to_state="applied", at=EARLIER, why="", who="")
        )
        session.flush()
        links.mint(session, OTHER, lifetime=dt.timedelta(days=1), now=START)
        mine, theirs = keep.dues_pledge_id, lose.dues_pledge_id
        third_id = third.id
        done = merged(session, app, keep.id, lose.id)
    assert done.moved["member_pledge"] == 1
    assert events_of(database, keep) == [
        ("state", None, "applied", ""),
        ("merged", "active", "active", "office"),
    ]
    with database.transaction() as session:
        kept = session.get_one(Member, keep.id)
        assert session.get(Member, lose.id) is None
        assert pointers.current(session, lose.id) == keep.id
        assert (kept.email, kept.phone, kept.dues_pledge_id) == (SAM, "+447700900123", mine)
        assert session.get_one(Pledge, theirs).email_key == SAM
        assert applicant(session, theirs) is kept
        pairs = session.execute(select(Likeness.newer_id, Likeness.older_id)).all()
        assert pairs == [(third_id, keep.id)]
        assert session.scalar(select(func.count()).select_from(links.AccessLink)) == 0
        with pytest.raises(links.DeadLink):  # they read an address that is not the kept one's
            confirming.confirm(session, lose.id, now=START)
        # Once more changes nothing, and neither does the other way round.
        assert merged(session, app, keep.id, lose.id).already
        assert why_not(session, app, lose.id, keep.id) == "merged"
        assert why_not(session, app, third_id, lose.id) == "merged"
        assert why_not(session, app, keep.id, keep.id) == "same"
        assert why_not(session, app, keep.id, uuid.uuid4()) == "no-such-member"
    assert [each[0] for each in events_of(database, keep)] == ["state", "merged"]
    with database.transaction() as session:
        merged(session, app, third_id, keep.id)
        assert pointers.current(session, lose.id) == third_id


def test_the_stricter_answer_holds_and_every_answer_stays(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        keep, lose = two(session)
        consent(session, lose, "email", given=True)
        consent(session, keep, "email", given=False)
        consent(session, keep, "text", given=True)
        consent(session, lose, "text", given=False)
        consent(session, lose, "phone", given=True)
        unsubscribed = fingerprints.of_email(OTHER, KEYS)[0]
        suppression.suppress(session, unsubscribed, source="unsubscribed", now=EARLIER)
        merged(session, app, keep.id, lose.id)
        rows = session.scalars(select(Consent).order_by(Consent.id)).all()
        assert {each.member_id for each in rows} == {keep.id}
        assert {each.channel: (each.given, each.wording) for each in rows} == {
            "email": (False, "email False"),
            "text": (False, "text False"),
            "phone": (True, "phone True"),
        }
        assert len(rows) == 6
        assert suppression.is_suppressed(session, SAM, KEYS)


def test_nobody_comes_to_pay_twice_by_it(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        keep, lose = two(session, stopped=None)
        assert why_not(session, app, keep.id, lose.id) == "two-dues"
        session.get_one(Pledge, keep.dues_pledge_id).stopped_at = START
        session.flush()
        running = lose.dues_pledge_id
        merged(session, app, keep.id, lose.id)
        kept = session.get_one(Member, keep.id)
        assert (kept.dues_pledge_id, kept.state) == (running, "active")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("state", ["left", "lapsed", "applied"])
def test_who_is_a_member_by_either_record_is_one(
    app: Flask, database: Database, state: str
) -> None:
    with database.transaction() as session:
        keep = make_member(session, state=state, stopped=START)
        lose = make_member(session, email=OTHER, paid=[START])
        merged(session, app, keep.id, lose.id)
        kept = session.get_one(Member, keep.id)
        assert (kept.state, kept.dues.stopped_at) == ("active", None)


def test_what_came_from_the_lost_one_is_exported_and_erased_with_the_kept_one(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        keep, lose = two(session, paid=[])
        gift = give(session, email=OTHER, email_key=OTHER)
        looked = Subject("member", lose.id)
        auditing.record(session, "look", by=None, now=START, subject=looked)
        session.get_one(Pledge, keep.dues_pledge_id).stopped_at = START
    done = run(app, "merge", str(keep.id), str(lose.id), "--why", "one person", "--dry-run")
    assert (done.exit_code, "This would move" in done.output) == (0, True)
    with database.reading() as session:
        assert session.get(Member, lose.id) is not None
    assert run(app, "merge", str(keep.id), str(lose.id), "--why", "one person").exit_code == 0
    for someone in (SAM, OTHER, str(keep.id), str(lose.id)):
        packed = run(app, "export", someone, "--output", "-").stdout_bytes
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            held = json.loads(archive.read("data.json"))["held"]
        assert [each["id"] for each in held["member"]] == [str(keep.id)], someone
        assert {each["id"] for each in held["pledge"]} >= {str(gift.id)}, someone
        assert held["merged_member"][0]["said"]["email"] == OTHER
        assert len(held["audit_entry"]) == 1
    erased = run(app, "erase", SAM, "--why", "asked")
    assert erased.exit_code == 0, erased.output
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(MergedMember)) == 0
        assert session.get_one(Pledge, gift.id).email == ""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_who_merge_in_either_direction_leave_one_member(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        keep, lose = two(session)
    told: list[str] = []
    start = threading.Barrier(2)

    def go(one: uuid.UUID, other: uuid.UUID) -> None:
        start.wait()
        try:
            with database.transaction() as session:
                merged(session, app, one, other)
            told.append("merged")
        except CannotMerge as error:
            told.append(error.why)

    both = [
        threading.Thread(target=go, args=ids) for ids in ((keep.id, lose.id), (lose.id, keep.id))
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    with database.reading() as session:
        (left,) = session.scalars(select(Member)).all()
        (pointer,) = session.scalars(select(MergedMember)).all()
        pledges = session.scalars(select(MemberPledge.member_id)).all()
    assert sorted(told) == ["merged", "merged"]  # one did, and the other was told so
    assert pointer.kept_id == left.id
    assert set(pledges) == {left.id}


def test_every_column_that_names_a_member_moves(session: Session, app: Flask) -> None:
    """A table that is unique by its member has to say in `OF_THEIR_OWN` what becomes of it."""
    named = {(column.table.name, column.name) for column in moving.references()}
    cannot = {
        (column.table.name, column.name)
        for column in moving.references()
        if moving.cannot_move(column)
    }

    assert {("member", "rejoins_id"), ("merged_member", "kept_id")} < named
    assert cannot - moving.OF_THEIR_OWN.keys() == set()
    assert moving.OF_THEIR_OWN.keys() <= named


FOUND_BY_WHAT_THE_LOST_ONE_SAID = {
    "member": "the record itself",
    "merged_member": "the pointer, which names it",
    "pledge": "dues move to the kept address; gifts are found by the pointer's",
    "inbound_text": "by the pointer's telephone number",
    "enquiry": "by the pointer's telephone number",
    "text_opt_out": "by the pointer's telephone number",
    "outbox_mail": "by the pointer's address, and by the lost id in a letter's key",
    "outbox_text": "goes to who texted, and hangs on the text",
    "access_link": "those to an address that is nobody's any more are gone",
    "link_request": "likewise",
    "email_change": "hangs on its member",
    "follow_up": "hangs on its member, or on the enquiry of who texted",
    "privacy_request": "by the pointer's address",
    "suppression": "held against the kept address too",
    "erasure": "by the pointer's address",
    "declaration": "hangs on its pledge",
    "appeal_donor": "counts givers of gifts, which stay under the address they were given by",
    "offline_entry": "hangs on its payment",
    "bank_line": "what the bank wrote",
    "staff_account": "by the pointer's address; who works for us is asked after as such",
    "audit_entry": "by the lost id",
}


def test_every_table_that_knows_people_by_an_address_is_thought_of() -> None:
    """A new one is to be found for the kept one too; then it is named here, with how."""
    words = ("email", "phone", "recipient", "sender", "address_hash", "known_as", "number_hash")
    known = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(word in column.name for column in table.columns for word in words)
    }
    directory = {"region", "branch"}

    assert known - directory - FOUND_BY_WHAT_THE_LOST_ONE_SAID.keys() == set()


def test_the_database_still_refuses_to_change_what_only_grows(session: Session) -> None:
    """SQLite forgets its triggers where a migration makes a table anew."""
    member = make_member(session)
    session.add(MembershipEvent(member_id=member.id, to_state="applied", at=START, why="", who=""))
    session.flush()
    with pytest.raises(sa.exc.DatabaseError), session.begin_nested():
        session.execute(sa.update(MembershipEvent).values(why="otherwise"))
