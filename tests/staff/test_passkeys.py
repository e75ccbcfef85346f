"""Passkeys used alone and after the password, and everything that is not one."""

import re
from functools import partial
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from tests.members.conftest import csrf_in
from tests.staff.authenticator import PRESENT, SoftKey
from tests.staff.conftest import ALEX, KIM, Desk, Person
from tests.staff.passkey_kit import (
    ON_SQLITE,
    challenge_of,
    enrol_with,
    invited,
    options_in,
    prove,
    settings,
    sign_in_with,
    with_key,
)

__all__ = ["settings"]  # a fixture, for use here


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
