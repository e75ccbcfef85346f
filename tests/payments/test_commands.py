import uuid
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import Database
from payments import settling
from payments.models import Appeal
from payments.notices import Outcome
from tests.databases import ON_ONE
from tests.fakes import START
from tests.payments.factories import make_notice, make_pledge, make_rules

pytestmark = ON_ONE


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["payments", *words])
    return result.exit_code, result.output


def test_an_appeal_is_created_and_changed_by_command(app: Flask, database: Database) -> None:
    new = ("--title", "Strike Fund", "--target", "5,000", "--starts", "2026-11-01")
    assert run(app, "appeal", "strike-fund", *new)[0] == 0
    code, said = run(app, "appeal", "strike-fund", "--target", "7500", "--ends", "2026-12-31")
    assert (code, said) == (
        0,
        "strike-fund: Strike Fund, £7,500 from 01 November 2026 to 31 December 2026\n",
    )
    with database.reading() as session:
        appeal = session.scalars(select(Appeal).where(Appeal.slug == "strike-fund")).one()
    assert appeal.target_pence == 750_000


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["new-fund"], 1, "title is needed"),
        (["Bad Name", "--title", "x", "--target", "1", "--starts", "2026-01-01"], 1, "hyphens"),
        (["fighting-fund", "--ends", "2020-01-01"], 1, "cannot end before"),
        (["fighting-fund", "--target", "0"], 1, "above nothing"),
        (["fighting-fund", "--target", "ten"], 2, "not an amount"),
        (["fighting-fund", "--starts", "soon"], 2, "soon"),
    ],
)
def test_a_bad_appeal_is_refused_and_nothing_is_changed(
    app: Flask, database: Database, words: list[str], code: int, said: str
) -> None:
    found, output = run(app, "appeal", *words)
    assert (found, said in output) == (code, True), output
    with database.reading() as session:
        appeal = session.scalars(select(Appeal)).one()
    assert (appeal.slug, appeal.target_pence, appeal.ends is None) == (
        "fighting-fund",
        2_500_000,
        False,
    )


def test_check_finds_nothing_wrong_with_empty_books_and_fails_on_a_held_pledge(
    app: Flask, database: Database
) -> None:
    assert run(app, "check") == (0, "The books agree.\n")
    with database.transaction() as session:
        notice = make_notice(make_pledge(session), Outcome.PAID, pence=1)
        settling.apply(session, notice, rules=make_rules(), now=START)
    code, said = run(app, "check")
    assert code == 1
    assert "held for a person" in said


@pytest.mark.parametrize(
    ("first", "last", "rows"),
    [
        ("2026-11-22", "2026-11-22", 1),
        ("2026-11-21", "2026-11-21", 0),
        ("2026-11-23", "2026-11-30", 0),
    ],
)
def test_export_counts_both_days_in_by_the_day_in_london(
    app: Flask, database: Database, first: str, last: str, rows: int
) -> None:
    with database.transaction() as session:
        notice = make_notice(make_pledge(session), Outcome.PAID)
        settling.apply(session, notice, rules=make_rules(), now=START)
    code, said = run(app, "export", "--from", first, "--to", last)
    assert code == 0
    assert len(said.splitlines()) == rows + 1


def test_a_treasurer_states_a_month_and_gives_money_back_by_command(
    app: Flask, database: Database
) -> None:
    with database.transaction() as session:
        pledge = make_pledge(session)
        settling.apply(session, make_notice(pledge, Outcome.PAID), rules=make_rules(), now=START)
    code, said = run(app, "statement", "2026-11")
    assert (code, "£10" in said) == (0, True), said
    code, said = run(app, "refund", str(pledge.id), "--amount", "4", "--why", "asked for it")
    assert (code, said[:22]) == (0, "£4 will be given back "), said
    assert run(app, "refund", str(pledge.id), "--amount", "7", "--why", "too much")[0] == 1
    assert run(app, "refund", "pi_nothing", "--why", "not ours")[0] == 1


def test_wrong_usage_is_told_apart(app: Flask) -> None:
    assert run(app, "export", "--from", "2026-11-22")[0] == 2
    assert run(app, "export", "--from", "2026-11-22", "--to", "2026-11-21")[0] == 2
    assert run(app, "explain")[0] == 2
    assert run(app, "--help")[0] == 0


def test_the_api_tells_how_an_appeal_stands(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for _gift in range(2):
            notice = make_notice(make_pledge(session), Outcome.PAID)
            settling.apply(session, notice, rules=make_rules(), now=START)
        make_pledge(session)
    answer = client.get("/api/v1/appeals/fighting-fund")
    assert answer.json == {
        "slug": "fighting-fund",
        "title": "Fighting Fund",
        "currency": "GBP",
        "target_pence": 2_500_000,
        "raised_pence": 2000,
        "donors": 1,
        "starts": "2026-10-01",
        "ends": "2026-12-31",
    }
    assert client.get("/api/v1/appeals").json == {"appeals": [answer.json]}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in answer.headers["Cache-Control"]


def test_an_unknown_appeal_is_a_problem(client: FlaskClient) -> None:
    answer = client.get("/api/v1/appeals/nothing%00here")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "unknown_appeal"


def test_an_appeal_that_is_over_is_no_longer_listed(app: Flask, client: FlaskClient) -> None:
    app.extensions["clock"].move(days=60)
    assert client.get("/api/v1/appeals").json == {"appeals": []}
    assert client.get("/api/v1/appeals/fighting-fund").status_code == 200


def test_a_database_that_is_not_ours_yet_is_told_in_words(app: Flask, tmp_path: Path) -> None:
    app.extensions["database"] = empty = Database(f"sqlite:///{tmp_path}/empty.db")
    code, said = run(app, "check")
    empty.engine.dispose()
    assert code == 1
    assert said.startswith("Error: The database does not answer, or is not up to date")


@pytest.mark.parametrize(
    "words",
    [
        ["export", "--from", "2026-01-01", "--to", "9999-12-31"],
        ["statement", "9999-12"],
        ["messages", "--most", "9" * 30],
        ["offline", "list", "--most", "9" * 30],
        ["offline", "review", "--most", "9" * 30],
        ["offline", "rules", "--forget", "9" * 30],
        ["offline", "match", "9" * 30, "--appeal", "fighting-fund"],
        ["offline", "unmatch", "9" * 30, "--why", "x"],
        ["offline", "not-a-gift", "9" * 30, "--why", "x"],
        ["offline", "undo", str(uuid.uuid4()), "--why", "x", "--line", "9" * 30],
    ],
)
def test_numbers_and_days_beyond_all_bounds_are_wrong_usage(app: Flask, words: list[str]) -> None:
    code, said = run(app, *words)
    assert code == 2, said
