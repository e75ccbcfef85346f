"""What goes wrong, and what the house and its operator do meanwhile."""

import copy
import random

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from core.clock import day_in_london
from tests.payments.machine import ending
from tests.payments.machine.banks import Banks
from tests.payments.machine.base import pick
from tests.payments.machine.donors import Donors

FAULTS = st.sampled_from(
    [("error", 500), ("error", 503), ("error", 429), ("error", 409), ("lose", 0)]
)
CALLS = st.sampled_from(
    [
        "*",
        "POST /v1/checkout/sessions",
        "GET /v1/checkout/sessions/*",
        "POST /v1/refunds",
        "DELETE *",
        "GET /v1/payment_intents/*",
        "GET /v1/events",
    ]
)
ORDERS = st.sampled_from(["as it came", "last first", "shuffled"])
LIES = st.sampled_from([("amount_total", 1), ("currency", "usd"), ("livemode", True)])


class Machine(Donors, Banks):
    """Everybody, and bad luck."""

    @precondition(lambda self: self.stage.bag.waiting)
    @rule(many=st.integers(1, 6), order=ORDERS, seed=st.integers(0, 9))
    def tell(self, many: int, order: str, seed: int) -> None:
        """Some of Stripe's notices come, in whatever order."""
        waiting = list(self.stage.bag.waiting)
        if order == "last first":
            waiting.reverse()
        if order == "shuffled":
            random.Random(seed).shuffle(waiting)  # noqa: S311 -- an order, not a secret
        self.stage.tell_waiting(waiting[:many])

    @precondition(lambda self: self.stage.bag.told)
    @rule(which=pick, many=st.integers(1, 3))
    def tell_again(self, which: int, many: int) -> None:
        """A notice comes again."""
        event = self.stage.bag.told[which % len(self.stage.bag.told)]
        for _ in range(many):
            self.stage.tell(event)
        self.stage.tally["repeated"] += many

    @precondition(lambda self: self.stage.bag.waiting)
    @rule(many=st.integers(1, 12))
    def lose(self, many: int) -> None:
        """Notices are lost for ever."""
        bag = self.stage.bag
        lost = len(bag.waiting[:many])
        del bag.waiting[:many]
        bag.lost += lost
        self.stage.tally["lost"] += lost

    @precondition(
        lambda self: any(
            each["type"] == "checkout.session.completed" for each in self.stage.bag.waiting
        )
    )
    @rule(lie=LIES)
    def tell_what_is_not_so(self, lie: tuple[str, object]) -> None:
        """A notice says what does not agree with ours: it is held, and nothing is booked by it."""
        stage = self.stage
        event = next(
            each for each in stage.bag.waiting if each["type"] == "checkout.session.completed"
        )
        altered = copy.deepcopy(event)
        name, value = lie
        altered["data"]["object"][name] = value
        stage.expected |= ending.HELD
        stage.bag.altered += 1
        stage.tally["altered"] += 1
        if stage.tell(altered):
            stage.bag.waiting.remove(event)

    @rule(fault=FAULTS, call=CALLS, many=st.integers(1, 3))
    def stripe_is_in_trouble(self, fault: tuple[str, int], call: str, many: int) -> None:
        """Stripe refuses to answer, or does what it is asked and the answer is lost."""
        kind, status = fault
        more = {"status": status} if status else {}
        self.stage.controls.knob(kind, count=many, match=call, **more)
        self.stage.tally["calls that fail"] += many

    @rule()
    def stripe_is_well(self) -> None:
        """Stripe answers again."""
        self.stage.controls.clear_knobs()

    @rule(edges=st.integers(1, 14))
    def will_die(self, edges: int) -> None:
        """The process that passes the so-manyeth edge from now dies there."""
        self.stage.blade.ahead = edges

    @rule(down=st.booleans())
    def mail(self, *, down: bool) -> None:
        """The mail server goes away, or comes back."""
        self.stage.mailer.down = down

    @rule()
    def work(self) -> None:
        """A worker does what is due."""
        self.stage.work()

    @rule(
        command=st.sampled_from(
            [
                ("reconcile",),
                ("reconcile", "--fix"),
                ("replay", "--failed"),
                ("replay", "--since"),
                ("check",),
            ]
        )
    )
    def command(self, command: tuple[str, ...]) -> None:
        """The operator runs a command."""
        stage = self.stage
        words = list(command)
        if words[-1] == "--since":
            words.append(str(day_in_london(ending.now(stage))))
        stage.run(*words)

    @rule()
    def a_quiet_moment(self) -> None:
        """All is told and worked off: every page and total must be exactly so."""
        if not (self.stage.bag.lost or self.stage.bag.altered):
            ending.be_quiet(self.stage)
            ending.look_at_all(self.stage, [*self.every_visit.values()])
