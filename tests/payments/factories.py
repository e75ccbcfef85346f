"""Pledges and notices made up for tests."""

import datetime as dt
import uuid
from dataclasses import replace

from sqlalchemy.orm import Session

from core.addresses import EmailAddress
from core.money import Money
from payments import pledging, settling
from payments.law.declaring import Declared
from payments.models import Appeal, Checkout, Pledge
from payments.notices import CheckoutState, Outcome
from tests.fakes import START

DECLARED = Declared(
    donor_type="individual",
    name="Samuel Jones",
    address1="1 High Road",
    address2="",
    town="London",
    postcode="E11 1AA",
    wording="It is my own money.",
)


class Announced(list[object]):
    """Remembers what was announced."""

    def __call__(self, session: Session, event: object, now: dt.datetime) -> None:
        del session, now
        self.append(event)


def make_rules(**but: object) -> settling.Rules:
    rules = settling.Rules(
        livemode=False, announce=Announced(), link_lifetime=dt.timedelta(days=90)
    )
    return replace(rules, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise


def make_pledge(
    session: Session,
    kind: str = "donation",
    pence: int = 1000,
    declaration: Declared | None = DECLARED,
) -> Pledge:
    """Make a pledge with an open Checkout; its giver has declared what the law may ask for."""
    appeal = session.query(Appeal).first()
    if appeal is None:
        appeal = Appeal(
            slug="fund", title="Fund", blurb="", target_pence=100, starts=START.date(), ends=None
        )
        session.add(appeal)
        session.flush()
    wish = pledging.Wish(
        kind=kind,
        amount=Money(pence),
        title="Fund",
        name="Sam Jones",
        email=EmailAddress.parse("Sam@example.org"),
        form_nonce=uuid.uuid4().hex,
        appeal_id=None if kind == "dues" else appeal.id,
        declaration=declaration,
    )
    checkout = pledging.pledge(session, wish, open_for=dt.timedelta(hours=1), now=START)
    assert isinstance(checkout, Checkout)
    checkout.session_id, checkout.url = f"cs_{checkout.pledge_id.hex}", "https://pay.example.org"
    session.flush()
    return checkout.pledge


def make_notice(pledge: Pledge, outcome: Outcome, **but: object) -> CheckoutState:
    """Make the notice that the pledge's Checkout came to this."""
    name = pledge.id.hex
    over = outcome not in (Outcome.OPEN, Outcome.EXPIRED)
    notice = CheckoutState(
        session_id=f"cs_{name}",
        pledge_id=pledge.id,
        outcome=outcome,
        pence=pledge.amount_pence,
        currency="GBP",
        livemode=False,
        monthly=pledge.monthly,
        at=START,
        payment_intent=f"pi_{name}" if over and not pledge.monthly else None,
        subscription=f"sub_{name}" if over and pledge.monthly else None,
    )
    return replace(notice, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise
