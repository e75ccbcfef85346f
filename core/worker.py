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
    _last: dict[str, dt.datetime] = field(default_factory=dict)

    def add(self, job: Job) -> None:
        """Take a job on; jobs run in the order in which they came."""
        self.jobs.append(job)

    def round(self) -> int:
        """Run every job that is due once; say how much there was to do.

        A job that fails does not keep the others from running; it is logged and tried again.
        """
        found = 0
        for job in self.jobs:
            if not self._due(job):
                continue
            try:
                found += job.run()
            except OperationalError as error:  # the database is away or busy: later, then
                _log.warning("job put off", extra={"job": job.name, "error": type(error).__name__})
            except Exception:  # noqa: BLE001 -- one job's fault must not stop the others
                _log.exception("job failed", extra={"job": job.name})
        return found

    def _due(self, job: Job) -> bool:
        now = clock.now()
        last = self._last.get(job.name)
        if job.every is not None and last is not None and now - last < job.every:
            return False
        self._last[job.name] = now
        return True

    def once(self) -> None:
        """Run until nothing is left to do (sweeps run once)."""
        for _round in range(_MOST_ROUNDS):
            if not self.round():
                return

    def until_stopped(self, app: Flask, stop: threading.Event | None = None) -> None:
        """Run until `stop` is set, or SIGTERM or SIGINT comes; a round begun is finished."""
        stopped = stop or _stopped_by_signal()
        while not stopped.is_set():
            with app.app_context():
                found = self.round()
            if not found:
                stopped.wait(_PAUSE_SECONDS)


def _stopped_by_signal() -> threading.Event:
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopped
