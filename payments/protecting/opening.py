"""Opening the gate: its parts put together, its pages, and the worker's jobs."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from prometheus_client import Counter, Gauge

from core import clock
from core.database import reading, transaction
from core.defence import Defence
from core.limits import Counts
from core.worker import Job, Worker
from payments.protecting import doorway, setting_aside, tallying, watching
from payments.protecting.doorway import GATE, WAYS_BACK, Gauges
from payments.protecting.gate import Gate, Watch
from payments.protecting.meters import Meters
from payments.protecting.tallying import Tally
from payments.protecting.views import bp as pages
from payments.protecting.watching import State

_LOOK_EVERY = dt.timedelta(seconds=5)
_WRITE_EVERY = dt.timedelta(minutes=1)
_FORGET_EVERY = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Regular:
    """What the worker does for the defence; `alarm` is whom an attack is told."""

    limits: Defence
    alarm: str

    def look(self) -> int:
        """See whether an attack has begun or is over."""
        with reading() as session:
            if not watching.is_to_change(session, self.limits, now=clock.now()):
                return 0
        with transaction() as session:
            watching.look(session, self.limits, alarm=self.alarm, now=clock.now())
        return 0

    def write(self) -> int:
        """Write to those whose payment was put aside, where it is calm."""
        with reading() as session:
            if not tallying.waiting(session):
                return 0
        with transaction() as session:
            return setting_aside.write_due(session, self.limits, now=clock.now())

    def forget(self) -> int:
        """Let go of what was counted long ago."""
        with transaction() as session:
            watching.forget(session, now=clock.now())
            tallying.forget(session, now=clock.now())
        return 0


def open_gate(
    app: Flask, limits: Defence, *, counts: Counts, keys: Sequence[str], alarm: str, worker: Worker
) -> None:
    """Put the gate before the forms of this application. `keys` sign, newest first."""
    gauges = _gauges(app)

    def rush() -> State:
        with transaction() as session:
            return watching.rush(session, limits, alarm=alarm, now=clock.now())

    gate = Gate(
        limits=limits,
        meters=Meters(counts, limits, keys[0]),
        watch=Watch(lambda: doorway.watch_state(gauges, lambda: gate, limits)),
        tally=Tally(),
        key=keys[0],
        rush=rush,
    )
    app.extensions[GATE] = gate
    app.extensions["gauges"] = gauges
    app.extensions[WAYS_BACK] = {}
    app.register_blueprint(pages)
    regular = Regular(limits, alarm)
    worker.add(Job("defence", regular.look, _LOOK_EVERY))
    worker.add(Job("put aside", regular.write, _WRITE_EVERY))
    worker.add(Job("defence forgets", regular.forget, _FORGET_EVERY))


def _gauges(app: Flask) -> Gauges:
    registry, _token = app.extensions["metrics"]
    return Gauges(
        Counter(
            "groundswell_payment_attempts",
            "Attempts to pay, by what became of them: pass, ask or aside.",
            ["verdict"],
            registry=registry,
        ),
        Gauge(
            "groundswell_defence_on",
            "1 while everybody is asked to prove themselves.",
            registry=registry,
        ),
        Gauge(
            "groundswell_declined_cards",
            "Cards declined in the time that counts.",
            registry=registry,
        ),
        Gauge(
            "groundswell_quarantined_pledges",
            "Pledges put aside that wait for their makers.",
            registry=registry,
        ),
    )
