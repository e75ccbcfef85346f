"""Every page of the desks on PostgreSQL, at 1,000,000 members in 300 branches.

    python -m benchmarks.desks [MEMBERS [PAGES THAT BEGIN SO]]

With 5,000,000 events of their membership, as many entries of the audit, and what hangs on them
(`benchmarks.rig`; it takes some minutes to make). Each page is asked for by whoever works with it,
a hundred times, of ever other people, payments and places; the service answers in this process as
the role that its row-level policies hold. What is printed is our own time, the database's included,
at p50 and p95, and how many questions the database is asked. The first page shows nothing but a
form, which is what each of them costs; the others are given as so many times of it.
"""

import gc
import statistics
import sys
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient

from benchmarks import _money
from benchmarks.rig import desks, people
from benchmarks.rig.desk_pages import PAGES, Asked, csrf_of, pools, sit_down
from core.clock import SystemClock
from core.database import Database
from payments import days
from staff import counting
from tests import postgres
from tests.questions import counted

TIMES, WARM = 100, 4


def main(many: int, begins: str) -> bool:
    """Build it, ask for each page, print a line for each; say whether the limits hold."""
    with postgres.server(*_money.DURABLE, "-c", "shared_buffers=512MB") as url:
        service = postgres.prepare(url)
        superuser = postgres.role(url, postgres.SUPERUSER)
        began = perf_counter()
        people.fill(superuser, many, now=SystemClock().now(), more=desks.STATEMENTS)
        _say(f"desks: {many:,} members made in {perf_counter() - began:.0f} s")
        return measure(service, begins)


def measure(url: str, begins: str = "") -> bool:
    """Ask for every page whose address begins so, of a database that is filled."""
    app = _money.service(url)
    database: Database = app.extensions["database"]
    _say(f"desks: numbers counted in {_count(app):.0f} s")
    _say(f"desks: days of the books kept in {_keep(database):.0f} s")
    clients, things = sit_down(app, database, now=SystemClock().now()), pools(database)
    gc.collect()
    gc.freeze()  # as gunicorn.conf.py does before it makes its workers
    plain, *others = PAGES
    form, held = _ask(database, clients[plain.who], plain, things, None)
    for asked in others:
        if asked.rule.startswith(begins):
            held = _ask(database, clients[asked.who], asked, things, form)[1] and held
    database.engine.dispose()
    return held


def _ask(
    database: Database,
    client: FlaskClient,
    asked: Asked,
    things: dict[str, list[str]],
    form: float | None,
) -> tuple[float, bool]:
    """Ask for a page many times and print what it took, beside a form's milliseconds.

    Return its own at p50, and whether it is within its limit.
    """
    csrf = csrf_of(client)
    took, questions = [], []
    for turn in range(WARM + TIMES):
        chosen = {name: values[turn % len(values)] for name, values in things.items()}
        with counted(database) as heard:
            begun = perf_counter()
            answer = asked.of(client, chosen, csrf=csrf, turn=turn)
            size = len(answer.data)
            took.append((perf_counter() - begun) * 1000)
        if answer.status_code not in (200, 303):
            raise SystemExit(f"{asked} answers {answer.status_code}")
        questions.append(len(heard))
    p50, p95 = statistics.median(took[WARM:]), statistics.quantiles(took[WARM:], n=20)[-1]
    counts = "-".join(str(each) for each in sorted({min(questions[WARM:]), max(questions[WARM:])}))
    _say(
        f"{asked.who:9} {p50:6.1f} {p95:6.1f} ms of {asked.most:3.0f},"
        f" {p50 / (form or p50):4.1f} times a form, {counts:>5} questions,"
        f" {size / 1000:6.1f} kB {asked}{'' if p95 <= asked.most else '  <- TOO SLOW'}"
    )
    return p50, p95 <= asked.most


def _count(app: Flask) -> float:
    """Let the worker's job of numbers count, and say how many seconds that took."""
    begun = perf_counter()
    with app.app_context():
        counting.count_all(app.extensions["staff"].series, now=SystemClock().now())
    return perf_counter() - begun


def _keep(database: Database) -> float:
    """Add up the days of the books as the worker does, and say how many seconds that took."""
    begun = perf_counter()
    done = True
    while done:
        with database.transaction() as session:
            done = bool(days.keep(session, now=SystemClock().now(), most=50_000))
    return perf_counter() - begun


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    size = int(sys.argv[1]) if sys.argv[1:] else people.MEMBERS
    sys.exit(0 if main(size, "".join(sys.argv[2:3])) else 1)
