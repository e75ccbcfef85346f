"""Logs: constant messages, ids beside them, one line each, and no personal data."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from core import logs

CANARY = "canary@example.org"


class Written:
    """A log of our own, and what was written to it."""

    def __init__(self, kind: str) -> None:
        self.stream = io.StringIO()
        logs.set_up(kind, self.stream)
        self.log = logging.getLogger("tests.made_up")

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    @property
    def only(self) -> dict[str, Any]:
        (line,) = self.lines
        found: dict[str, Any] = json.loads(line)
        return found


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    yield Written(request.param)
    logs.set_up("text")


@pytest.fixture
def as_json() -> Iterator[Written]:
    yield Written("json")
    logs.set_up("text")


def test_a_line_says_when_where_and_what(as_json: Written) -> None:
    as_json.log.warning("mail not sent", extra={"mail": 7, "error": "refused", "final": True})

    line = as_json.only
    assert line.pop("time")[-5:-4] in "+-"
    assert line == {
        "level": "warning",
        "logger": "tests.made_up",
        "message": "mail not sent",
        "mail": 7,
        "error": "refused",
        "final": True,
    }


def test_what_is_not_known_to_be_harmless_is_left_out(written: Written) -> None:
    written.log.warning("made up", extra={"email": CANARY, "body": CANARY, "headers": [CANARY]})

    assert "made up" in written.lines[0]
    assert "canary" not in written.lines[0]


def test_what_is_put_into_a_message_is_left_out(written: Written) -> None:
    written.log.warning("letter to %s", CANARY)

    assert "letter to %s" in written.lines[0]
    assert "canary" not in written.lines[0]


def test_an_exception_is_told_by_its_kind_and_place_never_by_its_words(written: Written) -> None:
    def fail() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error

    try:
        fail()
    except RuntimeError:
        written.log.exception("job failed", extra={"job": "mail"})

    (line,) = written.lines
    assert "canary" not in line
    assert "RuntimeError" in line
    assert "fail:" in line


def test_one_record_is_one_line_whatever_is_in_it(written: Written) -> None:
    forged = "/x\n2026-11-22T12:00:00+0000 info forged\r\x0b\x0c\x1b[2J\x85\u2028\u2029"

    written.log.warning("request failed", extra={"path": forged, "error": forged})

    (line,) = written.lines
    assert line.isprintable()
    assert line.isascii()


def test_a_log_is_set_up_once_however_often(written: Written) -> None:
    again = io.StringIO()
    logs.set_up("json", again)
    logs.set_up("json", again)

    written.log.warning("once")

    assert len(again.getvalue().splitlines()) == 1
    assert written.lines == []


@pytest.mark.parametrize("chatty", ["stripe", "urllib3", "alembic", "werkzeug"])
def test_libraries_do_not_chat(chatty: str, written: Written) -> None:
    logging.getLogger(chatty).info("GET /me/open?token=canary")

    assert written.lines == []
