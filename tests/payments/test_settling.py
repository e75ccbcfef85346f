import itertools
import threading
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from payments import checking, following_up, settling
from payments.announcements import DonationPaid, DuesPaid, MonthlyStopped
from payments.models import LedgerEntry, Payment, Pledge
from payments.notices import InvoicePaid, Outcome, SubscriptionEnded
from payments.settling import Applied
from tests.fakes import START
from tests.payments.factories import Announced, make_notice, make_pledge, make_rules


def count_payments(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Payment)) or 0


def invoice(pledge: Pledge, number: int = 1) -> InvoicePaid:
    return InvoicePaid(
        invoice=f"in_{pledge.id.hex}_{number}",
        subscription=f"sub_{pledge.id.hex}",
        pledge_id=pledge.id,
        pence=pledge.amount_pence,
        currency="GBP",
        livemode=False,
        paid_at=START,
    )


def test_a_direct_debit_is_confirming_until_it_settles(session: Session) -> None:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.SETTLING), rules=make_rules(), now=START)
    assert pledge.state == "confirming"
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    assert pledge.state == "paid"


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations([Outcome.SETTLING, Outcome.PAID, Outcome.OPEN, Outcome.EXPIRED])),
)
def test_once_paid_always_paid_in_whatever_order_we_are_told(
    session: Session, order: tuple[Outcome, ...]
) -> None:
    pledge, rules = make_pledge(session), make_rules()
    for outcome in (*order, *order):
        settling.apply(session, make_notice(pledge, outcome), rules=rules, now=START)
    assert pledge.state == "paid"
    assert count_payments(session) == 1
    assert checking.faults(session) == []


def test_a_failed_direct_debit_does_not_come_back_to_life(session: Session) -> None:
    pledge = make_pledge(session)
    for outcome in (Outcome.FAILED, Outcome.SETTLING):
        settling.apply(session, make_notice(pledge, outcome), rules=make_rules(), now=START)
    assert pledge.state == "not-taken"


@pytest.mark.parametrize(
    "but",
    [{"pence": 1}, {"currency": "EUR"}, {"monthly": True}, {"payment_intent": None}],
)
def test_what_does_not_agree_with_our_row_is_held_and_not_booked(
    session: Session, but: dict[str, object]
) -> None:
    pledge = make_pledge(session)
    notice = make_notice(pledge, Outcome.PAID, **but)
    assert settling.apply(session, notice, rules=make_rules(), now=START) is Applied.HELD
    assert (pledge.state, count_payments(session)) == ("held", 0)
    assert [fault.subject for fault in checking.faults(session)] == [str(pledge.id)]


def test_test_money_is_never_booked_by_a_live_house(session: Session) -> None:
    pledge = make_pledge(session)
    notice = make_notice(pledge, Outcome.PAID)
    assert (
        settling.apply(session, notice, rules=make_rules(livemode=True), now=START) is Applied.HELD
    )
    assert (pledge.state, pledge.held_because) == ("pending", None)


def test_another_app_s_objects_are_none_of_our_business(session: Session) -> None:
    pledge = make_pledge(session)
    for stranger in (uuid.uuid4(), None):
        notice = make_notice(pledge, Outcome.PAID, pledge_id=stranger, session_id="cs_other")
        assert settling.apply(session, notice, rules=make_rules(), now=START) is Applied.UNKNOWN


def test_a_checkout_of_ours_that_names_no_pledge_is_found_by_its_session(session: Session) -> None:
    pledge = make_pledge(session)
    notice = make_notice(pledge, Outcome.PAID, pledge_id=None)
    assert settling.apply(session, notice, rules=make_rules(), now=START) is Applied.APPLIED


def test_each_month_is_booked_once_and_announced_with_its_number(session: Session) -> None:
    pledge, announced = make_pledge(session, "monthly"), Announced()
    rules = make_rules(announce=announced)
    for number in (1, 2, 1, 2):
        settling.apply(session, invoice(pledge, number), rules=rules, now=START)
    assert [event.number for event in announced if isinstance(event, DonationPaid)] == [1, 2]
    assert count_payments(session) == 2


def test_dues_are_announced_as_dues_and_booked_apart_from_gifts(session: Session) -> None:
    pledge, announced = make_pledge(session, "dues"), Announced()
    settling.apply(session, invoice(pledge), rules=make_rules(announce=announced), now=START)
    assert [type(event) for event in announced] == [DuesPaid]
    accounts = session.scalars(select(LedgerEntry.account)).all()
    assert sorted(accounts) == ["dues", "stripe"]


def test_an_invoice_that_names_no_pledge_is_found_by_its_subscription(session: Session) -> None:
    pledge = make_pledge(session, "monthly")
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    nameless = replace(invoice(pledge), pledge_id=None)
    assert settling.apply(session, nameless, rules=make_rules(), now=START) is Applied.APPLIED


def test_an_ended_subscription_is_told_once(session: Session) -> None:
    pledge, announced = make_pledge(session, "monthly"), Announced()
    ended = SubscriptionEnded(f"sub_{pledge.id.hex}", pledge.id, livemode=False, at=START)
    rules = make_rules(announce=announced)
    results = [settling.apply(session, ended, rules=rules, now=START) for _time in range(2)]
    assert results == [Applied.APPLIED, Applied.KNOWN]
    assert [type(event) for event in announced] == [MonthlyStopped]


def test_five_notices_at_once_book_one_payment(database: Database) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
    notice, rules = make_notice(pledge, Outcome.PAID), make_rules()
    barrier, errors = threading.Barrier(5), []

    def tell() -> None:
        barrier.wait()
        try:
            with database.transaction() as session:
                settling.apply(session, notice, rules=rules, now=START)
        except Exception as error:  # noqa: BLE001 -- shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=tell) for _number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with database.reading() as session:
        assert count_payments(session) == 1
        assert checking.faults(session) == []


def test_a_checkout_that_never_opened_is_not_taken_once_it_is_over(session: Session) -> None:
    pledge = make_pledge(session)
    pledge.checkouts[0].session_id = pledge.checkouts[0].url = None
    session.flush()
    following_up.close_unopened(session, now=pledge.checkouts[0].expires_at)
    assert (pledge.state, pledge.checkouts[0].state) == ("not-taken", "expired")


def test_checking_finds_books_that_do_not_agree(session: Session) -> None:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    session.flush()
    payment = session.scalars(select(Payment)).one()
    payment.amount_pence, payment.fee_pence, pledge.state = 999, 20, "pending"
    session.flush()
    assert {fault.rule for fault in checking.faults(session)} == {
        "a payment is booked once, in full",
        "a payment is of an amount that its giver agreed to",
        "a fee is booked once, in full",
        "what counts is what was paid, less what was given back or is disputed",
        "a pledge is paid where it has a payment",
    }
