"""A desk over four branches at real postcodes, with whoever a test lets live near them."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from html import unescape

import pytest
from sqlalchemy import select

from branches.desk.models import DirectoryChange
from branches.directory import load
from branches.models import Branch
from branches.postcodes import PostcodeIndex
from core.database import Database
from members.models import Member
from staff.principal import Role
from tests.branches.factories import files
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.desk.conftest import put, seat
from tests.staff.conftest import ALEX, KIM, Desk, Person, desk

__all__ = ["desk"]

REGIONS = """\
slug,name,phone,display,ons_code,notify_email
london,London,+447700900001,07700 900 001,E12000007,london@example.org
wales,Wales,+447700900002,07700 900 002,W92000004,wales@example.org
"""
BRANCHES = """\
slug,name,region,postcode,lat,lon,place,meets,email,phone,status,opened,closed,sample
hackney,Hackney,london,E8 1DY,,,Library,Every Tuesday,hackney@example.org,,open,,,no
leyton,Leyton,london,E11 1AA,,,,,,,open,,,no
newham,Newham,london,E15 1AA,,,,,,,open,,,no
cardiff,Cardiff,wales,CF10 1EP,,,,,,,open,,,no
"""
CATCHMENTS = "branch,kind,code\n"
LEYTON, HACKNEY, NEWHAM, CARDIFF = "E11 1AA", "E8 1DY", "E15 1AA", "CF10 1EP"


@dataclass
class Branches:
    """The desk; `kim` looks after London, `alex` is an admin."""

    desk: Desk
    kim: Person
    alex: Person

    @property
    def database(self) -> Database:
        return self.desk.database

    def id(self, slug: str) -> int:
        with self.database.reading() as session:
            return session.scalars(select(Branch.id).where(Branch.slug == slug)).one()

    def branch(self, slug: str) -> Branch:
        with self.database.reading() as session:
            return session.get_one(Branch, self.id(slug))

    def path(self, slug: str, what: str = "") -> str:
        return f"/desk/branches/{self.id(slug)}{what}"

    def settle(self, postcode: str, branch: str, name: str = "Sam Jones") -> uuid.UUID:
        """Let somebody live at a postcode and stand at a branch."""
        with self.database.transaction() as session:
            return put(session, name, branch=branch, postcode=postcode)

    def stands(self, member_id: uuid.UUID) -> str | None:
        with self.database.reading() as session:
            member = session.get_one(Member, member_id)
            branch = session.get(Branch, member.branch_id) if member.branch_id else None
            assert branch is None or branch.region_id == member.region_id
            return branch.slug if branch else None

    def prepare(self, slug: str, **but: str) -> str:
        """Send the admin's form of a branch with other cells; return the way to what it shows."""
        path = f"/desk/branches/directory/branch/{self.id(slug)}"
        form = fields(self.alex.client.get(path).text) | but
        answer = self.alex.client.post(path, data=form)
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def apply(self, where: str) -> int:
        csrf = csrf_in(self.alex.client.get("/desk").text)
        return self.alex.client.post(where, data={"csrf_token": csrf}).status_code

    def changes(self) -> list[DirectoryChange]:
        with self.database.reading() as session:
            made = select(DirectoryChange).order_by(DirectoryChange.made_at)
            return list(session.scalars(made))


def fields(page: str) -> dict[str, str]:
    """Return what the fields of a page's last form are filled with, its token included."""
    form = page.rpartition('<form method="post"')[2]
    found = {"csrf_token": csrf_in(page)}
    for tag in re.findall(r"<input[^>]+>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, value in re.findall(r'<textarea[^>]+name="([^"]+)"[^>]*>\r?\n?([^<]*)<', form):
        found[name] = unescape(value)
    select_tag = r'<select[^>]+name="([^"]+)"[^>]*>(.*?)</select>'
    for name, options in re.findall(select_tag, form, re.DOTALL):
        chosen = re.search(r'selected value="([^"]+)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def table(page: str) -> list[list[str]]:
    """Return the cells of the tables of a page, row by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [
        [
            unescape(re.sub(r"<[^>]+>", " ", cell)).strip()
            for cell in re.findall(r"<td>(.*?)</td>", row)
        ]
        for row in rows
        if "<td>" in row
    ]


@pytest.fixture
def branches(desk: Desk, built_index: PostcodeIndex) -> Branches:
    sent = files(regions=REGIONS, branches=BRANCHES, catchments=CATCHMENTS)
    with desk.database.transaction() as session:
        load(session, sent, place_of=built_index.find, today=START.date(), areas=built_index)
    return Branches(desk, seat(desk, KIM, Role.ORGANISER, "london"), seat(desk, ALEX, Role.ADMIN))


def days_on(day: dt.date) -> float:
    """Return how many days lie between the tests' beginning and a day."""
    return (day - START.date()).days
