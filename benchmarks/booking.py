"""How quickly notices are booked, and an appeal's total told, as the books grow.

    python -m benchmarks.booking [donations]

On a PostgreSQL of its own that keeps what it acknowledges (`fsync` and `synchronous_commit` on),
with two workers. Beside it, in the same run: the books of a thousand gifts, and a total added up
from the beginning. A million gifts take a minute or two to make.
"""

import datetime as dt
import multiprocessing
import sys
from collections.abc import Callable
from time import perf_counter

from sqlalchemy import select, text

from benchmarks import _money
from core.database import Database
from payments import receiving, totals
from payments.models import Appeal, LedgerTransaction
from payments.till import Till
from tests import postgres

SMALL, LARGE = 1_000, 1_000_000
EVENTS, WORKERS, ASKED = 4_000, 2, 200


def main(large: int) -> None:
    """Measure at a thousand gifts, then at `large`, and print both with their ratio."""
    with postgres.server(*_money.DURABLE) as url:
        database = _money.prepare(url)
        _money.fill(database, 1, SMALL)
        before = _booked_a_second(url, database)
        _money.fill(database, 10 * SMALL, 10 * SMALL + large)
        after = _booked_a_second(url, database)
        again = _booked_a_second(url, database)
        best = max(after, again)
        _say(f"apply: {before:,.0f}/s at {SMALL:,} gifts, {best:,.0f}/s at {large:,}")
        _say(f"apply: ratio {best / before:.2f} (1.00 is flat)")
        _totals(database, large)


def _booked_a_second(url: str, database: Database) -> float:
    """Have workers book notices at one time; return how many they book a second."""
    _money.pledge_and_tell(database, EVENTS)
    _money.analyse(database)
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(WORKERS + 1)
    workers = [context.Process(target=_work, args=(url, ready)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    ready.wait()
    began = perf_counter()
    for worker in workers:
        worker.join()
    took = perf_counter() - began
    with database.engine.connect() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM webhook_event WHERE outcome IS DISTINCT FROM 'applied'")
        ).scalar_one()
    if left:
        raise SystemExit(f"{left} notices were not booked")
    return EVENTS / took


def _work(url: str, ready: "multiprocessing.synchronize.Barrier") -> None:
    app = _money.service(url)
    with app.app_context():
        till: Till = app.extensions["till"]
        ready.wait()
        while receiving.apply_due(till.gateway, till.rules):
            pass


def _totals(database: Database, large: int) -> None:
    with database.transaction() as session:
        began = perf_counter()
        totals.keep(session, now=dt.datetime.now(dt.UTC))
        _say(f"totals: kept for the first time in {perf_counter() - began:.2f} s")
    with database.reading() as session:
        appeal_id = session.scalars(select(Appeal.id)).one()
        newest = session.scalars(
            select(LedgerTransaction.id).order_by(LedgerTransaction.id.desc()).limit(1)
        ).one()
        quick = _times(lambda: totals.total(session, appeal_id), ASKED)
        slow = _times(lambda: totals.in_full(session, appeal_id, upto=newest), 3)
        same = totals.total(session, appeal_id) == totals.in_full(session, appeal_id, upto=newest)
    half, most = quick[len(quick) // 2], quick[len(quick) * 95 // 100]
    _say(f"totals: at {large:,} gifts {half:.2f} ms (p95 {most:.2f} ms), in full {slow[0]:.0f} ms")
    _say(f"totals: ratio {slow[0] / half:.0f} times quicker than adding up; the same sum: {same}")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _times(ask: Callable[[], object], many: int) -> list[float]:
    found = []
    for _ in range(many):
        began = perf_counter()
        ask()
        found.append((perf_counter() - began) * 1e3)
    return sorted(found)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE)
