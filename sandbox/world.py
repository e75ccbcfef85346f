"""What the stand-ins share: the file, the clock, the addresses, the secrets."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

from flask import current_app

from sandbox.clock import Clock
from sandbox.journal import Journal
from sandbox.knobs import Knobs
from sandbox.store import Store


@dataclass(frozen=True)
class Addresses:
    """Where the stand-ins are reached; no slash at the end."""

    stripe: str
    article: str
    mail: str

    @property
    def phone(self) -> str:
        """The phone's page."""
        return f"{self.stripe}/phone"

    @property
    def mailbox(self) -> str:
        """The mailbox's page."""
        return f"{self.stripe}/mailbox"


@dataclass
class Habits:
    """How Stripe behaves here, as the account's dashboard and the banks would have it.

    Fees become known `settle_seconds` after a payment. A Direct Debit settles or fails after
    `debit_days`. An invoice that was not paid is tried again after each of `retry_days`; after the
    last the subscription is `cancel`led or left `unpaid`. `payouts` are `automatic` or `manual`.
    """

    settle_seconds: float = 1.0
    debit_days: int = 4
    retry_days: tuple[int, ...] = (3, 5, 7)
    after_retries: str = "cancel"
    payouts: str = "automatic"


@dataclass
class World:
    """One sandbox. `service` is the service's public address, None while it has none."""

    store: Store
    clock: Clock
    addresses: Addresses
    service: str | None
    webhook_secret: str
    sms_secret: str
    text_number: str = "07761 818 206"
    habits: Habits = field(default_factory=Habits)
    usual: Habits = field(default_factory=Habits)
    journal: Journal = field(default_factory=Journal)
    knobs: Knobs = field(default_factory=Knobs)
    pokes: list[Callable[[], None]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def poke(self) -> None:
        """Tell the background threads that there may be work."""
        for poke in self.pokes:
            poke()

    def reset(self) -> None:
        """Begin anew: no objects, no letters, the machine's time, knobs and habits as at first."""
        self.knobs.clear()
        self.store.empty()
        self.clock.reset()
        self.habits = replace(self.usual)
        self.journal.requests.clear()
        self.journal.events.clear()
        self.poke()
        self.announce_change()

    def announce_change(self) -> None:
        """Wake whoever waits for something to have happened."""
        with self.changed:
            self.changed.notify_all()


def world() -> World:
    """The sandbox that the running Flask application belongs to."""
    return cast("World", current_app.extensions["sandbox"])
