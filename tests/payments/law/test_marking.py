"""Marking: every payment above the threshold waits for the treasurer, once, with its clock."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.database import Database
from payments import checking, refunding, settling
from payments.law import deciding, declaring, listing, marking
from payments.law.declaring import DeclarationNeeded
from payments.models import (
    CheckDecision,
    Declaration,
    Payment,
    PermissibilityCheck,
    Pledge,
)
from payments.notices import ChargeCleared, DisputeState, InvoicePaid, Notice, Outcome, RefundState
from payments.settling import Applied
from tests.fakes import START
from tests.payments.factories import DECLARED, make_notice, make_pledge, make_rules
from tests.postgres import ONLY_GROWS

ABOVE = 50_001
TODAY = START.date()


def pay(session: Session, pence: int = ABOVE, **but: object) -> Payment:
    """Pledge, and have it paid."""
    pledge = make_pledge(session, pence=pence)
    notice = make_notice(pledge, Outcome.PAID, **but)
    assert settling.apply(session, notice, rules=make_rules(), now=START) is Applied.APPLIED
    return session.scalars(select(Payment).where(Payment.pledge_id == pledge.id)).one()


def check_of(session: Session, payment: Payment) -> PermissibilityCheck:
    found = marking.of(session, payment)
    assert found is not None
    return found


def refund(
    payment: Payment, pence: int, status: str = "succeeded", name: str = "re_1"
) -> RefundState:
    return RefundState(
        refund=name,
        payment_intent=payment.payment_intent,
        charge=None,
        pence=pence,
        currency="GBP",
        status=status,
        reason=None,
        livemode=False,
        made_at=START,
        at=START,
    )


def dispute(payment: Payment, status: str) -> DisputeState:
    return DisputeState(
        dispute="dp_1",
        payment_intent=payment.payment_intent,
        charge=None,
        pence=payment.amount_pence,
        currency="GBP",
        status=status,
        reason="fraudulent",
        livemode=False,
        opened_at=START,
        answer_by=None,
        at=START,
    )


def tell(session: Session, *notices: Notice) -> None:
    for notice in notices:
        settling.apply(session, notice, rules=make_rules(), now=START)


@pytest.mark.parametrize(("pence", "marked"), [(50_000, 0), (50_001, 1)])
def test_five_hundred_pounds_are_booked_and_a_penny_more_is_marked(
    session: Session, pence: int, marked: int
) -> None:
    pay(session, pence)
    assert session.scalar(select(func.count()).select_from(PermissibilityCheck)) == marked
    assert session.scalar(select(func.count()).select_from(Declaration)) == marked


def test_a_payment_told_of_again_and_again_is_marked_once(session: Session) -> None:
    payment = pay(session)
    pledge = session.get_one(Pledge, payment.pledge_id)
    tell(session, *[make_notice(pledge, Outcome.PAID)] * 3)
    marking.mark(session, payment, now=START + dt.timedelta(days=3))
    check = session.scalars(select(PermissibilityCheck)).one()
    assert (check.state, check.received_on, check.marked_at) == ("waiting", TODAY, START)
    assert check.due_on == TODAY + dt.timedelta(days=29)  # the day of receipt is the first of 30


def test_each_month_above_the_threshold_is_marked_and_the_declaration_reached(
    session: Session,
) -> None:
    pledge = make_pledge(session, "monthly", ABOVE)
    for number in (1, 2, 1):
        tell(
            session,
            InvoicePaid(
                invoice=f"in_{number}",
                subscription="sub_1",
                pledge_id=pledge.id,
                pence=ABOVE,
                currency="GBP",
                livemode=False,
                paid_at=START + dt.timedelta(days=30 * number),
            ),
        )
    found = listing.entries(session)
    assert [each.check.received_on for each in found] == [
        TODAY + dt.timedelta(days=30),
        TODAY + dt.timedelta(days=60),
    ]
    assert all(each.declaration and each.declaration.name == DECLARED.name for each in found)


def test_dues_above_the_threshold_are_marked_too(session: Session) -> None:
    pledge = make_pledge(session, "dues", ABOVE)
    notice = make_notice(pledge, Outcome.PAID)
    month = InvoicePaid(
        "in_1", f"sub_{pledge.id.hex}", pledge.id, ABOVE, "GBP", livemode=False, paid_at=START
    )
    tell(session, replace(notice, invoice=month))
    assert len(listing.entries(session)) == 1


@pytest.mark.parametrize(
    ("charged", "arrived", "received"),
    [
        (None, None, dt.date(2026, 11, 22)),
        (START - dt.timedelta(days=6), None, dt.date(2026, 11, 16)),
        (START - dt.timedelta(days=6), dt.date(2026, 11, 25), dt.date(2026, 11, 16)),
        (START, dt.date(2026, 11, 20), dt.date(2026, 11, 20)),
        (dt.datetime(2026, 6, 30, 22, 59, 59, tzinfo=dt.UTC), None, dt.date(2026, 6, 30)),
        (dt.datetime(2026, 6, 30, 23, 0, tzinfo=dt.UTC), None, dt.date(2026, 7, 1)),
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), None, dt.date(1970, 1, 1)),
    ],
)
def test_the_clock_starts_on_the_earliest_day(
    session: Session, charged: dt.datetime | None, arrived: dt.date | None, received: dt.date
) -> None:
    payment = pay(session)
    payment.charged_at, payment.payout_arrived_on = charged, arrived
    check = marking.mark(session, payment, now=START)
    assert check is not None
    assert (check.received_on, check.due_on) == (received, received + dt.timedelta(days=29))


def test_the_clock_never_starts_later(session: Session) -> None:
    payment = pay(session, charged_at=START - dt.timedelta(days=4))
    payment.charged_at = None
    marking.mark(session, payment, now=START)
    assert check_of(session, payment).received_on == TODAY - dt.timedelta(days=4)


def test_when_it_was_charged_is_kept_from_whichever_notice_says_so_first(session: Session) -> None:
    charged = START - dt.timedelta(days=5)
    payment = pay(session)
    assert payment.charged_at is None
    assert payment.payment_intent
    tell(session, ChargeCleared(payment.payment_intent, livemode=False, charged_at=charged))
    tell(session, ChargeCleared(payment.payment_intent, livemode=False, charged_at=START))
    assert payment.charged_at == charged
    assert check_of(session, payment).received_on == charged.date()


def test_a_refund_in_part_leaves_it_waiting_and_one_in_whole_returns_it(session: Session) -> None:
    payment = pay(session)
    tell(session, refund(payment, 1, name="re_a"))
    assert check_of(session, payment).state == "waiting"
    rest = refund(payment, ABOVE - 1, name="re_b")
    tell(session, rest, rest)
    check = check_of(session, payment)
    assert (check.state, check.why, check.who) == ("returned", marking.GIVEN_BACK, marking.BOOKS)
    assert listing.entries(session) == []
    assert session.scalar(select(func.count()).select_from(CheckDecision)) == 1


@pytest.mark.parametrize("decided", [None, "accepted", "returned"])
def test_what_comes_back_to_us_stands_where_a_person_left_it(
    session: Session, decided: str | None
) -> None:
    payment = pay(session)
    if decided is not None:
        decide = deciding.accept if decided == "accepted" else deciding.give_back
        assert decide(session, payment.id, why="on the register", who="Kim", now=START)
    tell(session, refund(payment, ABOVE))
    assert check_of(session, payment).state == "returned"
    tell(session, refund(payment, ABOVE, "failed"))
    check = check_of(session, payment)
    assert check.state == (decided or "waiting")
    assert (check.decided_at is None) == (decided is None)
    assert bool(listing.entries(session)) == (decided != "accepted")


def test_a_refund_that_failed_before_we_heard_of_it_returns_nothing(session: Session) -> None:
    payment = pay(session)
    tell(session, refund(payment, ABOVE, "failed"))
    assert check_of(session, payment).state == "waiting"


def test_a_lost_dispute_returns_it_and_one_won_after_all_has_it_wait_again(
    session: Session,
) -> None:
    payment = pay(session)
    states = []
    for status in ("needs_response", "lost", "won"):
        tell(session, dispute(payment, status))
        states.append(check_of(session, payment).state)
    assert states == ["waiting", "returned", "waiting"]


def test_a_treasurers_decision_is_kept_and_repeating_it_changes_nothing(session: Session) -> None:
    payment = pay(session)
    for fresh in (True, False):
        assert deciding.accept(session, payment.id, why="seen", who="Kim", now=START) is fresh
    assert deciding.give_back(session, payment.id, why="not she", who="Lee", now=START)
    decisions = session.execute(select(CheckDecision.state, CheckDecision.who)).all()
    assert [tuple(each) for each in decisions] == [("accepted", "Kim"), ("returned", "Lee")]


def test_what_shall_go_back_stays_on_the_list_until_it_has_gone(session: Session) -> None:
    payment = pay(session)
    deciding.give_back(session, payment.id, why="a charity", who="Kim", now=START)
    (entry,) = listing.entries(session)
    assert entry.still_here
    tell(session, refund(payment, ABOVE))
    assert listing.entries(session) == []


def test_what_has_gone_back_cannot_be_accepted_and_what_is_small_not_decided(
    session: Session,
) -> None:
    payment = pay(session)
    tell(session, refund(payment, ABOVE))
    with pytest.raises(deciding.GoneAlready):
        deciding.accept(session, payment.id, why="x", who="Kim", now=START)
    for nothing in (pay(session, 50_000).id, uuid.uuid4()):
        with pytest.raises(deciding.NotMarked):
            deciding.accept(session, nothing, why="x", who="Kim", now=START)


def test_no_pledge_above_the_threshold_is_kept_without_a_declaration(session: Session) -> None:
    with pytest.raises(DeclarationNeeded):
        make_pledge(session, pence=ABOVE, declaration=None)
    make_pledge(session, pence=50_000, declaration=None)


def test_a_declaration_is_kept_once_and_a_correction_added_until_it_is_paid(
    session: Session,
) -> None:
    pledge = make_pledge(session, pence=ABOVE)
    corrected = replace(DECLARED, town="Leyton")
    for each in (DECLARED, corrected, corrected, None):
        declaring.keep(session, pledge, each, now=START)
    tell(session, make_notice(pledge, Outcome.PAID))
    declaring.keep(session, pledge, replace(DECLARED, name="Somebody Else"), now=START)
    found = session.scalars(select(Declaration.town).order_by(Declaration.id)).all()
    assert list(found) == ["London", "Leyton"]


def test_what_is_declared_of_a_small_gift_is_not_kept(session: Session) -> None:
    make_pledge(session, pence=50_000)
    assert session.scalar(select(Declaration)) is None


def test_a_payment_that_was_never_marked_is_found_and_one_without_declaration_told(
    session: Session,
) -> None:
    payment = pay(session)
    session.execute(delete(PermissibilityCheck))
    session.execute(delete(Declaration))
    pay(session, 50_000)
    assert marking.unmarked(session) == [payment]
    marking.mark(session, payment, now=START)
    (entry,) = listing.entries(session)
    assert entry.declaration is None
    assert marking.unmarked(session) == []


@pytest.mark.parametrize(
    "change",
    [
        update(Declaration).values(name="Another"),
        update(CheckDecision).values(why="another"),
        delete(CheckDecision),
    ],
    ids=["declaration", "decision", "decision-deleted"],
)
def test_what_was_declared_and_decided_is_never_changed(database: Database, change: object) -> None:
    with database.transaction() as session:
        deciding.accept(session, pay(session).id, why="seen", who="Kim", now=START)
    with pytest.raises(DBAPIError, match=ONLY_GROWS), database.transaction() as session:
        session.execute(change)  # type: ignore[call-overload]  # an update or a deletion


def test_the_books_agree_whatever_was_marked(session: Session) -> None:
    payment = pay(session)
    refunding.ask(session, payment.id, pence=None, why="not on a register", now=START)
    tell(session, refund(payment, ABOVE))
    assert checking.faults(session) == []


def test_gifts_that_add_up_are_listed_and_a_single_or_a_small_one_is_not(session: Session) -> None:
    assert listing.split_gifts(session, 2026, on=TODAY) == []
    first = [pay(session, 40_000).pledge_id, pay(session, 40_000).pledge_id]
    pay(session, ABOVE)
    (found,) = listing.split_gifts(session, 2026, on=TODAY)
    assert (found.pence, found.count, found.monthly) == (80_000, 2, 0)
    assert set(found.pledges) == set(first)
    assert listing.split_gifts(session, 2025, on=TODAY) == []
