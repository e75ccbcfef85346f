"""Announcing: a room says what happened, others act on it in the same transaction."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

_Event = TypeVar("_Event")
_Listener = Callable[[Session, _Event, dt.datetime], None]


class Announce(Protocol):
    """What a service is given to tell other rooms with."""

    def __call__(self, session: Session, event: object, now: dt.datetime) -> None:
        """Tell whoever listens; what they write is kept or dropped with the caller's own work."""


class Announcer:
    """Takes listeners by the kind of event and calls them in the order they came."""

    def __init__(self) -> None:
        self._listeners: dict[type, list[Callable[..., None]]] = defaultdict(list)

    def listen(self, kind: type[_Event], listener: _Listener[_Event]) -> None:
        """Call `listener` whenever an event of just this kind is announced."""
        self._listeners[kind].append(listener)

    def __call__(self, session: Session, event: object, now: dt.datetime) -> None:
        """Tell whoever listens to this kind of event."""
        for listener in self._listeners[type(event)]:
            listener(session, event, now)
