"""Whoever is looked at can read it: when, in what role, and what was done; not by whom."""

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from core.database import Database
from staff import auditing
from staff.auditing import Subject
from staff.models import StaffAccount
from tests.fakes import START
from tests.members.conftest import the_member

pytestmark = [
    pytest.mark.usefixtures("small_directory"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def look(database: Database, member_id: uuid.UUID, *kinds: str) -> None:
    """Let an organiser do these things with a member, and the office one by command."""
    account = uuid.uuid4()
    with database.transaction() as session:
        kim = {"email": f"{account}@example.org", "email_key": f"{account}@example.org"}
        session.add(StaffAccount(id=account, role="organiser", invited_at=START, **kim))
        session.flush()
        subject = Subject("member", member_id)
        for kind in kinds:
            auditing.record(session, kind, by=account, now=START, subject=subject)
        auditing.record(session, "change", by=None, now=START, subject=subject)


def test_who_looked_is_told_without_a_name(holder: FlaskClient, database: Database) -> None:
    assert "Nobody who works for us has looked" in holder.get("/me/data").text
    look(database, the_member(database).id, "look", "export")
    look(database, uuid.uuid4(), "look")
    page = holder.get("/me/data").text
    assert page.count("Your record was looked at") == 1
    assert page.count("taken out in an export") == 1
    assert page.count("Organiser") == 2
    assert page.count("the office") == 1
    with database.reading() as session:
        assert all(each.email not in page for each in session.query(StaffAccount))


def test_who_shares_an_address_is_not_told_who_looked_at_the_other(
    holder: FlaskClient, join: Callable[..., str], database: Database
) -> None:
    look(database, the_member(database).id, "look")
    join(name="Jo Jones", date_of_birth="1/2/1990")
    page = holder.get("/me/data").text
    assert "Everything we hold about you" in page
    assert "looked at" not in page
