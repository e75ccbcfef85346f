"""A member's own details: an address with its branch, an e-mail address that confirms itself."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from branches.models import Branch, Region
from core import fingerprints, suppression
from core.database import Database
from members.models import Consent, EmailChange, Member, MembershipEvent
from members.protection import consenting, finding, own
from members.self_service import readdressing
from payments.models import AppealDonor, Pledge
from tests.conftest import Work
from tests.fakes import FakeClock, FakeMailer
from tests.members.conftest import (
    JOINER,
    NOTIFIED,
    ask,
    csrf_in,
    link_in,
    open_pages,
    the_member,
    token_in,
)
from tests.members.protection.people import give

pytestmark = pytest.mark.usefixtures("small_directory")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NORTH, NEW = "north-west@example.org", "sam.new@example.org"
MOVED = {
    "name": "Sam Jones-Lee",
    "phone": "07700 900456",
    "address1": "2 Oldham Street",
    "address2": "",
    "town": "Manchester",
    "postcode": "m1 1ae",
}


@pytest.fixture
def north(database: Database) -> int:
    """A second region with a branch; its id."""
    with database.transaction() as session:
        region = Region(
            slug="north-west",
            name="North West",
            phone="+441612288888",
            display="0161 228 8888",
            ons_code="E12000002",
            notify_email=NORTH,
            rank=1,
        )
        branch = Branch(
            slug="manchester",
            name="Manchester",
            region=region,
            postcode="M1 1AE",
            lat=53.48095,
            lon=-2.23743,
            position_given=True,
            place="",
            meets="",
            status="open",
            sample=True,
            rank=0,
        )
        session.add(branch)
        session.flush()
        return branch.id


@pytest.fixture
def send(north: int, holder: FlaskClient, database: Database) -> Callable[..., str]:
    """Send the form of details; return where it leads, or the page that came back."""
    assert north, "there is somewhere to move to"

    def sent(**typed: str) -> str:
        token = csrf_in(holder.get("/me/giving").text)
        path = f"/me/details/{the_member(database).id}"
        answer = holder.post(path, data={**MOVED, "csrf_token": token, **typed})
        return answer.location or answer.text

    return sent


def moves(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        found = select(MembershipEvent).where(MembershipEvent.kind == "moved")
        return [(row.why, row.who) for row in session.scalars(found.order_by(MembershipEvent.id))]


def test_a_move_shows_both_branches_before_it_counts_and_tells_both_regions(
    send: Callable[..., str], database: Database, north: int, mailer: FakeMailer, work: Work
) -> None:
    before = the_member(database)
    page = send()
    assert "Waltham Forest" in page
    assert "Manchester" in page
    assert "0161 228 8888" in page
    unchanged = the_member(database)
    assert (unchanged.name, unchanged.postcode) == ("Sam Jones", "E11 1AA")
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    assert "I stay with" in send(branch="new", seen="elsewhere/x"), "it is another branch by now"
    assert "I stay with" in send(branch="rubbish", seen=seen[1])
    assert send(branch="new", seen=seen[1]) == "/me/giving?saved=yes"
    assert send(branch="new", seen=seen[1]) == "/me/giving?saved=yes"
    work()
    member = the_member(database)
    assert (member.branch_id, member.postcode, member.phone) == (north, "M1 1AE", "+447700900456")
    assert (member.id, member.joined_at) == (before.id, before.joined_at)
    assert moves(database) == [("moved from Waltham Forest to Manchester", "member")]
    (came,) = mailer.to(NORTH)
    for told in ("Sam Jones-Lee", "07700 900456", "M1 1AE", "Waltham Forest", "Manchester"):
        assert told in came.get_content()
    assert "Oldham" not in came.get_content()
    (left,) = [each for each in mailer.to(NOTIFIED) if "away" in each["Subject"]]
    assert "Sam Jones-Lee" in left.get_content()
    for kept in ("07700", "M1 1AE", "@example.org", "Oldham", "1985"):
        assert kept not in left.get_content()
    with database.reading() as session:
        person = finding.holder(session, "sam@example.org", keys=["k"])
        letters = own.letters(session, person)
    assert len(letters) == len(mailer.sent), "all that tells of them goes with them"


@on_sqlite
def test_who_moves_may_stay_with_their_branch(
    send: Callable[..., str], database: Database, mailer: FakeMailer, work: Work
) -> None:
    mine = the_member(database).branch_id
    seen = re.search(r'name="seen" value="([^"]+)"', send())
    assert seen
    send(branch="keep", seen=seen[1])
    work()
    assert (the_member(database).branch_id, the_member(database).postcode) == (mine, "M1 1AE")
    assert moves(database) == [("moved, stays with Waltham Forest", "member")]
    assert mailer.to(NORTH) == []
    assert send() == "/me/giving?saved=yes"
    assert the_member(database).branch_id == mine, "the same postcode moves nobody"


@on_sqlite
def test_another_house_in_the_same_branch_is_noted_and_asks_nothing(
    send: Callable[..., str], database: Database
) -> None:
    same = {**MOVED, "address1": "9 High Road", "town": "London"}
    assert send(**same | {"postcode": "E17 4QH"}) == "/me/giving?saved=yes"
    assert send(**same | {"postcode": "E17 4QH", "phone": ""}) == "/me/giving?saved=yes"
    assert moves(database) == [("moved within Waltham Forest", "member")]
    assert the_member(database).phone is None


@on_sqlite
def test_what_cannot_be_kept_comes_back_with_words(
    send: Callable[..., str], database: Database
) -> None:
    refused = [
        ("name", "  ", "Enter your name"),
        ("name", "x" * 101, "100 characters at most"),
        ("postcode", "E11", "Enter a whole postcode"),
        ("postcode", "", "Enter your postcode"),
        ("phone", "twelve", "Enter a telephone number"),
        ("town", "a\x00b", "cannot be shown"),
        ("address1", "", "first line"),
    ]
    for field, typed, words in refused:
        assert words in send(**{field: typed}), (field, typed)
    assert the_member(database).address1 == "1 High Road"


@pytest.fixture
def readdress(
    holder: FlaskClient, database: Database, mailer: FakeMailer, work: Work
) -> Callable[[str], str]:
    """Ask for letters to go elsewhere; return the path of the link, or the words of refusal."""

    def asked(email: str) -> str:
        token = csrf_in(holder.get("/me/giving").text)
        path = f"/me/email/{the_member(database).id}"
        answer = holder.post(path, data={"csrf_token": token, "email": email})
        work()
        if answer.status_code != 303:
            return answer.text
        return link_in(mailer, email, "me/confirm-address")

    return asked


def test_another_address_counts_once_it_confirms_itself_and_all_goes_with_it(
    app: Flask,
    client: FlaskClient,
    database: Database,
    mailer: FakeMailer,
    work: Work,
    readdress: Callable[[str], str],
) -> None:
    keys = app.extensions["link_keys"]
    with database.transaction() as session:
        known_as = fingerprints.of_email(JOINER["email"], keys)[0]
        suppression.suppress(session, known_as, source="unsubscribed", now=the_day())
        given = give(session, message="", email=JOINER["email"], email_key=JOINER["email"])
        give(session, message="", email=NEW, email_key=NEW)
        donor, fund = given.id, given.appeal_id
    link = readdress(NEW)
    assert "sam" not in link.lower()
    page = client.get(link)
    assert page.status_code == 200
    assert the_member(database).email == JOINER["email"], "looking changes nothing"
    sent = {"token": token_in(page.text)}
    assert client.post("/me/confirm-address", data=sent).status_code == 200
    assert client.post("/me/confirm-address", data=sent).status_code == 404
    assert client.get(link).status_code == 404
    work()
    member = the_member(database)
    assert (member.email, member.email_key) == (NEW, NEW)
    assert member.email_confirmed_at is not None
    (told,) = [each for each in mailer.to(JOINER["email"]) if "elsewhere" in each["Subject"]]
    assert NEW not in told.get_content()
    with database.reading() as session:
        assert session.scalars(select(Pledge.email_key)).all() == [NEW, NEW, NEW]
        counted = set(session.scalars(select(AppealDonor.key)))
        assert counted == {f"{fund}:{NEW}", f"{fund}:also:{donor.hex}"}, "as many as before"
        held = consenting.answers(session, member, keys=keys)
        assert "email" not in held, "who was unsubscribed stays so"
        person = finding.holder(session, NEW, keys=keys)
        assert {NEW, JOINER["email"]} <= person.emails, "what went to the old one is found"
        assert len(own.letters(session, person)) == len(mailer.sent)
        assert session.scalars(select(Consent)).all()
    assert client.get("/me/giving").text.count("Membership dues") == 0, "the old link opens no more"
    ask(client, work, NEW)
    open_pages(client, mailer, NEW)
    assert "Membership dues" in client.get("/me/giving").text


def the_day() -> dt.datetime:
    return FakeClock().now()


@on_sqlite
def test_a_link_for_an_address_dies_of_age_and_of_a_newer_one(
    client: FlaskClient,
    database: Database,
    clock: FakeClock,
    readdress: Callable[[str], str],
) -> None:
    first = readdress(NEW)
    clock.move(minutes=1)
    second = readdress("sam.two@example.org")
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    clock.move(minutes=1)
    assert "write to already" in readdress(JOINER["email"])
    readdress("sam.three@example.org")
    clock.move(minutes=1)
    assert "several times just now" in readdress("sam.four@example.org")
    clock.move(hours=2)
    assert client.get(second).status_code == 404
    assert client.get("/me/confirm-address?token=rubbish").status_code == 404
    assert client.post("/me/confirm-address", data={"token": "\0"}).status_code == 404
    assert the_member(database).email == JOINER["email"]


@on_sqlite
def test_of_a_shared_address_only_one_s_own_goes_along(
    client: FlaskClient,
    database: Database,
    clock: FakeClock,
    join: Callable[..., str],
    mailer: FakeMailer,
    readdress: Callable[[str], str],
) -> None:
    sam = the_member(database)
    join(name="Kim Lee", date_of_birth="1/1/1990")
    assert sam.email == JOINER["email"]
    with database.transaction() as session:
        session.add(
            EmailChange(
                id=sam.dues_pledge_id,
                member_id=sam.id,
                email=NEW,
                email_key=NEW,
                old_email=sam.email,
                old_key=sam.email_key,
                asked_at=clock.now(),
                expires_at=clock.move(hours=1),
            )
        )
    clock.move(minutes=-30)
    with database.transaction() as session:
        readdressing.confirm(session, sam.dues_pledge_id, keys=["k"], now=clock.now())
    with database.reading() as session:
        kept = session.scalars(select(Pledge).where(Pledge.email_key == JOINER["email"])).all()
        assert [each.name for each in kept] == ["Kim Lee"]
        person = finding.holder(session, NEW, keys=["k"])
        assert JOINER["email"] not in person.emails, "Kim has it"
        assert session.get_one(Member, sam.id).email == NEW
