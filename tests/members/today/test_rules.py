"""What is due when: the table of rules, read as a table."""

import datetime as dt

import pytest

from members.today import rules
from members.today.rules import Standing, Taken

AT = dt.datetime(2026, 11, 23, 18, 30, tzinfo=dt.UTC)
THURSDAY = dt.date(2026, 11, 26)


def midnight(day: int, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("step", "day", "other_way", "due"),
    [
        ("called", None, True, None),
        ("wrote", None, True, None),
        ("left-word", None, True, midnight(25)),
        ("not-now", None, True, midnight(23, 12)),
        ("will-come", THURSDAY, True, midnight(27)),
        ("will-come", None, True, midnight(30)),
        ("wrong-number", None, True, AT),
        ("wrong-number", None, False, None),
    ],
)
def test_a_step_says_when_the_card_is_due_again(
    step: str, day: dt.date | None, due: dt.datetime | None, *, other_way: bool
) -> None:
    assert rules.due_at(Taken(1, step, AT, day), other_way=other_way) == due


def test_every_step_has_its_rule() -> None:
    assert set(rules.NEXT) == set(rules.STEPS)


def test_days_are_those_of_london() -> None:
    summer = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)  # half past midnight on the 2nd
    due = rules.due_at(Taken(1, "left-word", summer), other_way=True)
    assert due == dt.datetime(2026, 7, 3, 23, tzinfo=dt.UTC)


def test_a_step_that_was_taken_back_counts_for_nothing() -> None:
    left = Taken(1, "left-word", AT)
    wrong = Taken(2, "wrong-number", AT)
    undone = Taken(3, rules.UNDO, AT, undoes=2)
    assert rules.stand([left, wrong], other_way=True) == Standing(wrong, AT, stops_calls=True)
    assert rules.stand([left, wrong, undone], other_way=True) == Standing(left, midnight(25))
    assert rules.stand([], other_way=True) == Standing()
