"""Limits against misuse, and the switch that stops every reply."""

import logging
from dataclasses import replace

import pytest
from flask import Flask

from branches.models import Enquiry, InboundText, TextLineState, TextOptOut
from branches.texting.gsm import segments
from tests.branches.texting.line import PLACED, RULES, SAM, Line
from tests.postgres import owner

PLENTY = replace(RULES, texts_an_hour=60, texts_an_hour_in_all=5000)
MISS = "hello there"


@pytest.fixture
def line(line: Line) -> Line:
    line.rules = PLENTY
    return line


def kim(number: int) -> str:
    return f"+4477009002{number:02}"


def test_one_district_gets_so_many_replies_an_hour(line: Line) -> None:
    line.rules = replace(PLENTY, texts_an_hour_per_district=3)
    replies = [line.text(PLACED, sender=kim(number)) for number in range(5)]
    assert [reply is not None for reply in replies] == [True] * 3 + [False] * 2
    assert line.text("ZZ4 1AA")
    assert line.text("hello", sender=kim(9))
    line.move(hours=1)
    assert line.text(PLACED, sender=kim(5))


def test_a_text_knows_the_district_it_asked_about(line: Line) -> None:
    line.text("my postcode is ZZ1")
    assert line.last().outcode == "ZZ1"
    line.text(MISS)
    assert line.last().outcode is None


def test_the_ceiling_of_all_sounds_the_alarm_once_an_hour(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.rules = replace(PLENTY, texts_an_hour_in_all=2)
    for number in range(6):
        line.text(PLACED, sender=kim(number))
    line.move(minutes=61)
    for number in range(6, 10):
        line.text(PLACED, sender=kim(number))
    alarms = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [each.getMessage() for each in alarms] == [
        "the text line has reached its hourly ceiling"
    ] * 2
    assert {each.__dict__["count"] for each in alarms} == {2}


def test_the_same_words_are_answered_once_in_a_minute(line: Line) -> None:
    assert line.text(PLACED)
    assert line.text(PLACED) is None
    line.move(seconds=59)
    assert line.text(PLACED) is None
    assert line.last().outcome == "no_reply"
    assert len(line.all(Enquiry)) == 1
    line.move(seconds=2)
    assert line.text(PLACED)


def test_other_words_in_between_make_it_a_question_again(line: Line) -> None:
    assert line.text(PLACED)
    assert line.text("ZZ4 1AA")
    assert line.text(PLACED)


def test_the_same_words_of_somebody_else_are_answered(line: Line) -> None:
    assert line.text(PLACED)
    assert line.text(PLACED, sender=kim(1))


def test_stop_and_start_are_heeded_each_time(line: Line) -> None:
    for _ in range(2):
        assert line.text("STOP")
        assert line.text("STOP") is None
        assert line.text(PLACED) is None
        assert line.text("START")
        assert line.text(PLACED)
    assert line.all(TextOptOut) == []


def test_three_misses_in_a_row_are_sent_elsewhere_and_then_there_is_silence(line: Line) -> None:
    words = [line.text(f"{MISS} {number}") for number in range(5)]
    asked, again, last, *silence = words
    assert asked == again
    assert last
    assert "/branches" in last
    assert "020 8988 8777" in last
    assert segments(last).parts == 1
    assert silence == [None, None]
    assert line.last().outcome == "no_reply"


def test_a_postcode_is_answered_after_any_number_of_misses(line: Line) -> None:
    for number in range(5):
        line.text(f"{MISS} {number}")
    assert line.text(PLACED)
    asked = line.text("ZZ1 1BB")
    assert asked
    assert "/branches" not in asked


def test_a_hit_between_misses_begins_the_row_anew(line: Line) -> None:
    for number in range(2):
        line.text(f"{MISS} {number}")
    line.text(PLACED)
    for number in range(2, 4):
        words = line.text(f"{MISS} {number}")
        assert words
        assert "/branches" not in words


def test_the_silence_ends_with_the_day_in_britain(line: Line) -> None:
    for number in range(4):
        line.text(f"{MISS} {number}")
    line.move(hours=11, minutes=59)
    assert line.text(f"{MISS} again") is None
    line.move(minutes=1)
    assert line.text(f"{MISS} tomorrow")


def test_misses_are_counted_for_each_number(line: Line) -> None:
    for number in range(4):
        line.text(f"{MISS} {number}")
    assert line.text(MISS, sender=kim(1))


def test_turned_off_nothing_is_answered_and_stop_is_heeded(app: Flask, line: Line) -> None:
    runner = app.test_cli_runner()
    for _ in range(2):
        assert runner.invoke(args=["branches", "texts", "--off"]).exit_code == 0
    assert line.text(PLACED) is None
    assert line.last().text == PLACED
    assert line.text("STOP") is None
    assert len(line.all(TextOptOut)) == 1
    assert len(line.all(TextLineState)) == 1
    assert "off" in runner.invoke(args=["branches", "texts"]).output
    runner.invoke(args=["branches", "texts", "--on"])
    assert line.text(PLACED) is None
    assert line.text("START")
    assert line.text(PLACED)


def test_the_switch_says_so_when_there_is_no_database(app: Flask, line: Line) -> None:
    with owner(line.database.engine).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE text_line_state RENAME TO away")
    try:
        found = app.test_cli_runner().invoke(args=["branches", "texts", "--off"])
    finally:
        with owner(line.database.engine).begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO text_line_state")
    assert found.exit_code == 1
    assert "db upgrade" in found.output


def test_the_islands_are_answered_where_that_is_paid_for(line: Line) -> None:
    manx = "+447624123456"
    assert line.text(PLACED, sender=manx) is None
    line.rules = replace(PLENTY, regions=frozenset({"GB", "IM"}))
    assert line.text(f"{PLACED} please", sender=manx)
    assert len(line.all(InboundText)) == 2


def test_only_the_islands_are_answered_where_that_is_wished(line: Line) -> None:
    line.rules = replace(PLENTY, regions=frozenset({"IM"}))
    assert line.text(PLACED, sender=SAM) is None
