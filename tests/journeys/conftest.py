"""The whole house with nothing faked: real HTTP, real SMTP, Stripe's stand-in on its own origin."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

import payments
from app import Adapters, create_app
from config import ROOT, Settings
from core.worker import Worker
from sandbox.handle import Sandbox
from sandbox.serving import Silent, running_sandbox
from tests.fakes import LateClock
from tests.organisations import easy_file
from tests.ports import free_port
from tests.stripe_openapi.checking import check_everything

WEBHOOK_SECRET = "whsec_journey"
SMS_SECRET = "journey-phone"
SECONDS = 10


@dataclass
class House:
    """The running service, and what stands around it."""

    app: Flask
    url: str
    sandbox: Sandbox
    settings: Settings
    clock: LateClock

    def work(self) -> None:
        """Let Stripe tell all it has to tell, and do what is due now and in five seconds."""
        self.sandbox.quiesce()
        self._work_once()
        self.clock.move(seconds=5)
        self._work_once()

    def _work_once(self) -> None:
        worker: Worker = self.app.extensions["worker"]
        with self.app.app_context():
            worker.once()

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=SECONDS)

    def post(self, path: str, data: dict[str, str]) -> requests.Response:
        """Send a form as a browser would from our own page."""
        headers = {"Origin": self.url}
        return requests.post(
            self.url + path, data, headers=headers, allow_redirects=False, timeout=SECONDS
        )

    def checkout(self, **gift: str) -> str:
        """Go through both steps of giving; return the address of the payment page."""
        return checkout(self.url, **gift)


def checkout(url: str, **gift: str) -> str:
    """Go through both steps of giving at a running service; return where it leads."""
    form = {"amount": "10", "frequency": "once", "message": "", **gift}
    page = requests.post(f"{url}/donate", form, timeout=SECONDS)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token, page.text
    person = {"name": "Sam Jones", "email": "sam@example.org", "display": "first"}
    answer = requests.post(
        f"{url}/donate/details",
        {**form, **person, "token": token[1]},
        headers={"Origin": url},
        allow_redirects=False,
        timeout=SECONDS,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def environ(sandbox: Sandbox, *, database_url: str, index: Path, port: int) -> dict[str, str]:
    """Return the environment of a service that talks to this sandbox."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a key for journeys, not secret at all",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "STRIPE_API_BASE": sandbox.stripe,
        "STRIPE_CHECKOUT_ORIGINS": sandbox.stripe,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SMS_GENERIC_SECRET": SMS_SECRET,
        "MAIL_URL": sandbox.mail,
        "POSTCODE_INDEX": str(index),
        "ORGANISATION_FILE": easy_file(),
    }


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """The stand-ins; whatever was said to or by Stripe is held against its description."""
    with running_sandbox(
        None, tmp_path, webhook_secret=WEBHOOK_SECRET, sms_secret=SMS_SECRET
    ) as running:
        yield running
        check_everything(running.requests, running.sent_events)


@pytest.fixture
def house(
    database_url: str, database: object, sandbox: Sandbox, index_file: Path
) -> Iterator[House]:
    port = free_port()
    settings = Settings.read(
        environ(sandbox, database_url=database_url, index=index_file, port=port)
    )
    clock = LateClock()
    adapters = replace(Adapters.real(settings), clock=clock)
    app = create_app(settings, adapters)
    with app.app_context():
        payments.plan_appeals(settings.organisation)
    loaded = app.test_cli_runner().invoke(args=["branches", "load", str(ROOT / "directory")])
    assert loaded.exit_code == 0, loaded.output
    with serving(app, port):
        sandbox.serve(settings.public_url)
        yield House(app, settings.public_url, sandbox, settings, clock)
        sandbox.serve(None)
    adapters.database.engine.dispose()


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve the application over real HTTP in a thread."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
