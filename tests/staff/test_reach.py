"""How far a transaction reaches is said by the guard, and ends with the transaction."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Blueprint, Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import outbox, reach
from core.database import Database, reading, transaction
from core.guards import anyone, guard, staff
from core.reach import Reach, as_the_service
from members.models import Member, MembershipEvent
from staff.models import StaffAccount
from tests.fakes import START
from tests.staff.conftest import KIM, Desk
from tests.staff.test_scoping import member_in, people

__all__ = ["people"]  # a fixture, for use here
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
People = dict[uuid.UUID, tuple[int | None, int | None]]
WHO = Reach(frozenset({1}), frozenset({2}))


@contextmanager
def asking(app: Flask, who: Reach = WHO) -> Iterator[None]:
    """Be a request whose guard has said who asks."""
    with app.test_request_context():
        reach.ask_for(who)
        yield


def raw(session: Session) -> set[uuid.UUID]:
    """Ask for everybody, as somebody does who forgot whose desk they are at."""
    return set(session.execute(text("SELECT id FROM member")).scalars())


def in_reach(people: People) -> set[uuid.UUID]:
    return {member for member, (region, branch) in people.items() if region == 1 or branch == 2}


def everybody() -> str:
    with reading() as session:
        return str(len(raw(session)))


def test_a_request_starts_no_processes_to_help_with_a_list(desk: Desk) -> None:
    asked = text("SHOW max_parallel_workers_per_gather")
    with desk.database.reading() as session:
        usual = session.scalar(asked)
    with asking(desk.app), desk.database.reading() as session:
        assert session.scalar(asked) == "0" != usual
    with desk.database.reading() as session:
        assert session.scalar(asked) == usual


def test_a_request_reaches_what_its_guard_says_and_nothing_without_one(desk: Desk) -> None:
    for name, who in (("nobody", None), ("anyone", anyone), ("seated", staff())):
        bp = Blueprint(f"tests_{name}", __name__)
        bp.add_url_rule(f"/tests/{name}", name, everybody)
        desk.app.register_blueprint(guard(bp, who) if who else bp)
    kim = desk.organiser(KIM)
    with desk.database.transaction() as session:
        london, wales = session.execute(text("SELECT id FROM region ORDER BY rank")).scalars()
        for region in (london, london, wales, None):
            member_in(session, region, None)

    assert kim.client.get("/tests/nobody").text == "0"
    assert kim.client.get("/tests/anyone").text == "4"
    assert kim.client.get("/tests/seated").text == "2"
    with desk.database.transaction() as session:
        session.execute(update(StaffAccount).values(role="admin"))
    assert kim.client.get("/tests/seated").text == "4"
    assert desk.browser().get("/tests/seated").status_code == 303


def test_each_transaction_of_a_session_is_held_and_nothing_outlasts_it(
    app: Flask, database: Database, people: People
) -> None:
    mine = in_reach(people)
    with asking(app):
        for opened in (transaction, reading):
            with opened() as session:
                assert raw(session) == mine
                with session.begin_nested() as point:
                    point.rollback()
                assert raw(session) == mine
        with reading() as session:
            assert raw(session) == mine
            session.rollback()
            assert raw(session) == mine
    with database.reading() as session:
        assert raw(session) == people.keys()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM member").all() == []


def test_a_member_goes_out_of_reach_by_the_service_alone(
    app: Flask, database: Database, people: People
) -> None:
    mine = next(each for each, place in people.items() if place == (1, 1))
    theirs = next(each for each, place in people.items() if place == (2, 1))
    with asking(app):
        with pytest.raises(DBAPIError, match="row-level security"), transaction() as session:
            session.get_one(Member, mine).region_id = 2
        with transaction() as session:
            assert session.get(Member, theirs) is None
            with as_the_service(session):
                session.get_one(Member, mine).region_id = 2
                session.add(moved(mine))
            assert raw(session) == in_reach(people) - {mine}
            assert session.execute(select(MembershipEvent.id)).all() == []
    with database.reading() as session:
        assert session.get_one(Member, mine).region_id == 2
        assert len(session.get_one(Member, mine).events) == 1


def test_what_fails_within_the_services_own_doing_widens_nothing(
    app: Flask, people: People
) -> None:
    mine = in_reach(people)
    with asking(app), transaction() as session:
        for statement in ("SELECT 1", "SELECT 1/0"):
            with pytest.raises((LookupError, DBAPIError)), as_the_service(session):  # noqa: PT012 -- either way out
                assert raw(session) == people.keys()
                with as_the_service(session):
                    assert raw(session) == people.keys()
                assert raw(session) == people.keys()
                session.execute(text("UPDATE member SET name = 'Lee'"))
                session.execute(text(statement))
                raise LookupError
            assert raw(session) == mine
        assert set(session.scalars(select(Member.name))) == {"Sam Jones"}


def test_a_desk_causes_letters_and_reads_none(app: Flask, database: Database) -> None:
    letter = {"template": "left", "to": "sam@example.org", "values": {"a": "b"}, "now": START}
    with asking(app), transaction() as session:
        assert outbox.mail(session, key="left:1", **letter)  # type: ignore[arg-type]  # as above
        assert not outbox.mail(session, key="left:1", **letter)  # type: ignore[arg-type]  # as above
        outbox.take_back(session, "left:", "not so")
        assert session.execute(text("SELECT * FROM outbox_mail")).all() == []
    with database.reading() as session:
        assert session.scalar(select(outbox.OutboxMail.last_error)) == "not so"


def moved(member_id: uuid.UUID) -> MembershipEvent:
    return MembershipEvent(
        member_id=member_id,
        kind="moved",
        from_state="applied",
        to_state="applied",
        at=START,
        why="moved house",
        who="member",
    )
