"""Stand-ins that remember what they were asked, for tests that need no wire."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage

from core.mail import MailRefused, MailUndelivered
from payments.gateway import (
    ChangeOrder,
    CheckoutOrder,
    GatewayUnavailable,
    NotFromGateway,
    OpenCheckout,
    PaymentDetails,
    PaymentRefused,
    RefundOrder,
    SignedNotice,
)
from payments.notices import (
    BalanceLine,
    CheckoutState,
    InvoicePaid,
    Notice,
    Outcome,
    RefundState,
    SubscriptionEnded,
    SubscriptionState,
)

START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until it is moved."""

    moment: dt.datetime = START

    def now(self) -> dt.datetime:
        return self.moment

    def move(self, **by: float) -> dt.datetime:
        self.moment += dt.timedelta(**by)
        return self.moment


@dataclass(slots=True)
class LateClock:
    """The machine's own clock, put forward as far as a test likes."""

    ahead: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += dt.timedelta(**by)


@dataclass(slots=True)
class FakeMailer:
    """Keeps what it is given; refuses or fails when told to."""

    sent: list[EmailMessage] = field(default_factory=list)
    down: bool = False
    refusing: bool = False

    def send(self, message: EmailMessage) -> None:
        if self.down:
            raise MailUndelivered("down")
        if self.refusing:
            raise MailRefused("refused")
        self.sent.append(message)

    def to(self, recipient: str) -> list[EmailMessage]:
        return [message for message in self.sent if message["To"] == recipient]


@dataclass(slots=True)
class FakeGateway:
    """A payment gateway in our own words: it opens pages, and says what became of them.

    `down` makes every call fail without an answer, `refusing` makes every call a definite no,
    `deaf` does what it is asked and then loses the answer.
    """

    api_version: str = "test"
    down: bool = False
    refusing: bool = False
    deaf: bool = False
    orders: dict[str, CheckoutOrder] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    states: dict[str, CheckoutState] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    standings: dict[str, SubscriptionState] = field(default_factory=dict)
    changes: dict[str, ChangeOrder] = field(default_factory=dict)
    refunds: dict[str, RefundOrder] = field(default_factory=dict)
    lines: dict[str, list[BalanceLine]] = field(default_factory=dict)
    told: list[Notice] = field(default_factory=list)
    notices: dict[str, Notice] = field(default_factory=dict)
    events: dict[str, tuple[SignedNotice, bytes]] = field(default_factory=dict)
    fee_pence: int | None = 35
    charged_at: dt.datetime | None = None
    now: dt.datetime = START

    def open_checkout(self, order: CheckoutOrder) -> OpenCheckout:
        self._called("open_checkout")
        known = self.orders.setdefault(order.key, order)
        if known != order:
            raise PaymentRefused("idempotency_error")
        session_id = f"cs_{order.pledge_id.hex}_{order.key.rpartition(':')[2]}"
        self.states.setdefault(session_id, _state(session_id, order, Outcome.OPEN, self.now))
        if self.deaf:
            raise GatewayUnavailable("lost")
        return OpenCheckout(session_id, f"https://checkout.example.org/{session_id}")

    def checkout(self, session_id: str) -> CheckoutState:
        self._called("checkout")
        if session_id not in self.states:
            raise PaymentRefused("resource_missing")
        return self.states[session_id]

    def close_checkout(self, session_id: str) -> CheckoutState:
        self._called("close_checkout")
        if self.states[session_id].outcome is Outcome.OPEN:
            self.come_to(session_id, Outcome.EXPIRED)
        return self.states[session_id]

    def details(self, *, payment_intent: str | None, invoice: str | None) -> PaymentDetails:
        self._called("details")
        name = payment_intent or f"pi_{invoice}"
        return PaymentDetails(name, f"ch_{name}", "card", self.fee_pence, self.charged_at)

    def stop(self, subscription: str) -> SubscriptionEnded:
        self._called("stop")
        self.stopped.append(subscription)
        return SubscriptionEnded(subscription, None, livemode=False, at=self.now)

    def subscription(self, subscription: str) -> SubscriptionState:
        self._called("subscription")
        return self.standing(subscription)

    def standing(self, subscription: str) -> SubscriptionState:
        """How a subscription stands; as it began where nothing was said of it."""
        return self.standings.setdefault(subscription, _begun(subscription, self.now))

    def change(self, order: ChangeOrder) -> SubscriptionState:
        self._called("change")
        known = self.changes.setdefault(order.key, order)
        if known != order:
            raise PaymentRefused("idempotency_error")
        stood = self.standing(order.subscription)
        if order.kind == "amount":
            stood = replace(stood, pence=order.pence or 0)
        else:
            stood = replace(stood, paused=order.kind == "pause", resumes_at=order.until)
        self.standings[order.subscription] = stood
        if self.deaf:
            raise GatewayUnavailable("lost")
        return stood

    def refund(self, order: RefundOrder) -> RefundState:
        self._called("refund")
        known = self.refunds.setdefault(order.key, order)
        if known != order:
            raise PaymentRefused("idempotency_error")
        if self.deaf:
            raise GatewayUnavailable("lost")
        return RefundState(
            refund=f"re_{order.key}",
            payment_intent=order.payment_intent,
            charge=None,
            pence=order.pence,
            currency="GBP",
            status="succeeded",
            reason=None,
            livemode=False,
            made_at=self.now,
            at=self.now,
        )

    def payout_lines(self, payout: str) -> Iterator[BalanceLine]:
        self._called("payout_lines")
        return iter(self.lines.get(payout, []))

    def listed(self, since: dt.datetime) -> Iterator[Notice]:
        del since  # it remembers nothing of when things were made
        self._called("listed")
        ended = [
            SubscriptionEnded(name, None, livemode=False, at=self.now) for name in self.stopped
        ]
        return iter([*self.states.values(), *ended, *self.told])

    def events_since(self, since: dt.datetime) -> Iterator[tuple[SignedNotice, bytes]]:
        self._called("events_since")
        return iter([each for each in self.events.values() if each[0].created >= since])

    def event(self, event_id: str) -> tuple[SignedNotice, bytes]:
        self._called("event")
        if event_id not in self.events:
            raise PaymentRefused("resource_missing")
        return self.events[event_id]

    def billing_page(self, customer: str, return_url: str) -> str:
        self._called("billing_page")
        return f"https://billing.example.org/{customer}?back={return_url}"

    def verify(self, raw: bytes, signature: str) -> SignedNotice:
        if signature != "good":
            raise NotFromGateway("signature")
        event = json.loads(raw)
        return SignedNotice(event["id"], event["type"], self.api_version, False, self.now)  # noqa: FBT003 -- as the dataclass has it

    def read(self, raw: bytes) -> Notice | None:
        event = json.loads(raw)
        name = event.get("session", "")
        return self.notices.get(name) or self.states.get(name)

    def pay(self, session_id: str) -> CheckoutState:
        """Let the payer pay on the page; return what the gateway now says of it."""
        order = self._order(session_id)
        state = _state(session_id, order, Outcome.PAID, self.now)
        self.states[session_id] = state
        return state

    def come_to(self, session_id: str, outcome: Outcome) -> CheckoutState:
        """Let the page come to another end."""
        state = _state(session_id, self._order(session_id), outcome, self.now)
        self.states[session_id] = state
        return state

    def only_session(self) -> str:
        """Return the one page that was opened."""
        (session_id,) = self.states
        return session_id

    def _order(self, session_id: str) -> CheckoutOrder:
        (order,) = [
            order
            for order in self.orders.values()
            if session_id == f"cs_{order.pledge_id.hex}_{order.key.rpartition(':')[2]}"
        ]
        return order

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise GatewayUnavailable("down")
        if self.refusing:
            raise PaymentRefused("refused")


def invoice_of(order: CheckoutOrder, number: int, at: dt.datetime) -> InvoicePaid:
    """Return the notice of one month's money of a monthly order."""
    name = order.pledge_id.hex
    return InvoicePaid(
        invoice=f"in_{name}_{number}",
        subscription=f"sub_{name}",
        pledge_id=order.pledge_id,
        pence=order.pence,
        currency="GBP",
        livemode=False,
        paid_at=at,
    )


def _begun(subscription: str, at: dt.datetime) -> SubscriptionState:
    return SubscriptionState(
        subscription=subscription,
        pence=1000,
        paused=False,
        resumes_at=None,
        ends_at=None,
        period_ends=at + dt.timedelta(days=30),
        payment_method=f"pm_{subscription}",
        card_expires=dt.date(2034, 12, 31),
    )


def _state(
    session_id: str, order: CheckoutOrder, outcome: Outcome, at: dt.datetime
) -> CheckoutState:
    over = outcome not in (Outcome.OPEN, Outcome.EXPIRED)
    name = order.pledge_id.hex
    paid = outcome is Outcome.PAID
    return CheckoutState(
        session_id=session_id,
        pledge_id=uuid.UUID(name),
        outcome=outcome,
        pence=order.pence,
        currency="GBP",
        livemode=False,
        monthly=order.monthly,
        at=at,
        payment_intent=f"pi_{name}" if over and not order.monthly else None,
        subscription=f"sub_{name}" if over and order.monthly else None,
        customer=f"cus_{name}" if over else None,
        invoice=invoice_of(order, 1, at) if paid and order.monthly else None,
    )
