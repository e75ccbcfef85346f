"""What a test, or whoever runs a sandbox in their own process, holds in the hand."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

from sandbox.journal import TakenRequest
from sandbox.knobs import Knob
from sandbox.mailbox import letters
from sandbox.phone import texting
from sandbox.stripe import chores, delivering
from sandbox.stripe.actions import act
from sandbox.stripe.book import open_book
from sandbox.world import World

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
A_TEST_PHONE = "07700 900123"
LONG_ENOUGH = 10.0


class NotPaid(Exception):
    """Checkout's page did not lead on to the shop."""


class Sandbox:
    """A running sandbox: where it is, what it saw, and its knobs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.stripe = world.addresses.stripe
        self.phone = world.addresses.phone
        self.mailbox = world.addresses.mailbox
        self.article = world.addresses.article
        self.mail = world.addresses.mail

    @property
    def urls(self) -> dict[str, str]:
        """All addresses by name, as the command prints them."""
        names = ("stripe", "phone", "mailbox", "article", "mail")
        return {name: getattr(self, name) for name in names}

    @property
    def requests(self) -> Sequence[TakenRequest]:
        """Every call of Stripe's API so far, refused ones too."""
        return tuple(self._world.journal.requests)

    @property
    def sent_events(self) -> Sequence[dict[str, Any]]:
        """Every event as it was posted to the service, once for each try."""
        return tuple(self._world.journal.events)

    def now(self) -> float:
        """The sandbox's time, in seconds since 1970."""
        return self._world.clock.now()

    def events(self, skip: int = 0) -> list[dict[str, Any]]:
        """Every event so far but the first `skip`, oldest first, whether it was posted or not."""
        query = "SELECT body FROM objects WHERE kind = 'event' ORDER BY seq LIMIT -1 OFFSET ?"
        with self._world.store.transaction() as connection:
            rows = connection.execute(query, (skip,)).fetchall()
        return [json.loads(row["body"]) for row in rows]

    def find(self, object_id: str) -> dict[str, Any] | None:
        """The object of that id as it is now, or None."""
        with open_book(self._world) as book:
            return book.find(object_id)

    def serve(self, service: str | None) -> None:
        """Say where the service is; with None, webhooks and texts wait or fail."""
        self._world.service = service.rstrip("/") if service else None
        self._world.poke()

    def pay(self, checkout_url: str, card: str = GOOD_CARD, email: str = "") -> str:
        """Fill in Checkout's page and press Pay; return where that leads.

        Raises:
            NotPaid: the page came again, with the status it had.
        """
        form = {"card": card, "email": email}
        answer = requests.post(checkout_url, form, allow_redirects=False, timeout=LONG_ENOUGH)
        if answer.status_code != requests.codes.see_other:
            raise NotPaid(str(answer.status_code))
        return answer.headers["Location"]

    def text(
        self, text: str, sender: str = A_TEST_PHONE, message_id: str | None = None
    ) -> str | None:
        """Text the service's line; return the reply, None where there is none.

        Raises:
            NotDelivered: the service did not take it.
        """
        return texting.send(self._world, sender, text, message_id)

    def letters(self, to: str | None = None) -> list[dict[str, Any]]:
        """The letters received, newest first, as `/mailbox.json` gives them."""
        return [letters.as_json(each) for each in letters.newest_first(self._world, to)]

    def wait_for_letters(
        self, to: str, count: int = 1, timeout: float = LONG_ENOUGH
    ) -> list[dict[str, Any]]:
        """Wait until an address has so many letters, and return them.

        Raises:
            TimeoutError: it had fewer after `timeout` seconds.
        """
        self._wait(lambda: len(self.letters(to)) >= count, f"{count} letters", timeout)
        return self.letters(to)

    def wait_for_event(self, kind: str, timeout: float = LONG_ENOUGH) -> dict[str, Any]:
        """Wait until an event of a kind has been posted to the service; return the first.

        Raises:
            TimeoutError: there was none after `timeout` seconds.
        """
        self._wait(lambda: kind in [event["type"] for event in self.sent_events], kind, timeout)
        return next(event for event in self.sent_events if event["type"] == kind)

    def do(self, action: str, **wishes: object) -> Any:  # noqa: ANN401 - an action answers with any JSON
        """Do one of the actions of `sandbox.stripe.actions` in this process.

        Raises:
            StripeError: a parameter is wrong, or it cannot be done.
        """
        return act(self._world, action, wishes)

    def renew(self, subscription_id: str) -> None:
        """Let a subscription's period end: the next invoice is made and paid.

        Raises:
            StripeError: there is no such subscription, or it is not active.
        """
        self.do("renew", subscription=subscription_id)

    def expire(self, session_id: str) -> None:
        """Let a Checkout Session expire before its time.

        Raises:
            StripeError: there is none, or it is not open.
        """
        self.do("expire", session=session_id)

    def advance(self, seconds: float) -> None:
        """Put the sandbox's clock forward; all that falls due has happened when this returns."""
        chores.advance(self._world, seconds)

    def fail_next_call(self, status: int = 500) -> None:
        """Answer the next valid call of the API with an error, before it has any effect."""
        self._world.knobs.turn(Knob("error", status=status))

    def quiesce(self, timeout: float = LONG_ENOUGH) -> None:
        """Let every fee become known, and wait until the service has taken every event.

        Raises:
            TimeoutError: events were still waiting after `timeout` seconds.
        """
        chores.settle_now(self._world)
        self._wait(lambda: delivering.pending(self._world) == 0, "all events taken", timeout)

    def _wait(self, happened: Callable[[], bool], what: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        with self._world.changed:
            while not happened():
                rest = deadline - time.monotonic()
                if rest <= 0:
                    raise TimeoutError(f"not within {timeout} s: {what}")
                self._world.changed.wait(rest)
