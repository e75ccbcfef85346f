"""A branch's meetings as a calendar that telephones and diaries take (iCalendar, RFC 5545)."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
)

from branches.meetings import Meeting
from core.clock import LONDON

MEDIA_TYPE = "text/calendar"
_PRODUCT = "-//Groundswell//Branches//EN"
_REFRESHED = dt.timedelta(hours=12)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HOUR = dt.timedelta(hours=1)
_NOUGHT = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Notice:
    """What a calendar says of a branch, in words for people.

    `url` is the branch's page, and never changes for a branch. `place` stands where a meeting names
    none of its own. Degrees are WGS84.
    """

    url: str
    name: str
    summary: str
    description: str
    place: str
    lat: float
    lon: float
    opened: dt.date | None
    closed: dt.date | None


def calendar(notice: Notice, meetings: Iterable[Meeting], *, today: dt.date) -> bytes:
    """Write the meetings from `today` on, as a file; without any it is a calendar all the same.

    What it holds is the same all day long, so that a cache can tell whether it has changed.
    """
    made = Calendar.new(
        prodid=_PRODUCT,
        name=notice.name,
        url=notice.url,
        calscale="GREGORIAN",
        uid=uuid.uuid5(uuid.NAMESPACE_URL, notice.url),
    )
    made.add("refresh-interval", _REFRESHED, parameters={"value": "DURATION"})  # RFC 7986, 5.7
    made.add("x-wr-timezone", LONDON.key)  # what calendars before RFC 7986 go by
    made.add_component(_time_zone())
    for number, meeting in enumerate(meetings, 1):
        event = _event(notice, number, meeting, today)
        if event is not None:
            made.add_component(event)
    return bytes(made.to_ical())


def _event(notice: Notice, number: int, meeting: Meeting, today: dt.date) -> Event | None:
    """Make the event of a meeting; None where the branch closes before it comes."""
    day = meeting.first(max(today, notice.opened or today))
    if notice.closed and day >= notice.closed:
        return None
    event = Event.new(
        uid=uuid.uuid5(uuid.NAMESPACE_URL, f"{notice.url}#meeting-{number}"),
        stamp=_midnight(today),
        start=dt.datetime.combine(day, meeting.starts, LONDON),
        end=dt.datetime.combine(day, meeting.ends, LONDON) if meeting.ends else None,
        summary=notice.summary,
        description=notice.description,
        location=meeting.where or notice.place or None,
        url=notice.url,
    )
    event.add("geo", (notice.lat, notice.lon))
    event.add("rrule", _rule(meeting, notice.closed))
    return event


def _rule(meeting: Meeting, closed: dt.date | None) -> dict[str, object]:
    """Say when it comes again; the end of a rule is given in UTC (RFC 5545, 3.3.10)."""
    day = _WEEKDAYS[meeting.weekday]
    rule: dict[str, object] = {"freq": "WEEKLY", "byday": day}
    if meeting.weeks:
        rule = {"freq": "MONTHLY", "byday": [f"{week}{day}" for week in meeting.weeks]}
    if closed:
        rule["until"] = _midnight(closed) - dt.timedelta(seconds=1)
    return rule


def _midnight(day: dt.date) -> dt.datetime:
    """Give the moment at which a day begins in Britain, in UTC."""
    return dt.datetime.combine(day, dt.time(), LONDON).astimezone(dt.UTC)


def _time_zone() -> Timezone:
    """Describe time in Britain by its law, so that it holds for meetings without an end.

    From the last Sunday in March to the last in October, changing at one o'clock in the morning,
    Greenwich mean time (Summer Time Act 1972, section 1, as amended by SI 2002/262).
    """
    zone = Timezone()
    zone.add("tzid", LONDON.key)
    changes = (
        (TimezoneDaylight, "BST", dt.datetime(2002, 3, 31, 1), 3, _NOUGHT, _HOUR),  # noqa: DTZ001 -- local by definition
        (TimezoneStandard, "GMT", dt.datetime(2002, 10, 27, 2), 10, _HOUR, _NOUGHT),  # noqa: DTZ001 -- likewise
    )
    for kind, name, start, month, before, after in changes:
        part = kind()
        part.add("tzname", name)
        part.add("dtstart", start)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("rrule", {"freq": "YEARLY", "bymonth": month, "byday": "-1SU"})
        zone.add_component(part)
    return zone
