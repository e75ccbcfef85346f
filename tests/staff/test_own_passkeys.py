"""Somebody's own passkeys: made, named, taken away; and where browsers make none."""

import json
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pyotp
import pytest

from core.database import Database
from staff import authenticators, challenges, enrolling, passkeys, sessions
from staff.challenges import Purpose
from staff.models import StaffAccount, StaffChallenge, StaffPasskey, StaffSession
from staff.principal import Role
from tests.members.conftest import csrf_in
from tests.staff.authenticator import SoftKey
from tests.staff.conftest import ALEX, KIM, PASSWORD, Desk, Person
from tests.staff.passkey_kit import (
    MADE_HERE,
    ON_SQLITE,
    add_key,
    enrol_with,
    invited,
    options_in,
    prove,
    said,
    settings,
    sign_in_with,
    taken,
    with_key,
)
from tests.staff.test_at_once import together
from tests.staff.test_signing_in import id_of

__all__ = ["settings"]  # a fixture, for use here


@ON_SQLITE
def test_passkeys_are_added_behind_the_password_named_listed_and_taken_away(desk: Desk) -> None:
    alex = desk.admin()
    path = "/desk/account/passkeys"
    assert "You have none yet." in alex.client.get(path).text
    assert alex.press(path, password="not the right one").status_code == 422
    assert alex.client.get(f"{path}/new").location == path
    key = SoftKey()
    assert add_key(alex, key, "a <key>").location == path
    page = alex.client.get(path).text
    assert "a &lt;key&gt;" in page
    assert alex.client.get(f"{path}/new").location == path
    again = add_key(alex, key)
    assert (again.status_code, "No passkey was made" in again.text) == (422, True)
    other = desk.browser()
    assert sign_in_with(other, key).location == "/desk"
    found = re.search(rf"{path}/[0-9a-f-]{{36}}", page)
    assert found
    assert alex.press(found[0], password="not the right one").status_code == 422
    assert alex.press(found[0], password=PASSWORD).location == path
    assert other.get("/desk").location == "/desk/sign-in"
    assert sign_in_with(desk.browser(), key).status_code == 422
    assert desk.letters(ALEX).count("What opens your account was changed") == 2


@ON_SQLITE
def test_the_last_second_factor_stays_and_nobody_reaches_another_s_passkey(desk: Desk) -> None:
    alex, _key = with_key(desk)
    kim = desk.organiser()
    with desk.database.reading() as session:
        only = session.query(StaffPasskey.id).scalar()
    path = f"/desk/account/passkeys/{only}"
    assert kim.client.get(path).status_code == 404
    assert kim.press(path, password=PASSWORD).status_code == 404
    refused = alex.press(path, password=PASSWORD)
    assert (refused.status_code, "Set up an authenticator first" in refused.text) == (422, True)
    assert add_key(alex, SoftKey()).status_code == 303
    assert alex.press(path, password=PASSWORD).status_code == 303


@ON_SQLITE
def test_who_is_revoked_or_invited_anew_has_no_passkey_any_more(desk: Desk) -> None:
    desk.admin("robin@example.org")
    alex, key = with_key(desk)
    desk.invite(ALEX, "--role", "admin")
    assert sign_in_with(desk.browser(), key).location == "/desk"
    anew = Person(desk, ALEX, desk.browser())
    assert anew.accept().status_code == 303
    assert sign_in_with(desk.browser(), key).status_code == 422
    second = SoftKey()
    assert enrol_with(anew, second).status_code == 200
    result = desk.app.test_cli_runner().invoke(args=["staff", "revoke", ALEX])
    assert result.exit_code == 0, result.output
    assert sign_in_with(desk.browser(), second).status_code == 422
    assert alex.client.get("/desk").status_code == 303


@ON_SQLITE
def test_an_admin_who_has_a_passkey_only_is_an_admin_who_can_sign_in(desk: Desk) -> None:
    alex, _key = with_key(desk)
    answer = alex.press(f"/desk/accounts/{id_of(desk, ALEX)}/revoke")
    assert (answer.status_code, "the only admin" in answer.text) == (422, True)
    kim = desk.admin(KIM)
    assert kim.press(f"/desk/accounts/{id_of(desk, KIM)}", role="moderator").status_code == 303


@ON_SQLITE
def test_the_first_second_factor_stops_whoever_else_stands_halfway(desk: Desk) -> None:
    alex = invited(desk)
    thief = alex.elsewhere()
    assert thief.type_password().status_code == 303
    page = thief.client.get("/desk/sign-in/set-up").text
    assert enrol_with(alex, SoftKey()).status_code == 200
    form = {"csrf_token": csrf_in(page), "passkey": SoftKey().make(options_in(page))}
    late = thief.client.post("/desk/sign-in/set-up/passkey", data=form)
    assert late.location == "/desk/sign-in"
    now, keys = desk.clock.now(), desk.app.extensions["staff"].keys
    drawn = challenges.new(Purpose.ENROL, now=now)
    with desk.database.transaction() as session:
        mine = session.query(StaffAccount).one()
        sessions.begin(session, mine.id, "enrol", now=now)  # by who read before that was written
        row = session.query(StaffSession).filter_by(stage="enrol", ended_at=None).one()
        code = pyotp.TOTP(enrolling.on_trial(session, row.id, keys)).at(int(now.timestamp()))
        assert enrolling.prove(session, row.id, code, keys=keys, now=now) is None
        answer = SoftKey().make(json.loads(authenticators.to_make(MADE_HERE, mine, drawn)))
        made = passkeys.make(
            session, row.id, answer, who=MADE_HERE, challenge=drawn, name="", now=now
        )
        assert made is None


@ON_SQLITE
def test_rubbish_is_no_passkey(desk: Desk) -> None:
    _alex, key = with_key(desk)
    whole = ("", "x", "null", "[]", "{}", "[" * 16_000, "1" * 16_000, '"\ud800"', "x" * 20_000)
    strange: tuple[object, ...] = (None, [], "é", "\x00")
    pieces: tuple[object, ...] = (1, {}, "=", "é", "AAAA", "e30", "W10", "bnVsbA", "A" * 9_000)
    outer = [(name, what) for name in ("id", "rawId", "type", "response") for what in strange]
    outer += [("authenticatorAttachment", "elsewhere")]
    parts = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
    inner = [(name, what) for name in parts for what in pieces]

    def spoilt(options: dict[str, Any], place: str, name: str, what: object) -> str:
        told = json.loads(key.prove(options))
        (told if place == "outer" else told["response"])[name] = what
        return json.dumps(told)

    for text in whole:
        assert not prove(desk, partial(said, text)).good
        assert taken(text) is None
    for place, changes in (("outer", outer), ("inner", inner)):
        for name, what in changes:
            verdict = prove(desk, partial(spoilt, place=place, name=name, what=what))
            assert not verdict.good, (name, what)
    for what in (None, *pieces):
        told = json.loads(key.make({"user": {"id": ""}, "rp": {"id": "x"}, "challenge": ""}))
        told["response"]["attestationObject"] = what
        assert taken(json.dumps(told)) is None, what
    with_handle = with_key(desk, KIM)[1]
    assert prove(desk, with_handle.prove).good


def test_a_challenge_is_answered_once_by_many_at_one_moment(desk: Desk) -> None:
    _alex, key = with_key(desk)
    now = desk.clock.now()
    challenge = challenges.new(Purpose.SIGN_IN, now=now)
    options = json.loads(authenticators.to_prove(MADE_HERE, (), challenge))
    answer = key.prove(options)

    def judge() -> object:
        with desk.database.transaction() as session:
            return passkeys.prove(session, answer, who=MADE_HERE, challenge=challenge, now=now).good

    assert together(6, judge).count(True) == 1


def test_a_passkey_is_kept_once_and_the_last_is_never_taken_by_many_at_one_moment(
    desk: Desk,
) -> None:
    alex, _key = with_key(desk)
    assert add_key(alex, SoftKey()).status_code == 303
    now, new = desk.clock.now(), SoftKey()
    with desk.database.reading() as session:
        mine = session.query(StaffAccount).one()
        held = [each.id for each in mine.passkeys]
        (here,) = sessions.live(session, mine.id, now=now)
    drawn = iter([challenges.new(Purpose.ADD, now=now) for _each in range(4)])

    def make() -> object:
        challenge = next(drawn)
        answer = new.make(json.loads(authenticators.to_make(MADE_HERE, mine, challenge)))
        with desk.database.transaction() as session:
            return passkeys.make(
                session, here.id, answer, who=MADE_HERE, challenge=challenge, name="", now=now
            )

    assert len([each for each in together(4, make) if each]) == 1
    with desk.database.reading() as session:
        held = [each.id for each in session.get_one(StaffAccount, mine.id).passkeys]
    ids = iter(held)

    def remove() -> object:
        try:
            with desk.database.transaction() as session:
                return passkeys.remove(session, mine.id, next(ids), now=now)
        except passkeys.LastFactor:
            return "last"

    assert sorted(map(str, together(3, remove))) == ["True", "True", "last"]


@ON_SQLITE
def test_where_browsers_make_none_the_pages_say_so_and_nothing_is_asked(
    desk: Desk, database: Database
) -> None:
    alex = desk.admin()
    room = desk.app.extensions["staff"]
    desk.app.extensions["staff"] = replace(room, public_url="http://127.0.0.1:8000")
    page = alex.client.get("/desk/account/passkeys").text
    assert "reached by a number" in page
    assert "data-passkey" not in alex.client.get("/desk/sign-in").text
    assert desk.browser().post("/desk/sign-in/passkey/challenge").status_code == 404
    with database.reading() as session:
        assert session.query(StaffChallenge).count() == 0
        assert {each.role for each in session.query(StaffAccount)} == {Role.ADMIN}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://desk.example.org", "https://desk.example.org"),
        ("https://Desk.Example.org:443", "https://desk.example.org"),
        ("https://desk.example.org:8443", "https://desk.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://desk.localhost", "http://desk.localhost"),
        ("http://desk.example.org", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]", None),
        ("", None),
    ],
)
def test_passkeys_are_made_for_names_under_https_and_for_localhost(
    url: str, origin: str | None
) -> None:
    who = authenticators.relying(url, "Test")
    assert (who and who.origin) == origin


@ON_SQLITE
def test_answered_challenges_are_forgotten_when_they_are_too_old_to_be_answered(
    desk: Desk,
) -> None:
    with_key(desk)
    with desk.database.reading() as session:
        assert session.query(StaffChallenge).count() == 1
    desk.clock.move(hours=2)
    desk.work()
    with desk.database.reading() as session:
        assert session.query(StaffChallenge).count() == 0
