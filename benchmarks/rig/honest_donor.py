"""What an honest donor's form takes in one process, and how much of it is the defence."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from flask import Flask

import payments
from app import Adapters, create_app
from config import Settings
from core import clock
from core.clock import SystemClock
from core.database import Database
from core.forms import nonce_of
from core.schema import upgrade
from payments.forms import DetailsForm
from payments.protecting import doorway, watching
from tests.fakes import FakeGateway, FakeMailer
from tests.payments.protecting.forms import GIFT, hidden, worked

TIMES = 300


def measure() -> tuple[list[float], list[float], list[float]]:
    """Return milliseconds: of the whole form, of the defence in it, and of that with a proof."""
    with tempfile.TemporaryDirectory() as folder:
        app = _service(Path(folder))
        whole, ours, proved = [], [], []
        for number in range(TIMES):
            whole.append(_send(app, number))
            ours.append(_examine(app, number, prove=False))
        with app.app_context(), app.extensions["database"].transaction() as session:
            watching.switch(session, "on", who="benchmark", now=clock.now())
        app.extensions["gate"].watch.fresh_until = 0.0
        proved = [_examine(app, number, prove=True) for number in range(TIMES // 10)]
        app.extensions["database"].engine.dispose()
    return whole, ours, proved


def _service(folder: Path) -> Flask:
    settings = Settings.read({"SECRET_KEY": "a key for measuring with", "LOG_FORMAT": "json"})
    defence = replace(settings.organisation.defence, form_seconds=0, passes_per_address=1_000_000)
    easy = {"attempts_a_second_in_all": 1_000_000, "checkouts_a_minute_under_attack": 1_000_000}
    limits = replace(settings.organisation.limits, form_posts_a_second=1_000_000)
    organisation = replace(settings.organisation, defence=replace(defence, **easy), limits=limits)
    database = Database(f"sqlite:///{folder / 'donor.db'}")
    upgrade(database.engine)
    adapters = Adapters(SystemClock(), database, FakeMailer(), FakeGateway())
    app = create_app(replace(settings, organisation=organisation), adapters)
    with app.app_context():
        payments.plan_appeals(organisation)
    return app


def _form(app: Flask, number: int, address: str) -> tuple[dict[str, str], str]:
    environ = {"REMOTE_ADDR": address}
    page = app.test_client().post("/donate", data=GIFT, environ_overrides=environ).text
    email = f"giver{number}.{address}@example.org"
    return {**GIFT, "name": "Sam Jones", "email": email, **hidden(page)}, page


def _send(app: Flask, number: int) -> float:
    """Send a form as it is sent, to its payment page."""
    address = f"10.1.{number >> 8}.{number & 255}"
    form, _page = _form(app, number, address)
    begun = time.perf_counter()
    answer = app.test_client().post(
        "/donate/details", data=form, environ_overrides={"REMOTE_ADDR": address}
    )
    if answer.status_code != 303:  # noqa: PLR2004 -- to the payment page
        raise SystemExit(f"an honest donor got {answer.status_code}")
    return (time.perf_counter() - begun) * 1000


def _examine(app: Flask, number: int, *, prove: bool) -> float:
    """Do what the defence does with a form, and nothing else."""
    address = f"10.{3 if prove else 2}.{number >> 8}.{number & 255}"
    form, page = _form(app, number, address)
    proof = {"altcha": worked(page)} if prove else {}
    environ = {"REMOTE_ADDR": address}
    with app.test_request_context(
        "/donate/details", method="POST", data={**form, **proof}, environ_overrides=environ
    ):
        sent = DetailsForm()
        begun = time.perf_counter()
        nonce = nonce_of(sent, "donate")
        judged = doorway.examine(sent, "donate", nonce, form["email"])
        took = (time.perf_counter() - begun) * 1000
    if judged.verdict != "pass":
        raise SystemExit(f"an honest donor was told: {judged.verdict}")
    return took
