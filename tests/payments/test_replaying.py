"""Notices applied again: by id, those that failed, those since a day; with and without letters."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from core.outbox import OutboxMail
from members.models import Member
from payments import checking
from payments.models import Payment, Pledge, WebhookEvent
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import join_form, small_directory
from tests.payments.test_donating import give
from tests.payments.test_sweeping import happened, stored
from tests.payments.test_webhook import send

__all__ = ["small_directory"]


def replay(app: Flask, *words: str) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["payments", "replay", *words])
    return result.exit_code, result.output.splitlines()


def told(client: FlaskClient, gateway: FakeGateway, event_id: str = "evt_1") -> str:
    """Have somebody give and pay, and Stripe tell it; return the Checkout."""
    give(client)
    session_id = gateway.pay(gateway.only_session()).session_id
    assert send(client, {"id": event_id, "type": "x", "session": session_id}) == 200
    return session_id


def payments(database: Database) -> int:
    with database.reading() as session:
        assert checking.faults(session) == []
        return len(session.scalars(select(Payment)).all())


def test_a_notice_that_is_here_is_applied_again_and_changes_nothing(
    app: Flask,
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
) -> None:
    told(client, gateway)
    assert replay(app, "--id", "evt_1") == (
        0,
        ["evt_1 x applied", "1 applied again; 0 failed or held."],
    )
    assert replay(app, "--id", "evt_1")[1][0] == "evt_1 x known"
    work()
    assert payments(database) == 1
    assert len(mailer.sent) == 1
    assert gateway.calls.count("event") == 0


def test_a_notice_that_is_not_here_is_fetched_stored_and_applied(
    app: Flask, client: FlaskClient, database: Database, gateway: FakeGateway
) -> None:
    give(client)
    happened(gateway, "evt_9", START, session=gateway.pay(gateway.only_session()).session_id)
    assert replay(app, "--id", "evt_9")[1][0] == "evt_9 checkout.session.completed applied"
    assert stored(database) == {"evt_9": "applied"}
    assert payments(database) == 1


def test_a_notice_that_is_nowhere_is_told_in_words(
    app: Flask, database: Database, gateway: FakeGateway
) -> None:
    code, said = replay(app, "--id", "evt_none")
    assert (code, said) == (
        1,
        ["Error: There is no event evt_none here, nor at Stripe, which keeps them for 30 days."],
    )
    gateway.down = True
    for words in (("--id", "evt_none"), ("--since", "2026-11-20")):
        assert replay(app, *words) == (1, ["Error: Stripe does not answer; try again later."])
    gateway.down, gateway.refusing = False, True
    code, said = replay(app, "--since", "2026-11-20")
    assert (code, said) == (1, ["Error: Stripe refuses to say: refused."])


def test_what_failed_is_applied_again_until_it_goes_well(
    app: Flask, client: FlaskClient, database: Database, gateway: FakeGateway, work: Work
) -> None:
    give(client)
    session_id = gateway.only_session()
    send(client, {"id": "evt_bad", "type": "x", "session": {"not": "hashable"}})
    send(client, {"id": "evt_fine", "type": "x", "session": "of another app"})
    work()
    code, said = replay(app, "--failed")
    assert (code, said) == (1, ["evt_bad x failed", "1 applied again; 1 failed or held."])
    gateway.pay(session_id)
    mended = json.dumps({"id": "evt_bad", "type": "x", "session": session_id}).encode()
    with database.transaction() as session:
        session.scalars(select(WebhookEvent)).first().raw = mended  # type: ignore[union-attr]  # there are two
    assert replay(app, "--failed")[0] == 0
    assert replay(app, "--failed") == (0, ["0 applied again; 0 failed or held."])
    assert payments(database) == 1


def test_what_was_held_is_tried_again_and_stays_held_while_it_does_not_agree(
    app: Flask, client: FlaskClient, database: Database, gateway: FakeGateway, work: Work
) -> None:
    session_id = told(client, gateway)
    gateway.states[session_id] = replace(gateway.states[session_id], livemode=True)
    work()
    assert stored(database) == {"evt_1": "held"}
    assert replay(app, "--failed") == (
        1,
        ["evt_1 x held", "1 applied again; 1 failed or held."],
    )
    gateway.states[session_id] = replace(gateway.states[session_id], livemode=False)
    assert replay(app, "--failed")[0] == 0
    assert stored(database) == {"evt_1": "applied"}


def test_a_replay_since_a_day_brings_what_never_came_and_is_harmless_when_repeated(
    app: Flask,
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> None:
    told(client, gateway)
    happened(gateway, "evt_before", START - dt.timedelta(days=2))
    happened(gateway, "evt_later", START + dt.timedelta(minutes=3), session=gateway.only_session())
    clock.move(minutes=10)
    code, said = replay(app, "--since", "2026-11-22")
    assert (code, said) == (
        0,
        [
            "evt_1 x applied",
            "evt_later checkout.session.completed known",
            "2 applied again; 0 failed or held.",
        ],
    )
    assert replay(app, "--since", "2026-11-22")[0] == 0
    work()
    assert payments(database) == 1
    assert len(mailer.sent) == 1


@pytest.mark.usefixtures("small_directory")
def test_a_restored_backup_is_made_good_without_a_single_letter(
    app: Flask,
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    clock: FakeClock,
    work: Work,
) -> None:
    give(client)
    client.post("/join", data=join_form(client))
    for number, session_id in enumerate(tuple(gateway.states)):
        happened(gateway, f"evt_{number}", START, session=gateway.pay(session_id).session_id)
    clock.move(minutes=1)
    assert replay(app, "--since", "2026-11-22", "--no-mail")[0] == 0
    clock.move(minutes=1)
    assert replay(app, "--since", "2026-11-22")[0] == 0
    work()
    assert payments(database) == 2
    with database.reading() as session:
        assert {pledge.state for pledge in session.scalars(select(Pledge))} == {"paid"}
        assert session.scalars(select(Member)).one().state == "active"
        kept = {(row.template, row.last_error) for row in session.scalars(select(OutboxMail))}
    assert kept == {("welcome", "withheld"), ("new_member_notice", "withheld")}
    assert mailer.sent == []


def test_letters_that_waited_before_are_sent_all_the_same(
    app: Flask,
    client: FlaskClient,
    database: Database,
    gateway: FakeGateway,
    mailer: FakeMailer,
    work: Work,
) -> None:
    told(client, gateway)
    mailer.down = True
    work()
    assert replay(app, "--since", "2026-11-22", "--no-mail")[0] == 0
    app.extensions["clock"].move(minutes=2)
    mailer.down = False
    work()
    assert len(mailer.sent) == 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--failed", "--id", "evt_1"),
        ("--since", "yesterday"),
        ("--since", "2026-11-22", "--failed"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wrong_usage_of_replay_is_told_apart(app: Flask, words: tuple[str, ...]) -> None:
    assert replay(app, *words)[0] == 2
