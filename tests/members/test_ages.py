import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.ages import NotADay, NotALifetimeAgo, TooYoung, age_on, check_age, parse_day

LEAP_DAY = dt.date(2008, 2, 29)


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (dt.date(2024, 2, 28), 15),
        (dt.date(2024, 2, 29), 16),
        (dt.date(2025, 2, 28), 16),
        (dt.date(2025, 3, 1), 17),
    ],
)
def test_who_was_born_on_a_leap_day_is_older_on_the_first_of_march(
    today: dt.date, years: int
) -> None:
    assert age_on(today, LEAP_DAY) == years


def test_the_minimum_age_is_reached_on_the_birthday() -> None:
    born = dt.date(2010, 11, 22)
    check_age(born, today=dt.date(2026, 11, 22), minimum=16)
    with pytest.raises(TooYoung):
        check_age(born, today=dt.date(2026, 11, 21), minimum=16)


@pytest.mark.parametrize("born", [dt.date(2026, 11, 23), dt.date(1905, 11, 22), dt.date.min])
def test_nobody_was_born_tomorrow_or_more_than_120_years_ago(born: dt.date) -> None:
    with pytest.raises(NotALifetimeAgo):
        check_age(born, today=dt.date(2026, 11, 22), minimum=16)


def test_who_is_120_can_join() -> None:
    check_age(dt.date(1905, 11, 23), today=dt.date(2026, 11, 22), minimum=16)


@given(st.dates())
def test_a_day_is_read_as_it_is_written_here_and_as_a_browser_fills_it_in(day: dt.date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(f"{day.day}/{day.month}/{day.year:04}") == day


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_said_to_be_none(text: str) -> None:
    with suppress(NotADay):
        assert isinstance(parse_day(text), dt.date)


@pytest.mark.parametrize(
    "text", ["29/2/2025", "0/1/2000", "1/13/2000", "2000-02-30", "1/1/0000", "٢٧/٣/١٩٨٥", "1/1/85"]
)
def test_what_is_in_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(NotADay):
        parse_day(text)
