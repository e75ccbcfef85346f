"""Notices that Stripe should never send, and some that it does: nothing wrong is ever booked."""

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments import checking, settling, stripe_reading
from payments.gateway import NotFromGateway
from payments.models import LedgerTransaction, Payment, Payout, Pledge
from payments.notices import (
    DisputeState,
    InvoicePaid,
    Outcome,
    PayoutState,
    RefundState,
    SubscriptionEnded,
)
from payments.settling import Applied
from payments.stripe_gateway import API_VERSION, StripeGateway
from sandbox.stripe.delivering import signature
from tests.fakes import START
from tests.payments.factories import Announced, make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import dispute_of, payout_of, refund_of

NOT_PENCE: list[object] = [
    None,
    True,
    10.5,
    1000.0,
    "1000",
    float("nan"),
    10**18,
    -(10**18),
    [],
    {},
]
REFUND = {
    "id": "re_1",
    "payment_intent": "pi_1",
    "charge": None,
    "amount": 1000,
    "currency": "gbp",
    "status": "succeeded",
    "created": 1_790_000_000,
}
DISPUTE = {**REFUND, "id": "du_1", "livemode": False, "status": "needs_response"}
PAYOUT = {**REFUND, "id": "po_1", "livemode": False, "arrival_date": 1_790_000_000}
LINE = {**REFUND, "id": "txn_1", "type": "adjustment", "fee": 0}
INVOICE = {
    "id": "in_1",
    "parent": {"subscription_details": {"subscription": "sub_1", "metadata": {}}},
    "amount_paid": 1000,
    "currency": "gbp",
    "livemode": False,
    "created": 1_790_000_000,
}
READERS: list[tuple[Callable[[Any], object], dict[str, Any], str]] = [
    (lambda it: stripe_reading.refund_state(it, at=None, livemode=False), REFUND, "amount"),
    (lambda it: stripe_reading.dispute_state(it, at=None), DISPUTE, "amount"),
    (lambda it: stripe_reading.payout_state(it, at=None), PAYOUT, "amount"),
    (stripe_reading.balance_line, LINE, "amount"),
    (stripe_reading.balance_line, LINE, "fee"),
    (stripe_reading.invoice_paid, INVOICE, "amount_paid"),
]


@pytest.mark.parametrize(("reader", "good", "field"), READERS)
def test_what_are_not_whole_pence_is_not_read_as_money(
    reader: Callable[[Any], object], good: dict[str, Any], field: str
) -> None:
    assert reader(good)
    for value in NOT_PENCE:
        with pytest.raises(ValueError, match="not pence"):
            reader({**good, field: value})


@pytest.mark.parametrize(("reader", "good", "_field"), READERS)
def test_what_has_no_name_is_not_read(
    reader: Callable[[Any], object], good: dict[str, Any], _field: str
) -> None:
    names: list[object] = [None, 7, True, [], {}, "", "\ud800", "a b", "x" * 300]
    for value in names:
        with pytest.raises(ValueError, match="not a name"):
            reader({**good, "id": value})


@pytest.mark.parametrize("created", [10**18, -(10**18), 10**30, 253_402_300_800])
def test_a_signed_notice_of_no_day_at_all_is_refused(created: int) -> None:
    event = {"id": "evt_1", "type": "x", "livemode": False, "api_version": API_VERSION}
    raw = json.dumps({**event, "created": created}).encode()
    gateway = StripeGateway("sk_test_x", ["whsec_x"], "http://127.0.0.1:1")
    with pytest.raises(NotFromGateway):
        gateway.verify(raw, signature(raw, "whsec_x", int(time.time())))


def paid(session: Session) -> Pledge:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    return pledge


@pytest.mark.parametrize("pence", [0, -1, -1000, 1001, 10**9])
@pytest.mark.parametrize("of", [refund_of, dispute_of])
def test_what_takes_nothing_or_more_than_there_was_is_held(
    session: Session, of: Callable[..., RefundState | DisputeState], pence: int
) -> None:
    pledge = paid(session)
    notice = refund_of(pledge, pence) if of is refund_of else dispute_of(pledge, pence=pence)
    applied = settling.apply(session, notice, rules=make_rules(), now=START)
    assert applied is Applied.HELD
    assert session.scalar(select(func.count()).select_from(LedgerTransaction)) == 1
    assert checking.faults(session) == []


def test_a_payout_in_another_currency_is_none_of_our_books(session: Session) -> None:
    """Stripe keeps a balance for each currency; another use of the account may have euros."""
    euros = PayoutState(**{**_fields(payout_of(5000)), "currency": "EUR"})
    assert settling.apply(session, euros, rules=make_rules(), now=START) is Applied.UNKNOWN
    assert session.scalars(select(Payout)).all() == []


def _fields(notice: PayoutState) -> dict[str, Any]:
    return {name: getattr(notice, name) for name in PayoutState.__dataclass_fields__}


def month_of(pledge: Pledge, invoice: str, subscription: str) -> InvoicePaid:
    return InvoicePaid(
        invoice=invoice,
        subscription=subscription,
        pledge_id=pledge.id,
        pence=pledge.amount_pence,
        currency="GBP",
        livemode=False,
        paid_at=START,
        payment_intent=f"pi_{invoice}",
    )


def test_a_month_paid_outside_of_stripe_is_not_booked_as_money_at_stripe(session: Session) -> None:
    """Somebody marks an invoice as paid in the dashboard, for money that came in cash."""
    pledge = make_pledge(session, "monthly")
    told = stripe_reading.invoice_paid({**INVOICE, "amount_paid_off_stripe": 1000})
    assert told is not None
    notice = replace(told, pledge_id=pledge.id)
    assert settling.apply(session, notice, rules=make_rules(), now=START) is Applied.HELD
    assert session.scalars(select(Payment)).all() == []
    assert pledge.held_because == "paid outside of Stripe"


def test_a_second_subscription_is_booked_and_shown_to_a_person(session: Session) -> None:
    """Somebody pays two pages of one pledge: both take money, and a stop would end only one."""
    pledge, rules = make_pledge(session, "monthly"), make_rules()
    for number in (1, 2):
        notice = month_of(pledge, f"in_{number}", f"sub_{number}")
        assert settling.apply(session, notice, rules=rules, now=START) is Applied.APPLIED
    assert session.scalar(select(func.count()).select_from(Payment)) == 2
    assert pledge.stripe_subscription == "sub_1"
    assert [(fault.rule, fault.subject) for fault in checking.faults(session)] == [
        ("nothing is held for a person to look at", str(pledge.id))
    ]


def test_the_end_of_a_second_subscription_does_not_end_the_first(session: Session) -> None:
    pledge, announced = make_pledge(session, "monthly"), Announced()
    rules = make_rules(announce=announced)
    settling.apply(session, month_of(pledge, "in_1", "sub_1"), rules=rules, now=START)
    later = START + dt.timedelta(days=1)
    ends = [
        settling.apply(
            session,
            SubscriptionEnded(name, pledge.id, livemode=False, at=later),
            rules=rules,
            now=later,
        )
        for name in ("sub_2", "sub_1", "sub_1")
    ]
    assert ends == [Applied.KNOWN, Applied.APPLIED, Applied.KNOWN]
    assert pledge.stopped_at == later
    assert [type(each).__name__ for each in announced] == ["DonationPaid", "MonthlyStopped"]
