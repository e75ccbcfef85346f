"""Months in Britain, alike in Python and in either database."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from core.database import Database, UTCDateTime
from core.months import first_day, london_month, month_of

FIRST = dt.datetime.fromisoformat("2000-01-01T00:00")
LAST = dt.datetime.fromisoformat("2037-12-31T23:59:59.999999")
EDGES = [
    (dt.datetime(2024, 2, 29, 23, 59, 59, tzinfo=dt.UTC), "2024-02"),
    (dt.datetime(2025, 2, 28, 23, 59, 59, tzinfo=dt.UTC), "2025-02"),
    (dt.datetime(2025, 3, 1, tzinfo=dt.UTC), "2025-03"),
    (dt.datetime(2026, 3, 31, 22, 59, 59, tzinfo=dt.UTC), "2026-03"),
    (dt.datetime(2026, 3, 31, 23, 0, tzinfo=dt.UTC), "2026-04"),
    (dt.datetime(2026, 9, 30, 23, 0, tzinfo=dt.UTC), "2026-10"),
    (dt.datetime(2026, 10, 31, 23, 0, tzinfo=dt.UTC), "2026-10"),
    (dt.datetime(2026, 10, 31, 23, 59, 59, 999999, tzinfo=dt.UTC), "2026-10"),
    (dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.UTC), "2026-12"),
    (dt.datetime(2027, 1, 1, tzinfo=dt.UTC), "2027-01"),
]


@pytest.mark.parametrize(("moment", "month"), EDGES)
def test_a_month_begins_at_midnight_in_london(
    database: Database, moment: dt.datetime, month: str
) -> None:
    with database.reading() as session:
        found = session.scalar(select(london_month(literal(moment, UTCDateTime()))))
    assert found == month_of(moment)
    assert f"{first_day(month_of(moment)):%Y-%m}" == month


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moments=st.lists(st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)), min_size=1, max_size=20)
)
def test_python_and_the_database_agree_on_every_moment(
    database: Database, moments: list[dt.datetime]
) -> None:
    with database.reading() as session:
        columns = [london_month(literal(each, UTCDateTime())) for each in moments]
        assert list(session.execute(select(*columns)).one()) == [month_of(each) for each in moments]
