"""Everything we hold about somebody: over every room, of nobody else, to read and for machines."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.database import Database
from tests.members.conftest import csrf_in
from tests.members.protection.people import (
    MESSAGE,
    SAM,
    give,
    member_of,
    opened,
    run,
    text_us,
    unpacked,
)

pytestmark = pytest.mark.usefixtures("small_directory")


def export(
    app: Flask, tmp_path: Path, someone: str, typed: str | None = None
) -> tuple[dict[str, list[dict[str, object]]], str]:
    path = tmp_path / "all.zip"
    path.unlink(missing_ok=True)
    said = run(app, "export", someone, "--output", str(path), typed=typed)
    assert said.exit_code == 0, said.output
    told, page = opened(path)
    return told["held"], page


def test_the_archive_holds_what_every_room_has(
    app: Flask, database: Database, join: Callable[..., str], tmp_path: Path
) -> None:
    join()
    with database.transaction() as session:
        give(session, pence=60000)
        text_us(session, app)

    held, page = export(app, tmp_path, SAM)

    assert set(held) >= {
        *("member", "membership_event", "consent", "pledge", "checkout", "payment"),
        *("declaration", "permissibility_check", "ledger_transaction", "ledger_entry"),
        *("outbox_mail", "access_link", "inbound_text", "enquiry", "wall_entry"),
        *("message_decision", "webhook_event"),
    }
    assert held["inbound_text"][0]["text"] == "Sam Jones E11 1AA"
    assert MESSAGE in page
    assert {letter["template"] for letter in held["outbox_mail"]} >= {
        *("receipt", "welcome", "new_member_notice"),
    }


def test_nothing_of_anybody_else_is_in_it(
    app: Flask, database: Database, join: Callable[..., str], tmp_path: Path
) -> None:
    join()
    join(name="Alex Kim", email="alex@example.org", phone="07700 900456", town="Leeds")
    with database.transaction() as session:
        give(session)
        give(session, name="Alex Kim", email="alex@example.org", email_key="alex@example.org")
        text_us(session, app)
        text_us(session, app, "+447700900456")

    held, page = export(app, tmp_path, SAM)

    for told in (str(held), page):
        assert "Alex" not in told
        assert "alex@" not in told
        assert "900456" not in told
        assert "Leeds" not in told
    assert len(held["member"]) == len(held["inbound_text"]) == 1


def test_who_shares_an_address_is_asked_for_by_id_and_gets_their_own(
    app: Flask, database: Database, join: Callable[..., str], tmp_path: Path
) -> None:
    join(consent_email="")
    sam = member_of(database)
    join(name="Robin Jones", date_of_birth="1/2/1990", phone="07700 900456")
    with database.transaction() as session:
        give(session, name="Robin Jones")

    refused = run(app, "export", SAM)
    held, page = export(app, tmp_path, str(sam.id))

    assert refused.exit_code == 1
    assert str(sam.id) in refused.output
    assert "Robin" not in page + str(held)
    assert len(held["member"]) == 1
    assert len(held["pledge"]) == 1
    assert "welcome" in {letter["template"] for letter in held["outbox_mail"]}


@pytest.mark.parametrize("given", ["member", "reference", "lower-case", "payment", "typed"])
def test_somebody_is_found_by_whatever_we_gave_them(
    app: Flask, database: Database, join: Callable[..., str], tmp_path: Path, given: str
) -> None:
    join()
    sam = member_of(database)
    with database.reading() as session:
        payment = session.get_one(type(sam), sam.id).dues.payments[0].id
    words = {
        "member": str(sam.id),
        "reference": sam.dues_pledge_id.hex[:8].upper(),
        "lower-case": sam.dues_pledge_id.hex[:8],
        "payment": str(payment),
        "typed": "-",
    }

    held, _page = export(app, tmp_path, words[given], typed=f"{SAM.upper()}\n")

    assert held["member"][0]["email"] == SAM


@pytest.mark.parametrize(
    "given",
    ["nobody@example.org", "00000000", "Sam Jones", "", "@", "07700 900999", "' OR 1=1 --", "\0"],
)
def test_who_is_not_known_is_told_so_in_words(app: Flask, given: str) -> None:
    said = run(app, "export", "-", typed=given)

    assert said.exit_code == 1
    assert "nobody" in said.output or "nothing" in said.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_archive_is_for_one_reader_and_overwrites_nothing(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        give(session)
    path = tmp_path / "all.zip"

    first = run(app, "export", SAM, "--output", str(path))
    again = run(app, "export", SAM, "--output", str(path))
    piped = run(app, "export", SAM, "--output", "-")

    assert (first.exit_code, again.exit_code) == (0, 1)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SAM not in first.output
    assert unpacked(piped.stdout_bytes)[0]["held"]["pledge"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_somebody_wrote_is_text_on_the_page(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        give(session, message="<script>alert(1)</script>", name="<b>Sam</b>")

    held, page = export(app, tmp_path, SAM)

    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    assert held["pledge"][0]["message"] == "<script>alert(1)</script>"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_in_it_opens_anything_or_names_the_staff(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        pledge = give(session)
        nonce = pledge.form_nonce

    held, page = export(app, tmp_path, SAM)

    assert nonce not in page + str(held)
    assert "pay.example.org" not in page + str(held)
    assert "'Mo'" not in str(held["message_decision"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_supporter_downloads_it_all_from_their_own_pages(
    app: Flask, database: Database, holder: FlaskClient
) -> None:
    with database.transaction() as session:
        text_us(session, app)
    page = holder.get("/me/data").text

    answer = holder.post("/me/data", data={"csrf_token": csrf_in(page)})

    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    held = unpacked(answer.data)[0]["held"]
    assert held["member"][0]["email"] == SAM
    # Whose number it is, nobody has proved: anybody can type another's.
    assert "inbound_text" not in held


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_shares_an_address_downloads_nothing_of_the_other(
    holder: FlaskClient, join: Callable[..., str]
) -> None:
    join(name="Robin Jones", date_of_birth="1/2/1990")
    page = holder.get("/me/data").text

    answer = holder.post("/me/data", data={"csrf_token": csrf_in(page)})

    assert answer.status_code == 409
    assert "Robin" not in answer.text
    assert "/privacy/request" in answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_downloads_without_a_link_or_from_another_site(
    client: FlaskClient, holder: FlaskClient, app: Flask
) -> None:
    stranger = app.test_client()

    assert stranger.get("/me/data").status_code == 303
    assert stranger.post("/me/data").status_code == 303
    assert holder.post("/me/data").status_code == 400
