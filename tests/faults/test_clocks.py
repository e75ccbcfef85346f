"""F29: clocks that are wrong, clocks that are put back an hour, and the end of a year."""

import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo

import pytest
import requests
from flask import Flask

from core.database import Database
from payments import settling
from payments.notices import Outcome
from tests.fakes import START
from tests.faults.conftest import Build, open_house
from tests.faults.house import session_in
from tests.faults.launching import Processes
from tests.faults.oracle import payments, pledges
from tests.journeys.conftest import checkout
from tests.payments.factories import make_notice, make_pledge, make_rules

TEN_MINUTES, A_DAY = 600, 86_400
LONDON = ZoneInfo("Europe/London")


def test_f29_a_machine_ten_minutes_slow_takes_gifts_and_notices(
    processes: Processes, build: Build
) -> None:
    house = build()
    with processes.web(ahead=-TEN_MINUTES, machine_ahead=-TEN_MINUTES):
        house.sandbox.serve(house.url)
        session_id = session_in(checkout(house.url))
        house.controls.pay(session_id)
        house.sandbox.quiesce()
        assert house.told(session_id) == "received"
    with open_house(house):
        house.work()
    house.assert_all_is_well()


def test_f29_a_machine_a_day_fast_refuses_what_looks_old_and_loses_nothing(
    processes: Processes, build: Build
) -> None:
    """Stripe refuses to keep a Checkout open for so long, and our machine Stripe's signatures."""
    house = build()
    with open_house(house):
        session_id = house.checkout()
    with processes.web(ahead=A_DAY, machine_ahead=A_DAY):
        house.sandbox.serve(house.url)
        form = house.form(amount="5")
        page = house.send(form)
        assert page.status_code in (502, 503)
        assert "Nothing has been charged" in page.text
        house.controls.pay(session_id)
        refused = house.notify(b'{"id": "evt_1", "type": "x", "created": 1, "livemode": false}')
        assert refused == requests.codes.bad_request
    assert payments(house.database) == []
    with open_house(house):
        house.work()
        assert house.told(session_id) == "received"
        assert house.raised() == 1000
    house.assert_all_is_well()


def test_f29_a_notice_signed_ten_minutes_ago_is_refused_and_one_from_the_future_is_not(
    build: Build,
) -> None:
    raw = b'{"id": "evt_1", "type": "price.created", "created": 1795000000, "livemode": false}'
    with open_house(build()) as house:
        assert house.notify(raw, age=TEN_MINUTES) == requests.codes.bad_request
        assert house.notify(raw, age=-TEN_MINUTES) == requests.codes.ok


def test_f29_a_form_from_a_clock_ten_minutes_ahead_comes_back_and_works(build: Build) -> None:
    with open_house(build()) as house:
        house.clock.move(seconds=TEN_MINUTES)
        form = house.form()
        house.clock.move(seconds=-TEN_MINUTES)
        page = house.send(form)
        assert page.status_code == requests.codes.unprocessable_entity
        assert 'value="Sam Jones"' in page.text
        assert pledges(house.database) == []
        assert house.send(house.form()).status_code == requests.codes.see_other


# Moments by which days and months in London are other ones than in UTC.
MOMENTS = [
    ("2026-03-28", dt.datetime(2026, 3, 28, 23, 59, 59, tzinfo=dt.UTC)),  # the last of winter
    ("2026-03-29", dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC)),  # an hour is left out
    ("2026-03-30", dt.datetime(2026, 3, 29, 23, 30, tzinfo=dt.UTC)),  # half past midnight
    ("2026-10-25", dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)),  # 01:30, the first time
    ("2026-10-25", dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)),  # 01:30 once more
    ("2026-07-01", dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)),  # another quarter than UTC's
    ("2026-12-31", dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
    ("2027-01-01", dt.datetime(2027, 1, 1, 0, 0, tzinfo=dt.UTC)),
]


def test_f29_every_gift_counts_on_its_day_in_london_when_clocks_change_and_years_end(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        for _day, moment in MOMENTS:
            notice = make_notice(make_pledge(session), Outcome.PAID, at=moment)
            settling.apply(session, notice, rules=make_rules(), now=START)
    run = app.test_cli_runner()
    for day in sorted({day for day, _moment in MOMENTS}):
        said = run.invoke(args=["payments", "export", "--from", day, "--to", day])
        rows = list(csv.DictReader(io.StringIO(said.output)))
        assert len(rows) == [each for each, _moment in MOMENTS].count(day), day
    for month in ("2026-03", "2026-06", "2026-07", "2026-10", "2026-12", "2027-01"):
        said = run.invoke(args=["payments", "statement", month, "--csv"])
        gifts = [
            row for row in csv.DictReader(io.StringIO(said.output)) if row["section"] == "gifts"
        ]
        counted = sum(int(row["count"]) for row in gifts)
        assert counted == sum(day.startswith(month) for day, _moment in MOMENTS), month


@pytest.mark.parametrize("moved", [dt.timedelta(minutes=-10), dt.timedelta(days=1)])
def test_f29_a_clock_that_jumps_makes_the_worker_do_nothing_twice(
    build: Build, moved: dt.timedelta
) -> None:
    with open_house(build()) as house:
        house.give()
        house.sandbox.quiesce()
        house.work_once()
        house.clock.move(seconds=moved.total_seconds())
        house.work()
        house.clock.move(seconds=-moved.total_seconds())
        house.work()
    house.assert_all_is_well()


def test_f29_what_london_calls_a_day_is_what_these_tests_think() -> None:
    assert all(str(moment.astimezone(LONDON).date()) == day for day, moment in MOMENTS)
