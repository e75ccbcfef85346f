"""Money that came past Stripe is marked for the treasurer as all money is."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.law import deciding, listing
from payments.models import PermissibilityCheck
from payments.offline import undoing
from tests.fakes import START
from tests.payments.factories import make_rules
from tests.payments.offline.kit import enter, make_fund, sound, take


@pytest.mark.parametrize(("amount", "marked"), [("500", 0), ("500.01", 1)])
def test_a_cheque_above_the_threshold_is_marked_from_the_day_it_came(
    session: Session, amount: str, marked: int
) -> None:
    make_fund(session)
    payment = enter(session, method="cheque", amount=amount, received="2026-11-02")
    checks = session.scalars(select(PermissibilityCheck)).all()
    assert [check.payment_id for check in checks] == [payment.id] * marked
    if marked:
        assert (checks[0].received_on, checks[0].due_on, checks[0].state) == (
            dt.date(2026, 11, 2),
            dt.date(2026, 12, 1),
            "waiting",
        )
    sound(session)


def test_one_that_bounced_is_returned(session: Session) -> None:
    make_fund(session)
    payment = enter(session, method="cheque", amount="750")
    undoing.undo(session, payment.id, why="bounced", rules=make_rules(), now=START)
    check = session.scalars(select(PermissibilityCheck)).one()
    assert check.state == "returned"
    sound(session)


def test_one_that_shall_go_back_stays_on_the_list_until_it_has(session: Session) -> None:
    make_fund(session)
    payment = enter(session, method="cash", amount="750")
    deciding.give_back(session, payment.id, why="on no register", who="Kim", now=START)
    (entry,) = listing.entries(session)
    undoing.undo(session, payment.id, why="sent back", rules=make_rules(), now=START)

    assert (entry.still_here, entry.past_stripe) == (True, True)
    assert listing.entries(session) == []
    sound(session)


def test_a_line_of_the_bank_is_marked_when_it_is_booked_and_not_before(session: Session) -> None:
    make_fund(session)
    take(session, "20/11/2026,BGC,S JONES,FUND,600.00,600.00")
    assert session.scalars(select(PermissibilityCheck)).all() == []
