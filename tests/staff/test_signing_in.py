"""From the invitation to the desk, and everything that does not lead there."""

import itertools
from collections.abc import Callable

import pytest

from staff.models import StaffAccount
from staff.principal import Role
from tests.members.conftest import csrf_in, link_in, token_in
from tests.staff.conftest import ALEX, KIM, PASSWORD, Desk, Person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_invitation_leads_to_a_password_an_authenticator_and_the_desk(desk: Desk) -> None:
    alex = desk.invite(ALEX, "--role", "admin")
    assert alex.accept().location == "/desk/sign-in/code"
    assert alex.client.get("/desk").location == "/desk/sign-in"
    answer = alex.enrol()
    assert answer.status_code == 200
    assert len(set(alex.recovery)) == 10
    page = alex.client.get("/desk")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert "/desk/accounts" in page.text
    assert alex.press("/desk/sign-out").location == "/desk/sign-in"
    assert alex.client.get("/desk").location == "/desk/sign-in"
    alex.sign_in()
    assert alex.client.get("/desk").status_code == 200
    assert desk.audit() == [
        ("change", "role:admin"),
        ("change", "invited"),
        ("change", "invitation-accepted"),
        ("change", "totp"),
        ("sign-in", "enrolled"),
        ("sign-in", "totp"),
    ]


@ON_SQLITE
def test_a_scanner_that_looks_at_an_invitation_uses_nothing_up_and_a_press_uses_it_up(
    desk: Desk,
) -> None:
    alex = desk.invite(ALEX, "--role", "admin")
    for _look in range(3):
        assert "Choose a password" in alex.open_invitation()
    page = alex.open_invitation()
    assert alex.accept().status_code == 303
    path = link_in(desk.mailer, ALEX, "desk/invitation")
    assert alex.client.get(path).status_code == 410
    link = path.partition("token=")[2]
    again = {"token": token_in(page), "link": link, "new_password": "another long password"}
    assert desk.browser().post("/desk/invitation", data=again).status_code == 410


@ON_SQLITE
def test_an_invitation_is_dead_after_three_days_and_after_another_was_sent(desk: Desk) -> None:
    alex = desk.invite(ALEX, "--role", "admin")
    first = link_in(desk.mailer, ALEX, "desk/invitation")
    desk.invite(ALEX, "--role", "admin")
    assert alex.client.get(first).status_code == 410
    second = link_in(desk.mailer, ALEX, "desk/invitation")
    assert alex.client.get(second).status_code == 200
    desk.clock.move(days=3)
    assert alex.client.get(second).status_code == 410
    for rubbish in ("", "x", "a.b.c", "\x00", "é" * 500):
        query = {"token": rubbish}
        assert alex.client.get("/desk/invitation", query_string=query).status_code == 410


@ON_SQLITE
@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("fourteen chars", "15 characters"),
        ("passwordpassword", "Many people"),
        ("Password12345678!", "Many people"),
        ("alex violet ladder hum", "our name"),
        ("{organisation} for ever", "our name"),
        ("x" * 201, "200 characters"),
        ("", "Enter a new password"),
    ],
)
def test_a_bad_password_is_refused_with_words_and_uses_nothing_up(
    desk: Desk, password: str, words: str
) -> None:
    alex = desk.invite(ALEX, "--role", "admin")
    page = alex.open_invitation()
    link = link_in(desk.mailer, ALEX, "desk/invitation").partition("token=")[2]
    password = password.format(organisation=desk.app.extensions["staff"].organisation)
    form = {"token": token_in(page), "link": link, "new_password": password}
    answer = alex.client.post("/desk/invitation", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert password not in answer.text or not password
    assert alex.accept().status_code == 303


@ON_SQLITE
def test_the_answer_is_the_same_for_an_account_that_there_is_not(desk: Desk) -> None:
    alex = desk.admin()
    revoked = desk.organiser()
    waiting = desk.invite("waiting@example.org", "--role", "moderator")
    alex.press(f"/desk/accounts/{id_of(desk, KIM)}/revoke")
    answers = []
    for email in (ALEX, "nobody@example.org", revoked.email, waiting.email):
        stranger = Person(desk, email, desk.browser())
        answer = stranger.type_password("a wrong password, long enough")
        text = answer.text.replace(email, "").replace(token_in(answer.text), "")
        answers.append((answer.status_code, text, sorted(answer.headers.keys())))
    assert answers[0][0] == 422
    assert all(answer == answers[0] for answer in answers)
    assert desk.audit()[-4:] == [("failure", "password")] * 4


@ON_SQLITE
def test_five_wrong_passwords_make_a_pause_for_known_and_unknown_alike(desk: Desk) -> None:
    desk.admin()
    told = []
    for email in (ALEX, "nobody@example.org"):
        stranger = Person(desk, email, desk.browser())
        codes = [
            stranger.type_password("wrong, wrong, wrong, wrong").status_code for _t in range(5)
        ]
        assert codes == [422] * 5
        paused = stranger.type_password(PASSWORD)
        told.append((paused.status_code, paused.headers["Retry-After"]))
        assert "Wait 1 minute" in paused.text
    assert told == [(429, "31")] * 2


@ON_SQLITE
def test_pauses_grow_and_the_right_password_does_not_end_one(desk: Desk) -> None:
    desk.admin()
    stranger = Person(desk, ALEX, desk.browser())
    waits = []
    for _attempt in range(10):
        answer = stranger.type_password("wrong, wrong, wrong, wrong")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]) - 1)
            assert stranger.type_password(PASSWORD).status_code == 429
            desk.clock.move(seconds=waits[-1])
    assert waits == [30, 60, 120]
    assert stranger.type_password(PASSWORD).status_code == 303


@ON_SQLITE
def test_a_stranger_cannot_lock_a_colleague_out(desk: Desk) -> None:
    alex = desk.admin()
    alex.press("/desk/sign-out")
    for address in ("198.51.100.7", "127.0.0.1"):
        stranger = Person(desk, ALEX, desk.browser())
        for _attempt in range(5):
            stranger.type_password("wrong, wrong, wrong, wrong", address=address)
        assert stranger.type_password(PASSWORD, address=address).status_code == 429
    alex.sign_in()
    assert alex.client.get("/desk").status_code == 200


@ON_SQLITE
def test_codes_are_counted_over_all_addresses_but_not_against_a_known_device(desk: Desk) -> None:
    alex = desk.admin()
    thief = alex.elsewhere()
    assert thief.type_password(address="198.51.100.1").status_code == 303
    codes = [
        thief.type_code("000000", address=f"198.51.100.{number}").status_code
        for number in range(1, 7)
    ]
    assert codes == [422] * 5 + [429]
    assert thief.type_code(thief.code(), address="203.0.113.9").status_code == 429
    alex.press("/desk/sign-out")
    alex.sign_in()
    assert desk.letters(ALEX).count("Somebody may have your password") == 1


def test_a_code_works_once_and_its_neighbours_in_time_work(desk: Desk) -> None:
    alex = desk.admin()
    used = alex.code()
    for shift, taken in ((0, False), (60, True), (0, False)):
        desk.clock.move(seconds=shift)
        other = alex.elsewhere()
        other.type_password()
        code = used if not shift else alex.code()
        answer = other.type_code(code)
        assert (answer.location == "/desk") is taken
        used = code
    desk.clock.move(seconds=60)
    early = alex.code()
    desk.clock.move(seconds=30)
    late = alex.elsewhere()
    late.type_password()
    assert late.type_code(early).location == "/desk"
    desk.clock.move(seconds=60)
    stale = alex.code()
    desk.clock.move(seconds=61)
    too_late = alex.elsewhere()
    too_late.type_password()
    assert too_late.type_code(stale).status_code == 422


def test_a_recovery_code_works_once_and_its_owner_is_told(desk: Desk) -> None:
    alex = desk.admin()
    code = alex.recovery[3]
    for spelled, status in ((code.upper().replace("-", " "), 303), (code, 422)):
        other = alex.elsewhere()
        other.type_password()
        assert other.type_code(spelled).status_code == status
    assert ("sign-in", "recovery") in desk.audit()
    assert "A recovery code was used" in desk.letters(ALEX)


@ON_SQLITE
def test_rubbish_is_no_code(desk: Desk) -> None:
    alex = desk.admin()
    for typed in ("", " ", "12345", "1234567", "١٢٣٤٥٦", "x" * 5000, "\x00", "½", "\ud800"[:0]):
        other = alex.elsewhere()
        other.type_password()
        assert other.type_code(typed).status_code in (422, 429)


@ON_SQLITE
def test_the_session_is_another_at_each_step_and_one_that_was_planted_opens_nothing(
    desk: Desk,
) -> None:
    alex = desk.admin()
    alex.press("/desk/sign-out")
    seen = []
    steps: list[Callable[[], object]] = [
        lambda: alex.client.get("/desk/sign-in"),
        alex.type_password,
        lambda: alex.type_code(alex.fresh_code()),
    ]
    for step in steps:
        step()
        cookie = alex.client.get_cookie("groundswell")
        seen.append(cookie.value if cookie else "")
    assert len(set(seen)) == 3
    planted = desk.browser()
    planted.set_cookie("groundswell", seen[1])
    assert planted.get("/desk").location == "/desk/sign-in"
    assert planted.get("/desk/sign-in/code").location == "/desk/sign-in"


@ON_SQLITE
def test_the_first_step_opens_nothing(desk: Desk) -> None:
    alex = desk.admin()
    half = alex.elsewhere()
    half.type_password()
    for path in ("/desk", "/desk/account", "/desk/accounts", "/desk/accounts/audit"):
        assert half.client.get(path).location == "/desk/sign-in"
    assert half.client.get("/desk/sign-in/set-up").location == "/desk/sign-in/code"
    page = half.client.get("/desk/sign-in/code").text
    answer = half.client.post("/desk/sign-in/set-up", data={"csrf_token": csrf_in(page), "code": 1})
    assert answer.location == "/desk/sign-in/code"
    desk.clock.move(minutes=15)
    assert half.client.get("/desk/sign-in/code").location == "/desk/sign-in"


@ON_SQLITE
def test_a_session_ends_when_it_is_left_alone_and_after_twelve_hours(desk: Desk) -> None:
    alex = desk.admin()
    desk.clock.move(minutes=29)
    assert alex.client.get("/desk").status_code == 200
    desk.clock.move(minutes=29)
    assert alex.client.get("/desk").status_code == 200
    desk.clock.move(minutes=30)
    assert alex.client.get("/desk").status_code == 303
    alex.sign_in()
    for _visit in itertools.repeat(None, 35):
        desk.clock.move(minutes=20)
        assert alex.client.get("/desk").status_code == 200
    desk.clock.move(minutes=20)
    assert alex.client.get("/desk").status_code == 303


@ON_SQLITE
def test_a_new_device_is_told_by_mail_and_a_known_one_is_not(desk: Desk) -> None:
    alex = desk.admin()
    alex.press("/desk/sign-out")
    alex.sign_in()
    assert "A sign-in on a new device" not in desk.letters(ALEX)
    alex.elsewhere().sign_in()
    assert desk.letters(ALEX).count("A sign-in on a new device") == 1


@ON_SQLITE
def test_a_device_token_that_we_never_gave_is_not_taken_on(desk: Desk) -> None:
    alex = desk.admin()
    other = alex.elsewhere()
    other.client.set_cookie("groundswell-device", "planted")
    other.sign_in()
    cookie = other.client.get_cookie("groundswell-device")
    assert cookie is not None
    assert cookie.value != "planted"
    assert cookie.http_only


@ON_SQLITE
def test_forms_of_other_sites_and_without_a_token_are_refused(desk: Desk) -> None:
    alex = desk.admin()
    evil = {"Origin": "https://evil.example.net"}
    for path in ("/desk/sign-in", "/desk/invitation"):
        assert alex.client.post(path, headers=evil).status_code == 403
    for path in ("/desk/sign-out", "/desk/sign-out-everywhere", "/desk/accounts"):
        assert alex.client.post(path).status_code == 400
    assert alex.client.get("/desk").status_code == 200


@ON_SQLITE
def test_a_role_may_be_given_by_command_only_with_the_scope_that_it_needs(desk: Desk) -> None:
    runner = desk.app.test_cli_runner()
    for wrong in (
        ["no address", "--role", "admin"],
        [KIM, "--role", "organiser"],
        [KIM, "--role", "admin", "--region", "london"],
        [KIM, "--role", "organiser", "--region", "nowhere"],
        [KIM, "--role", "king"],
    ):
        result = runner.invoke(args=["staff", "invite", *wrong])
        assert result.exit_code == 2, result.output
    assert desk.mailer.sent == []


def id_of(desk: Desk, email: str) -> str:
    with desk.database.reading() as session:
        found = session.query(StaffAccount).filter_by(email=email).one()
        assert Role(found.role)
        return str(found.id)
