"""Staff who take up their invitations and sign in as they would at a browser."""

import re
import uuid
from dataclasses import dataclass, field

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from branches.models import Region
from core.database import Database
from staff import accounts, sessions
from staff.door import TOKEN
from staff.models import AuditEntry, StaffAccount, StaffScope
from staff.principal import Role
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeMailer
from tests.members.conftest import csrf_in, link_in, token_in

PASSWORD = "violet ladder thursday hum"
ALEX, KIM, ROBIN = "alex@example.org", "kim@example.org", "robin@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@dataclass
class Person:
    """Somebody on the staff at a browser of their own; `secret` is in their telephone."""

    desk: "Desk"
    email: str
    client: FlaskClient
    password: str = PASSWORD
    secret: str = ""
    recovery: list[str] = field(default_factory=list)

    def code(self) -> str:
        """What the telephone shows now."""
        return pyotp.TOTP(self.secret).at(int(self.desk.clock.now().timestamp()))

    def fresh_code(self) -> str:
        """What it shows a minute on, so that it was not used before."""
        self.desk.clock.move(seconds=60)
        return self.code()

    def open_invitation(self) -> str:
        return self.client.get(link_in(self.desk.mailer, self.email, "desk/invitation")).text

    def accept(self, password: str | None = None) -> TestResponse:
        page = self.open_invitation()
        link = re.search(r'name="link" value="([^"]+)"', page)
        assert link, page
        form = {"token": token_in(page), "link": link[1], "new_password": password or self.password}
        return self.client.post("/desk/invitation", data=form)

    def enrol(self) -> TestResponse:
        page = self.client.get("/desk/sign-in/set-up").text
        self.secret = secret_in(page)
        form = {"csrf_token": csrf_in(page), "code": self.code()}
        answer = self.client.post("/desk/sign-in/set-up", data=form)
        self.recovery = re.findall(r"<code>([^<]+)</code>", answer.text)
        return answer

    def arrive(self) -> "Person":
        """Take the invitation up, whole."""
        assert self.accept().location == "/desk/sign-in/code"
        assert self.enrol().status_code == 200
        assert self.client.get("/desk/account").status_code == 200
        return self

    def type_password(self, password: str | None = None, **where: str) -> TestResponse:
        form = {
            "token": token_in(self.client.get("/desk/sign-in").text),
            "email": self.email,
            "password": password or self.password,
        }
        environ = {"REMOTE_ADDR": where.get("address", "127.0.0.1")}
        return self.client.post("/desk/sign-in", data=form, environ_base=environ)

    def type_code(self, code: str, **where: str) -> TestResponse:
        page = self.client.get("/desk/sign-in/code").text
        environ = {"REMOTE_ADDR": where.get("address", "127.0.0.1")}
        return self.client.post(
            "/desk/sign-in/code",
            data={"csrf_token": csrf_in(page), "code": code},
            environ_base=environ,
        )

    def sign_in(self) -> "Person":
        assert self.type_password().location == "/desk/sign-in/code"
        assert self.type_code(self.fresh_code()).location == "/desk"
        return self

    def elsewhere(self) -> "Person":
        """The same person, or whoever knows as much, at another browser."""
        return Person(self.desk, self.email, self.desk.browser(), self.password, self.secret)

    def press(self, path: str, **form: object) -> TestResponse:
        """Send a form of the desk with its token; one of an account from its page of now."""
        csrf = csrf_in(self.client.get("/desk/account").text)
        account = re.match(r"/desk/accounts/[0-9a-f-]{36}", path)
        page = self.client.get(account[0]).text if account else ""
        seen = re.search(r'name="seen" value="(\d+)"', page)
        known = {"seen": seen[1]} if seen else {}
        return self.client.post(path, data={"csrf_token": csrf, **known, **form})


def secret_in(page: str) -> str:
    found = re.search(r'class="secret__letters">([^<]+)<', page)
    assert found, page
    return "".join(found[1].split())


@dataclass
class Desk:
    """The desk, and those who are invited to it."""

    app: Flask
    database: Database
    clock: FakeClock
    mailer: FakeMailer
    work: Work

    def browser(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = FIREFOX
        return client

    def invite(self, email: str, *arguments: str) -> Person:
        command = ["staff", "invite", email, *arguments]
        result = self.app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 0, result.output
        self.work()
        return Person(self, email, self.browser())

    def admin(self, email: str = ALEX) -> Person:
        return self.invite(email, "--role", "admin").arrive()

    def organiser(self, email: str = KIM, region: str = "london") -> Person:
        return self.invite(email, "--role", "organiser", "--region", region).arrive()

    def audit(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            found = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            return [(entry.kind, entry.detail) for entry in found]

    def letters(self, to: str) -> list[str]:
        self.work()
        return [str(mail["Subject"]) for mail in self.mailer.to(to)]


def seat(desk: Desk, email: str, role: Role, *regions: str) -> Person:
    """Let somebody sit at the desk who has signed in: how that is done is tested elsewhere."""
    with desk.database.transaction() as session:
        account = StaffAccount(
            id=uuid.uuid4(), email=email, email_key=email, role=role, invited_at=START
        )
        session.add(account)
        for each in session.scalars(select(Region.id).where(Region.slug.in_(regions))):
            account.scopes.append(StaffScope(region_id=each))
    return seat_again(Person(desk, email, desk.browser()))


def seat_again(person: Person) -> Person:
    """Give somebody a session that is not over, at another browser."""
    desk = person.desk
    fresh = Person(desk, person.email, desk.browser())
    with desk.database.transaction() as session:
        account = accounts.by_email(session, person.email)
        assert account is not None
        token = sessions.begin(session, account.id, "full", now=desk.clock.now())
    with fresh.client.session_transaction() as browser:
        browser[TOKEN] = token
    return fresh


@pytest.fixture
def desk(app: Flask, database: Database, clock: FakeClock, mailer: FakeMailer, work: Work) -> Desk:
    with database.transaction() as session:
        for rank, (slug, code) in enumerate((("london", "E12000007"), ("wales", "W92000004"))):
            session.add(
                Region(
                    slug=slug,
                    name=slug.title(),
                    phone="+442089888786",
                    display="020 8988 8786",
                    ons_code=code,
                    notify_email=f"{slug}@example.org",
                    rank=rank,
                )
            )
    return Desk(app, database, clock, mailer, work)
