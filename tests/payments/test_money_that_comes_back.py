"""Refunds, disputes and payouts, told in any order and however often: the same books."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from payments import checking, payouts, settling, stating, totals
from payments.announcements import DisputeWon, PaymentDisputed, PaymentRefunded, RefundFailed
from payments.models import LedgerEntry, Payment, Payout, Pledge, Refund
from payments.notices import (
    BalanceLine,
    DisputeState,
    FraudWarned,
    Notice,
    Outcome,
    PayoutState,
    RefundState,
)
from payments.statuses import status_of
from tests.conftest import Work
from tests.fakes import START, FakeClock, FakeGateway
from tests.payments.factories import Announced, make_notice, make_pledge, make_rules

LATER = START + dt.timedelta(days=3)


def refund_of(pledge: Pledge, pence: int, **but: object) -> RefundState:
    notice = RefundState(
        refund="re_1",
        payment_intent=f"pi_{pledge.id.hex}",
        charge=None,
        pence=pence,
        currency="GBP",
        status="succeeded",
        reason=None,
        livemode=False,
        made_at=LATER,
        at=LATER,
    )
    return replace(notice, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise


def dispute_of(pledge: Pledge, **but: object) -> DisputeState:
    notice = DisputeState(
        dispute="du_1",
        payment_intent=f"pi_{pledge.id.hex}",
        charge=None,
        pence=pledge.amount_pence,
        currency="GBP",
        status="needs_response",
        reason="fraudulent",
        livemode=False,
        opened_at=LATER,
        answer_by=LATER + dt.timedelta(days=7),
        at=LATER,
    )
    return replace(notice, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise


def line(name: str, pence: int, fee: int = 0, **but: object) -> BalanceLine:
    found = BalanceLine(name, "adjustment", "du_1", pence, fee, LATER)
    return replace(found, **but)  # type: ignore[arg-type]  # whatever the test wants otherwise


def payout_of(pence: int, status: str = "paid", name: str = "po_1") -> PayoutState:
    return PayoutState(
        payout=name,
        pence=pence,
        currency="GBP",
        status=status,
        livemode=False,
        made_at=LATER,
        arrives_on=LATER.date(),
        at=LATER,
    )


def paid(session: Session, pence: int = 1000) -> Pledge:
    pledge = make_pledge(session, pence=pence)
    tell(session, make_notice(pledge, Outcome.PAID))
    return pledge


def tell(session: Session, *notices: Notice, rules: settling.Rules | None = None) -> list[str]:
    told = [
        settling.apply(session, notice, rules=rules or make_rules(), now=LATER)
        for notice in notices
    ]
    session.flush()
    session.expire_all()
    return [str(each) for each in told]


def balance(session: Session, account: str) -> int:
    held = select(func.coalesce(func.sum(LedgerEntry.pence), 0))
    return int(session.scalars(held.where(LedgerEntry.account == account)).one())


def raised(session: Session, pledge: Pledge) -> int:
    assert pledge.appeal_id is not None
    return totals.total(session, pledge.appeal_id).raised_pence


def status(session: Session) -> str:
    return status_of(session.scalars(select(Payment)).one())


def test_a_part_refund_leaves_the_rest_and_another_makes_it_whole(session: Session) -> None:
    pledge = paid(session)
    assert tell(session, refund_of(pledge, 300)) == ["applied"]
    assert (raised(session, pledge), balance(session, "stripe")) == (700, 700)
    assert status(session) == "part-refunded"
    assert tell(session, refund_of(pledge, 700, refund="re_2")) == ["applied"]
    assert (raised(session, pledge), status(session)) == (0, "refunded")
    assert checking.faults(session) == []


def test_more_than_was_paid_is_never_booked_as_given_back(session: Session) -> None:
    pledge = paid(session)
    assert tell(session, refund_of(pledge, 600), refund_of(pledge, 500, refund="re_2")) == [
        "applied",
        "held",
    ]
    assert raised(session, pledge) == 400
    assert checking.faults(session) == []


@pytest.mark.parametrize(
    "but", [{"currency": "EUR"}, {"livemode": True}, {"pence": 1001}, {"pence": 600}]
)
def test_a_refund_that_does_not_agree_is_held(session: Session, but: dict[str, object]) -> None:
    pledge = paid(session)
    if but.get("pence") == 600:
        tell(session, refund_of(pledge, 500))  # the same refund, of another amount
    before = raised(session, pledge)
    assert tell(session, replace(refund_of(pledge, 400), **but)) == ["held"]  # type: ignore[arg-type]  # from the table
    assert raised(session, pledge) == before


def test_a_refund_that_fails_later_is_ours_again(session: Session) -> None:
    pledge, announced = paid(session), Announced()
    rules = make_rules(announce=announced)
    tell(session, refund_of(pledge, 1000, status="pending"), rules=rules)
    assert (raised(session, pledge), status(session)) == (0, "refunded")
    tell(session, refund_of(pledge, 1000, status="failed"), rules=rules)
    assert (raised(session, pledge), balance(session, "stripe")) == (1000, 1000)
    assert status(session) == "paid"
    assert [type(each) for each in announced] == [PaymentRefunded, RefundFailed]
    assert checking.faults(session) == []


def every_order(notices: Sequence[Notice]) -> list[tuple[Notice, ...]]:
    return list(itertools.permutations(notices))


def test_every_order_of_a_refunds_notices_ends_alike(session: Session) -> None:
    found = set()
    for number, names in enumerate(itertools.permutations(["pending", "succeeded", "failed"])):
        pledge = paid(session)
        told = [refund_of(pledge, 400, refund=f"re_{number}", status=name) for name in names]
        tell(session, *told, *told)
        row = session.scalars(select(Refund).where(Refund.stripe_refund == f"re_{number}")).one()
        found.add(row.status)
    assert found == {"failed"}
    assert balance(session, "stripe") == 6 * 1000
    assert checking.faults(session) == []


def test_every_order_of_a_disputes_notices_ends_alike(session: Session) -> None:
    taken, back = line("txn_1", -1000, 2000), line("txn_2", 1000)
    for number, order in enumerate(itertools.permutations(range(3))):
        pledge = paid(session)
        names = {"dispute": f"du_{number}"}
        mine = [replace(each, line=f"{each.line}_{number}") for each in (taken, back)]
        told = [
            dispute_of(pledge, **names),
            dispute_of(pledge, **names, status="under_review", lines=(mine[0],)),
            dispute_of(pledge, **names, status="won", lines=tuple(mine)),
        ]
        tell(session, *(told[index] for index in order), *told)
    assert balance(session, "disputed") == 0
    assert balance(session, "stripe") == 6 * (1000 - 2000)
    assert balance(session, "fees") == 6 * 2000
    assert balance(session, "gifts") == -6 * 1000
    assert checking.faults(session) == []


def test_a_dispute_counts_from_its_opening_and_is_back_when_won(session: Session) -> None:
    pledge, announced = paid(session), Announced()
    rules = make_rules(announce=announced)
    tell(session, dispute_of(pledge), rules=rules)
    assert (raised(session, pledge), status(session)) == (0, "disputed")
    assert balance(session, "stripe") == 1000  # the money has not moved yet
    tell(session, dispute_of(pledge, status="won"), rules=rules)
    assert (raised(session, pledge), status(session)) == (1000, "paid")
    assert [type(each) for each in announced] == [PaymentDisputed, DisputeWon]


def test_a_lost_dispute_stays_off_the_total_with_its_fee(session: Session) -> None:
    pledge = paid(session)
    tell(session, dispute_of(pledge, lines=(line("txn_1", -1000, 2000),)))
    tell(session, dispute_of(pledge, status="lost", lines=(line("txn_1", -1000, 2000),)))
    assert (raised(session, pledge), status(session)) == (0, "lost")
    assert (balance(session, "stripe"), balance(session, "fees")) == (-2000, 2000)
    assert balance(session, "disputed") == 0
    assert checking.faults(session) == []


def test_an_inquiry_counts_for_nothing_unless_it_grows_into_a_dispute(session: Session) -> None:
    pledge = paid(session)
    tell(session, dispute_of(pledge, status="warning_needs_response"))
    assert (raised(session, pledge), status(session)) == (1000, "paid")
    tell(session, dispute_of(pledge, status="needs_response"))
    assert raised(session, pledge) == 0
    tell(session, dispute_of(pledge, status="warning_closed"))
    assert raised(session, pledge) == 0


def test_a_warning_of_fraud_is_kept_once(session: Session) -> None:
    pledge = paid(session)
    intent, kind = f"pi_{pledge.id.hex}", "made_with_stolen_card"
    warning = FraudWarned("issfr_1", intent, None, kind, livemode=False, at=LATER)
    assert tell(session, warning, warning) == ["applied", "known"]
    assert raised(session, pledge) == 1000


def test_a_payout_brings_money_to_the_bank_and_a_failed_one_takes_it_back(
    session: Session,
) -> None:
    paid(session)
    assert tell(session, payout_of(965), payout_of(965)) == ["applied", "known"]
    assert (balance(session, "bank"), balance(session, "stripe")) == (965, 35)
    assert tell(session, payout_of(965, "failed"), payout_of(965)) == ["applied", "known"]
    assert (balance(session, "bank"), balance(session, "stripe")) == (0, 1000)
    assert checking.faults(session) == []


def test_the_lines_of_a_payout_are_matched_and_late_fees_booked(session: Session) -> None:
    pledge = paid(session)
    payment = session.scalars(select(Payment)).one()
    payment.charge = "ch_1"
    tell(session, refund_of(pledge, 100), payout_of(845))
    payout = session.scalars(select(Payout)).one()
    lines = [
        line("txn_1", 1000, 35, kind="charge", source="ch_1"),
        line("txn_2", -100, kind="refund", source="re_1"),
        line("txn_3", -20, kind="stripe_fee", source=None),
    ]
    payouts.keep_lines(session, payout, lines, patient=True, now=LATER)
    payouts.keep_lines(session, payout, lines, patient=True, now=LATER)
    session.expire_all()
    assert (payment.fee_pence, payment.payout_id) == (35, payout.id)
    assert balance(session, "fees") == 55
    assert balance(session, "stripe") == 0
    assert checking.faults(session) == []
    (told,) = stating.month(session, 2026, 11).payouts
    assert (told.lines, told.unmatched_pence) == (3, 0)


def test_a_payout_with_a_line_that_may_yet_be_ours_waits_for_it(session: Session) -> None:
    tell(session, payout_of(500))
    payout = session.scalars(select(Payout)).one()
    foreign = [line("txn_9", 500, kind="charge", source="ch_elsewhere")]
    with pytest.raises(payouts.StillUnknown):
        payouts.keep_lines(session, payout, foreign, patient=True, now=LATER)
    payouts.keep_lines(session, payout, foreign, patient=False, now=LATER)
    session.flush()
    assert (balance(session, "other"), balance(session, "stripe")) == (-500, 0)
    assert checking.faults(session) == []


def test_a_payment_whose_charge_we_were_not_told_is_never_taken_for_somebody_elses(
    session: Session,
) -> None:
    paid(session)
    tell(session, payout_of(965))
    payout = session.scalars(select(Payout)).one()
    ours = [line("txn_1", 1000, 35, kind="charge", source="ch_1")]
    with pytest.raises(payouts.StillUnknown):
        payouts.keep_lines(session, payout, ours, patient=False, now=LATER)
    session.scalars(select(Payment)).one().charge = "ch_1"
    payouts.keep_lines(session, payout, ours, patient=False, now=LATER)
    session.flush()
    assert (balance(session, "other"), balance(session, "stripe")) == (0, 0)


def test_days_on_which_nobody_asked_do_not_make_a_line_somebody_elses(
    app: Flask, database: Database, gateway: FakeGateway, clock: FakeClock, work: Work
) -> None:
    gateway.lines["po_1"] = [line("txn_9", 500, kind="charge", source="ch_9")]
    with database.transaction() as session:
        tell(session, payout_of(500))
    for wait in (dt.timedelta(), dt.timedelta(days=9), dt.timedelta(days=9)):
        clock.moment += wait
        work()
    with database.reading() as session:
        assert balance(session, "other") == 0
    for _hour in range(32):
        clock.move(hours=1)
        work()
    with database.reading() as session:
        assert balance(session, "other") == -500


def test_a_payout_whose_lines_leave_money_over_is_a_fault(session: Session) -> None:
    tell(session, payout_of(500))
    payout = session.scalars(select(Payout)).one()
    short = [line("txn_9", -20, kind="stripe_fee", source=None)]
    payouts.keep_lines(session, payout, short, patient=True, now=LATER)
    session.flush()
    assert [fault.rule for fault in checking.faults(session)] == [
        "a payout is the sum of its lines"
    ]


def test_a_month_opens_where_the_last_one_closed_and_adds_up(session: Session) -> None:
    pledge = paid(session)
    tell(session, refund_of(pledge, 300), payout_of(600))
    november = stating.month(session, 2026, 11)
    december = stating.month(session, 2026, 12)
    moved = sum(each.pence for each in november.lines) - november.paid_out_pence
    assert november.opening_pence + moved == november.closing_pence == 100
    assert (december.opening_pence, december.lines, december.payouts) == (100, [], [])
    assert [(each.section, each.what, each.pence) for each in november.lines] == [
        ("gifts", "Fund", 1000),
        ("refunds", "Fund", -300),
    ]
