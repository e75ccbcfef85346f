"""Real processes, really killed: what was promised is kept all the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

import payments
from app import Adapters, create_app
from config import ROOT, Settings
from core.database import Database
from payments.models import Payment, Pledge
from sandbox.handle import Sandbox
from tests.journeys.conftest import checkout, environ
from tests.journeys.conftest import sandbox as sandbox  # noqa: PLC0414 -- a fixture, for use here
from tests.ports import free_port

BIN = Path(sys.executable).parent
SECONDS = 30


@pytest.fixture
def surroundings(
    database_url: str, database: Database, sandbox: Sandbox, index_file: Path
) -> dict[str, str]:
    """The environment of a service on a free port, with its appeal in place."""
    found = environ(sandbox, database_url=database_url, index=index_file, port=free_port())
    settings = Settings.read(found)
    adapters = Adapters.real(settings)
    with create_app(settings, adapters).app_context():
        payments.plan_appeals(settings.organisation)
    adapters.database.engine.dispose()
    return found


@contextmanager
def web(surroundings: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve by gunicorn in a process group of its own; what is left of it ends with the test."""
    url = surroundings["PUBLIC_URL"]
    address = url.removeprefix("http://")
    process = subprocess.Popen(
        [BIN / "gunicorn", "--bind", address, "--threads", "4", "--log-level", "error", "wsgi:app"],
        env={**os.environ, **surroundings},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        _until_ready(url)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(SECONDS)


def _until_ready(url: str) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with suppress(requests.ConnectionError):
            if requests.get(f"{url}/readyz", timeout=2).ok:
                return
        time.sleep(0.05)
    raise AssertionError("the service did not become ready")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(SECONDS)


def _worker_once(surroundings: dict[str, str]) -> None:
    subprocess.run(
        [BIN / "flask", "--app", "wsgi", "worker", "--once"],
        env={**os.environ, **surroundings},
        cwd=ROOT,
        check=True,
        timeout=SECONDS,
    )


def test_killing_the_web_between_checkout_and_webhook_loses_nothing_and_thanks_once(
    surroundings: dict[str, str], sandbox: Sandbox, database: Database
) -> None:
    url = surroundings["PUBLIC_URL"]
    with web(surroundings) as process:
        address = checkout(url, message="Keep it")
        _kill(process)
    sandbox.serve(url)
    landing = sandbox.pay(address)
    with pytest.raises(requests.ConnectionError):
        requests.get(landing, timeout=2)
    with web(surroundings):
        sandbox.quiesce(SECONDS)
        assert '<main data-state="received"' in requests.get(landing, timeout=SECONDS).text
        _worker_once(surroundings)
        _worker_once(surroundings)
        sandbox.serve(None)
    with database.reading() as session:
        assert session.scalars(select(Payment)).one().amount_pence == 1000
        assert session.scalars(select(Pledge)).one().message == "Keep it"
    assert len(sandbox.letters("sam@example.org")) == 1
