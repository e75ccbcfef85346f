"""The same thing at one moment, on both databases: once is once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from staff import codes, throttling
from staff.models import StaffAccount
from tests.staff.conftest import ALEX, Desk


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
