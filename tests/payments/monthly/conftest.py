"""A monthly gift that runs, and what Stripe may tell of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import Database
from core.outbox import OutboxMail
from payments import settling
from payments.models import Payment, Pledge
from payments.monthly import telling, wishing
from payments.monthly.wishing import Wish
from payments.notices import InvoicePaid, InvoiceUnpaid, Notice, Outcome, SubscriptionEnded
from payments.settling import Applied
from tests.fakes import START, FakeClock, FakeGateway
from tests.payments.factories import make_notice, make_pledge, make_rules

MONTH = dt.timedelta(days=30)


@dataclass
class Gift:
    """One monthly gift in a real database, and its doings."""

    app: Flask
    database: Database
    gateway: FakeGateway
    clock: FakeClock
    pledge: Pledge

    @property
    def subscription(self) -> str:
        return f"sub_{self.pledge.id.hex}"

    def invoice(self, number: int) -> str:
        return f"in_{self.pledge.id.hex}_{number}"

    def told(self, notice: Notice) -> Applied:
        """Settle what Stripe tells."""
        with self.database.transaction() as session:
            return settling.apply(session, notice, rules=make_rules(), now=self.clock.now())

    def month(self, number: int, pence: int, made_at: dt.datetime, **but: object) -> InvoicePaid:
        """The notice that a month was paid whose invoice was drawn up at a moment."""
        paid = InvoicePaid(
            invoice=self.invoice(number),
            subscription=self.subscription,
            pledge_id=self.pledge.id,
            pence=pence,
            currency="GBP",
            livemode=False,
            paid_at=made_at + dt.timedelta(hours=1),
            payment_intent=f"pi_{self.pledge.id.hex}_{number}",
            made_at=made_at,
        )
        return replace(paid, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise

    def unpaid(self, number: int, attempt: int, retry_days: int | None = 3) -> InvoiceUnpaid:
        """The notice that a month could not be taken, just now."""
        now = self.clock.now()
        return InvoiceUnpaid(
            invoice=self.invoice(number),
            subscription=self.subscription,
            pledge_id=self.pledge.id,
            pence=1000,
            livemode=False,
            at=now,
            retry_at=now + dt.timedelta(days=retry_days) if retry_days else None,
            attempt=attempt,
        )

    def ended(self, *, unpaid: bool) -> SubscriptionEnded:
        """The notice that nothing more will be taken."""
        return SubscriptionEnded(
            self.subscription, self.pledge.id, livemode=False, at=self.clock.now(), unpaid=unpaid
        )

    def wish(self, wish: Wish) -> int:
        """Keep a wish, and tell Stripe of it."""
        with self.database.transaction() as session:
            kept = wishing.ask(session, self.pledge.id, wish, now=self.clock.now())
        self.tell(kept.id)
        return kept.id

    def tell(self, change_id: int) -> bool:
        with self.app.app_context():
            return telling.tell(self.gateway, make_rules(), change_id)

    def held(self) -> str | None:
        with self.database.reading() as session:
            return session.get_one(Pledge, self.pledge.id).held_because

    def payments(self) -> list[int]:
        """What was booked, in pence, month by month."""
        with self.database.reading() as session:
            return list(session.scalars(select(Payment.amount_pence).order_by(Payment.paid_at)))

    def letters(self, template: str) -> list[OutboxMail]:
        with self.database.reading() as session:
            wanted = select(OutboxMail).where(OutboxMail.template == template)
            return list(session.scalars(wanted.order_by(OutboxMail.id)))


@pytest.fixture
def begin(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock
) -> Callable[..., Gift]:
    """Let somebody begin a gift of £10 a month, and pay the first."""

    def begun(kind: str = "monthly") -> Gift:
        with database.transaction() as session:
            pledge = make_pledge(session, kind)
            pledge.stripe_customer = f"cus_{pledge.id.hex}"
        gift = Gift(app, database, gateway, clock, pledge)
        gift.told(make_notice(pledge, Outcome.PAID))
        gift.told(gift.month(1, 1000, START))
        return gift

    return begun


@pytest.fixture
def gift(begin: Callable[..., Gift]) -> Gift:
    return begin()
