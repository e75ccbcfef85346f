"""What the stand-ins share: the file, the clock, the addresses, the secrets."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from sandbox.clock import Clock
from sandbox.journal import Journal
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
class World:
    """One sandbox. `service` is the service's public address, None while it has none."""

    store: Store
    clock: Clock
    addresses: Addresses
    service: str | None
    webhook_secret: str
    sms_secret: str
    text_number: str = "07761 818 206"
    settle_seconds: float = 1.0
    journal: Journal = field(default_factory=Journal)
    faults: deque[int] = field(default_factory=deque)
    pokes: list[Callable[[], None]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def poke(self) -> None:
        """Tell the background threads that there may be work."""
        for poke in self.pokes:
            poke()

    def announce_change(self) -> None:
        """Wake whoever waits for something to have happened."""
        with self.changed:
            self.changed.notify_all()


def world() -> World:
    """The sandbox that the running Flask application belongs to."""
    return cast("World", current_app.extensions["sandbox"])
