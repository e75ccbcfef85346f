"""A desk with people: three branches, an organiser of London, and whoever a test puts in."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import Branch, Region
from core.database import Database
from members.desk import listing
from members.desk.filters import Filters
from members.models import Consent, Member
from members.searching import understand
from staff import accounts
from staff.principal import Principal, Role
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.standing.books import make_member
from tests.staff.conftest import KIM, Desk, Person, desk, seat

__all__ = ["desk", "seat"]


@dataclass
class People:
    """The desk and its places; `kim` looks after London."""

    desk: Desk
    kim: Person

    @property
    def app(self) -> Flask:
        return self.desk.app

    @property
    def database(self) -> Database:
        return self.desk.database

    def put(self, name: str = "Sam Jones", **but: object) -> uuid.UUID:
        with self.database.transaction() as session:
            return put(session, name, **but)

    def get(self, path: str, status: int = 200, client: FlaskClient | None = None) -> str:
        asking = client or self.kim.client
        answer = asking.get(self.address(path, asking))
        assert answer.status_code == status, answer.text
        return answer.text

    def address(self, path: str, client: FlaskClient) -> str:
        """Return where a list is; what is typed is sent, and leads to an address without it."""
        if "q=" not in path:
            return f"/desk/people{path}"
        form = dict(parse_qsl(path.removeprefix("?")))
        form["csrf_token"] = csrf_in(client.get("/desk/people").text)
        answer = client.post("/desk/people", data=form)
        assert answer.status_code == 303, answer.text
        return f"{answer.location}&{urlencode({k: form[k] for k in form if k == 'after'})}"

    def names(self, path: str = "", client: FlaskClient | None = None) -> list[str]:
        """Return whom a list shows, in its order."""
        return re.findall(r'class="people__name"[^>]*>([^<]+)<', self.get(path, client=client))

    def member(self, member_id: uuid.UUID) -> Member:
        with self.database.reading() as session:
            return session.get_one(Member, member_id)

    def found(self, typed: str, after: uuid.UUID | None = None, **filters: object) -> list[str]:
        """Return whom a search of Kim's finds."""
        return [each.name for each in self.search(typed, after, **filters).people]

    def search(
        self, typed: str, after: uuid.UUID | None = None, **filters: object
    ) -> listing.Listed:
        narrowed = Filters(**{"state": "everybody", **filters}, searches=True)  # type: ignore[arg-type]  # whatever the test names
        with self.database.reading() as session:
            principal, readings = self.principal(), understand(typed)
            return listing.search(session, principal, readings, narrowed, after=after, now=START)

    def principal(self, email: str = KIM) -> Principal:
        with self.database.reading() as session:
            account = accounts.by_email(session, email)
            assert account is not None
            return accounts.principal(account)


def put(session: Session, name: str = "Sam Jones", **but: object) -> uuid.UUID:
    """Put a member into the branch `hackney`, or wherever `branch` or `region` say."""
    branch = but.pop("branch", "" if "region" in but else "hackney")
    region = but.pop("region", "")
    email = but.pop("email", f"{uuid.uuid4().hex}@example.org")
    made = ("state", "paid", "phone", "pence", "joined", "stopped")
    given = {each: but.pop(each) for each in made if each in but}
    member = make_member(session, name=name, email=str(email), **given)  # type: ignore[arg-type]  # whatever the test wants otherwise
    there = session.scalars(select(Branch).where(Branch.slug == branch)).one_or_none()
    of = session.scalars(select(Region).where(Region.slug == region)).one_or_none()
    member.branch_id = there.id if there else None
    member.region_id = there.region_id if there else of.id if of else None
    for key, value in but.items():
        setattr(member, key, value)
    session.flush()
    return member.id


def agree(session: Session, member_id: uuid.UUID, channel: str, *, given: bool = True) -> None:
    """Let somebody answer about a channel."""
    session.add(
        Consent(
            member_id=member_id,
            channel=channel,
            given=given,
            wording="You may",
            at=START,
            source="test",
        )
    )
    session.flush()


@pytest.fixture
def people(desk: Desk) -> People:
    with desk.database.transaction() as session:
        london, wales = session.scalars(select(Region).order_by(Region.rank)).all()
        places = (("hackney", london), ("newham", london), ("cardiff", wales))
        for rank, (slug, region) in enumerate(places):
            branch = Branch(
                slug=slug,
                name=slug.title(),
                region=region,
                postcode="E8 1DY",
                lat=51.5,
                lon=0.0,
                position_given=True,
                place="",
                meets="",
                status="open",
                sample=True,
                rank=rank,
            )
            session.add(branch)
    return People(desk, seat(desk, KIM, Role.ORGANISER, "london"))


def years_ago(years: int) -> dt.date:
    """Return the day on which somebody was born who has just turned so old."""
    return START.date().replace(year=START.year - years)
