"""A branch's meetings as a file, read back as a calendar would."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from icalendar import Calendar, Event, vRecur

from branches.calendars import Notice, calendar
from branches.meetings import read
from core.clock import LONDON

TODAY = dt.date(2026, 11, 22)  # a Sunday
NOTICE = Notice(
    url="https://example.org/branches/leyton",
    name="Example Leyton: meetings",
    summary="Example Leyton: branch meeting",
    description="Thursdays, 7pm; ring first\nor write",
    place="Leyton",
    lat=51.5681,
    lon=-0.0123,
    opened=None,
    closed=None,
)


def events(text: str, notice: Notice = NOTICE, today: dt.date = TODAY) -> list[Event]:
    file = Calendar.from_ical(calendar(notice, read(text), today=today))
    assert isinstance(file, Calendar)
    assert file.errors == []
    return list(file.events)


def rule(event: Event) -> dict[str, Any]:
    found = event["rrule"]
    assert isinstance(found, vRecur)
    return dict(found)


def day_of(event: Event) -> dt.date:
    assert isinstance(event.start, dt.datetime)
    return event.start.date()


def test_a_weekly_meeting_comes_again_from_its_next_day_on() -> None:
    (event,) = events("Thursdays 7.30pm, Leytonstone Library")
    assert event.start == dt.datetime(2026, 11, 26, 19, 30, tzinfo=LONDON)
    assert "dtend" not in event
    assert "duration" not in event
    assert rule(event) == {"FREQ": ["WEEKLY"], "BYDAY": ["TH"]}
    assert event["summary"] == NOTICE.summary
    assert event["description"] == NOTICE.description
    assert event["location"] == "Leytonstone Library"
    assert event["url"] == NOTICE.url
    assert event["geo"].to_ical() == "51.5681;-0.0123"
    assert event.stamp == dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def test_a_meeting_of_the_month_has_its_weeks_and_its_end() -> None:
    (event,) = events("First and third Monday of the month, 7-9pm")
    assert event.start == dt.datetime(2026, 12, 7, 19, tzinfo=LONDON)
    assert event.end == dt.datetime(2026, 12, 7, 21, tzinfo=LONDON)
    assert rule(event) == {"FREQ": ["MONTHLY"], "BYDAY": ["1MO", "3MO"]}
    assert event["location"] == "Leyton"


def test_every_meeting_is_known_by_the_same_mark_whatever_is_changed() -> None:
    first, second = events("Mondays 7pm, Library; Wednesdays 6pm, Town Hall")
    changed, _other = events("Tuesdays 8pm; Wednesdays 6pm", today=TODAY + dt.timedelta(40))
    elsewhere = events("Mondays 7pm", replace(NOTICE, url="https://example.org/branches/hackney"))
    assert first["uid"] == changed["uid"]
    assert len({first["uid"], second["uid"], elsewhere[0]["uid"]}) == 3


def test_a_meeting_of_today_is_still_to_come() -> None:
    assert day_of(events("Sundays 11am")[0]) == TODAY


def test_before_a_branch_opens_it_does_not_meet() -> None:
    (event,) = events("Thursdays 7pm", replace(NOTICE, opened=dt.date(2026, 12, 4)))
    assert day_of(event) == dt.date(2026, 12, 10)


def test_a_branch_that_will_close_meets_no_more_from_that_day() -> None:
    closing = replace(NOTICE, closed=dt.date(2027, 6, 3))  # a Thursday, in summer time
    (event,) = events("Thursdays 7pm", closing)
    assert rule(event)["UNTIL"] == [dt.datetime(2027, 6, 2, 22, 59, 59, tzinfo=dt.UTC)]
    assert b"UNTIL=20270602T225959Z" in calendar(closing, read("Thursdays 7pm"), today=TODAY)
    assert events("Thursdays 7pm", replace(NOTICE, closed=dt.date(2026, 11, 26))) == []


@pytest.mark.parametrize("text", ["", "Ask the regional organiser", "Alternate Wednesdays 7pm"])
def test_a_calendar_without_a_date_is_a_calendar_all_the_same(text: str) -> None:
    file = calendar(NOTICE, read(text), today=TODAY)
    read_back = Calendar.from_ical(file)
    assert [part.name for part in read_back.subcomponents] == ["VTIMEZONE"]
    assert read_back["version"] == "2.0"
    assert read_back["x-wr-calname"] == read_back["name"] == NOTICE.name
    assert b"BEGIN:VEVENT" not in file


def test_the_file_keeps_to_the_lines_of_the_standard() -> None:
    notice = replace(NOTICE, description="Caersalem \N{LATIN SMALL LETTER W WITH CIRCUMFLEX}" * 40)
    lines = calendar(notice, read("Thursdays 7pm"), today=TODAY).split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT12H" in lines


def test_the_time_zone_is_that_of_britain() -> None:
    read_back = Calendar.from_ical(calendar(NOTICE, (), today=TODAY))
    (zone,) = read_back.timezones
    described = zone.to_tz(lookup_tzid=False)
    moment = dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.UTC)
    for _hours in range(2 * 365 * 4):
        moment += dt.timedelta(hours=6)
        local = moment.astimezone(LONDON).replace(tzinfo=None)
        ours = local.replace(tzinfo=described)
        assert ours.utcoffset() == local.replace(tzinfo=LONDON).utcoffset(), moment
