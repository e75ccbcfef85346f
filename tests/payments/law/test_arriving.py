"""When the money of a payment reached the bank: with its payout, or with a later one."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments import payouts, settling
from payments.law import marking
from payments.models import Payment, Payout
from payments.notices import BalanceLine, PayoutState
from tests.fakes import START
from tests.payments.factories import make_rules
from tests.payments.law.test_marking import pay

FIRST, SECOND, THIRD = (dt.date(2026, 11, day) for day in (24, 27, 30))


def told(session: Session, name: str, status: str, on: dt.date) -> Payout:
    notice = PayoutState(
        payout=name,
        pence=50_001,
        currency="GBP",
        status=status,
        livemode=False,
        made_at=START,
        arrives_on=on,
        at=START,
        failure="account_closed" if status == "failed" else None,
    )
    settling.apply(session, notice, rules=make_rules(), now=START)
    return session.scalars(select(Payout).where(Payout.stripe_payout == name)).one()


def lines(session: Session, payout: Payout, kind: str, source: str) -> None:
    line = BalanceLine(f"txn_{uuid.uuid4().hex}", kind, source, 50_001, 0, START)
    payouts.keep_lines(session, payout, [line], patient=False, now=START)
    session.flush()


def arrived(payment: Payment) -> dt.date | None:
    return payment.payout_arrived_on


@pytest.fixture
def paid_out(session: Session) -> Payment:
    """A payment whose money went to the bank with the payout `po_1`."""
    payment = pay(session)
    payment.charge = "ch_1"
    session.flush()
    lines(session, told(session, "po_1", "paid", FIRST), "charge", "ch_1")
    return payment


def test_a_payment_arrives_with_its_payout(session: Session, paid_out: Payment) -> None:
    assert arrived(paid_out) == FIRST
    check = marking.of(session, paid_out)
    assert check is not None
    assert check.received_on == START.date()  # the earlier of the two


def test_a_payout_that_came_back_has_brought_nothing(session: Session, paid_out: Payment) -> None:
    told(session, "po_1", "failed", FIRST)
    assert arrived(paid_out) is None


def test_a_payment_arrives_with_the_payout_that_carries_what_came_back(
    session: Session, paid_out: Payment
) -> None:
    told(session, "po_1", "failed", FIRST)
    lines(session, told(session, "po_2", "paid", SECOND), "payout_failure", "po_1")
    assert arrived(paid_out) == SECOND
    told(session, "po_2", "failed", SECOND)
    assert arrived(paid_out) is None
    lines(session, told(session, "po_3", "paid", THIRD), "payout_failure", "po_2")
    assert arrived(paid_out) == THIRD


def test_word_of_a_failure_that_comes_last_leads_to_the_same_day(
    session: Session, paid_out: Payment
) -> None:
    lines(session, told(session, "po_2", "paid", SECOND), "payout_failure", "po_1")
    assert arrived(paid_out) == FIRST
    told(session, "po_1", "failed", FIRST)
    assert arrived(paid_out) == SECOND


def test_a_payout_that_is_on_its_way_has_not_arrived(session: Session) -> None:
    payment = pay(session)
    payment.charge = "ch_1"
    session.flush()
    payout = told(session, "po_1", "in_transit", FIRST)
    lines(session, payout, "charge", "ch_1")
    assert arrived(payment) is None
    told(session, "po_1", "paid", FIRST)
    assert arrived(payment) == FIRST


def test_payouts_that_name_each_other_end_somewhere(session: Session, paid_out: Payment) -> None:
    told(session, "po_1", "failed", FIRST)
    second = told(session, "po_2", "failed", SECOND)
    lines(session, second, "payout_failure", "po_1")
    first = session.scalars(select(Payout).where(Payout.stripe_payout == "po_1")).one()
    lines(session, first, "payout_failure", "po_2")
    assert arrived(paid_out) is None
