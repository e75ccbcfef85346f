"""Passkeys: made, used alone and after the password, taken away, and everything that is not one."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from core.database import Database
from staff import authenticators, challenges, enrolling, passkeys, sessions
from staff.challenges import Purpose
from staff.models import StaffAccount, StaffChallenge, StaffPasskey, StaffSession
from staff.passkeys import Verdict
from staff.principal import Role
from tests.fakes import FakeClock
from tests.members.conftest import csrf_in
from tests.staff.authenticator import PRESENT, SoftKey
from tests.staff.conftest import ALEX, KIM, PASSWORD, Desk, Person
from tests.staff.test_at_once import together
from tests.staff.test_signing_in import id_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MADE_HERE = authenticators.Relying("localhost", "http://localhost", "Test")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A service that is reached by a name, as browsers want it for passkeys."""
    return replace(settings, public_url="http://localhost")


def options_in(page: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, page
    read: dict[str, Any] = json.loads(html.unescape(found[1]))
    return read


def enrol_with(person: Person, key: SoftKey, **lies: Any) -> TestResponse:  # noqa: ANN401 -- of any kind
    page = person.client.get("/desk/sign-in/set-up").text
    form = {"csrf_token": csrf_in(page), "passkey": key.make(options_in(page), **lies)}
    answer = person.client.post("/desk/sign-in/set-up/passkey", data=form)
    person.recovery = re.findall(r"<code>([^<]+)</code>", answer.text)
    return answer


def invited(desk: Desk, email: str = ALEX) -> Person:
    person = desk.invite(email, "--role", "admin")
    assert person.accept().location == "/desk/sign-in/code"
    return person


def with_key(desk: Desk, email: str = ALEX) -> tuple[Person, SoftKey]:
    person, key = invited(desk, email), SoftKey()
    assert enrol_with(person, key).status_code == 200
    return person, key


def challenge_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.post("/desk/sign-in/passkey/challenge")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    read: dict[str, Any] = answer.get_json()
    return read


def sign_in_with(client: FlaskClient, key: SoftKey, **lies: Any) -> TestResponse:  # noqa: ANN401 -- of any kind
    answer = key.prove(challenge_of(client), **lies)
    return client.post("/desk/sign-in/passkey", data={"passkey": answer})


def add_key(person: Person, key: SoftKey, name: str = "my key") -> TestResponse:
    begun = person.press("/desk/account/passkeys", password=PASSWORD)
    assert begun.location == "/desk/account/passkeys/new", begun.text
    page = person.client.get(begun.location).text
    form = {"csrf_token": csrf_in(page), "name": name, "passkey": key.make(options_in(page))}
    return person.client.post("/desk/account/passkeys/new", data=form)


def prove(desk: Desk, answer: Callable[[dict[str, Any]], str]) -> Verdict:
    """Put a challenge, and judge what is answered as the sign-in does."""
    challenge = challenges.new(Purpose.SIGN_IN, now=desk.clock.now())
    text = answer(json.loads(authenticators.to_prove(MADE_HERE, (), challenge)))
    with desk.database.transaction() as session:
        passkeys.owner(session, passkeys.claimed(text))
        return passkeys.prove(
            session, text, who=MADE_HERE, challenge=challenge, now=desk.clock.now()
        )


def _said(text: str, _options: dict[str, Any]) -> str:
    return text


def taken(answer: str) -> object:
    challenge = challenges.new(Purpose.ADD, now=FakeClock().now())
    return authenticators.made(answer, MADE_HERE, challenge)


def test_an_invitation_may_be_taken_up_with_a_passkey_which_then_signs_in_alone(
    desk: Desk,
) -> None:
    alex, key = with_key(desk)
    assert len(set(alex.recovery)) == 10
    assert alex.client.get("/desk").status_code == 200
    assert ALEX.encode() not in key.handle.encode()
    alex.press("/desk/sign-out")
    assert sign_in_with(alex.client, key).location == "/desk"
    assert "invited, not here yet" not in alex.client.get("/desk/accounts").text
    elsewhere = desk.browser()
    assert sign_in_with(elsewhere, key).location == "/desk"
    assert elsewhere.get("/desk").status_code == 200
    assert desk.letters(ALEX).count("A sign-in on a new device") == 1
    assert desk.audit()[-4:] == [
        ("change", "passkey"),
        ("sign-in", "enrolled"),
        ("sign-in", "passkey"),
        ("sign-in", "passkey"),
    ]


@ON_SQLITE
def test_a_passkey_stands_beside_the_code_after_the_password(desk: Desk) -> None:
    alex, key = with_key(desk)
    for way in ("passkey", "recovery"):
        other = alex.elsewhere()
        assert other.type_password().location == "/desk/sign-in/code"
        page = other.client.get("/desk/sign-in/code").text
        assert [each["id"] for each in options_in(page)["allowCredentials"]]
        if way == "recovery":
            assert other.type_code(alex.recovery[0]).location == "/desk"
        else:
            form = {"csrf_token": csrf_in(page), "passkey": key.prove(options_in(page))}
            answer = other.client.post("/desk/sign-in/code/passkey", data=form)
            assert answer.location == "/desk"
        assert other.client.get("/desk").status_code == 200
    assert ("sign-in", "passkey-step") in desk.audit()


@ON_SQLITE
def test_a_passkey_of_another_account_is_no_second_step(desk: Desk) -> None:
    alex, _key = with_key(desk)
    _kim, other_key = with_key(desk, KIM)
    thief = alex.elsewhere()
    thief.type_password()
    page = thief.client.get("/desk/sign-in/code").text
    form = {"csrf_token": csrf_in(page), "passkey": other_key.prove(options_in(page))}
    assert thief.client.post("/desk/sign-in/code/passkey", data=form).status_code == 422
    assert thief.client.get("/desk").status_code == 303


@ON_SQLITE
def test_what_does_not_hold_in_full_opens_nothing(desk: Desk) -> None:
    _alex, key = with_key(desk)
    lies: list[dict[str, Any]] = [
        {"origin": "http://127.0.0.1"},
        {"origin": "https://localhost"},
        {"rp_id": "evil.example.net"},
        {"challenge": "bm90IG91cnMgYXQgYWxsLCBub3Qgb3VycyBhdCBhbGw"},
        {"kind": "webauthn.create"},
        {"flags": PRESENT},
        {"flags": 0},
        {"signer": ec.generate_private_key(ec.SECP256R1())},
        {"handle": "c29tZWJvZHkgZWxzZQ"},
        {"handle": None},
        {"framed": True},
    ]
    for each in lies:
        assert not prove(desk, partial(key.prove, **each)).good, each
    stranger = desk.browser()
    answer = sign_in_with(stranger, key, origin="http://127.0.0.1")
    assert (answer.status_code, "That passkey did not work" in answer.text) == (422, True)
    assert stranger.get("/desk").location == "/desk/sign-in"
    assert desk.audit()[-1] == ("failure", "passkey")
    assert prove(desk, key.prove).good


@ON_SQLITE
def test_what_is_not_made_for_us_is_not_kept(desk: Desk) -> None:
    alex = invited(desk)
    lies: list[dict[str, Any]] = [
        {"origin": "http://127.0.0.1"},
        {"rp_id": "evil.example.net"},
        {"challenge": "bm90IG91cnMgYXQgYWxsLCBub3Qgb3VycyBhdCBhbGw"},
        {"kind": "webauthn.get"},
        {"flags": PRESENT},
        {"framed": True},
        {"fmt": "tpm"},
        {"cose": {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}},
        {"cose": {}},
    ]
    for each in lies:
        answer = enrol_with(alex, SoftKey(), **each)
        assert (answer.status_code, "No passkey was made" in answer.text) == (422, True), each
    assert alex.client.get("/desk").location == "/desk/sign-in"
    assert alex.enrol().status_code == 200


@ON_SQLITE
def test_an_answer_works_once_in_its_own_browser_and_not_for_long(desk: Desk) -> None:
    _alex, key = with_key(desk)
    first, other = desk.browser(), desk.browser()
    answer = key.prove(challenge_of(first))
    held = first.get_cookie("groundswell")
    assert held
    challenge_of(other)
    assert other.post("/desk/sign-in/passkey", data={"passkey": answer}).status_code == 422
    assert first.post("/desk/sign-in/passkey", data={"passkey": answer}).location == "/desk"
    replayed = desk.browser()
    replayed.set_cookie("groundswell", held.value)
    assert replayed.post("/desk/sign-in/passkey", data={"passkey": answer}).status_code == 422
    late = desk.browser()
    answer = key.prove(challenge_of(late))
    desk.clock.move(minutes=10)
    assert late.post("/desk/sign-in/passkey", data={"passkey": answer}).status_code == 422
    without = desk.browser()
    assert without.post("/desk/sign-in/passkey", data={"passkey": answer}).status_code == 422


@ON_SQLITE
def test_a_challenge_for_one_thing_is_none_for_another(desk: Desk) -> None:
    alex, key = with_key(desk)
    half = alex.elsewhere()
    half.type_password()
    step = key.prove(options_in(half.client.get("/desk/sign-in/code").text))
    assert half.client.post("/desk/sign-in/passkey", data={"passkey": step}).status_code == 422
    page = half.client.get("/desk/sign-in/code").text
    alone = key.prove(challenge_of(half.client))
    form = {"csrf_token": csrf_in(page), "passkey": alone}
    assert half.client.post("/desk/sign-in/code/passkey", data=form).status_code == 422


def test_a_passkey_that_counts_backwards_is_refused_and_written_down(desk: Desk) -> None:
    alex, key = with_key(desk)
    alex.press("/desk/sign-out")
    for counter, location in ((5, "/desk"), (5, None), (4, None), (0, None), (2**32 - 1, "/desk")):
        key.counter = counter
        assert sign_in_with(alex.client, key).location == location, counter
    assert desk.audit()[-4:-1] == [("failure", "passkey-copied")] * 3


@ON_SQLITE
def test_the_answer_is_the_same_for_a_passkey_that_there_is_not(desk: Desk) -> None:
    _alex, known = with_key(desk)
    told = []
    for key in (known, SoftKey(handle=known.handle)):
        stranger = desk.browser()
        assert "allowCredentials" not in {k for k, v in challenge_of(stranger).items() if v}
        lie = {"signer": ec.generate_private_key(ec.SECP256R1())}
        answers = [sign_in_with(stranger, key, **lie) for _time in range(6)]
        text = re.sub(r'name="token" value="[^"]+"', "", answers[0].text)
        told.append(
            (text, [each.status_code for each in answers], answers[5].headers["Retry-After"])
        )
        assert sign_in_with(stranger, key).status_code == 429
    assert told[0] == told[1]
    assert told[0][1] == [422] * 5 + [429]


@ON_SQLITE
def test_the_same_work_is_done_for_known_and_unknown_addresses_and_passkeys(desk: Desk) -> None:
    _alex, known = with_key(desk)
    lie = {"signer": ec.generate_private_key(ec.SECP256R1())}
    done: list[list[str]] = []

    def heard(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        done[-1].append(statement)

    sa.event.listen(desk.database.engine, "before_cursor_execute", heard)
    for email in (ALEX, "nobody@example.org"):
        done.append([])
        Person(desk, email, desk.browser()).type_password("wrong, wrong, wrong, wrong")
    for key in (known, SoftKey(handle=known.handle)):
        done.append([])
        sign_in_with(desk.browser(), key, **lie)
    sa.event.remove(desk.database.engine, "before_cursor_execute", heard)
    assert len(done[0]) > 3
    assert (done[0], done[2]) == (done[1], done[3])


@ON_SQLITE
def test_a_stranger_cannot_keep_a_passkey_out_of_its_own_device(desk: Desk) -> None:
    alex, key = with_key(desk)
    alex.press("/desk/sign-out")
    stranger = desk.browser()
    for _time in range(6):
        sign_in_with(stranger, key, flags=PRESENT)
    assert sign_in_with(stranger, key).status_code == 429
    assert sign_in_with(alex.client, key).location == "/desk"


@ON_SQLITE
def test_the_session_of_a_passkey_is_a_new_one_and_what_was_planted_opens_nothing(
    desk: Desk,
) -> None:
    _alex, key = with_key(desk)
    victim = desk.browser()
    attacker = desk.browser()
    challenge_of(attacker)
    planted = attacker.get_cookie("groundswell")
    assert planted
    victim.set_cookie("groundswell", planted.value)
    assert sign_in_with(victim, key).location == "/desk"
    assert attacker.get("/desk").location == "/desk/sign-in"
    now = victim.get_cookie("groundswell")
    assert now
    assert now.value != planted.value
    evil = {"Origin": "https://evil.example.net"}
    for path in ("/desk/sign-in/passkey", "/desk/sign-in/passkey/challenge"):
        assert desk.browser().post(path, headers=evil).status_code == 403


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
        assert not prove(desk, partial(_said, text)).good
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
