"""The law's figures: each at every boundary of its time, and a file that is at fault."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import LONDON
from core.money import Money
from payments.law import declaring, figures
from payments.law.figures import BadFigures, Figure, NoSuchFigure

HEAD = ",".join(figures.COLUMNS)
SOUND = "limit,500,pounds,2010-01-01,2023-12-31,yes,https://example.org/law"
NEXT = "limit,600,pounds,2024-01-01,,no,https://example.org/law"
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 22)


def last_moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59, 59, 999999), LONDON).astimezone(dt.UTC)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LONDON).astimezone(dt.UTC)


def of_line(*lines: str) -> tuple[Figure, ...]:
    return figures.read("\n".join((HEAD, *lines, "")))


@pytest.mark.parametrize("each", figures.shipped(), ids=lambda each: f"{each.name}-{each.value}")
def test_every_figure_begins_and_ends_at_midnight_in_london(each: Figure) -> None:
    assert figures.figure_at(each.name, midnight(each.valid_from)) is each
    if each.valid_from == figures.since(each.name):
        with pytest.raises(NoSuchFigure):
            figures.figure_at(each.name, last_moment(each.valid_from - DAY))
    else:
        assert figures.figure_at(each.name, last_moment(each.valid_from - DAY)) is not each
    if each.valid_to is not None:
        assert figures.figure_at(each.name, last_moment(each.valid_to)) is each
        assert figures.figure_at(each.name, midnight(each.valid_to + DAY)) is not each


@given(
    st.sampled_from(figures.shipped()),
    st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2100, 1, 1)),
)
def test_on_every_day_one_figure_of_a_name_is_in_force_from_the_first_on(
    some: Figure, day: dt.date
) -> None:
    holding = [each for each in figures.in_force(day) if each.name == some.name]
    assert len(holding) == (day >= figures.since(some.name))


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("report_threshold_central", 750_000, 1_118_000),
        ("report_threshold_further", 150_000, 223_000),
        ("report_threshold_accounting_unit", 150_000, 223_000),
        ("weekly_report_threshold", 750_000, 1_118_000),
    ],
)
def test_the_thresholds_of_reports_rose_with_the_year_2024(
    name: str, before: int, after: int
) -> None:
    assert figures.figure_at(name, last_moment(dt.date(2023, 12, 31))).value == before
    assert figures.figure_at(name, midnight(dt.date(2024, 1, 1))).value == after


def test_midnight_is_londons_in_summer_too() -> None:
    changes = of_line(
        "limit,500,pounds,2010-01-01,2026-06-30,yes,https://example.org/law",
        "limit,600,pounds,2026-07-01,,yes,https://example.org/law",
    )
    moment = dt.datetime(2026, 6, 30, 23, 0, tzinfo=dt.UTC)  # an hour ahead of UTC
    at = [moment - dt.timedelta(seconds=1), moment]
    days = [each.astimezone(LONDON).date() for each in at]
    assert [figures.find(changes, "limit", day).value for day in days] == [50_000, 60_000]


@pytest.mark.parametrize(("pence", "asked"), [(1, False), (50_000, False), (50_001, True)])
def test_five_hundred_pounds_are_not_checked_and_a_penny_more_is(
    pence: int, *, asked: bool
) -> None:
    for day in (dt.date(2010, 1, 1), dt.date(2023, 12, 31), dt.date(2026, 11, 22)):
        assert declaring.needed(Money(pence), on=day) is asked


def test_what_nobody_has_looked_up_is_labelled() -> None:
    doubtful = {each.name for each in figures.in_force(dt.date(2026, 11, 22)) if not each.confirmed}
    assert doubtful == {
        *("quarterly_report_days", "report_threshold_accounting_unit"),
        *("rights_request_months", "rights_request_extension_months"),
        "complaint_acknowledge_days",
    }


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((SOUND, NEXT.replace("2024-01-01", "2023-12-31")), "line 3: limit overlaps"),
        ((SOUND, NEXT.replace("2024-01-01", "2024-01-02")), "line 3: limit leaves a gap"),
        ((SOUND, SOUND), "line 3: limit overlaps"),
        ((NEXT, NEXT.replace("2024", "2025")), "line 3: limit overlaps"),
        ((SOUND, NEXT.replace("600,pounds", "600,days")), "line 3: limit changes its unit"),
        ((SOUND.replace("500", "five"),), "line 2: value must be"),
        ((SOUND.replace("500", "-1"),), "line 2: value must be"),
        ((SOUND.replace("500", "0"),), "line 2: value must be"),
        ((SOUND.replace("500,pounds", "1.5,days"),), "line 2: value must be"),
        ((SOUND.replace("pounds", "euros"),), "line 2: unit must be one of"),
        ((SOUND.replace("2010-01-01", "2010-02-30"),), "line 2: valid_from must be a day"),
        ((SOUND.replace("2010-01-01", "20100101"),), "line 2: valid_from must be a day"),
        ((SOUND.replace("2023-12-31", "soon"),), "line 2: valid_to must be such a day"),
        ((SOUND.replace("2023-12-31", "2009-12-31"),), "line 2: valid_to is before"),
        ((SOUND.replace("yes", "perhaps"),), "line 2: confirmed must be"),
        ((SOUND.replace("https", "http"),), "line 2: source must begin"),
        ((SOUND.replace("limit", "The limit"),), "line 2: name must be"),
        ((SOUND + ",more",), "line 2: 7 columns are needed, 8 are here"),
        ((), "there is no figure"),
    ],
)
def test_a_file_at_fault_is_refused_with_the_line(lines: tuple[str, ...], fault: str) -> None:
    with pytest.raises(BadFigures) as refused:
        of_line(*lines)
    assert any(fault in each for each in refused.value.faults), refused.value.faults


def test_every_fault_of_a_file_is_told() -> None:
    with pytest.raises(BadFigures) as refused:
        of_line("A,x,y,z,w,v,u", "b,1,days,2020-01-01,,yes,https://example.org")
    assert len(refused.value.faults) == 7


@pytest.mark.parametrize("name", figures.NEEDED)
def test_what_money_is_taken_by_may_neither_be_missing_nor_end(name: str) -> None:
    left = tuple(each for each in figures.shipped() if each.name != name)
    ended = replace(figures.find(figures.shipped(), name, TODAY), valid_to=TODAY)
    for found in (left, (*left, ended)):
        with pytest.raises(BadFigures, match=f"{name} must hold"):
            figures.complete(found)


def test_another_head_is_refused() -> None:
    with pytest.raises(BadFigures, match="line 1"):
        figures.read("name,value\n")


def test_no_figure_of_the_law_stands_in_the_code() -> None:
    """Thresholds and days are asked of the file; whoever writes one into code is found here."""
    amounts = {each.value for each in figures.shipped() if each.unit == "pounds"}
    wanted = {f"{value}" for value in amounts} | {f"{value:_}" for value in amounts}
    wanted |= {f"{value // 100}" for value in amounts} | {f"{value // 100:_}" for value in amounts}
    folder = Path(figures.__file__).parent
    for path in sorted(folder.glob("*.py")):
        words = set(path.read_text(encoding="utf-8").replace("(", " ").replace(")", " ").split())
        limits = {"500"} if path.name == "marking.py" else set()  # how many are looked at at once
        assert words & wanted <= limits, path.name
