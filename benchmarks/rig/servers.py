"""Servers to measure: the service and the bare view, each on a free port of this machine."""

import contextlib
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import ROOT

SERVICE, BARE = "wsgi:app", "benchmarks.rig.bare:app"
WORKERS = 2
_SECONDS = 30.0
_MANY = 1_000_000

_GUNICORN = ["gunicorn", "--bind", "127.0.0.1:{port}", "--workers", str(WORKERS)]
_COMMANDS: Mapping[str, list[str]] = {
    "gunicorn": _GUNICORN,
    "gunicorn-threads-4": [*_GUNICORN, "--threads", "4"],
    "gunicorn-sync": [*_GUNICORN, "--threads", "1", "--worker-class", "sync"],
    "granian": [
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "{port}"),
        *("--workers", str(WORKERS), "--no-access-log", "--log-level", "error"),
    ],
    "waitress": ["waitress", "--listen", "127.0.0.1:{port}", "--threads", "8"],
    "cheroot": ["cheroot", "--bind", "127.0.0.1:{port}", "--threads", "8"],
}
"""How each server is started. waitress and cheroot have one process and no more."""
NAMES = tuple(_COMMANDS)


@dataclass(slots=True)
class Server:
    """A server that runs."""

    port: int
    process: "subprocess.Popen[bytes]"

    def cpu_seconds(self) -> float:
        """What it and its workers have worked until now; 0 where the system does not say."""
        return sum(_cpu_seconds(pid) for pid in _family(self.process.pid))


def is_installed(name: str) -> bool:
    """Tell whether there is such a server here."""
    return importlib.util.find_spec(_COMMANDS[name][0]) is not None


@contextmanager
def serving(name: str, application: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """Serve an application until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [part.format(port=port) for part in _COMMANDS[name]]
    process = subprocess.Popen(  # noqa: S603 -- our own programs
        [sys.executable, "-m", *command, application],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": _path(), **environ},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _until_up(port, process)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def prepared(folder: Path, index: Path) -> dict[str, str]:
    """Make a database with the shipped directory, and give the settings of a service upon it.

    They are those of `make run`, but that one address may ask as often as it likes.
    """
    shipped = (ROOT / "organisation.toml").read_text(encoding="utf-8")
    often, changed = re.subn(r"(?m)^(api_requests_a_second) = \d+", rf"\1 = {_MANY}", shipped)
    if changed != 1:
        raise RuntimeError("organisation.toml does not say api_requests_a_second")
    organisation = folder / "organisation.toml"
    organisation.write_text(often, encoding="utf-8")
    environ = {
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "ORGANISATION_FILE": str(organisation),
        "POSTCODE_INDEX": str(index.resolve()),
        "SECRET_KEY": "a key for measuring with",
    }
    for command in (["db", "upgrade"], ["branches", "load", "directory"]):
        subprocess.run(  # noqa: S603 -- likewise
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return environ


def _path() -> str:
    """Where modules are looked for: ours first, then where the caller would look."""
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def _until_up(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.05)
        else:
            return


def _family(pid: int) -> list[int]:
    """Give a process and all that it started (Linux; elsewhere none)."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        return []
    found = [int(child) for child in children.read_text(encoding="ascii").split()]
    return [pid, *(each for child in found for each in _family(child))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
