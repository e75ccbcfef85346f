"""Ten thousand lines of a bank, with likes, slips and returns: the end is exact to the penny."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from payments import settling
from payments.models import BankLine, Payment
from payments.offline import deciding, importing, statements, suggesting
from payments.offline.deciding import Choice
from payments.offline.givers import Giver
from payments.offline.importing import Imported
from tests.fakes import START
from tests.payments.factories import make_rules
from tests.payments.offline.kit import TODAY, bank_file, make_fund, raised, sound
from tests.payments.test_money_that_comes_back import payout_of

LINES = 10_000
GIVERS = 250
JANUARY = dt.date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the bank knows it, and what is to become of it."""

    day: dt.date
    type: str
    text: str
    reference: str
    pence: int
    end: str
    giver: int = -1


def name_of(number: int) -> str:
    """Make a name that no slip turns into another."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"{letters[number % 26] * 3} {letters[number // 26] * 5}SON"


def slip(luck: Random, text: str) -> str:
    """Make a slip of the pen: two letters change places, or one is lost."""
    place = luck.randrange(1, len(text) - 2)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return swapped if swapped != text else text[:place] + text[place + 1 :]


def order(number: int, day: dt.date) -> Row:
    pence = 500 + 25 * (number % 40)
    return Row(day, "FPI", name_of(number), f"FUND {1000 + number}", pence, "matched", number)


def story(luck: Random, many: int) -> list[Row]:
    """Make up what the bank has seen, by day."""
    rows = [order(number, JANUARY) for number in range(GIVERS)]

    def day(first: int = 1, last: int = 300) -> dt.date:
        return JANUARY + dt.timedelta(days=luck.randint(first, last))

    while len(rows) < many:
        usual = order(luck.randrange(GIVERS), day())
        kind = luck.choices(
            ["order", "twice", "slip", "amount", "single", "charge", "return", "payout"],
            [30, 5, 8, 5, 25, 20, 3, 2],
        )[0]
        single = Row(day(), "BGC", f"SINGLE {len(rows)}", "", luck.randint(1, 90_000), "waiting")
        back = usual.day + dt.timedelta(days=luck.randint(1, 20))
        rows += {
            "order": [usual],
            "twice": [usual, usual],
            "slip": [replace(usual, reference=slip(luck, usual.reference), end="waiting")],
            "amount": [replace(usual, pence=usual.pence + 1, end="waiting")],
            "single": [single],
            "charge": [
                replace(single, type="CHG", text="COMMISSION", pence=-single.pence, end="out")
            ],
            "return": [
                usual,
                replace(usual, day=back, type="RTN", pence=-usual.pence, end="waiting"),
            ],
            "payout": [replace(single, text="STRIPE PAYMENTS UK LTD", end="payout")],
        }[kind]
    return sorted(rows[:many], key=lambda row: row.day)


def written(rows: list[Row], *, balances: bool) -> list[str]:
    """Write the rows as the bank's file has them."""
    lines, balance = [], 0
    for row in rows:
        balance += row.pence
        shown = f"{balance / 100:.2f}" if balances else ""
        cells = [f"{row.day:%d/%m/%Y}", row.type, row.text, row.reference]
        lines.append(",".join([*cells, f"{row.pence / 100:.2f}", shown]))
    return lines


def take(session: Session, lines: list[str]) -> Imported:
    read = statements.read(bank_file(*lines), today=TODAY)
    return importing.keep(session, "current", read, rules=make_rules(), now=START)


def decide_on_january(session: Session) -> None:
    """Match each giver's first line, as a treasurer does once."""
    fund = make_fund(session)
    found = session.scalars(select(BankLine).order_by(BankLine.id)).all()
    for line in found:
        choice = Choice(fund, None, Giver(line.text, None, "E11 1AA"))
        deciding.match(session, line.id, choice, rules=make_rules(), now=START)


def tell_of_payouts(session: Session, rows: list[Row]) -> int:
    """Tell of the payouts but every tenth; return how many."""
    told = [row for row in rows if row.end == "payout"]
    known = [row for number, row in enumerate(told) if number % 10]
    for number, row in enumerate(known):
        notice = replace(payout_of(row.pence, "paid", f"po_{number}"), arrives_on=row.day)
        settling.apply(session, notice, rules=make_rules(), now=START)
    return len(known)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("many", "balances"), [(LINES, True), (LINES // 5, False)])
def test_ten_thousand_lines_come_to_what_they_must(
    database: Database, many: int, *, balances: bool
) -> None:
    rows = story(Random(20261122), many)  # noqa: S311 -- luck for a test, no secret
    assert len({row.text for row in rows if row.giver >= 0}) == GIVERS
    lines = written(rows, balances=balances)
    with database.transaction() as session:
        take(session, lines[:GIVERS])
        decide_on_january(session)
        payouts = tell_of_payouts(session, rows)
    with database.transaction() as session:
        found = take(session, lines)
    expected = Counter(row.end for row in rows)
    expected["waiting"] += expected["payout"] - payouts
    expected["payout"] = payouts
    with database.reading() as session:
        ends = select(BankLine.state, func.count()).group_by(BankLine.state)
        assert Counter({row[0]: row[1] for row in session.execute(ends)}) == expected
        pence = sum(row.pence for row in rows if row.end == "matched")
        assert raised(session) == (pence, GIVERS)
        assert (found.fresh, found.known) == (many - GIVERS, GIVERS)
        assert found.sorted.booked == expected["matched"] - GIVERS
        assert found.doubtful == 0
        sound(session)
        assert len(suggesting.waiting(session, account=None, most=50)) == 50
    with database.transaction() as session:
        for again in (lines[: many // 2 + 77], lines[many // 2 - 77 :], lines):
            repeated = take(session, again)
            assert (repeated.fresh, repeated.doubtful, repeated.sorted.booked) == (0, 0, 0)
        assert raised(session) == (pence, GIVERS)
        payments = select(func.count(Payment.id))
        assert session.scalar(payments) == expected["matched"]
