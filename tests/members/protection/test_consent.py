"""Consent and campaigns: what was answered last holds, and no news reach who wants none."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select

from core import fingerprints, outbox, suppression
from core.addresses import EmailAddress
from core.database import Database
from members.forms import CONSENTS
from members.models import Consent
from members.protection import consenting
from tests.conftest import Work
from tests.fakes import START, FakeMailer
from tests.members.conftest import csrf_in
from tests.members.protection.people import SAM, everything, member_of

pytestmark = pytest.mark.usefixtures("small_directory")
ADDRESS = EmailAddress.parse("Sam@example.org")


def keys_of(app: Flask) -> list[str]:
    return list(app.extensions["link_keys"])


def campaign(app: Flask, database: Database, key: str = "news:1", **but: object) -> bool:
    """Put news for Sam into the outbox; say whether they may go."""
    words = "Subject: News\n\nRead on.\n\n{{ unsubscribe_url }}\n"
    templates = DictLoader({"mail/news_for_tests.txt": words})
    assert app.jinja_loader is not None
    app.jinja_env.loader = ChoiceLoader([templates, app.jinja_loader])
    with database.transaction() as session:
        return outbox.campaign(
            session,
            "news_for_tests",
            key=key,
            to=ADDRESS,
            values={},
            keys=keys_of(app),
            now=START,
            **but,  # type: ignore[arg-type]  # whatever the test adds
        )


def link_in_header(mailer: FakeMailer) -> str:
    (mail,) = mailer.to("Sam@example.org")
    found = re.fullmatch(r"<https?://[^/]+(/unsubscribe\?token=\S+)>", mail["List-Unsubscribe"])
    assert found
    return found[1]


def answers(database: Database) -> list[tuple[str, bool, str]]:
    with database.reading() as session:
        rows = session.scalars(select(Consent).order_by(Consent.id)).all()
        return [(row.channel, row.given, row.source) for row in rows]


def test_news_carry_what_a_mail_program_unsubscribes_by(
    app: Flask, database: Database, mailer: FakeMailer, work: Work
) -> None:
    assert campaign(app, database)
    work()

    (mail,) = mailer.to("Sam@example.org")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link_in_header(mailer) in mail.get_content()
    assert "sam" not in link_in_header(mailer).lower()


def test_a_service_mail_carries_no_such_thing_and_goes_to_who_unsubscribed(
    app: Flask, database: Database, mailer: FakeMailer, join: Callable[..., str]
) -> None:
    with database.transaction() as session:
        known_as = fingerprints.of_email(SAM, keys_of(app))[0]
        suppression.suppress(session, known_as, source="unsubscribed", now=START)

    join()

    letters = mailer.to(SAM)
    assert len(letters) == 2
    assert all(letter["List-Unsubscribe"] is None for letter in letters)


def test_one_click_of_a_mail_program_is_enough(
    app: Flask, database: Database, mailer: FakeMailer, client: FlaskClient, work: Work
) -> None:
    """It sends this body to the header's address, with neither cookie nor origin (RFC 8058)."""
    campaign(app, database)
    work()
    link = link_in_header(mailer)

    answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
    again = client.post(link, data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, again.status_code) == (200, 200)
    assert "Set-Cookie" not in answer.headers
    assert not campaign(app, database, "news:2")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_looking_at_the_link_unsubscribes_nobody_and_its_button_does(
    app: Flask, database: Database, mailer: FakeMailer, client: FlaskClient, work: Work
) -> None:
    campaign(app, database)
    work()
    link = link_in_header(mailer)

    page = client.get(link)
    assert campaign(app, database, "news:2")
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    client.post("/unsubscribe", data={"token": token[1]})

    assert not campaign(app, database, "news:3")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("token", ["", "x", "WyJhIiwiIl0.forged", "\0", "a" * 5000])
def test_a_token_that_is_not_ours_is_not_found(client: FlaskClient, token: str) -> None:
    assert client.get("/unsubscribe", query_string={"token": token}).status_code == 404
    assert client.post("/unsubscribe", data={"token": token}).status_code == 404


def test_news_that_wait_are_not_sent_to_who_unsubscribed_meanwhile(
    app: Flask, database: Database, mailer: FakeMailer, work: Work
) -> None:
    campaign(app, database)
    with database.transaction() as session:
        known_as = fingerprints.of_email(SAM, keys_of(app))[0]
        suppression.suppress(session, known_as, source="unsubscribed", now=START)

    work()

    assert mailer.sent == []


def test_an_address_that_was_unsubscribed_under_an_older_key_is_known(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        known_as = fingerprints.of_email(SAM, ["an older key"])[0]
        suppression.suppress(session, known_as, source="unsubscribed", now=START)
        keys = [*keys_of(app), "an older key"]

        assert suppression.is_suppressed(session, SAM, keys)
        suppression.lift(session, SAM, keys)
        assert not suppression.is_suppressed(session, SAM, keys)


def test_unsubscribing_is_an_answer_in_the_ledger_too(
    app: Flask,
    database: Database,
    mailer: FakeMailer,
    client: FlaskClient,
    join: Callable[..., str],
    work: Work,
) -> None:
    join()
    sam = member_of(database)
    campaign(app, database, member_id=sam.id)
    work()
    link = link_in_header(mailer)

    client.post(link)
    client.post(link)

    assert [each for each in answers(database) if each[2] == "unsubscribe"] == [
        ("email", False, "unsubscribe")
    ]


def test_the_table_holds_nothing_that_unsubscribes(
    app: Flask, database: Database, mailer: FakeMailer, work: Work
) -> None:
    campaign(app, database)
    work()

    assert link_in_header(mailer).partition("token=")[2] not in everything(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_consent_is_seen_and_changed_for_each_channel(
    app: Flask, database: Database, holder: FlaskClient
) -> None:
    page = holder.get("/me/consent").text
    assert len(re.findall(r"<input[^>]* checked", page)) == 1
    assert consenting.version(str(CONSENTS["email"])) in page
    before = answers(database)

    sent = {"csrf_token": csrf_in(page), "text": "y"}
    answer = holder.post("/me/consent", data=sent)
    holder.post("/me/consent", data=sent)  # and again: nothing changes, so nothing is added

    assert (answer.status_code, answer.location) == (303, "/me/consent?saved=yes")
    assert answers(database)[len(before) :] == [
        ("email", False, "own pages"),
        ("text", True, "own pages"),
    ]
    with database.reading() as session:
        newest = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert newest is not None
        assert newest.wording == str(CONSENTS["text"])
    assert not campaign(app, database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_ticks_it_again_gets_news_again(
    app: Flask, database: Database, holder: FlaskClient
) -> None:
    token = csrf_in(holder.get("/me/consent").text)
    holder.post("/me/consent", data={"csrf_token": token})
    assert not campaign(app, database)

    holder.post("/me/consent", data={"csrf_token": token, "email": "y"})

    assert campaign(app, database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_changes_consent_without_a_link_or_from_another_site(
    app: Flask, database: Database, holder: FlaskClient
) -> None:
    before = answers(database)

    assert app.test_client().post("/me/consent").status_code == 303
    assert holder.post("/me/consent", data={"email": ""}).status_code == 400
    assert answers(database) == before


def test_who_is_under_18_gets_no_news_whatever_they_ticked(
    app: Flask, database: Database, join: Callable[..., str]
) -> None:
    """Nobody asks them here; an answer may have come in from elsewhere."""
    join(date_of_birth="23/11/2008")  # 18 tomorrow
    member = member_of(database)
    keys = keys_of(app)

    with database.transaction() as session:
        said = {"given": True, "wording": "Yes", "at": START, "source": "paper"}
        session.add(Consent(member_id=member.id, channel="email", **said))
    with database.reading() as session:
        assert not consenting.may(session, member, "email", keys=keys, now=START)
        tomorrow = START + dt.timedelta(days=1)
        assert consenting.may(session, member, "email", keys=keys, now=tomorrow)
        assert not consenting.may(session, member, "post", keys=keys, now=tomorrow)


def test_what_was_never_answered_is_no_consent(
    app: Flask, database: Database, join: Callable[..., str]
) -> None:
    join(consent_email="")
    member = member_of(database)

    with database.reading() as session:
        assert not consenting.may(session, member, "email", keys=keys_of(app), now=START)


def test_no_room_writes_campaigns_into_the_outbox_by_itself() -> None:
    """One way puts news out, and it asks first; `campaign=` stands nowhere else."""
    root = Path(__file__).parents[3]
    found = [
        path.name
        for room in ("core", "branches", "payments", "members")
        for path in (root / room).rglob("*.py")
        if re.search(r"campaign=True|\"campaign\": True", path.read_text(encoding="utf-8"))
    ]

    assert found == ["outbox.py"]
