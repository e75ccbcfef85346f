"""The whole house for a real browser: web, worker and stand-ins, each on an origin of its own."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright

import payments
from app import Adapters, create_app
from config import ROOT, Settings
from core.worker import Worker
from sandbox.serving import running_sandbox
from tests.browser.visiting import Place, Visitor
from tests.journeys.conftest import SMS_SECRET, WEBHOOK_SECRET, environ
from tests.stripe_openapi.checking import check_everything

# How long a page may take where four processes of tests share two processors with the browsers.
_PATIENCE_MILLISECONDS = 30_000
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def place(
    sqlite_template: Path, index_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """The running service; what was said to and by Stripe is held against its description."""
    folder = tmp_path_factory.mktemp("browser")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'groundswell.db')}"
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        running_sandbox(
            None, folder, webhook_secret=WEBHOOK_SECRET, sms_secret=SMS_SECRET, settle_seconds=0
        ) as sandbox,
    ):
        port = door.getsockname()[1]
        wishes = environ(sandbox, database_url=url, index=index_file, port=port)
        settings = Settings.read(wishes)
        adapters = Adapters.real(settings)
        app = create_app(settings, adapters)
        _furnish(app, settings)
        with serving(door, wishes, folder / "web.log"), _working(app):
            sandbox.serve(settings.public_url)
            yield Place(settings.public_url, sandbox, adapters.database)
            sandbox.quiesce()
            sandbox.serve(None)
        adapters.database.engine.dispose()
        check_everything(sandbox.requests, sandbox.sent_events)
        assert "Traceback" not in (folder / "web.log").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, for as long as the tests of this folder follow one another."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("there is no chromium on this machine")
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        yield started
        started.close()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def script(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs JavaScript; every journey goes both ways."""
    return bool(request.param)


@pytest.fixture
def visitor(browser: Browser, place: Place, *, script: bool) -> Iterator[Visitor]:
    """A person at a browser of their own, who in the end has met no fault on any page."""
    with _visiting(browser, place, script=script) as arrived:
        yield arrived


@pytest.fixture
def looker(browser: Browser, place: Place) -> Iterator[Visitor]:
    """A person at a browser that runs JavaScript, for what is to be measured on a page."""
    with _visiting(browser, place, script=True) as arrived:
        yield arrived


@contextmanager
def _visiting(browser: Browser, place: Place, *, script: bool) -> Iterator[Visitor]:
    context = browser.new_context(java_script_enabled=script, locale="en-GB")
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    try:
        arrived = Visitor(context.new_page(), place)
        yield arrived
        assert arrived.faults == []
    finally:
        context.close()


def _furnish(app: Flask, settings: Settings) -> None:
    with app.app_context():
        payments.plan_appeals(settings.organisation)
    loaded = app.test_cli_runner().invoke(args=["branches", "load", str(ROOT / "directory")])
    assert loaded.exit_code == 0, loaded.output


@contextmanager
def serving(door: socket.socket, wishes: Mapping[str, str], log: Path) -> Iterator[None]:
    """Serve as in production. It takes over a socket that listens, so nobody waits for its start.

    Werkzeug's own server would leave files open when a browser hangs up in the middle.
    """
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"fd://{door.fileno()}", "--threads", "8"),
        *("--graceful-timeout", "1", "--log-level", "warning", "wsgi:app"),
    ]
    with log.open("w") as written:
        web = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **wishes},
            pass_fds=[door.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    door.close()
    try:
        yield
    finally:
        web.terminate()
        web.wait()


@contextmanager
def _working(app: Flask) -> Iterator[None]:
    """Let the worker run beside, as it does in production."""
    worker: Worker = app.extensions["worker"]
    stop = threading.Event()
    thread = threading.Thread(target=worker.until_stopped, args=(app, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
