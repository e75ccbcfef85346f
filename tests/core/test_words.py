"""How money, days and distances are written for people."""

import datetime as dt

import pytest
from flask import Flask

from core.words import day, miles, pounds
from tests.fakes import START


@pytest.mark.parametrize(("pence", "written"), [(0, "£0"), (1000, "£10"), (123_450, "£1,234.50")])
def test_pence_are_written_as_pounds(pence: int, written: str) -> None:
    assert pounds(pence) == written


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (START, "22 November 2026"),
        (dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC), "1 July 2026"),
        (dt.date(2026, 12, 3), "3 December 2026"),
        ("2026-12-31T23:59:59+00:00", "31 December 2026"),
        ("2026-06-30T23:30:00+00:00", "1 July 2026"),
        ("2026-06-30", "30 June 2026"),
    ],
)
def test_a_day_is_the_day_in_britain(
    moment: dt.datetime | dt.date | str, written: str, app: Flask
) -> None:
    with app.test_request_context():
        assert day(moment) == written


@pytest.mark.parametrize("moment", [START.replace(tzinfo=None), "2026-11-22T12:00:00"])
def test_a_moment_without_a_zone_has_no_day(moment: dt.datetime | str, app: Flask) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match="time zone"):
        day(moment)


@pytest.mark.parametrize(
    ("kilometres", "written"),
    [(0, "0.0"), (1.2, "0.7"), (8.0, "5.0"), (16.0, "9.9"), (16.05, "10"), (60.0, "37")],
)
def test_a_distance_is_written_to_a_tenth_below_ten_miles(kilometres: float, written: str) -> None:
    assert miles(kilometres) == written
