"""The same thing at one moment, on both databases: once is once."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from staff import accounts, codes, throttling
from staff.accounts import ChangedMeanwhile, Post
from staff.models import StaffAccount
from staff.principal import Role
from tests.members.conftest import csrf_in
from tests.staff.conftest import ALEX, Desk
from tests.staff.test_signing_in import id_of


def together(times: int, run: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(times) as pool:
        return [each.result() for each in [pool.submit(run) for _time in range(times)]]


def test_a_code_and_a_recovery_code_are_taken_once_by_many_at_one_moment(desk: Desk) -> None:
    alex = desk.admin()
    with desk.database.reading() as session:
        account_id = session.query(StaffAccount.id).filter_by(email=ALEX).scalar()
    step = int(desk.clock.now().timestamp()) // codes.STEP_SECONDS + 1

    def take_step() -> object:
        with desk.database.transaction() as session:
            return codes.take_step(session, account_id, step)

    def take_code() -> object:
        with desk.database.transaction() as session:
            now = desk.clock.now()
            return codes.take_recovery_code(session, account_id, alex.recovery[0], now=now)

    assert together(6, take_step).count(True) == 1
    assert together(6, take_code).count(True) == 1


def test_many_attempts_at_one_moment_are_all_counted(desk: Desk) -> None:
    keys = [
        throttling.key("password", "somebody", secret="x"),
        throttling.key("address", "somewhere", secret="x", free=50),
    ]

    def attempt() -> object:
        with desk.database.transaction() as session:
            return throttling.take(session, keys, now=desk.clock.now()) is None

    assert together(8, attempt).count(True) == 5


def test_of_two_admins_who_change_an_account_at_one_moment_one_is_told(desk: Desk) -> None:
    alex = uuid.UUID(id_of(desk, desk.admin().email))
    roles = iter((Role.TREASURER, Role.MODERATOR))
    desk.invite("robin@example.org", "--role", "moderator")
    robin = uuid.UUID(id_of(desk, "robin@example.org"))
    with desk.database.reading() as session:
        seen = accounts.version(session, robin)

    def appoint() -> object:
        role = next(roles)
        try:
            with desk.database.transaction() as session:
                found = accounts.locked(session, robin)
                assert found is not None
                accounts.as_seen(session, found, seen, by=alex, what="")
                accounts.appoint(session, found, Post(role), by=alex, now=desk.clock.now())
        except ChangedMeanwhile as meanwhile:
            return meanwhile.what
        return f"role:{role}"

    first, second = together(2, appoint)
    assert first == second
    with desk.database.reading() as session:
        assert f"role:{session.get_one(StaffAccount, robin).role}" == first


def test_an_address_that_is_invited_twice_at_one_moment_has_one_account(desk: Desk) -> None:
    alex = desk.admin()
    csrf = csrf_in(alex.client.get("/desk").text)
    form = {"csrf_token": csrf, "email": "robin@example.org", "role": "moderator"}
    cookie = alex.client.get_cookie("groundswell")
    assert cookie is not None

    def press() -> object:
        browser = desk.browser()
        browser.set_cookie("groundswell", cookie.value)
        return browser.post("/desk/accounts", data=form).status_code

    answers = together(4, press)
    assert (answers.count(303), answers.count(422)) == (1, 3)
    desk.work()
    assert len(desk.letters("robin@example.org")) == 1
