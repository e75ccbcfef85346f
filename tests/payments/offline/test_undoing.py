"""A payment that came past Stripe is taken back: once, in the open, and everything follows."""

import datetime as dt
import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from payments import explaining, exporting, receipts, refunding, settling, stating, statuses, totals
from payments.announcements import PaymentRefunded
from payments.models import AppealDonor, LedgerEntry, Payment
from payments.notices import Outcome
from payments.offline import undoing
from payments.sentences import sentence
from tests.core.together import together
from tests.fakes import START
from tests.payments.factories import Announced, make_notice, make_pledge, make_rules
from tests.payments.offline.kit import enter, make_fund, raised, sound


def undo(session: Session, payment: Payment, **but: object) -> None:
    given = {"why": "entered twice", "rules": make_rules(), "now": START, **but}
    undoing.undo(session, payment.id, **given)  # type: ignore[arg-type]  # whatever the test wants


def test_everything_follows_an_undoing_at_once(session: Session) -> None:
    make_fund(session)
    heard = Announced()
    payment = enter(session, method="cheque", name="Sam Jones")
    enter(session, amount="5")
    assert raised(session) == (3000, 2)
    undo(session, payment, rules=make_rules(announce=heard))
    session.expire_all()
    assert raised(session) == (500, 1)
    assert statuses.status_of(payment) is statuses.Status.REFUNDED
    assert heard == [PaymentRefunded(payment.pledge_id, payment.id, 2500, START)]
    bank = select(LedgerEntry.pence).where(LedgerEntry.account == "bank").order_by(LedgerEntry.id)
    assert list(session.scalars(bank)) == [2500, -2500]
    story = explaining.explain(session, receipts.reference(payment.pledge_id))
    told = [sentence(step.kind, step.values) for step in story.steps]
    assert told == [
        f"Payment 1 of £25, received by cheque on 20 Nov 2026, was entered ({payment.id}).",
        "It was undone, all £25 of it: entered twice.",
    ]
    file = io.StringIO()
    exporting.write(session, file, first=dt.date(2026, 11, 1), last=dt.date(2026, 11, 30))
    assert ",offline,refunded,2500,2500," in file.getvalue()
    month = stating.month(session, 2026, 11)
    assert [(each.section, each.detail, each.count, each.pence) for each in month.offline] == [
        ("offline", "cash", 1, 500),
        ("offline", "cheque", 1, 2500),
        ("offline-undone", "cheque", 1, -2500),
    ]
    assert (month.opening_pence, month.closing_pence, month.lines) == (0, 0, [])
    sound(session)


def test_nothing_is_undone_twice(session: Session) -> None:
    make_fund(session)
    payment = enter(session)
    undo(session, payment)
    with pytest.raises(undoing.AlreadyUndone):
        undo(session, payment)
    assert raised(session) == (0, 0)
    sound(session)


def test_two_who_undo_at_one_moment_undo_once(database: Database) -> None:
    with database.transaction() as session:
        make_fund(session)
        payment = enter(session)

    def undo_it() -> str:
        try:
            with database.transaction() as session:
                undo(session, payment)
        except undoing.AlreadyUndone:
            return "before"
        return "undone"

    assert sorted(together(undo_it, undo_it, undo_it)) == ["before", "before", "undone"]
    with database.reading() as session:
        assert raised(session) == (0, 0)


def test_what_came_through_stripe_is_not_undone_here_and_the_other_way_round(
    session: Session,
) -> None:
    pledge = make_pledge(session)
    settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    with pytest.raises(undoing.NotOffline):
        undo(session, explaining.payment(session, str(pledge.id)))
    offline = enter(session)
    with pytest.raises(refunding.NotRefundable, match="payments offline undo"):
        refunding.ask(session, offline.id, pence=None, why="x", now=START)


@pytest.mark.parametrize("day", [dt.date(2026, 11, 19), dt.date(2026, 11, 23)])
def test_it_goes_back_between_the_day_it_came_and_today(session: Session, day: dt.date) -> None:
    make_fund(session)
    payment = enter(session)
    with pytest.raises(undoing.BeforeItCame):
        undo(session, payment, on=day)
    undo(session, payment, on=dt.date(2026, 11, 20))


def test_what_was_undone_can_be_entered_again(session: Session) -> None:
    make_fund(session)
    for _time in range(3):
        undo(session, enter(session, name="Sam Jones"))
    last = enter(session, name="Sam Jones")
    assert raised(session) == (2500, 1)
    undo(session, last)
    assert raised(session) == (0, 0)
    sound(session)


def test_a_giver_counts_while_any_gift_of_theirs_stands(session: Session) -> None:
    make_fund(session)
    first, second = (enter(session, amount=each, email="sam@example.org") for each in ("1", "2"))
    totals.keep(session, now=START + dt.timedelta(hours=1))
    undo(session, first)
    assert raised(session) == (200, 1)
    totals.keep(session, now=START + dt.timedelta(hours=2))
    undo(session, second)
    assert raised(session) == (0, 0)
    totals.keep(session, now=START + dt.timedelta(hours=3))
    assert raised(session) == (0, 0)
    assert session.scalars(select(AppealDonor)).all() == []
    enter(session, amount="3", email="sam@example.org")
    assert raised(session) == (300, 1)
    sound(session)


def test_dues_that_are_undone_are_dues_no_more(session: Session) -> None:
    make_fund(session)
    dues = make_pledge(session, kind="dues")
    payment = enter(session, appeal="", dues=str(dues.id), amount="10")
    undo(session, payment)
    pence = select(LedgerEntry.pence).where(LedgerEntry.account == "dues").order_by(LedgerEntry.id)
    assert list(session.scalars(pence)) == [-1000, 1000]
    sound(session)
