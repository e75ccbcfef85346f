"""A desk of today: people who joined, texted, fell behind or moved, and two who look after them."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from branches.models import Branch, Enquiry, InboundText
from members.today.records import FollowUp, FollowUpStep
from staff.principal import Role
from tests.fakes import START
from tests.members.conftest import csrf_in
from tests.members.desk.conftest import People, people
from tests.staff.conftest import Person, desk, seat, seat_again

__all__ = ["desk", "people"]
ANA = "ana@example.org"
PHONE = "+447700900123"


@dataclass
class Today:
    """The desk with its people; Kim and Ana both look after London."""

    people: People
    kim: Person
    ana: Person

    def text(self, name: str | None = "Sam", phone: str = PHONE, branch: str = "hackney") -> int:
        """Let somebody have texted for a branch; return the number of the enquiry."""
        now = self.people.desk.clock.now()
        with self.people.database.transaction() as session:
            there = session.scalars(select(Branch).where(Branch.slug == branch)).one()
            inbound = InboundText(
                gateway="generic",
                message_id=uuid.uuid4().hex,
                sender=phone,
                sender_hash=uuid.uuid4().hex,
                text=f"{name} E8 1DY",
                received_at=now,
                outcome="match",
                forget_on=now.date().replace(year=now.year + 1),
            )
            session.add(inbound)
            session.flush()
            enquiry = Enquiry(
                inbound_text_id=inbound.id,
                branch_id=there.id,
                region_id=there.region_id,
                name=name,
                phone=phone,
                postcode="E8 1DY",
                created_at=now,
                forget_on=inbound.forget_on,
            )
            session.add(enquiry)
            session.flush()
            return enquiry.id

    def joins(self, name: str = "Rosa Lee", days: int = 2, **but: object) -> uuid.UUID:
        joined = START - dt.timedelta(days=days)
        return self.people.put(name, joined=joined, **but)

    def get(self, path: str = "", status: int = 200, client: FlaskClient | None = None) -> str:
        answer = (client or self.kim.client).get(f"/desk/today{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def names(self, shelf: str, client: FlaskClient | None = None) -> list[str]:
        """Return whom a shelf shows, in its order."""
        page = self.get(f"?shelf={shelf}", client=client)
        return re.findall(r'today-card__name"><a[^>]*>([^<]+)<', page)

    def counts(self) -> list[str]:
        return re.findall(r'today-count">([^<]+)<', self.get())

    def open(self, path: str, who: Person | None = None) -> dict[str, str]:
        """Open a card; return what its form would send."""
        page = self.get(path, client=(who or self.kim).client)
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
        return {name: value for name, value in fields if name != "csrf_token"}

    def press(
        self, path: str, step: str, who: Person | None = None, /, **form: object
    ) -> TestResponse:
        """Press a button of a card, as its page was when it was opened."""
        person = who or self.kim
        sent = {**self.open(path, person), **form} if "seen" not in form else form
        csrf = csrf_in(person.client.get("/desk/account").text)
        return person.client.post(
            f"/desk/today{path}", data={"csrf_token": csrf, "step": step, **sent}
        )

    def notes(self, path: str, step: str, who: Person | None = None, /, **form: object) -> int:
        """Note what came of a card; return the number of the step."""
        answer = self.press(path, step, who, **form)
        assert answer.status_code == 303, answer.text
        found = re.search(r"done=(\d+)", answer.location)
        assert found, answer.location
        return int(found[1])

    def steps(self) -> list[str]:
        with self.people.database.reading() as session:
            return list(session.scalars(select(FollowUpStep.step).order_by(FollowUpStep.id)))

    def cards(self) -> list[FollowUp]:
        with self.people.database.reading() as session:
            return list(session.scalars(select(FollowUp).order_by(FollowUp.id)))

    def days(self, days: float) -> None:
        """Let days go by, and those who work at the desk sign in again."""
        self.people.desk.clock.move(days=days)
        self.kim = seat_again(self.kim)
        self.ana = seat_again(self.ana)


@pytest.fixture
def today(people: People) -> Today:
    with people.database.transaction() as session:
        hackney = session.scalars(select(Branch).where(Branch.slug == "hackney")).one()
        hackney.meets = "Thursdays 7.30pm, Hackney Library"
    return Today(people, people.kim, seat(people.desk, ANA, Role.ORGANISER, "london"))
