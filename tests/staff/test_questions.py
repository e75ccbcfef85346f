"""A page of the desk asks the database as often in a great organisation as in a small one."""

import pytest
from flask import Flask

from benchmarks.rig import desks, people
from benchmarks.rig.desk_pages import LEFT, PAGES, csrf_of, pools, sit_down
from core.database import Database
from staff import counting
from tests import postgres
from tests.fakes import FakeClock
from tests.questions import counted
from tests.staff.test_every_route import of_staff

FEW, MANY = 3000, 9000


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_of_the_desk_is_measured(app: Flask) -> None:
    shown = {route.removeprefix("GET ") for route in of_staff(app) if route.startswith("GET ")}
    measured = {asked.rule for asked in PAGES}
    assert measured <= shown
    assert {rule for rule in shown - measured if not rule.startswith(LEFT)} == set()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_page_asks_more_the_more_there_are(
    app: Flask, database: Database, clock: FakeClock
) -> None:
    few = questions(app, database, clock, FEW)
    many = questions(app, database, clock, MANY)
    grown = {page: (few[page], asked) for page, asked in many.items() if asked > few[page]}
    assert grown == {}


def questions(app: Flask, database: Database, clock: FakeClock, size: int) -> dict[str, int]:
    """Return how often each page asks the database, once it has been asked for before."""
    postgres.empty(database.engine)
    superuser = postgres.role(database.engine.url, postgres.SUPERUSER)
    people.fill(superuser, size, now=clock.now(), more=desks.STATEMENTS)
    with app.app_context():
        counting.count_all(app.extensions["staff"].series, now=clock.now())
    clients, things = sit_down(app, database, now=clock.now()), pools(database)
    tokens = {role: csrf_of(client) for role, client in clients.items()}
    found: dict[str, int] = {}
    for asked in PAGES:
        chosen = {name: values[0] for name, values in things.items()}
        for turn in range(2):
            with counted(database) as heard:
                answer = asked.of(clients[asked.who], chosen, csrf=tokens[asked.who], turn=turn)
                assert answer.data is not None  # a stream is read, and asks as it goes
            assert answer.status_code in (200, 303), (asked, answer.status_code)
        found[f"{asked.who} {asked}"] = len(heard)
    return found
