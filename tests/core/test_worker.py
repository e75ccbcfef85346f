"""The worker: every job on its own clock; none can hold up another."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from core.worker import Job, Worker
from tests.fakes import FakeClock

HOUR = dt.timedelta(hours=1)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Counted:
    """A job that notes when it ran, finds this much to do, and then nothing more."""

    def __init__(self, *found: int, fault: Exception | None = None) -> None:
        self.left = list(found)
        self.fault = fault
        self.runs = 0

    def __call__(self) -> int:
        self.runs += 1
        if self.fault:
            raise self.fault
        return self.left.pop(0) if self.left else 0


Round = Callable[[Worker], int]


@pytest.fixture
def round_of(app: Flask) -> Round:
    def run(worker: Worker) -> int:
        with app.app_context():
            return worker.round()

    return run


def test_jobs_run_in_the_order_in_which_they_came(round_of: Round) -> None:
    order: list[str] = []

    def named(name: str) -> Job:
        def run() -> int:
            order.append(name)
            return 0

        return Job(name, run)

    worker = Worker()
    for name in ("first", "second", "third"):
        worker.add(named(name))
    round_of(worker)

    assert order == ["first", "second", "third"]


def test_a_round_says_how_much_there_was_to_do(round_of: Round) -> None:
    worker = Worker([Job("a", Counted(2)), Job("b", Counted(3))])

    assert (round_of(worker), round_of(worker)) == (5, 0)


@pytest.mark.parametrize(
    "fault", [RuntimeError("canary"), OperationalError("canary", {}, Exception()), MemoryError()]
)
def test_a_job_that_fails_keeps_no_other_from_running(
    fault: Exception, round_of: Round, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Counted(fault=fault), Counted()
    worker = Worker([Job("bad", bad), Job("good", good)])

    assert round_of(worker) == 0
    assert round_of(worker) == 0

    assert (bad.runs, good.runs) == (2, 2)
    assert {record.__dict__["job"] for record in caplog.records} == {"bad"}


def test_a_sweep_runs_when_its_time_has_come(round_of: Round, clock: FakeClock) -> None:
    queue, sweep = Counted(), Counted()
    worker = Worker([Job("queue", queue), Job("sweep", sweep, every=HOUR)])

    for minutes in (0, 30, 29, 1, 59, 1):
        clock.move(minutes=minutes)
        round_of(worker)

    assert (queue.runs, sweep.runs) == (6, 3)


def test_a_sweep_that_failed_is_tried_again_soon_and_not_all_the_time(
    round_of: Round, clock: FakeClock
) -> None:
    sweep = Counted(fault=RuntimeError())
    worker = Worker([Job("sweep", sweep, every=24 * HOUR)])

    round_of(worker)
    round_of(worker)
    assert sweep.runs == 1
    clock.move(minutes=1)
    sweep.fault = None
    round_of(worker)
    assert sweep.runs == 2
    clock.move(hours=23)
    round_of(worker)
    assert sweep.runs == 2


def test_a_clock_set_back_does_not_stop_a_sweep(round_of: Round, clock: FakeClock) -> None:
    sweep = Counted()
    worker = Worker([Job("sweep", sweep, every=HOUR)])
    round_of(worker)

    clock.move(days=-365)
    round_of(worker)
    clock.move(hours=1)
    round_of(worker)

    assert sweep.runs >= 2


def test_once_means_until_nothing_is_left(app: Flask) -> None:
    queue, sweep = Counted(3, 2, 1), Counted(1, 1, 1)
    worker = Worker([Job("queue", queue), Job("sweep", sweep, every=HOUR)])

    with app.app_context():
        worker.once()

    assert (queue.runs, sweep.runs) == (4, 1)


def test_once_ends_though_there_is_always_more(app: Flask) -> None:
    worker = Worker([Job("endless", lambda: 1)])

    with app.app_context():
        worker.once()


def test_a_worker_stops_when_it_is_told_and_finishes_its_round(app: Flask) -> None:
    stop, last = threading.Event(), Counted()

    def tell() -> int:
        stop.set()
        return 1

    worker = Worker([Job("tell", tell), Job("last", last)])
    worker.until_stopped(app, stop)

    assert last.runs == 1
