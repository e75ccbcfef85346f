"""A running house to break: the real application over real HTTP, beside a sandbox of its own."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from flask import Flask

from config import Settings
from core.database import Database
from core.worker import Worker
from sandbox.handle import Sandbox
from sandbox.stripe.delivering import signature
from tests.fakes import LateClock
from tests.faults.oracle import assert_books_agree
from tests.journeys.conftest import SECONDS, WEBHOOK_SECRET, checkout
from tests.sandbox_controls import Controls

PERSON = {"name": "Sam Jones", "email": "sam@example.org", "display": "first"}


@dataclass
class House:
    """The service in this process, and what stands around it."""

    app: Flask
    settings: Settings
    clock: LateClock
    database: Database
    sandbox: Sandbox
    controls: Controls

    @property
    def url(self) -> str:
        """Where it is reached."""
        return self.settings.public_url

    # What people do

    def checkout(self, **gift: str) -> str:
        """Go through both steps of giving; return the id of the Checkout it leads to."""
        return session_in(checkout(self.url, **gift))

    def give(self, *, card: str | None = None, account: str | None = None, **gift: str) -> str:
        """Give, and pay on Stripe's page; return the Checkout's id."""
        session_id = self.checkout(**gift)
        self.controls.pay(session_id, card, account=account)
        return session_id

    def form(self, **gift: str) -> dict[str, str]:
        """Go through step one; return step two as a browser would send it."""
        page = requests.post(f"{self.url}/donate", self._gift(gift), timeout=SECONDS)
        return {**self._gift(gift), **PERSON, "token": token_in(page.text)}

    def send(self, form: Mapping[str, str]) -> requests.Response:
        """Send step two from our own page."""
        return self.post("/donate/details", form)

    def post(self, path: str, data: Mapping[str, str]) -> requests.Response:
        """Send a form from our own page; a redirect is not followed."""
        headers = {"Origin": self.url}
        return requests.post(
            self.url + path, data, headers=headers, allow_redirects=False, timeout=SECONDS
        )

    def get(self, path: str) -> requests.Response:
        """Look at a page."""
        return requests.get(self.url + path, timeout=SECONDS)

    def told(self, session_id: str) -> str:
        """Return what the page of thanks says to machines."""
        page = self.get(f"/donate/thanks?session_id={session_id}")
        found = re.search(r'<main data-state="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    # What Stripe and the worker do

    def notify(self, raw: bytes, *, age: int = 0, secret: str = WEBHOOK_SECRET) -> int:
        """Post a notice as Stripe would, signed so many seconds ago; return the answer's status."""
        moment = int(dt.datetime.now(dt.UTC).timestamp()) - age
        headers = {"Stripe-Signature": signature(raw, secret, moment)}
        answer = requests.post(
            f"{self.url}/webhooks/stripe",
            raw,
            headers=headers,
            allow_redirects=False,
            timeout=SECONDS,
        )
        return answer.status_code

    def work_once(self) -> bool:
        """Let a worker do what is due; say whether every job went well."""
        worker: Worker = self.app.extensions["worker"]
        with self.app.app_context():
            return worker.once()

    def work(self) -> None:
        """Let Stripe tell all it has to tell, and do what is due now and some seconds later."""
        self.controls.hurry()
        self.sandbox.quiesce()
        self.work_once()
        self.clock.move(seconds=5)
        self.work_once()

    def run(self, *words: str) -> tuple[int, str]:
        """Run `flask payments …`; return its exit code and words."""
        result = self.app.test_cli_runner().invoke(args=["payments", *words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    # What can be seen

    def raised(self) -> int:
        """Return what the appeal has raised, as the public is told."""
        found: int = self.get("/api/v1/appeals/fighting-fund").json()["raised_pence"]
        return found

    def books(self) -> dict[str, Any]:
        """Return the sandbox's own truth."""
        return self.controls.books()

    def assert_all_is_well(self) -> None:
        """Our books are Stripe's, and everybody was thanked once for each payment."""
        assert_books_agree(self.database, self.sandbox)

    def _gift(self, gift: Mapping[str, str]) -> dict[str, str]:
        return {"amount": "10", "frequency": "once", "message": "", **gift}


def session_in(address: str) -> str:
    """Return the Checkout's id from the address of its page."""
    return address.rpartition("/")[2].partition("#")[0]


def token_in(page: str) -> str:
    """Return the token of the form on a page."""
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return found[1]
