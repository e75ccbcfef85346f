"""The test's side of the launcher: a service in processes of its own, that can be killed."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from config import ROOT

SECONDS = 20
KILLED = -signal.SIGKILL


class Launcher:
    """A launcher that runs; see `tests.faults.launcher`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launcher"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, do: str, **order: object) -> dict[str, Any]:
        """Give an order and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it, and all that it has started."""
        self._process.communicate(timeout=SECONDS)


@dataclass(frozen=True, slots=True)
class Web:
    """The web, running in a process of its own."""

    launcher: Launcher
    pid: int

    def killed(self) -> None:
        """Wait until it has died, and make sure that SIGKILL was what it died of."""
        assert self.launcher.order("wait", pid=self.pid, seconds=SECONDS)["code"] == KILLED


@dataclass(frozen=True, slots=True)
class Processes:
    """A service whose web and worker run as processes of their own."""

    launcher: Launcher
    environ: dict[str, str]
    templates: str

    @contextmanager
    def web(self, failpoint: str | None = None, **more: object) -> Iterator[Web]:
        """Serve for as long as the block lasts, or until the failpoint is reached.

        `ahead` puts the service's clock forward by seconds, `machine_ahead` the machine's too;
        `file_bytes` is how large a file may grow.
        """
        started = self.launcher.order("serve", **self._order(failpoint, more))
        assert started["ready"], "the web did not start"
        web = Web(self.launcher, started["pid"])
        if failpoint:
            yield web
            return
        try:
            yield web
        finally:
            assert self.launcher.order("stop", pid=web.pid, seconds=SECONDS)["code"] == 0

    def worker_dies(self, failpoint: str, **more: object) -> None:
        """Let a worker begin, and die at the failpoint."""
        self.command_dies(failpoint, "worker", "--once", **more)

    def command_dies(self, failpoint: str, *words: str, **more: object) -> None:
        """Let a command of `flask` begin in a process of its own, and die at the failpoint."""
        answer = self.launcher.order("run", words=words, **self._order(failpoint, more))
        assert answer["code"] == KILLED, answer["output"]

    def _order(self, failpoint: str | None, more: dict[str, object]) -> dict[str, object]:
        usual = {"ahead": 0, "machine_ahead": 0, "file_bytes": None}
        made_of = {"environ": self.environ, "templates": self.templates, "failpoint": failpoint}
        return {**made_of, **usual, **more}
