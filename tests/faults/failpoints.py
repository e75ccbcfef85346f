"""Failpoints: named moments at which a process of the service dies, at once and for good.

The service itself knows nothing of them. A point is armed from outside, on what the service is
made of: its adapters, SQLAlchemy's events, and the WSGI door.
"""

import os
import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app import Adapters


@dataclass(frozen=True, slots=True)
class AtCommit:
    """When a transaction in which such a statement ran is about to commit, or has just done so."""

    statement: str
    after: bool = False


@dataclass(frozen=True, slots=True)
class AtCall:
    """When an adapter is about to be called, or has just done what it was asked."""

    adapter: Literal["gateway", "mailer"]
    method: str
    after: bool = False


@dataclass(frozen=True, slots=True)
class AtAnswer:
    """When a page is about to answer with this status."""

    path: str
    status: int


Point = AtCommit | AtCall | AtAnswer

POINTS: dict[str, Point] = {
    "before-pledge-commits": AtCommit("INSERT INTO pledge "),
    "after-pledge-commits": AtCommit("INSERT INTO pledge ", after=True),
    "before-checkout-call": AtCall("gateway", "open_checkout"),
    "after-checkout-answer": AtCall("gateway", "open_checkout", after=True),
    "before-redirect": AtAnswer("/donate/details", 303),
    "inside-webhook-before-commit": AtCommit("INSERT INTO webhook_event "),
    "webhook-committed-before-200": AtAnswer("/webhooks/stripe", 200),
    "apply-before-commit": AtCommit("INSERT INTO payment "),
    "apply-after-commit": AtCommit("INSERT INTO payment ", after=True),
    "before-fee-kept": AtCommit("UPDATE detail_inquiry SET due_at=.*done_at"),
    "after-smtp-data": AtCall("mailer", "send", after=True),
    "after-refund-answer": AtCall("gateway", "refund", after=True),
    "after-stop-answer": AtCall("gateway", "stop", after=True),
    "before-payout-lines-kept": AtCommit("INSERT INTO payout_line "),
}


def arm(name: str, adapters: Adapters) -> Adapters:
    """Arm a failpoint in this process; return the adapters to build the service with."""
    point = POINTS[name]
    if isinstance(point, AtCommit):
        _arm_commits(point)
    if isinstance(point, AtCall):
        trapped = _Trapped(getattr(adapters, point.adapter), point)
        return replace(adapters, **{point.adapter: trapped})  # type: ignore[arg-type]  # it has all that it wraps
    return adapters


def arm_door(name: str, app: Flask) -> None:
    """Arm a failpoint at the WSGI door, if that is where it is."""
    point = POINTS[name]
    if isinstance(point, AtAnswer):
        app.wsgi_app = _Door(app.wsgi_app, point)  # type: ignore[method-assign]  # Flask's own way to wrap it


def die() -> None:
    """Die by SIGKILL, which nothing can catch and after which nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def _arm_commits(point: AtCommit) -> None:
    running, committed = threading.local(), threading.local()

    def ran(
        _connection: object, _cursor: object, statement: str, _values: object, *_more: object
    ) -> None:
        running.hit = getattr(running, "hit", False) or bool(re.match(point.statement, statement))

    def about_to_commit(_connection: object) -> None:
        committed.hit, running.hit = getattr(running, "hit", False), False
        if committed.hit and not point.after:
            die()

    def undone(_connection: object, *_savepoint: object) -> None:
        running.hit = False

    def done(_session: object) -> None:
        if getattr(committed, "hit", False):
            die()

    event.listen(Engine, "before_cursor_execute", ran)
    event.listen(Engine, "commit", about_to_commit)
    event.listen(Engine, "rollback", undone)
    event.listen(Engine, "rollback_savepoint", undone)
    event.listen(Session, "after_commit", done)


class _Trapped:
    """An adapter that dies at one of its methods."""

    def __init__(self, inner: object, point: AtCall) -> None:
        self._inner, self._point = inner, point

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the adapter has
        found = getattr(self._inner, name)
        if name != self._point.method:
            return found

        def dying(*given: object, **named: object) -> None:
            if self._point.after:
                found(*given, **named)
            die()

        return dying


class _Door:
    """A WSGI door that is shut for ever as one answer goes through it."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], point: AtAnswer) -> None:
        self._inner, self._point = inner, point

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterator[bytes]:
        def start(status: str, *rest: object) -> object:
            if environ["PATH_INFO"] == self._point.path and status.startswith(
                str(self._point.status)
            ):
                die()
            return start_response(status, *rest)

        return iter(self._inner(environ, start))
