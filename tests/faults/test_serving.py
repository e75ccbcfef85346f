"""gunicorn as `gunicorn.conf.py` sets it up: what a server has to keep to, tried with real ones."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from config import ROOT
from tests.ports import free_port

LEFT_OUT = ("GROUNDSWELL", "STRIPE", "SMS", "MAIL", "SECRET", "DATABASE", "PUBLIC", "METRICS")
SECONDS = 30


def surroundings(tmp_path: Path, index: Path) -> dict[str, str]:
    """Give the environment of a service with nothing around it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return clean | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'serving.db'}",
        "SECRET_KEY": "a key for serving, not secret at all",
        "POSTCODE_INDEX": str(index),
    }


@contextmanager
def serving(environ: dict[str, str], log: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve with two workers and an access log, and end it by its process id."""
    port = free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*gunicorn, "--access-logfile", "-", "wsgi:app"],
            cwd=ROOT,
            env=environ,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until_up(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(SECONDS)


def until_up(url: str) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            assert time.monotonic() < until, "the service did not start"
        time.sleep(0.05)


def workers_of(process: "subprocess.Popen[bytes]") -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in listed.split()]


def test_bad_settings_end_the_start_at_once_and_are_told_once(
    tmp_path: Path, index_file: Path
) -> None:
    environ = surroundings(tmp_path, index_file) | {"PROXY_HOPS": "many", "PUBLIC_URL": "nowhere"}
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}", "wsgi:app"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("Groundswell cannot start:") == 1
    assert (ended.stderr.count("PROXY_HOPS"), ended.stderr.count("PUBLIC_URL")) == (1, 1)
    assert "Traceback" not in ended.stderr


def test_no_log_of_the_server_holds_what_was_asked(tmp_path: Path, index_file: Path) -> None:
    log = tmp_path / "server.log"
    with serving(surroundings(tmp_path, index_file), log) as (url, _process):
        requests.get(f"{url}/api/v1/nearest?postcode=ZZ1+1CANARY", timeout=SECONDS)
        with socket.create_connection(url.removeprefix("http://").split(":")) as line:  # type: ignore[arg-type]  # a host and a port
            line.sendall(b"GET /?postcode=ZZ1+2CANARY HTTP/1.1\r\nbad header CANARY\r\n\r\n")
            line.recv(1000)
    written = log.read_text(encoding="utf-8")
    assert "GET /api/v1/nearest 5" in written  # there is no table yet: what matters is the line
    assert "CANARY" not in written


@pytest.mark.skipif(sys.platform != "linux", reason="reads the children of a process from /proc")
def test_a_worker_that_is_killed_is_replaced_and_the_end_is_clean(
    tmp_path: Path, index_file: Path
) -> None:
    log = tmp_path / "server.log"
    with serving(surroundings(tmp_path, index_file), log) as (url, process):
        before = workers_of(process)
        os.kill(before[0], signal.SIGKILL)
        until = time.monotonic() + SECONDS
        while before[0] in workers_of(process) or len(workers_of(process)) < len(before):
            assert time.monotonic() < until, "nobody took its place"
            time.sleep(0.05)
        assert requests.get(f"{url}/healthz", timeout=SECONDS).text == "ok\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_bodies_that_trickle_in_keep_nobody_else_waiting(tmp_path: Path, index_file: Path) -> None:
    log = tmp_path / "server.log"
    with serving(surroundings(tmp_path, index_file), log) as (url, _process), ExitStack() as stack:
        host, port = url.removeprefix("http://").split(":")
        for _slow in range(20):
            line = stack.enter_context(socket.create_connection((host, int(port))))
            line.sendall(
                b"POST /api/v1/nearest HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
            )
        for _quick in range(20):
            assert requests.get(f"{url}/healthz", timeout=5).ok
