"""The blade: what the house does is cut off at one of its edges, as if its process had died there.

An edge is where the outside, or the disk, has heard something or has not: before and after a
transaction is kept, a call of the gateway, a letter handed over. Real processes that really die are
in `tests/faults`; here death is an exception that nothing in the house catches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session

from core.database import Database
from payments.gateway import GatewayUnavailable, PaymentRefused
from tests.fakes import FakeMailer


class Killed(BaseException):
    """The process is no more."""


@dataclass(slots=True)
class Blade:
    """Falls at the edge so many edges ahead, once; with None it is sheathed."""

    ahead: int | None = None

    def edge(self) -> None:
        """Pass an edge, or die there."""
        if self.ahead is None:
            return
        self.ahead -= 1
        if self.ahead <= 0:
            self.ahead = None
            raise Killed


class MortalDatabase(Database):
    """A database whose transactions begin and end in a process that may die."""

    def __init__(self, url: str, blade: Blade) -> None:
        super().__init__(url)
        self._blade = blade

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session; die with its work unkept, or just kept."""
        with super().transaction() as session:
            yield session
            session.flush()
            self._blade.edge()
        self._blade.edge()


class MortalGateway:
    """The real gateway, of which every call has two edges; it counts what it got no answer to."""

    def __init__(self, inner: object, blade: Blade) -> None:
        self._inner, self._blade = inner, blade
        self.unanswered = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the gateway has
        found = getattr(self._inner, name)
        if name in ("verify", "read") or not callable(found):
            return found

        def called(*given: object, **named: object) -> object:
            self._blade.edge()
            try:
                answer = found(*given, **named)
            except (GatewayUnavailable, PaymentRefused):
                self.unanswered += 1
                raise
            self._blade.edge()
            return answer

        return called


@dataclass(slots=True)
class MortalMailer(FakeMailer):
    """Remembers the letters that left before it died."""

    blade: Blade = field(default_factory=Blade)

    def send(self, message: EmailMessage) -> None:
        """Hand a letter over."""
        self.blade.edge()
        FakeMailer.send(self, message)
        self.blade.edge()
