"""A second process that answers for some of a table's rows, on a processor that is idle otherwise.

It runs `main` of this module: what it is to know and then the postcodes come to it through a
socket, and what is found goes back. It knows the same index, mapped into the memory that is shared,
and ends with whoever started it, however that ends.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from branches.assigning import Batch, answering
from branches.index_file import IndexFile
from branches.locating import Locating
from branches.postcodes import IndexInfo
from branches.snapshot import Directory

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_AT_ONCE = 3
_PATIENCE_SECONDS = 10.0
_WORTH_IT = 2_000_000
"""Bytes of a table below which starting the process takes longer than it saves."""


@dataclass(frozen=True, slots=True)
class _Task:
    """All that the process is to know: the index by its path, and the directory by its parts."""

    index: Path
    directory: dict[str, Any]
    cut_off_km: float

    @classmethod
    def of(cls, locating: Locating, index: Path) -> "_Task":
        """Leave out what a directory derives: it is made anew, and would be much to send."""
        given = locating.directory
        parts = {each.name: getattr(given, each.name) for each in fields(given) if each.init}
        return cls(index.resolve(), parts, locating.cut_off_km)


class SecondProcess:
    """The process, as `branches.assigning` wants an assistant. It takes nothing until it is ready.

    When it dies or says nothing for long, its batches come back without an answer.
    """

    def __init__(
        self,
        locating: Locating,
        index: Path,
        info: IndexInfo,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        """Start it; `info` is that of the index that it must find at the path."""
        here, there = socket.socketpair()
        with there:
            self.process = subprocess.Popen(  # noqa: S603 -- our own program, without a shell
                [sys.executable, "-c", f"from {__name__} import main; main()"],
                cwd=_ROOT,
                stdin=there.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # what interrupts the command ends this by the socket
            )
        self._pipe = Connection(here.detach())
        self._info, self._patience = info, patience_seconds
        self._batches: deque[Batch] = deque()
        self._ready = False
        with self._dismissing():
            self._pipe.send(_Task.of(locating, index))

    def close(self) -> None:
        """End the process. It has nothing to lose."""
        self._pipe.close()
        self.process.kill()
        self.process.wait()

    def takes(self, batch: Batch) -> bool:
        """Take on a batch while there are few."""
        if self._pipe.closed or not self._ready or len(self._batches) >= _AT_ONCE:
            return False
        with self._dismissing():
            self._pipe.send(batch.texts)
            self._batches.append(batch)
        return not self._pipe.closed

    def hand_back(self) -> None:
        """Put what is found by now into its batches."""
        with self._dismissing():
            while not self._pipe.closed and self._pipe.poll():
                self._receive()

    def wait(self) -> bool:
        """Wait for the oldest of its batches; False when there is none, or none will come."""
        if self._pipe.closed or not self._batches:
            return False
        with self._dismissing():
            if not self._pipe.poll(self._patience):
                raise TimeoutError
            self._receive()
        return not self._pipe.closed

    def _receive(self) -> None:
        told = self._pipe.recv()
        if self._ready:
            self._batches.popleft().found = told
        elif told == self._info:
            self._ready = True
        else:
            _log.info("assigning alone: the index was built anew meanwhile")
            self._pipe.close()

    @contextmanager
    def _dismissing(self) -> Iterator[None]:
        """Have nothing to do with it any more once it fails: what it had is answered elsewhere."""
        try:
            yield
        except (EOFError, OSError) as fault:
            _log.warning("assigning alone", extra={"error": type(fault).__name__})
            self._pipe.close()
            self._batches.clear()


@contextmanager
def assisted(locating: Locating, file: IndexFile, size: int) -> Iterator[SecondProcess | None]:
    """Give a second process for a table of so many bytes, where that is faster; else None."""
    index = file.index()
    if size < _WORTH_IT or _processors() == 1 or index is not locating.postcodes:
        yield None
        return
    process = SecondProcess(locating, file.path, index.info)
    try:
        yield process
    finally:
        process.close()


def _processors() -> int:
    """Count the processors that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux has it, macOS has not
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def main() -> None:
    """Answer batch by batch, until whoever started this has gone."""
    pipe = Connection(sys.stdin.fileno())
    with suppress(EOFError, OSError):
        task: _Task = pipe.recv()
        index = IndexFile(task.index).index()
        answer = answering(Locating(Directory(**task.directory), index, task.cut_off_km))
        pipe.send(index.info)
        # Read in a thread of its own, so that neither ever waits for the other to read.
        batches: SimpleQueue[list[str] | None] = SimpleQueue()
        threading.Thread(target=_take_in, args=(pipe, batches), daemon=True).start()
        while (texts := batches.get()) is not None:
            pipe.send(list(map(answer, texts)))


def _take_in(pipe: Connection, batches: "SimpleQueue[list[str] | None]") -> None:
    with suppress(EOFError, OSError):
        while True:
            batches.put(pipe.recv())
    batches.put(None)
