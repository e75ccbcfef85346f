"""What every part of the machine stands on: its stage, what can be drawn, what must always hold."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant
from sqlalchemy import select

from payments import checking
from payments.models import Payment, WebhookEvent
from tests.payments.machine import ending
from tests.payments.machine.stage import Stage
from tests.payments.machine.truth import Record
from tests.sandbox_controls import CannotDo

pick = st.integers(0, 30)
"""Which of several, whose number is not known when it is drawn."""


@dataclass(slots=True)
class Form:
    """A form that lies filled in before somebody, and the Checkouts that it led to."""

    path: str
    thanks: str
    data: dict[str, str]
    led_to: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Visit:
    """A Checkout that somebody was sent to, and the page that tells what became of it."""

    session_id: str
    thanks: str


class Base(RuleBasedStateMachine):
    """One example: a house begins, things happen, and in the end the books are held together."""

    forms: Bundle[Form] = Bundle("forms")
    visits: Bundle[Visit] = Bundle("visits")

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.every_form: list[Form] = []
        self.every_visit: dict[str, Visit] = {}
        stage.begin()
        stage.tally["examples"] += 1
        self.books: Record = stage.books()

    def paid(self) -> list[Record]:
        """Every charge that was paid, oldest first."""
        return [each for each in self.books["charges"] if each["status"] == "succeeded"]

    def running(self) -> list[Record]:
        """Every subscription that runs."""
        return [each for each in self.books["subscriptions"] if each["status"] != "canceled"]

    def refunds(self) -> list[str]:
        """Every refund's id."""
        return [each["id"] for charge in self.paid() for each in charge["refunds"]]

    def disputes(self) -> list[str]:
        """Every dispute's id."""
        return [each["id"] for charge in self.paid() for each in charge["disputes"]]

    def outside(self, kind: str, do: Callable[[], object]) -> None:
        """Let something happen outside, if Stripe and the banks let it."""
        try:
            do()
        except CannotDo:
            return
        self.stage.tally[kind] += 1

    @invariant()
    def nothing_is_wrong(self) -> None:
        """Look at the books after each step, with the eyes of the check and with Stripe's."""
        stage = self.stage
        stage.tally["steps"] += 1
        stage.fill_bag()
        self.books = stage.books()
        if stage.unchecked:  # the house has done something since
            stage.unchecked = False
            self._look_into_the_books()

    def _look_into_the_books(self) -> None:
        with self.stage.database.reading() as session:
            wrong = [
                fault for fault in checking.faults(session) if fault.rule not in self.stage.expected
            ]
            assert wrong == [], wrong
            failed = select(WebhookEvent.type, WebhookEvent.last_error)
            failing = session.execute(failed.where(WebhookEvent.last_error.is_not(None)))
            assert [tuple(row) for row in failing] == []
            booked = set(session.scalars(select(Payment.payment_intent)))
            assert booked <= {None, *(each["payment_intent"] for each in self.paid())}

    def teardown(self) -> None:
        """Let everything come to rest, and hold the books together, unless it is broken already."""
        if sys.exc_info()[0] is None:
            ending.hold_together(self.stage, [*self.every_visit.values()], self.every_form)
