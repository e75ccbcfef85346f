"""The stage: the whole house beside a sandbox in one process, begun anew for each example.

Time stands still but for what is moved, and is the same on both sides. What Stripe has to tell
lies in a bag, and comes to the house only as the machine hands it in, by its real door and signed.
"""

import datetime as dt
import json
import re
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast

import stripe
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from werkzeug.test import TestResponse

import payments
from app import Adapters, create_app
from config import Settings
from core.worker import Worker
from members.models import MemberPledge
from payments.gateway import Gateway
from payments.stripe_listing import EVENTS
from sandbox.handle import Sandbox
from sandbox.serving import Wishes, running
from sandbox.stripe.delivering import signature
from tests import postgres
from tests.fakes import START
from tests.journeys.conftest import WEBHOOK_SECRET, environ
from tests.payments.machine.blade import Blade, Killed, MortalDatabase, MortalGateway, MortalMailer
from tests.payments.machine.truth import Record, Truth, of_checkout
from tests.sandbox_controls import Controls

_T = TypeVar("_T")
# A payment may be refunded or disputed at Stripe before we are told, and then ours is refused.
REFUSED = "no refund that we asked for was refused"
# What the endpoint at Stripe is set to send, and some that the house has no use for.
_SENT = {*EVENTS, "payout.created", "payout.updated", "charge.succeeded", "charge.refund.updated"}
# Fees and what else Stripe does within moments; far off, so that no real second brings it on.
_MOMENT = 50
# Some seconds past the minute, as all that follows: what Stripe does at midnight never falls due at
# the very moment at which time stands still, for its own thread to do whenever that gets to it.
_APPLICATION = dt.timedelta(days=90)  # application_days, as shipped
_BEGAN = START + dt.timedelta(seconds=7)


@contextmanager
def still_sandbox(folder: Path) -> Iterator[Sandbox]:
    """Run a sandbox whose time stands still but for what is moved, and Stripe's client in haste."""
    wishes = Wishes(
        state=folder / "sandbox.db", webhook_secret=WEBHOOK_SECRET, machine=_BEGAN.timestamp
    )
    client = cast("Any", stripe.HTTPClient)
    usual, client.INITIAL_DELAY = client.INITIAL_DELAY, 0.0  # nobody waits to try again
    try:
        with running(wishes) as sandbox:
            yield sandbox
    finally:
        client.INITIAL_DELAY = usual


def emptied_by_copy(template: Path) -> Callable[[MortalDatabase], None]:
    """Empty an SQLite database by putting a migrated, empty one in its place."""

    def empty(database: MortalDatabase) -> None:
        database.engine.dispose()
        path = Path(database.engine.url.database or "")
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        shutil.copyfile(template, path)

    return empty


def emptied_by_deleting(database: MortalDatabase) -> None:
    """Empty a PostgreSQL database."""
    postgres.empty(database.engine)


@dataclass(frozen=True, slots=True)
class SharedClock:
    """The sandbox's time, for the house."""

    sandbox: Sandbox

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return dt.datetime.fromtimestamp(self.sandbox.now(), dt.UTC)


@dataclass(slots=True)
class Bag:
    """What Stripe has to tell: what still has to come, what came, and what went wrong with it."""

    read: int = 0
    waiting: list[Record] = field(default_factory=list)
    told: list[Record] = field(default_factory=list)
    lost: int = 0
    altered: int = 0


class Stage:
    """A house and its sandbox. `tally` counts over all examples."""

    def __init__(
        self,
        sandbox: Sandbox,
        database_url: str,
        empty: Callable[[MortalDatabase], None],
        index: Path,
        templates: Path,
    ) -> None:
        self.sandbox, self.controls = sandbox, Controls.of(sandbox)
        self.tally: Counter[str] = Counter()
        self.blade = Blade()
        self.database = MortalDatabase(database_url, self.blade)
        self.settings = Settings.read(
            environ(sandbox, database_url=database_url, index=index, port=8000)
        )
        self._empty = empty
        self._templates = FileSystemBytecodeCache(str(templates))
        real = Adapters.real(self.settings)
        real.database.engine.dispose()
        self.gateway = MortalGateway(real.gateway, self.blade)
        self._real = real
        self.begin()

    def begin(self) -> None:
        """Forget everything, and open the house."""
        self.blade.ahead = None
        self.controls.reset()
        self.controls.habits(settle_seconds=_MOMENT)
        self._empty(self.database)
        self.bag = Bag()
        self.mailer = MortalMailer(blade=self.blade)
        self.kills = 0
        self.unchecked = True
        self.expected: set[str] = {REFUSED}
        self._open()
        with self.app.app_context():
            payments.plan_appeals(self.settings.organisation)

    def _open(self) -> None:
        """Start the processes of the house."""
        adapters = replace(
            self._real,
            clock=SharedClock(self.sandbox),
            database=self.database,
            mailer=self.mailer,
            gateway=cast("Gateway", self.gateway),
        )
        self.app: Flask = create_app(self.settings, adapters)
        self.app.jinja_env.bytecode_cache = self._templates
        self.client: FlaskClient = self.app.test_client()

    def close(self) -> None:
        """Let go of the database."""
        self.database.engine.dispose()

    # What the house does; None where it died over it

    def do(self, something: Callable[[], _T]) -> _T | None:
        """Let the house do something; where it dies, start it again."""
        self.unchecked = True
        try:
            return something()
        except Killed:
            self.kills += 1
            self.tally["kills"] += 1
            self.database.engine.dispose()
            self._open()
            return None

    def get(self, path: str, client: FlaskClient | None = None) -> TestResponse | None:
        """Look at a page."""
        answer = self.do(lambda: (client or self.client).get(path))
        assert answer is None or answer.status_code < 500, f"{path} {answer.status_code}"
        return answer

    def post(
        self, path: str, data: Mapping[str, str], client: FlaskClient | None = None
    ) -> TestResponse | None:
        """Send a form from our own page."""
        headers = {"Origin": self.settings.public_url}
        return self.do(lambda: (client or self.client).post(path, data=data, headers=headers))

    def work(self) -> None:
        """Let a worker do what is due; nothing may go wrong with it but its own death."""
        worker: Worker = self.app.extensions["worker"]
        with self.app.app_context():
            well = self.do(worker.once)
        assert well is not False

    def run(self, *words: str) -> tuple[int, str] | None:
        """Run `flask payments …`; return its exit code and words."""
        result = self.do(lambda: self.app.test_cli_runner().invoke(args=["payments", *words]))
        if result is None:
            return None
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    # What Stripe tells

    def fill_bag(self) -> None:
        """Take what Stripe has to tell since."""
        fresh = self.sandbox.events(self.bag.read)
        self.bag.read += len(fresh)
        self.bag.waiting += [each for each in fresh if each["type"] in _SENT]

    def tell(self, event: Record) -> bool:
        """Hand an event in by the house's door; say whether the house took it."""
        raw = json.dumps(event).encode()
        headers = {"Stripe-Signature": signature(raw, WEBHOOK_SECRET, int(time.time()))}
        answer = self.do(lambda: self.client.post("/webhooks/stripe", data=raw, headers=headers))
        self.tally["notices"] += 1
        assert answer is None or answer.status_code == 200, answer.text
        return answer is not None

    def tell_waiting(self, events: list[Record]) -> None:
        """Hand in some of what waits, in this order; what the house died over waits on."""
        for event in events:
            if self.tell(event):
                self.bag.waiting.remove(event)
                self.bag.told.append(event)

    def tell_all(self) -> None:
        """Hand in all that waits."""
        self.fill_bag()
        self.tell_waiting(list(self.bag.waiting))

    # What can be seen

    def books(self) -> Record:
        """The sandbox's own truth."""
        return self.controls.books()

    def truth(self, session_id: str, books: Record | None = None) -> Truth:
        """How a Checkout really stands."""
        return of_checkout(self.sandbox, books or self.books(), session_id)

    def _let_go(self, session_id: str) -> bool:
        """Whether retention has let somebody go who set out to join and never was a member."""
        checkout = self.sandbox.find(session_id)
        assert checkout is not None
        if int(self.books()["now"]) < checkout["created"] + _APPLICATION.total_seconds():
            return False
        pledge_id = uuid.UUID(checkout["client_reference_id"])
        theirs = select(MemberPledge).where(MemberPledge.pledge_id == pledge_id)
        with self.database.reading() as session:
            return session.scalar(theirs) is None

    def look(self, path: str, session_id: str, *, up_to_date: bool = False) -> None:
        """Look at the page about a Checkout: what it says must be so."""
        before = self.gateway.unanswered
        answer = self.get(f"{path}?session_id={session_id}")
        if answer is None:
            return
        if answer.status_code == 404 and self._let_go(session_id):
            return
        assert answer.status_code == 200, f"{path} {answer.status_code}"
        self.tally["pages"] += 1
        found = re.search(r'<main data-state="([^"]+)"', answer.text)
        assert found, answer.text
        said, truth = found[1], self.truth(session_id)
        answered = self.gateway.unanswered == before and not self.bag.altered
        may = truth.may_be_told(answered=answered, up_to_date=up_to_date)
        assert said in may, f"{path} says {said}, and it is {truth}"
        if answered and f"/c/pay/{session_id}" in answer.text:
            assert truth.payable, f"{path} leads to a Checkout that is over"
