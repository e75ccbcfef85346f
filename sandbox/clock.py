"""The sandbox's time: the machine's, and what somebody has put it forward by."""

import time
from collections.abc import Callable

from sandbox.store import Store


class Clock:
    """Seconds since the epoch; an advance survives a restart.

    `machine` tells what is put forward: the machine's time, or a moment that stands still.
    """

    def __init__(self, store: Store, machine: Callable[[], float] = time.time) -> None:
        self._store = store
        self._machine = machine
        with store.transaction() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'advance'").fetchone()
        self._advance = float(row["value"]) if row else 0.0

    def now(self) -> float:
        """The sandbox's time in seconds."""
        return self._machine() + self._advance

    @property
    def ahead(self) -> float:
        """By how many seconds it has been put forward."""
        return self._advance

    def advance(self, seconds: float) -> None:
        """Put the clock forward by `seconds`."""
        self._advance += seconds
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO meta (name, value) VALUES ('advance', ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (str(self._advance),),
            )

    def advance_to(self, moment: float) -> None:
        """Put the clock forward to `moment`; it never goes back."""
        rest = moment - self.now()
        if rest > 0:
            self.advance(rest)

    def reset(self) -> None:
        """Be the machine's time again."""
        self._advance = 0.0
