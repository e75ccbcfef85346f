"""Names of givers go once nobody has to keep them, to the day; what was given stays booked."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.database import Database
from core.outbox import OutboxMail
from payments import checking, letting_go, settling, totals
from payments.erasing import kept_until
from payments.law import deciding
from payments.models import (
    AppealDonor,
    BankAccount,
    BankLine,
    BankRule,
    Declaration,
    OfflineEntry,
    Payment,
    PermissibilityCheck,
    Pledge,
    WallEntry,
)
from tests.fakes import START, FakeClock
from tests.members.protection.people import MESSAGE, SAM, everything, give, run, sums
from tests.payments.factories import make_pledge, make_rules
from tests.payments.test_money_that_comes_back import dispute_of
from tests.payments.test_odd_notices import month_of

pytestmark = pytest.mark.usefixtures("small_directory")
LAST = dt.datetime(2032, 12, 31, 23, 59, 59, tzinfo=LONDON).astimezone(dt.UTC)
SECOND = dt.timedelta(seconds=1)


def let_go(app: Flask) -> str:
    (line,) = [each for each in run(app, "retain").output.splitlines() if "names of" in each]
    return line.split()[0]


def by_bank(session: Session, pledge: Pledge) -> None:
    """Let a gift have come by the bank, whose line and rule name its giver."""
    (payment,) = session.scalars(select(Payment).where(Payment.pledge_id == pledge.id))
    session.add(BankAccount(name="main"))
    session.add(
        OfflineEntry(
            payment_id=payment.id,
            key="f:1",
            fingerprint="f",
            received_on=START.date(),
            reference="SAM JONES 1",
            entered_at=START,
        )
    )
    line = BankLine(
        key="l:1",
        account="main",
        on_day=START.date(),
        pence=payment.amount_pence,
        type="BGC",
        text="SAM JONES",
        reference="SAM",
        folded="sam jones",
        raw="SAM JONES,1",
        doubt=False,
        state="matched",
        imported_at=START,
        payment_id=payment.id,
    )
    session.add(line)
    session.flush()
    session.add(
        BankRule(
            folded="sam jones",
            pence=payment.amount_pence,
            line_id=line.id,
            payment_id=payment.id,
            learned_at=START,
        )
    )


def test_a_name_stays_to_the_last_second_and_then_nothing_says_who_gave(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        pledge = give(session, pence=60000, stripe_customer="cus_1")
        by_bank(session, pledge)
        check = session.scalars(select(PermissibilityCheck)).one()
        deciding.accept(session, check.payment_id, why="seen", who="Kim", now=START)
        for mail in session.scalars(select(OutboxMail)):  # and its receipt has left
            mail.due_at, mail.done_at = None, START
        before = (sums(session), totals.total(session, pledge.appeal_id or 0))
    clock.moment = LAST
    assert let_go(app) == "0"
    with database.reading() as session:
        assert session.get_one(Pledge, pledge.id).name == "Sam Jones"

    clock.moment = LAST + SECOND
    assert "1  names of donors" in run(app, "retain", "--dry-run").output
    assert let_go(app) == "1"

    left = everything(database)
    for gone in ("Jones", SAM, MESSAGE, "cus_1", "E11 1AA", "sam jones", "1 High Road"):
        assert gone.lower() not in left.lower(), gone
    with database.reading() as session:
        assert (sums(session), totals.total(session, pledge.appeal_id or 0)) == before
        assert session.scalars(select(Payment.amount_pence)).all() == [60000]
        for table in (Declaration, WallEntry, BankRule):
            assert session.scalars(select(table)).all() == []
        assert session.scalars(select(PermissibilityCheck.state)).all() == ["accepted"]
    assert let_go(app) == "0"


def test_who_still_gives_is_one_donor_and_keeps_what_is_newer(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        old = give(session, message="", display="full")
        new = give(session, message="", display="full")
        new.created_at = LAST
        session.execute(
            update(Payment).where(Payment.pledge_id == new.id).values(paid_at=LAST, booked_at=LAST)
        )
    clock.moment = LAST + SECOND
    assert let_go(app) == "1"
    with database.reading() as session:
        assert session.get_one(Pledge, old.id).email_key.startswith("let-go:")
        assert session.get_one(Pledge, new.id).name == "Sam Jones"
        (donor,) = session.scalars(select(AppealDonor))
        assert donor.key.endswith(f":{SAM}")
        faults = checking.faults(session)
    clock.moment = LAST.replace(year=2039)
    assert let_go(app) == "1"
    with database.reading() as session:
        (donor,) = session.scalars(select(AppealDonor))
        assert SAM not in donor.key
        assert checking.faults(session) == faults


def test_who_was_erased_before_loses_the_name_that_the_law_kept(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        give(session)
    run(app, "erase", SAM, "--why", "asked")
    clock.moment = LAST + SECOND
    assert let_go(app) == "1"
    with database.reading() as session:
        (pledge,) = session.scalars(select(Pledge))
        assert (pledge.name, pledge.postcode) == ("", None)
        assert pledge.email_key == f"let-go:{pledge.id.hex}"
        assert "erased:" not in session.scalars(select(AppealDonor.key)).one()


def test_what_runs_is_argued_about_or_waits_keeps_its_giver(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        running = make_pledge(session, "monthly")
        month = month_of(running, "in_1", "sub_1")
        settling.apply(session, month, rules=make_rules(), now=START)
        give(session, pence=60000, message="")  # waits to be checked
        argued = give(session, message="")
        settling.apply(session, dispute_of(argued), rules=make_rules(), now=START)
        stays = make_pledge(session)  # never paid: that goes by another clock
        stays.checkouts[0].expires_at = LAST + dt.timedelta(days=9)
    clock.moment = LAST + SECOND
    assert let_go(app) == "0"
    with database.transaction() as session:
        session.get_one(Pledge, running.id).stopped_at = LAST
    assert let_go(app) == "1"


@pytest.mark.parametrize(
    ("ends_month", "today", "before"),
    [
        (12, dt.date(2032, 12, 31), dt.datetime(2026, 1, 1, tzinfo=LONDON)),
        (12, dt.date(2033, 1, 1), dt.datetime(2027, 1, 1, tzinfo=LONDON)),
        (3, dt.date(2033, 3, 31), dt.datetime(2026, 4, 1, tzinfo=LONDON)),
        (3, dt.date(2033, 4, 1), dt.datetime(2027, 4, 1, tzinfo=LONDON)),
        (2, dt.date(2034, 3, 1), dt.datetime(2028, 3, 1, tzinfo=LONDON)),
    ],
)
def test_the_financial_year_is_whole(ends_month: int, today: dt.date, before: dt.datetime) -> None:
    assert letting_go.ended(ends_month, today) == before
    last = before.date() - dt.timedelta(days=1)
    assert kept_until(last, ends_month) < today <= kept_until(before.date(), ends_month)
