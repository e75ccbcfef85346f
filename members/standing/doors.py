"""The doors of standing: who is listened to, the worker's daily round, and the command."""

import datetime as dt
from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from core import clock
from core.events import Announcer
from core.worker import Job, Worker
from members.rules import Rules
from members.standing import commands, listening, recomputing
from members.standing.listening import Moved
from members.standing.reminding import Texter
from payments.announcements import (
    DisputeWon,
    DuesUnpaid,
    MonthlyStopped,
    PaymentDisputed,
    PaymentRefunded,
    RefundFailed,
)

_EVERY = dt.timedelta(days=1)


def open_doors(
    app: Flask, rules: Rules, *, announcer: Announcer, worker: Worker, texter: Texter | None
) -> None:
    """Listen to the room of money, and stand everybody anew once a day."""

    def moved(session: Session, told: Moved, now: dt.datetime) -> None:
        listening.moved(session, told, rules=rules.months, now=now)

    def stopped(session: Session, told: MonthlyStopped, now: dt.datetime) -> None:
        listening.stopped(session, told, rules=rules.months, now=now)

    def unpaid(session: Session, told: DuesUnpaid, _now: dt.datetime) -> None:
        listening.unpaid(session, told)

    announcer.listen(PaymentRefunded, moved)
    announcer.listen(RefundFailed, moved)
    announcer.listen(PaymentDisputed, moved)
    announcer.listen(DisputeWon, moved)
    announcer.listen(MonthlyStopped, stopped)
    announcer.listen(DuesUnpaid, unpaid)
    worker.add(Job("standing", _round(rules, texter), every=_EVERY))
    app.cli.add_command(commands.members)


def _round(rules: Rules, texter: Texter | None) -> Callable[[], int]:
    def run() -> int:
        batches = recomputing.everybody(
            rules.months, link=rules.welcome_link, now=clock.now(), keep=True, texter=texter
        )
        return sum(len(each.changes) for each in batches)

    return run
