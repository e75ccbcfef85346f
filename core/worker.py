"""The worker: runs every room's jobs, again and again, each on its own clock."""

import datetime as dt
import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from flask import Flask
from sqlalchemy.exc import OperationalError

from core import clock

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.5
_MOST_ROUNDS = 1000
_SOON = dt.timedelta(minutes=1)  # when a sweep that failed is tried again


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done regularly.

    `run` says how much it found to do. One without `every` runs in each round (a queue);
    one with it runs when that long has passed (a sweep).
    """

    name: str
    run: Callable[[], int]
    every: dt.timedelta | None = None


@dataclass(slots=True)
class Worker:
    """The jobs of all rooms."""

    jobs: list[Job] = field(default_factory=list)
    failures: int = 0
    _rested: dict[str, tuple[dt.datetime, dt.timedelta]] = field(default_factory=dict)

    def add(self, job: Job) -> None:
        """Take a job on; jobs run in the order in which they came."""
        self.jobs.append(job)

    def round(self) -> int:
        """Run every job that is due once; say how much there was to do.

        A job that fails does not keep the others from running; it is logged and tried again.
        """
        return sum(self._run(job) for job in self.jobs if self._due(job))

    def _run(self, job: Job) -> int:
        rest = job.every
        try:
            return job.run()
        except OperationalError as error:  # the database is away or busy: later, then
            rest = rest and min(rest, _SOON)
            self.failures += 1
            _log.warning("job put off", extra={"job": job.name, "error": type(error).__name__})
        except Exception:  # noqa: BLE001 -- one job's fault must not stop the others
            rest = rest and min(rest, _SOON)
            self.failures += 1
            _log.exception("job failed", extra={"job": job.name})
        finally:
            if rest is not None:
                self._rested[job.name] = (clock.now(), rest)
        return 0

    def _due(self, job: Job) -> bool:
        if job.name not in self._rested:
            return True
        since, rest = self._rested[job.name]
        return not since <= clock.now() < since + rest

    def once(self) -> bool:
        """Run until nothing is left to do (sweeps run once); say whether every job went well."""
        before = self.failures
        for _round in range(_MOST_ROUNDS):
            if not self.round():
                break
        return self.failures == before

    def until_stopped(self, app: Flask, stop: threading.Event | None = None) -> None:
        """Run until `stop` is set, or SIGTERM or SIGINT comes; a round begun is finished."""
        stopped = stop or _stopped_by_signal()
        _log.info("worker started")
        while not stopped.is_set():
            with app.app_context():
                found = self.round()
            if not found:
                stopped.wait(_PAUSE_SECONDS)
        _log.info("worker stopped")


def _stopped_by_signal() -> threading.Event:
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopped
