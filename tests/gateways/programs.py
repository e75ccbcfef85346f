"""Starting the real gateways' programs, and waiting for what they do."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

SECONDS = 15
_Found = TypeVar("_Found")


def program(name: str) -> str:
    """Return a program's path; Debian keeps servers where a user's PATH does not lead."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (tests/tools.sh does it on Debian)")
    return found


@contextmanager
def running(
    command: Sequence[str], folder: Path, environ: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a folder while the block runs, and end it by its own handle."""
    with (folder / f"{Path(command[0]).name}.out").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environ
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_(what: str, look: Callable[[], _Found | None]) -> _Found:
    """Look again and again until there is something, for so many seconds."""
    until, pause = time.monotonic() + SECONDS, threading.Event()
    while not (found := look()):
        assert time.monotonic() < until, f"waited in vain: {what}"
        pause.wait(0.05)
    return found


def listens(port: int) -> bool:
    """Say whether somebody listens on a port, without knocking as a client would."""
    wanted = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return any(row[1].endswith(wanted) and row[3] == "0A" for row in rows)
