"""When a branch meets, read out of what people write of it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.meetings import Meeting, names_a_day, read
from branches.meetings.words import DAYS, DOUBTS, FILLERS, ORDINALS, PARTS

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def at(
    day: int, starts: str, ends: str = "", *, where: str = "", weeks: tuple[int, ...] = ()
) -> Meeting:
    end = dt.time.fromisoformat(ends) if ends else None
    return Meeting(day, weeks, dt.time.fromisoformat(starts), end, where)


ONE = {
    "Thursdays 7.30pm, Leytonstone Library": at(THU, "19:30", where="Leytonstone Library"),
    "THURSDAYS 7.30PM, LEYTONSTONE LIBRARY": at(THU, "19:30", where="LEYTONSTONE LIBRARY"),
    "Every Tuesday at 19:30": at(TUE, "19:30"),
    "Each Tuesday, 19.30": at(TUE, "19:30"),
    "Tuesday 7pm": at(TUE, "19:00"),
    "Tues 7 p.m.": at(TUE, "19:00"),
    "Thurs. 7.30pm": at(THU, "19:30"),
    "Weds, 7:30 PM": at(WED, "19:30"),
    "Every Tuesday\u2019s 7pm": at(TUE, "19:00"),
    "Wednesdays 1930hrs": at(WED, "19:30"),
    "Wednesdays 1930, The Three Crowns": at(WED, "19:30", where="The Three Crowns"),
    "Mondays at 19h30": at(MON, "19:30"),
    "Thursdays noon": at(THU, "12:00"),
    "Thursdays, 12 noon, Town Hall steps": at(THU, "12:00", where="Town Hall steps"),
    "Tuesdays \uff17.\uff13\uff10pm": at(TUE, "19:30"),
    "Tuesdays\u00a07pm,\u200b Library": at(TUE, "19:00", where="Library"),
    "Thursdays\n7.30pm\nLibrary": at(THU, "19:30", where="Library"),
    "Library, 7pm, Thursdays": at(THU, "19:00", where="Library"),
    "Thursdays, Library, 7pm": at(THU, "19:00", where="Library"),
    "7pm every Tuesday, The Sun Inn": at(TUE, "19:00", where="The Sun Inn"),
    "Mon 7pm, Mon Repos": at(MON, "19:00", where="Mon Repos"),
    "7.30 on Tuesday evenings": at(TUE, "19:30"),
    "Tuesday evenings, 7.30": at(TUE, "19:30"),
    "Saturday mornings 10.30 at the library": at(SAT, "10:30", where="the library"),
    "Sunday afternoons, 2.30": at(SUN, "14:30"),
    "Wednesday lunchtimes 12.30": at(WED, "12:30"),
    "Tuesdays 7pm \u2013 9pm \u2013 Unity Club": at(TUE, "19:00", "21:00", where="Unity Club"),
    "Tuesdays 7-9pm": at(TUE, "19:00", "21:00"),
    "Tuesdays 7.30pm-9": at(TUE, "19:30", "21:00"),
    "Tuesday evenings 7.30-9.30": at(TUE, "19:30", "21:30"),
    "Tuesdays 19:30-21:00": at(TUE, "19:30", "21:00"),
    "Sundays 11-1pm": at(SUN, "11:00", "13:00"),
    "Sundays 10am to 12": at(SUN, "10:00", "12:00"),
    "Thursdays from 7pm until 9pm": at(THU, "19:00", "21:00"),
    "Thursdays from 7pm": at(THU, "19:00"),
    "Every week on Thursday at 8pm on Zoom": at(THU, "20:00", where="Zoom"),
    "Weekly, Thursday 8pm": at(THU, "20:00"),
    "We meet every Thursday at 7.30pm at St. John's Hall, Leyton. All welcome!": at(
        THU, "19:30", where="St. John's Hall, Leyton"
    ),
    "Leyton branch meets at the Library on Thursdays at 7pm": at(THU, "19:00", where="the Library"),
    "Leyton branch meets every Thursday, 7pm": at(THU, "19:00"),
    "Friends Meeting House, Thursdays 7pm": at(THU, "19:00", where="Friends Meeting House"),
    "Fridays 6pm upstairs at the Rose and Crown (back room)": at(
        FRI, "18:00", where="upstairs at the Rose and Crown, back room"
    ),
    "Thursdays 7.30pm, ring 020 8988 8777 for details": at(THU, "19:30"),
    "Thursdays 7.30pm. 07700 900123": at(THU, "19:30"),
    "Thursdays 7.30pm, leyton@example.org": at(THU, "19:30"),
    "Thursday 7pm, next to the station": at(THU, "19:00", where="next to the station"),
    "1st Floor, 5 High Road, Mondays 7pm": at(MON, "19:00", where="1st Floor, 5 High Road"),
    "Mondays 7pm, No 5 High Road, E11 1AA": at(MON, "19:00", where="No 5 High Road, E11 1AA"),
    "Fridays 6:30 pm in Room 3, 12-14 High Street": at(
        FRI, "18:30", where="Room 3, 12-14 High Street"
    ),
    "First Monday of the month, 7pm": at(MON, "19:00", weeks=(1,)),
    "first monday 7pm": at(MON, "19:00", weeks=(1,)),
    "Monthly, first Monday, 7pm": at(MON, "19:00", weeks=(1,)),
    "Last Friday of every month at 6:30 pm": at(FRI, "18:30", weeks=(-1,)),
    "Last Thursday of each calendar month 7.30pm": at(THU, "19:30", weeks=(-1,)),
    "every second Tuesday of the month 7pm": at(TUE, "19:00", weeks=(2,)),
    "1st & 3rd Tues, 7.30 p.m. at the Hall": at(TUE, "19:30", where="the Hall", weeks=(1, 3)),
    "1st, 3rd and 5th Tuesdays, 7pm": at(TUE, "19:00", weeks=(1, 3, 5)),
    "2nd/4th Weds 19.30": at(WED, "19:30", weeks=(2, 4)),
    "Every first and third Monday, 7pm": at(MON, "19:00", weeks=(1, 3)),
    "second and last Thursday of the month at 8pm": at(THU, "20:00", weeks=(2, -1)),
}
SEVERAL = {
    "Tuesdays and Thursdays 7pm": [at(TUE, "19:00"), at(THU, "19:00")],
    "7pm Mondays and Wednesdays": [at(MON, "19:00"), at(WED, "19:00")],
    "7pm Mondays, 6pm Wednesdays": [at(MON, "19:00"), at(WED, "18:00")],
    "Mondays 7pm, Library; Wednesdays 6pm, Town Hall": [
        at(MON, "19:00", where="Library"),
        at(WED, "18:00", where="Town Hall"),
    ],
    "Mondays 7pm and Wednesdays 6pm, Town Hall": [
        at(MON, "19:00", where="Town Hall"),
        at(WED, "18:00", where="Town Hall"),
    ],
    "Tuesday evenings 7.30 and Saturday mornings 10.30": [at(TUE, "19:30"), at(SAT, "10:30")],
    "First Monday of the month 7pm and every Thursday 8pm": [
        at(MON, "19:00", weeks=(1,)),
        at(THU, "20:00"),
    ],
}
UNDECIDED = [
    "",
    "Ask the regional organiser for the next meeting",
    "Alternate Wednesdays 7pm",
    "Every other Tuesday, 7pm",
    "Fortnightly on Tuesdays 7pm",
    "every second Tuesday 7pm",
    "every 2nd Tuesday, 7pm",
    "every third week on Tuesday 7pm",
    "every two months, first Monday 7pm",
    "Every 2 weeks, Monday 7pm",
    "Once a month on Mondays 7pm",
    "Monthly on Mondays 7pm",
    "Monday of the first week of the month, 7pm",
    "Thursdays 7pm (first of the month)",
    "Tuesdays 7pm - second and fourth",
    "First Monday and Tuesday 7pm",
    "Tuesdays at 7",
    "Tuesdays 7.30",
    "Tuesdays 7-9",
    "Tuesdays 7 o'clock",
    "Each Monday at seven",
    "Monday 25pm",
    "Monday 25:00",
    "Monday 9pm-7pm",
    "Tuesday evenings 07:30",
    "Tuesdays",
    "7pm",
    "7pm at the Library",
    "Tuesdays 7pm and 8pm",
    "Thursdays, 7.30pm for 8pm",
    "Mondays 7pm and Wednesdays",
    "Tuesdays or Thursdays 7pm",
    "Mon-Fri 10am",
    "Monday to Friday 10am",
    "weekdays 6pm",
    "Thursdays 7pm except August",
    "Thursdays 7pm, not bank holidays",
    "Thursdays 7pm. No meeting in August",
    "Thursdays 7pm in term time",
    "Thursdays 7pm from September",
    "Thursdays around 7pm",
    "Usually Thursdays 7pm",
    "Thursdays 7pm (tbc)",
    "Next Thursday 7pm",
    "This Thursday 7pm",
    "Tuesday 24 November 7pm",
    "Tuesday 24 7pm",
    "Tuesday 24th 7pm",
    "Tuesday 12/10 7pm",
    "Tuesday 12.10.2026",
    "Tuesdays 2026",
    "Thursdays 7pm, suspended",
    "x" * 600 + " Thursdays 7pm",
]


@pytest.mark.parametrize("text", ONE)
def test_a_usual_way_to_write_it_is_read(text: str) -> None:
    assert read(text) == (ONE[text],)


@pytest.mark.parametrize("text", SEVERAL)
def test_several_meetings_are_told_apart(text: str) -> None:
    assert list(read(text)) == SEVERAL[text]


@pytest.mark.parametrize("text", UNDECIDED)
def test_what_leaves_a_day_or_an_hour_open_makes_no_meeting(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Alternate Wednesdays 7pm", True),
        ("Thurs 7pm", True),
        ("Ask the regional organiser for the next meeting", False),
        ("The Sun Inn", False),
        ("", False),
    ],
)
def test_a_text_that_names_a_day_is_known(text: str, *, names: bool) -> None:
    assert names_a_day(text) is names


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read(text)
    names_a_day(text)


_WORDS = sorted({*DAYS, *ORDINALS, *PARTS, *FILLERS, *DOUBTS})


@given(st.lists(st.sampled_from([*_WORDS, "7pm", "7", "19:30", "-", ",", "Library"])).map(" ".join))
def test_whatever_is_read_of_such_words_has_a_day_and_a_time_in_them(text: str) -> None:
    for meeting in read(text):
        assert any(DAYS.get(word) == meeting.weekday for word in text.split())
        assert meeting.starts in (dt.time(7), dt.time(19), dt.time(19, 30))
        assert meeting.ends is None or meeting.ends > meeting.starts
        assert not DOUBTS & set(text.split()) - {"until", "next", "no"}


@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2060, 1, 1)),
    st.integers(0, 6),
    st.sampled_from([(), (1,), (2,), (1, 3), (5,), (-1,)]),
)
def test_the_first_day_of_a_meeting_is_the_first_that_fits(
    since: dt.date, weekday: int, weeks: tuple[int, ...]
) -> None:
    def fits(day: dt.date) -> bool:
        same = [day.replace(day=number) for number in range(1, 29)]
        same += [end for n in range(29, 32) if (end := _day(day, n))]
        of_name = [each for each in same if each.weekday() == weekday]
        wanted = [of_name[week - 1 if week > 0 else week] for week in weeks if week <= len(of_name)]
        return day in (wanted if weeks else of_name)

    found = Meeting(weekday, weeks, dt.time(19), None, "").first(since)
    assert fits(found)
    assert not any(fits(since + dt.timedelta(n)) for n in range((found - since).days))


def _day(day: dt.date, number: int) -> dt.date | None:
    try:
        return day.replace(day=number)
    except ValueError:
        return None
