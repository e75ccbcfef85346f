"""Faults to order: each happens to the next so many calls or events, and to no more."""

import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase

OF_CALLS = ("error", "hang", "lose")
OF_EVENTS = ("drop", "duplicate", "delay", "reorder", "alter")
KINDS = (*OF_CALLS, *OF_EVENTS)
LONGEST_HANG = 60.0


@dataclass
class Knob:
    """A fault that waits for what it happens to.

    Of calls of the API: `error` answers `status` before any effect; `hang` waits `seconds`, a
    minute at most, before it does the work; `lose` does the work and never answers. Of events:
    `drop` never sends; `duplicate` sends `times` times, `together` or one after another; `delay`
    sends `seconds` of the sandbox's time later; `reorder` holds so many and sends them last first;
    `alter` sends `value` in the object's `field`.

    `match` is a pattern as of a shell, for `POST /v1/refunds` or for an event's type.
    """

    kind: str
    count: int = 1
    match: str = "*"
    status: int = 500
    seconds: float = 5.0
    times: int = 2
    together: bool = False
    field: str = "amount"
    value: str = "1"


class Knobs:
    """The knobs that are turned, in the order in which they were; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turned: deque[Knob] = deque()
        self._let_go = threading.Event()

    def turn(self, knob: Knob) -> None:
        """Order a fault."""
        with self._lock:
            self._turned.append(knob)

    def take(self, kind: str, name: str) -> Knob | None:
        """Return the first fault of a kind that fits `name`, counting it down; None for none."""
        with self._lock:
            for knob in self._turned:
                if knob.kind == kind and fnmatchcase(name, knob.match):
                    knob.count -= 1
                    if knob.count <= 0:
                        self._turned.remove(knob)
                    return knob
        return None

    def drop(self, knob: Knob) -> None:
        """Take a knob back."""
        with self._lock, suppress(ValueError):  # it may have been used up meanwhile
            self._turned.remove(knob)

    def turned(self) -> list[Knob]:
        """What is still to come."""
        with self._lock:
            return list(self._turned)

    def hang(self, name: str) -> None:
        """Wait as long as a knob says for a call of that name, or until they are cleared."""
        let_go = self._let_go
        knob = self.take("hang", name)
        if knob:
            let_go.wait(min(knob.seconds, LONGEST_HANG))

    def clear(self) -> None:
        """Let nothing more happen, and let go of what hangs."""
        with self._lock:
            self._turned.clear()
            self._let_go.set()
            self._let_go = threading.Event()
