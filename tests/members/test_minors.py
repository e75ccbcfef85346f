"""Whoever is under 18: flagged, asked for no consent, and in no list."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.database import Database
from members import ages, listing
from members.models import Consent, Member, MemberPledge
from staff.principal import Principal, Role
from staff.scoping import scoped
from tests.conftest import Work
from tests.fakes import START, FakeMailer
from tests.members.conftest import JOINER, NOTIFIED, ask, csrf_in, open_pages
from tests.members.standing.books import make_member

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = START.date()


@pytest.mark.parametrize(
    "today", [TODAY, dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2028, 2, 29)]
)
def test_the_youngest_adult_is_who_the_rule_of_age_says(today: dt.date) -> None:
    last = ages.youngest_adult(today)
    assert not ages.is_minor(last, today=today)
    born_later = [last + dt.timedelta(days=days) for days in (1, 2, 365)]
    assert all(ages.is_minor(born, today=today) for born in born_later)


def test_a_list_names_nobody_under_18_however_it_is_asked(session: Session) -> None:
    old = make_member(session, email="old@example.org")
    young = make_member(session, email="young@example.org")
    old.date_of_birth = ages.youngest_adult(TODAY)
    young.date_of_birth = old.date_of_birth + dt.timedelta(days=1)
    session.flush()
    session.expire_all()
    other = aliased(Member)
    counted = select(func.count()).select_from(Member)
    joined = select(MemberPledge.member_id).join(Member, Member.id == MemberPledge.member_id)
    renamed = select(other.id)
    within = select(Member.id).where(Member.id.in_(select(other.id)))
    admin = Principal(uuid.uuid4(), "mo@example.org", Role.ADMIN)
    for query, found in ((counted, [1]), (joined, [old.id]), (renamed, [old.id])):
        listed = listing.listed(query, today=TODAY)
        assert session.scalars(listed).all() == found
    assert session.scalars(listing.listed(within, today=TODAY)).all() == [old.id]
    both = (
        listing.listed(scoped(select(Member.id), admin), today=TODAY),
        scoped(listing.listed(select(Member.id), today=TODAY), admin),
    )
    assert [session.scalars(each).all() for each in both] == [[old.id], [old.id]]
    birthday = TODAY + dt.timedelta(days=1)
    assert len(session.scalars(listing.listed(select(Member.id), today=birthday)).all()) == 2
    nobody = Principal(uuid.uuid4(), "mo@example.org", Role.ORGANISER, frozenset([999_999]))
    unseen = listing.listed(scoped(select(Member.id), nobody), today=TODAY)
    assert session.scalars(unseen).all() == []


@on_sqlite
@pytest.mark.usefixtures("small_directory")
def test_who_is_under_18_is_asked_for_no_consent_and_their_organiser_is_told(
    client: FlaskClient,
    database: Database,
    join: Callable[..., str],
    mailer: FakeMailer,
    work: Work,
) -> None:
    join(date_of_birth="23/11/2008", consent_text="y")  # 18 tomorrow
    with database.reading() as session:
        assert session.scalars(select(Consent)).all() == []
    (notice,) = mailer.to(NOTIFIED)
    assert "Under 18:  yes" in notice.get_content()
    assert "2008" not in notice.get_content()
    ask(client, work, JOINER["email"])
    open_pages(client, mailer, JOINER["email"])
    page = client.get("/me/consent").text
    assert "under 18" in page
    assert 'type="checkbox"' not in page
    token = csrf_in(client.get("/me/giving").text)
    client.post("/me/consent", data={"csrf_token": token, "email": "y"})
    with database.reading() as session:
        assert session.scalars(select(Consent)).all() == []
