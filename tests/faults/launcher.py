"""Starts the real service in processes of its own: `python -m tests.faults.launcher`.

It has imported everything once, and forks for each order, a line of JSON, so that a fresh process
costs no start of Python. What it starts is the application as it ships, on its real adapters, with
one failpoint armed if the order names one; the processes that die are real ones.

Orders: `serve` (the web, until it dies or is stopped), `run` (a command of `flask`, the worker for
one), `wait` (until a process has ended, and how), `stop`. Each is answered by a line of JSON.
"""

import datetime as dt
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import configure_mappers
from werkzeug.serving import make_server

from app import Adapters, create_app
from config import Settings
from sandbox.serving import Silent
from tests.fakes import LateClock
from tests.faults import failpoints

Order = dict[str, Any]


def main() -> None:
    """Carry out orders until there are no more; what still runs then is killed."""
    configure_mappers()
    serving: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        answer = _carry_out(order, serving)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in serving:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _carry_out(order: Order, serving: set[int]) -> Order:
    match order["do"]:
        case "serve":
            pid, told = _fork(lambda tell: _serve(order, tell))
            first = told.read(1)
            told.close()
            serving.add(pid)
            return {"pid": pid, "ready": first == b"."}
        case "run":
            pid, told = _fork(lambda tell: _run(order, tell))
            said = told.read().decode()
            told.close()
            return {"code": _ended(pid, None), "output": said}
        case "stop":
            os.kill(order["pid"], signal.SIGTERM)
    code = _ended(order["pid"], order["seconds"])
    if code is not None:
        serving.discard(order["pid"])
    return {"code": code}


def _fork(child: Callable[[Callable[[bytes], object]], int]) -> tuple[int, Any]:
    """Run it in a process of its own; return its id, and a pipe with what it tells."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writes)
        return pid, os.fdopen(reads, "rb", buffering=0)
    code = 70
    try:
        os.close(reads)
        os.dup2(2, 1)  # the launcher's answers are its own
        code = child(lambda words: os.write(writes, words))
    finally:
        os._exit(code)


def _ended(pid: int, seconds: float | None) -> int | None:
    """Wait for a process; return its exit code, below nothing for a signal, None if it runs on."""
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, 0 if until is None else os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if until is not None and time.monotonic() > until:
            return None
        time.sleep(0.005)


def _serve(order: Order, tell: Callable[[bytes], object]) -> int:
    app = _made(order)
    port = urlsplit(order["environ"]["PUBLIC_URL"]).port or 0
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if order["file_bytes"] is not None:  # as if the disk were full beyond that
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_bytes"],) * 2)
    tell(b".")
    server.serve_forever()
    return 0


def _run(order: Order, tell: Callable[[bytes], object]) -> int:
    result = _made(order).test_cli_runner().invoke(args=order["words"])
    tell(result.output.encode())
    return result.exit_code


def _made(order: Order) -> Flask:
    """Make the service: real settings, real adapters, a clock that may be wrong."""
    ahead = dt.timedelta(seconds=order["ahead"])
    _put_machine_forward(order["machine_ahead"])
    settings = Settings.read(order["environ"])
    adapters = replace(Adapters.real(settings), clock=LateClock(ahead))
    if order["failpoint"]:
        adapters = failpoints.arm(order["failpoint"], adapters)
    app = create_app(settings, adapters)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(order["templates"])
    if order["failpoint"]:
        failpoints.arm_door(order["failpoint"], app)
    return app


def _put_machine_forward(seconds: float) -> None:
    """Let this process believe in another time of day, as a wrong clock of the machine would."""
    if seconds:
        right = time.time
        time.time = lambda: right() + seconds


if __name__ == "__main__":
    main()
