"""What each day moved is kept, and a month is the same whether it is kept or added up."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.database import Database
from payments import checking, days, settling, stating
from payments.models import LedgerDay, LedgerDaysKept
from payments.notices import Outcome
from payments.stating import Statement
from tests.core.together import together
from tests.databases import ON_ONE
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.offline.kit import enter
from tests.payments.test_money_that_comes_back import refund_of
from tests.payments.test_stating import a_payout_that_comes_back, gift_at

LATER = START + dt.timedelta(days=30)
OCTOBER_31 = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)
APRIL_1 = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)  # half past midnight in London


def year(session: Session) -> list[Statement]:
    return [stating.month(session, 2026, number) for number in range(3, 13)]


def much(session: Session) -> None:
    """Let a bit of everything happen, some of it at the edges of months."""
    a_payout_that_comes_back(session)
    for moment in (APRIL_1, OCTOBER_31):
        gift_at(session, moment)
    enter(session, method="cheque")
    pledge = make_pledge(session)
    for notice in (make_notice(pledge, Outcome.PAID), refund_of(pledge, 300)):
        settling.apply(session, notice, rules=make_rules(), now=START)


def kept(session: Session) -> int:
    return session.scalar(select(LedgerDaysKept.upto)) or 0


def test_a_month_is_the_same_before_and_after_its_days_are_kept(session: Session) -> None:
    much(session)
    before = year(session)
    assert before[1].first == dt.date(2026, 4, 1)
    assert [len(each.lines) > 0 for each in before[:2]] == [False, True]
    assert days.keep(session, now=START - dt.timedelta(days=99)) == 0  # it may still grow
    while days.keep(session, now=LATER, most=3):
        assert year(session) == before
    assert kept(session) > 0
    assert year(session) == before
    much_more = make_notice(make_pledge(session), Outcome.PAID, at=APRIL_1)  # told late
    settling.apply(session, much_more, rules=make_rules(), now=LATER)
    grown = year(session)
    assert grown[1].closing_pence == before[1].closing_pence + 1000
    days.keep(session, now=LATER + dt.timedelta(days=1))
    assert year(session) == grown
    days.forget(session)
    assert session.scalar(select(LedgerDay.day)) is None
    assert year(session) == grown


def test_a_method_told_late_is_stated_as_if_it_had_been_known(session: Session) -> None:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    days.keep(session, now=LATER)
    days.method_known(session, pledge.payments[0], "card")
    (line,) = stating.month(session, 2026, 11).lines
    assert (line.detail, line.count, line.pence) == ("card", 1, 1000)
    assert session.scalar(select(LedgerDay.day).where(LedgerDay.method == "")) is None
    assert "what is kept of the days agrees with the ledger" not in {
        fault.rule for fault in checking.faults(session)
    }


@ON_ONE
def test_the_check_of_the_books_finds_days_that_are_wrong(session: Session) -> None:
    much(session)
    days.keep(session, now=LATER)
    session.execute(update(LedgerDay).values(pence=LedgerDay.pence + 1))
    faults = [fault for fault in checking.faults(session) if "days" in fault.rule]
    assert {fault.subject for fault in faults} >= {"stripe", "gifts"}


def test_two_who_keep_at_one_moment_count_each_movement_once(database: Database) -> None:
    with database.transaction() as session:
        much(session)
        before = year(session)

    def keep() -> int:
        with database.transaction() as session:
            return days.keep(session, now=LATER)

    counts = together(keep, keep)
    assert min(counts) == 0
    with database.transaction() as session:
        assert year(session) == before
