"""A treasurer's months: each line is something that happened, and all of it adds up."""

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core.database import Database
from payments import settling, stating
from payments.notices import Notice, Outcome, PayoutState
from payments.settling import Applied
from tests.payments.factories import make_notice, make_pledge, make_rules
from tests.payments.test_money_that_comes_back import payout_of, refund_of

NOVEMBER_28 = dt.datetime(2026, 11, 28, 9, tzinfo=dt.UTC)
DECEMBER_2 = dt.datetime(2026, 12, 2, 9, tzinfo=dt.UTC)


def tell(session: Session, *notices: Notice) -> None:
    for notice in notices:
        applied = settling.apply(session, notice, rules=make_rules(), now=NOVEMBER_28)
        assert applied is Applied.APPLIED, notice


def payout(pence: int, name: str, at: dt.datetime, status: str = "paid") -> PayoutState:
    return replace(
        payout_of(pence, status, name), made_at=NOVEMBER_28, arrives_on=NOVEMBER_28.date(), at=at
    )


def gift_at(session: Session, at: dt.datetime) -> None:
    tell(session, make_notice(make_pledge(session), Outcome.PAID, at=at))


def a_payout_that_comes_back(session: Session) -> None:
    gift_at(session, dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC))
    again = replace(payout(900, "po_2", DECEMBER_2), arrives_on=dt.date(2026, 12, 5))
    tell(session, payout(900, "po_1", NOVEMBER_28), payout(900, "po_1", DECEMBER_2, "failed"))
    tell(
        session, again, payout(-50, "po_3", NOVEMBER_28), payout(7, "po_4", NOVEMBER_28, "pending")
    )


def test_a_payout_that_comes_back_is_a_movement_of_its_own_day(session: Session) -> None:
    a_payout_that_comes_back(session)
    november, december = (stating.month(session, 2026, number) for number in (11, 12))
    assert [(each.payout, each.moved_on.day, each.pence) for each in november.payouts] == [
        ("po_1", 28, 900),
        ("po_3", 28, -50),
    ]
    assert [(each.payout, each.moved_on.day, each.pence) for each in december.payouts] == [
        ("po_1", 2, -900),
        ("po_2", 5, 900),
    ]
    assert (november.closing_pence, december.closing_pence) == (150, 150)


@pytest.mark.parametrize("month", ["2026-11", "2026-12"])
def test_what_is_printed_adds_up(app: Flask, database: Database, month: str) -> None:
    with database.transaction() as session:
        a_payout_that_comes_back(session)
    said = app.test_cli_runner().invoke(args=["payments", "statement", month, "--csv"]).output
    rows = list(csv.DictReader(io.StringIO(said)))
    *moved, closing = [int(row["pence"]) for row in rows]
    assert sum(moved) == closing == 150
    told = app.test_cli_runner().invoke(args=["payments", "statement", month]).output
    assert ("came back" in told) == (month == "2026-12")


def test_refunds_are_counted_apart_from_those_that_came_back(session: Session) -> None:
    pledge = make_pledge(session)
    tell(session, make_notice(pledge, Outcome.PAID))
    back = refund_of(pledge, 300)
    tell(session, back, replace(back, status="failed"), refund_of(pledge, 200, refund="re_2"))
    lines = stating.month(session, 2026, 11).lines
    assert [(each.what, each.count, each.pence) for each in lines if each.section == "refunds"] == [
        ("Fund", 2, -500),
        ("Fund, came back", 1, 300),
    ]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-03-31T22:59:59+00:00", 3),
        ("2026-03-31T23:00:00+00:00", 4),  # summer time since 29 March
        ("2026-10-31T23:30:00+00:00", 10),  # and no more since 25 October
        ("2026-11-01T00:00:00+00:00", 11),
    ],
)
def test_a_month_is_londons(session: Session, moment: str, month: int) -> None:
    gift_at(session, dt.datetime.fromisoformat(moment))
    gifts = {number: stating.month(session, 2026, number).lines for number in (3, 4, 10, 11)}
    assert [number for number, lines in gifts.items() if lines] == [month]
