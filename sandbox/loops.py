"""A thread that does one piece of work after another and sleeps between."""

import threading
from collections.abc import Callable


class Loop:
    """Calls `step` again and again.

    `step` returns the seconds to rest, or None to rest until `poke`.
    """

    def __init__(self, name: str, step: Callable[[], float | None]) -> None:
        self._step = step
        self._condition = threading.Condition()
        self._poked = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def poke(self) -> None:
        """Say that there may be work now."""
        with self._condition:
            self._poked = True
            self._condition.notify_all()

    def stop(self) -> None:
        """Let the step under way end, and the thread with it."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            rest = self._step()
            with self._condition:
                if not self._poked and not self._stopping:
                    self._condition.wait(rest)
                self._poked = False
                if self._stopping:
                    return
