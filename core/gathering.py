"""Gathering: what several threads want kept at one moment is kept in one go.

A disk takes longer over a commit than we do over a row, and a commit takes as long for thirty rows
as for one. Who comes while nobody is at it begins at once; who comes meanwhile waits for that to
end, and then one of those who wait takes all of them along. There are never more of them than
threads.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

_Thing = TypeVar("_Thing")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting(Generic[_Thing]):
    """A thing that waits. `turn` is shut until it was tried, or until its thread is to lead."""

    thing: _Thing
    leads: bool = False
    kept: bool = False
    turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.turn.acquire()


class Gathering(Generic[_Thing]):
    """Keeps things by `keep`, which keeps all that it is given or, raising, none of it."""

    def __init__(self, keep: Callable[[Sequence[_Thing]], None]) -> None:
        self._keep = keep
        self._lock = Lock()
        self._waiting: list[_Waiting[_Thing]] = []
        self._led = False

    def add(self, thing: _Thing) -> None:
        """Have a thing kept, and return once it is.

        What could not be kept together with others is tried again alone, so that nobody suffers for
        another's thing.

        Raises:
            Exception: whatever `keep` raised over this thing alone.
        """
        mine = _Waiting(thing)
        with self._lock:
            self._waiting.append(mine)
            mine.leads, self._led = not self._led, True
        if not mine.leads:
            mine.turn.acquire()
        if mine.leads:
            self._lead()
        if not mine.kept:
            self._keep([thing])

    def _lead(self) -> None:
        """Try all that wait, let who came meanwhile lead the next, and tell those who waited."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        kept = False
        try:
            self._keep([each.thing for each in taken])
            kept = True
        except Exception as fault:
            if len(taken) == 1:
                raise
            _log.warning("kept one by one", extra={"error": type(fault).__name__})
        finally:
            self._hand_over()
            for each in taken:
                each.kept = kept
                each.turn.release()

    def _hand_over(self) -> None:
        with self._lock:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].leads = True
                self._waiting[0].turn.release()
