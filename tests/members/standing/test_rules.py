"""The rule of standing, at the edges of months."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import LONDON
from core.months import month_of
from members.standing.rules import (
    ANSWERED_WITHIN,
    Facts,
    MonthRules,
    paid_up_to,
    standing,
)

RULES = MonthRules(arrears_after=1, lapse_after=3)


def month(text: str) -> int:
    year, number = text.split("-")
    return int(year) * 12 + int(number) - 1


def london(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(dt.UTC)


EDGES = [
    ("2026-09", "2026-09-30 23:59", "active"),
    ("2026-09", "2026-10-01 00:00", "active"),
    ("2026-09", "2026-10-31 23:59", "active"),
    ("2026-09", "2026-11-01 00:00", "arrears"),
    ("2026-09", "2026-12-31 23:59", "arrears"),
    ("2026-09", "2027-01-01 00:00", "lapsed"),
    ("2023-12", "2024-01-31 23:59", "active"),
    ("2023-12", "2024-02-29 23:59", "arrears"),
    ("2023-12", "2024-03-31 23:59", "arrears"),
    ("2023-12", "2024-04-01 00:00", "lapsed"),
    ("2024-01", "2024-02-29 23:59", "active"),
    ("2025-01", "2025-02-28 23:59", "active"),
    ("2025-01", "2025-03-01 00:00", "arrears"),
    ("2026-02", "2026-03-31 23:59", "active"),  # summer time: still March at 22:59 UTC
    ("2026-02", "2026-04-01 00:00", "arrears"),  # and no longer at 23:00
    ("2026-09", "2026-10-25 01:30", "active"),
    ("2027-06", "2026-11-22 12:00", "active"),  # paid for in advance
]


@pytest.mark.parametrize(("paid", "at", "state"), EDGES)
def test_standing_turns_at_midnight_in_london_on_the_first(paid: str, at: str, state: str) -> None:
    facts = Facts("active", month(paid), has_paid=True)
    assert standing(facts, RULES, now=london(at)).state == state


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-09-30 23:59", "active"),
        ("2026-10-31 23:59", "active"),
        ("2026-11-01 00:00", "lapsed"),
    ],
)
def test_whose_dues_ended_lapses_where_others_fall_into_arrears(at: str, state: str) -> None:
    facts = Facts("active", month("2026-09"), has_paid=True, ended=True)
    found = standing(facts, RULES, now=london(at))
    assert (found.state, found.why[:18]) == (state, "paid up to 2026-09")


def test_nobody_lapses_while_the_gateway_still_tries() -> None:
    now = london("2027-02-10 12:00")
    late = Facts("arrears", month("2026-09"), has_paid=True)
    assert standing(late, RULES, now=now).state == "lapsed"
    for retry, state in (
        (now + dt.timedelta(days=3), "arrears"),
        (now - dt.timedelta(days=3), "arrears"),  # its answer may be on the way
        (now - ANSWERED_WITHIN, "lapsed"),
    ):
        facts = Facts("arrears", month("2026-09"), has_paid=True, retry_at=retry)
        found = standing(facts, RULES, now=now)
        assert (found.state, found.held) == (state, state == "arrears")


def test_a_retry_makes_nobody_a_member_again_and_keeps_no_ended_agreement() -> None:
    now = london("2027-02-10 12:00")
    retry = now + dt.timedelta(days=3)
    gone = Facts("lapsed", month("2026-09"), has_paid=True, retry_at=retry)
    assert standing(gone, RULES, now=now).state == "lapsed"
    ended = Facts("active", month("2026-09"), has_paid=True, retry_at=retry, ended=True)
    assert standing(ended, RULES, now=now).state == "lapsed"


@pytest.mark.parametrize(
    ("state", "collects_at", "unpaid_at", "after"),
    [
        ("active", "2026-10-30 09:00", None, "active"),
        ("active", "2026-11-30 09:00", None, "active"),  # the next one, so the last was 30 October
        ("active", "2026-08-31 09:00", None, "active"),  # as it was months ago
        ("active", "2026-11-15 09:00", None, "arrears"),  # the last was on 15 October
        ("active", "2026-10-30 09:00", "2026-10-30 10:00", "arrears"),
        ("active", "2026-10-30 09:00", "2026-09-30 10:00", "active"),
        ("lapsed", "2026-10-30 09:00", None, "arrears"),
    ],
)
def test_nobody_falls_further_while_a_debit_settles(
    state: str, collects_at: str, unpaid_at: str | None, after: str
) -> None:
    facts = Facts(
        state,
        month("2026-09"),
        has_paid=True,
        collects_at=london(collects_at),
        unpaid_at=london(unpaid_at) if unpaid_at else None,
    )
    assert standing(facts, RULES, now=london("2026-11-03 12:00")).state == after


def test_whose_every_due_went_back_is_an_applicant_again() -> None:
    found = standing(Facts("active", None, has_paid=True), RULES, now=london("2026-11-03 12:00"))
    assert (found.state, found.why) == ("applied", "every due went back")


@pytest.mark.parametrize("state", ["active", "arrears", "lapsed"])
def test_of_whom_no_due_is_in_the_books_nothing_can_be_said(state: str) -> None:
    facts = Facts(state, None, has_paid=False)
    assert standing(facts, RULES, now=london("2036-11-03 12:00")).state == state


@pytest.mark.parametrize(
    ("dues", "reached"),
    [
        ([], None),
        ([("2026-09", 1)], "2026-09"),
        ([("2026-09", 1), ("2026-09", 1)], "2026-10"),
        ([("2026-09", 12)], "2027-08"),
        ([("2026-01", 1), ("2026-06", 1)], "2026-06"),
        ([("2026-01", 3), ("2026-02", 1)], "2026-04"),
        ([("2026-01", 1), ("2026-03", 1), ("2026-03", 1)], "2026-04"),
    ],
)
def test_a_due_beyond_its_month_counts_for_the_next(
    dues: list[tuple[str, int]], reached: str | None
) -> None:
    found = paid_up_to((month(each), many) for each, many in dues)
    assert found == (month(reached) if reached else None)


@given(
    state=st.sampled_from(["active", "arrears", "lapsed"]),
    behind=st.integers(-30, 30),
    ended=st.booleans(),
    retry=st.none() | st.integers(-40, 40),
    collects=st.none() | st.integers(-400, 40),
    grace=st.integers(0, 24),
    more=st.integers(1, 24),
    day=st.dates(dt.date(2024, 1, 1), dt.date(2031, 12, 31)),
)
def test_nobody_lapses_who_is_paid_up_whatever_else_is_so(  # noqa: PLR0913, PLR0917 -- all drawn
    state: str,
    behind: int,
    ended: bool,  # noqa: FBT001 -- drawn
    retry: int | None,
    collects: int | None,
    grace: int,
    more: int,
    day: dt.date,
) -> None:
    now = dt.datetime.combine(day, dt.time(11), dt.UTC)
    rules = MonthRules(grace, grace + more)
    facts = Facts(
        state,
        month_of(now) - behind,
        has_paid=True,
        ended=ended,
        retry_at=None if retry is None else now + dt.timedelta(days=retry),
        collects_at=None if collects is None else now + dt.timedelta(days=collects),
    )
    found = standing(facts, rules, now=now)
    if behind <= grace:
        assert found.state == "active"
    if found.state == "lapsed" and state != "lapsed":
        assert behind > grace
        assert ended or behind > rules.lapse_after
        assert ended or retry is None or retry <= -ANSWERED_WITHIN.days
    if found.state == "arrears":
        assert behind > grace
        assert not ended
