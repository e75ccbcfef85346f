"""Two regions with somebody in each of whom every detail is a canary, and whoever may look.

`A` is London, `B` is Wales. Both people come in by the front door: they join, pay, give every
month, text us, and open their own pages. The staff sit at the desk by sessions put into the table.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import Branch, Enquiry, Region
from core.database import Database
from members.models import Member
from payments.models import Pledge
from staff import sessions
from staff.door import TOKEN
from staff.models import StaffAccount, StaffScope, StaffSession
from staff.principal import Role
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import ask, csrf_in, open_pages
from tests.safety import arriving, papers
from tests.safety.people import BRANCHES, PEOPLE, REGIONS, Someone

__all__ = ["BRANCHES", "PEOPLE", "REGIONS", "Someone"]  # to be had from here, too
PLACES = ("A", "B")


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser.

    `role` is that of staff who signed in whole, `half` the stage of who has not, `places` are those
    whose people they may see, and `own` is whose own pages, or whose session, are theirs.
    """

    name: str
    client: FlaskClient
    role: str = ""
    half: str = ""
    places: frozenset[str] = frozenset()
    own: str = ""
    csrf: str = ""


@dataclass
class Town:
    """The running service with its people.

    `rows` holds for each name what stands for a place, `thanks` where those who paid were thanked.
    """

    app: Flask
    database: Database
    clock: FakeClock
    rows: dict[str, dict[str, object]] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    thanks: list[str] = field(default_factory=list)

    @cached_property
    def members(self) -> dict[str, uuid.UUID]:
        """The id of each region's member."""
        return {place: uuid.UUID(str(row)) for place, row in self.rows["member_id"].items()}

    @cached_property
    def others(self) -> dict[str, uuid.UUID]:
        """The id of who waits to be accepted in each region, and may be the same as its member."""
        return {place: uuid.UUID(str(row)) for place, row in self.rows["other_id"].items()}

    @cached_property
    def blind(self) -> list[Visitor]:
        """Those who may see nothing of B."""
        unbound = {str(role) for role in Role} - {str(Role.ORGANISER)}
        return [
            each
            for each in self.visitors.values()
            if "B" not in (*each.places, each.own) and each.role not in unbound
        ]


def settle(
    app: Flask,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> Town:
    """Let everybody move in."""
    with database.transaction() as session:
        places = {place: one_region(session, place, rank) for rank, place in enumerate(PLACES)}
    town = Town(app, database, clock)
    town.rows |= {"slug": {each: BRANCHES[each][0] for each in PLACES}}
    town.rows |= {"branches.region:slug": {each: REGIONS[each][0] for each in PLACES}}
    for place, someone in PEOPLE.items():
        holder = app.test_client()
        town.thanks += [
            arriving.join(holder, gateway, someone),
            arriving.give(holder, gateway, someone),
        ]
        work()
        ask(holder, work, someone.email)
        open_pages(holder, mailer, someone.email)
        csrf = csrf_in(holder.get("/me/consent").text)
        _meet(town, Visitor(f"holder of {place}", holder, own=place, csrf=csrf))
    with database.transaction() as session:
        for place, someone in PEOPLE.items():
            arriving.text(session, someone, *places[place], clock.now())
        tokens = _staff(session, town, places, clock.now())
        _keep_rows(session, town)
        town.rows["region_id"] = {place: region for place, (region, _branch) in places.items()}
        town.rows["branch_id"] = {place: branch for place, (_region, branch) in places.items()}
        _lay_out(session, town, clock.now())
        _lay_out_for_admins(session, town, clock.now())
    for name, token in tokens.items():
        _sit_down(town.visitors[name], token)
    _meet(town, Visitor("signed out", app.test_client()))
    forged = app.test_client()
    forged.set_cookie("groundswell", "forged")
    _meet(town, Visitor("forged", forged))
    return town


def _meet(town: Town, visitor: Visitor) -> None:
    visitor.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11) Firefox/145.0"
    town.visitors[visitor.name] = visitor


def one_region(session: Session, place: str, rank: int) -> tuple[int, int]:
    slug, code = REGIONS[place]
    region = Region(
        id=7703461 + rank,  # long enough to be known again on a page
        slug=slug,
        name=slug.title(),
        phone="+442089888786",
        display="020 8988 8786",
        ons_code=code,
        notify_email=f"{slug}@example.org",
        rank=rank,
    )
    name, postcode = BRANCHES[place]
    branch = Branch(
        id=7704461 + rank,
        slug=name,
        name=name.title(),
        region=region,
        postcode=postcode,
        lat=51.5 if place == "A" else 51.48,
        lon=0.0 if place == "A" else -3.18,
        position_given=True,
        place="",
        meets="",
        status="open",
        sample=True,
        rank=rank,
    )
    session.add(branch)
    session.flush()
    return region.id, branch.id


def _staff(
    session: Session, town: Town, places: dict[str, tuple[int, int]], now: dt.datetime
) -> dict[str, str]:
    """Put everybody at the desk; return the tokens of their sessions."""
    every = frozenset(PLACES)
    tokens = {}

    def seat(visitor: Visitor, role: Role, *, stage: str = "full", **scope: int) -> uuid.UUID:
        account = account_of(session, visitor.name, role, now=now, **scope)
        tokens[visitor.name] = sessions.begin(session, account, stage, now=now)
        _meet(town, visitor)
        return account

    def new(name: str, **what: object) -> Visitor:
        return Visitor(name, town.app.test_client(), **what)  # type: ignore[arg-type]  # as it has them

    town.rows |= {"session_id": {}, "passkey_id": {}, "note_id": {}}
    for place, (region, branch) in places.items():
        what: dict[str, object] = {"role": "organiser", "places": frozenset({place})}
        mine = seat(
            new(f"organiser of {place}", **what, own=place), Role.ORGANISER, region_id=region
        )
        sessions.begin(session, mine, "full", now=now)
        others = select(StaffSession.id).where(
            StaffSession.account_id == mine,
            StaffSession.digest != sessions.digest(tokens[f"organiser of {place}"]),
        )
        town.rows["session_id"][place] = session.scalars(others).one()
        town.rows["passkey_id"][place] = papers.a_passkey(session, mine, place, now)
        town.rows["note_id"][place] = papers.a_note(session, mine, PEOPLE[place], now)
        seat(new(f"organiser of a branch in {place}", **what), Role.ORGANISER, branch_id=branch)
    for role in sorted(set(Role) - {Role.ORGANISER}):
        seat(new(str(role), role=str(role), places=every), role)
    for stage in ("code", "enrol"):
        seat(new(f"half: {stage}", half=stage), Role.ADMIN, stage=stage)
    town.rows["account_id"] = {
        place: account_of(
            session, f"colleague in {place}", Role.ORGANISER, now=now, region_id=region
        )
        for place, (region, _branch) in places.items()
    }
    return tokens


def account_of(
    session: Session, name: str, role: Role, *, now: dt.datetime, **scope: int
) -> uuid.UUID:
    """Add an account of this role, with a region or a branch to look after; return its id."""
    email = f"{re.sub('[^a-z]+', '-', name.lower())}@example.org"
    account = StaffAccount(id=uuid.uuid4(), email=email, email_key=email, role=role, invited_at=now)
    account.scopes = [StaffScope(**scope)] if scope else []
    session.add(account)
    session.flush()
    return account.id


def _sit_down(visitor: Visitor, token: str) -> None:
    with visitor.client.session_transaction() as browser:
        browser[TOKEN] = token
    if visitor.role:
        visitor.csrf = csrf_in(visitor.client.get("/desk/account").text)
    elif visitor.half:
        page = {"code": "/desk/sign-in/code", "enrol": "/desk/sign-in/set-up"}[visitor.half]
        visitor.csrf = csrf_in(visitor.client.get(page).text)


def _keep_rows(session: Session, town: Town) -> None:
    """Note which rows are of whom, under the names that routes give them."""

    def of_each(one: Callable[[Someone], object]) -> dict[str, object]:
        return {place: one(someone) for place, someone in PEOPLE.items()}

    def member(someone: Someone) -> object:
        return session.scalars(select(Member.id).where(Member.email == someone.email)).one()

    def gift(someone: Someone) -> object:
        wanted = select(Pledge.id).where(Pledge.email == someone.email, Pledge.kind == "monthly")
        return session.scalars(wanted).one()

    def enquiry(someone: Someone) -> object:
        return session.scalars(select(Enquiry.id).where(Enquiry.name == someone.name)).one()

    town.rows["member_id"] = town.rows["person_id"] = of_each(member)
    town.rows["agreement_id"] = of_each(gift)
    town.rows["enquiry_id"] = of_each(enquiry)
    town.rows["appeal"] = town.rows["payments_api.one:slug"] = of_each(lambda _who: "fighting-fund")
    town.rows["year"] = of_each(lambda _who: 2026)
    town.rows["month"] = of_each(lambda _who: "2026-11")


def _lay_out(session: Session, town: Town, now: dt.datetime) -> None:
    """Lay on the desks what there is to decide on, and note whose it is."""
    (treasurer,) = session.scalars(
        select(StaffAccount.id).where(StaffAccount.role == Role.TREASURER)
    )
    laid_out = papers.on_money(session, PEOPLE, treasurer, now).items()
    town.rows["payment_id"] = {place: each.payment for place, each in laid_out}
    town.rows["pledge_id"] = {place: each.pledge for place, each in laid_out}
    town.rows["wish_id"] = {place: each.wish for place, each in laid_out}
    town.rows["line_id"] = {place: each.line for place, each in laid_out}
    members = {place: session.get_one(Member, each) for place, each in town.members.items()}
    town.rows["other_id"] = {
        place: papers.an_applicant(session, each, now) for place, each in members.items()
    }
    for what in ("accept", "decline"):
        town.rows[f"desk_people_decisions.{what}:member_id"] = town.rows["other_id"]
    papers.alike(session, town.members["A"], town.members["B"], now)  # of which nobody is told


def _lay_out_for_admins(session: Session, town: Town, now: dt.datetime) -> None:
    """Lay on the admins' desks what somebody asks for, and a directory that was prepared."""
    admin = session.scalars(
        select(StaffAccount.id).where(StaffAccount.email == "admin@example.org")
    ).one()
    town.rows["number"] = {
        place: papers.a_request(session, who, now) for place, who in PEOPLE.items()
    }
    town.rows["change_id"] = dict.fromkeys(PLACES, papers.a_directory(session, admin, now))
