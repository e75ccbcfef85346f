"""The time, and the day it is in Britain."""

import datetime as dt

import pytest
from flask import Flask

from core import clock
from core.clock import SystemClock, day_in_london
from tests.fakes import START, FakeClock


def test_the_machine_knows_the_time_in_utc() -> None:
    before = dt.datetime.now(dt.UTC)

    found = SystemClock().now()

    assert before <= found <= dt.datetime.now(dt.UTC)
    assert found.tzinfo is dt.UTC


def test_the_application_asks_its_own_clock(app: Flask, clock: FakeClock) -> None:
    clock.move(hours=3)

    with app.app_context():
        assert clock_now() == START + dt.timedelta(hours=3)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-30T22:59:59+00:00", "2026-06-30"),
        ("2026-06-30T23:00:00+00:00", "2026-07-01"),
        ("2026-12-31T23:59:59+00:00", "2026-12-31"),
        ("2026-03-29T00:59:59+00:00", "2026-03-29"),
        ("2026-10-24T23:30:00+00:00", "2026-10-25"),
        ("2026-10-25T23:30:00+00:00", "2026-10-25"),
        ("2026-07-01T00:30:00+05:00", "2026-06-30"),
    ],
)
def test_a_day_begins_at_midnight_in_london(moment: str, day: str) -> None:
    assert day_in_london(dt.datetime.fromisoformat(moment)) == dt.date.fromisoformat(day)


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        day_in_london(START.replace(tzinfo=None))


def clock_now() -> dt.datetime:
    return clock.now()
