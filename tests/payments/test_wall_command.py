"""`flask payments messages`: the moderator's queue and decisions at a terminal."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import Database
from payments.models import MessageDecision, Pledge, WallEntry
from tests.payments.test_commands import run
from tests.payments.test_money_that_comes_back import refund_of, tell
from tests.payments.walls import message, pay


def waiting(database: Database, text: str = "Solidarity!", **but: object) -> Pledge:
    with database.transaction() as session:
        return pay(session, message(session, text, **but))


def test_the_queue_is_listed_with_what_a_moderator_needs(app: Flask, database: Database) -> None:
    assert run(app, "messages") == (0, "No message waits.\n")
    plain = waiting(database, "First line\nsecond 👩🏽‍🚀", display="first")
    flagged = waiting(database, "Ring 07700 900123", display="anonymous")
    with database.transaction() as session:
        message(session, "not paid")
        pay(session, message(session, ""))
        tell(session, refund_of(flagged, 1000))
    code, said = run(app, "messages")
    assert code == 0
    fund, told = "fighting-fund  £10", "telephone number, given back or disputed"
    blocks = {
        f"{plain.id}  {fund}  Sam\n    First line\n    second 👩🏽‍🚀\n",
        f"{flagged.id}  {fund}  Anonymous  [{told}]\n    Ring 07700 900123\n",
    }
    assert all(block in said for block in blocks), said
    assert len(said) == sum(map(len, blocks))


def test_what_would_play_with_a_terminal_is_written_out(app: Flask, database: Database) -> None:
    waiting(database, "\u202eturned", name="Sam \x1b[2J")
    code, said = run(app, "messages")
    assert (code, "\\u202eturned" in said, "Sam \\u001b[2J" in said) == (0, True, True)
    assert "\x1b" not in said


def test_a_flag_is_raised_by_the_name_too(app: Flask, database: Database) -> None:
    waiting(database, name="www.example Jones", display="first")
    assert "www.example  [link]" in run(app, "messages")[1]


def test_a_long_queue_is_listed_in_part(app: Flask, database: Database) -> None:
    for number in range(3):
        waiting(database, f"number {number}")
    assert run(app, "messages", "--most", "2")[1].endswith("There are more.\n")
    assert "more" not in run(app, "messages", "--most", "3")[1]


def test_a_decision_is_kept_once_with_who_and_why(app: Flask, database: Database) -> None:
    pledge = waiting(database)
    name = str(pledge.id)
    said = [
        run(app, "messages", "--approve", name, "--who", "Mo"),
        run(app, "messages", "--approve", name.upper()),
        run(app, "messages", "--hide", name, "--why", " spam "),
        run(app, "messages", "--hide", name, "--why", "spam again"),
        run(app, "messages", "--undo", name),
    ]
    assert said == [
        (0, "The message is on the wall for as long as the gift stands.\n"),
        (0, "It was so already; nothing has changed.\n"),
        (0, "The message is kept off the wall.\n"),
        (0, "It was so already; nothing has changed.\n"),
        (0, "The message waits to be read again.\n"),
    ]
    with database.reading() as session:
        kept = session.scalars(select(MessageDecision).order_by(MessageDecision.id)).all()
        assert session.get(WallEntry, pledge.id) is None
    assert [(each.decision, each.who, each.why) for each in kept] == [
        ("approve", "Mo", ""),
        ("hide", "command line", "spam"),
        ("undo", "command line", ""),
    ]


@pytest.mark.parametrize("some_id", ["", "nothing", "pi_1", "\udcff", str(uuid.UUID(int=7))])
def test_an_unknown_message_is_refused(app: Flask, some_id: str) -> None:
    assert run(app, "messages", "--approve", some_id) == (1, "We have no message with this id.\n")


def test_a_message_whose_money_has_not_come_is_refused(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        pledge = message(session)
    code, said = run(app, "messages", "--approve", str(pledge.id))
    assert (code, "has not come" in said) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ["--hide", "x"],
        ["--hide", "x", "--why", "  "],
        ["--why", "x"],
        ["--approve", "x", "--why", "y"],
        ["--approve", "x", "--hide", "y", "--why", "z"],
        ["--approve", "x", "--undo", "y"],
        ["--most", "0"],
        ["--nothing"],
    ],
)
def test_wrong_usage_is_told_apart(app: Flask, words: list[str]) -> None:
    assert run(app, "messages", *words)[0] == 2
    assert run(app, "messages", "--help")[0] == 0
