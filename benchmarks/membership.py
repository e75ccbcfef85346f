"""How the room of members stands a million of them: standing, what we hold of one, a region as CSV.

    python -m benchmarks.membership [members]

On a PostgreSQL of its own, with 300 branches and five events a member (`benchmarks.rig.people`; to
make a million takes some minutes). Each figure stands beside its limit and beside a baseline of the
same run: members stood one by one, the same archive where the keys that lead to its rows have no
index, and a region loaded whole.
"""

import csv
import datetime as dt
import statistics
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from itertools import islice
from time import perf_counter

from flask import Flask
from flask_babel import force_locale
from sqlalchemy import Connection, Select, select, text
from sqlalchemy.orm import Session

from benchmarks import _money
from benchmarks.rig import people
from branches.models import Branch
from core.clock import SystemClock
from core.database import Database
from core.schema import upgrade
from members.models import Member
from members.protection import archive, finding
from members.standing import facts, recomputing
from members.standing.rules import MonthRules, standing
from tests import postgres

STANDING_SECONDS, EXPORT_SECONDS, STREAM_MEGABYTES = 60.0, 2.0, 16.0
ONE_BY_ONE, EXPORTED, AT_ONCE = 500, 20, 1_000
_RULES = MonthRules(arrears_after=1, lapse_after=3)
_LINK = dt.timedelta(days=90)
_MEGABYTE = 1 << 20
_LED = ("ix_appeal_donor_transaction_id", "ix_bank_decision_payment_id", "ix_bank_rule_payment_id")


def main(many: int) -> int:
    """Make the membership, measure, and print; 1 when a limit is broken."""
    with postgres.server(*_money.DURABLE, "-c", "shared_buffers=512MB") as url:
        app = _money.service(url)
        database: Database = app.extensions["database"]
        upgrade(database.engine)
        now = SystemClock().now()
        began = perf_counter()
        people.fill(database.engine, many, now=now)
        _say(f"membership: {many:,} members made in {perf_counter() - began:.0f} s")
        with app.app_context():
            kept = [
                _export(app, database, many, now),
                _stream(database, many),
                _stand(database, many, now),
            ]
        database.engine.dispose()
    return 0 if all(kept) else 1


def _stand(database: Database, many: int, now: dt.datetime) -> bool:
    """Measure the worker's daily round, kept: with every change, event and letter of it."""
    alone = _seconds(lambda: _one_by_one(database, now)) / ONE_BY_ONE
    looked, changed, letters = 0, 0, 0
    began = perf_counter()
    for batch in recomputing.everybody(_RULES, link=_LINK, now=now, keep=True):
        looked += batch.looked_at
        changed += len(batch.changes)
        letters += batch.letters
    took = perf_counter() - began
    again = _seconds(lambda: _round(now))
    _say(
        f"standing: {looked:,} of {many:,} recomputed in {took:.1f} s, {changed:,} changed,"
        f" {letters:,} letters (limit {STANDING_SECONDS:.0f} s); with nothing to do {again:.1f} s"
    )
    _say(f"standing: one by one {alone * looked:,.0f} s, ratio {alone * looked / took:.0f}")
    return took <= STANDING_SECONDS


def _round(now: dt.datetime) -> None:
    for batch in recomputing.everybody(_RULES, link=_LINK, now=now, keep=True):
        if batch.changes:
            raise SystemExit("a second round changes something")


def _one_by_one(database: Database, now: dt.datetime) -> None:
    with database.reading() as session:
        for number in range(1, ONE_BY_ONE + 1):
            (row,) = facts.of(session, [people.member_id(number)])
            standing(row.facts, _RULES, now=now)


def _export(app: Flask, database: Database, many: int, now: dt.datetime) -> bool:
    """Measure everything that is held of one person, as `flask members export` makes it."""
    chosen = range(people.GIVES_TOO, many, max(many // EXPORTED, 1) // 5 * 5 or 5)
    numbers = list(islice(chosen, EXPORTED))

    def times() -> list[float]:
        return [
            _seconds(lambda number=number: _archive(app, database, number, now))  # type: ignore[misc]  # bound now
            for number in numbers
        ]

    times()  # the first ones warm up
    with_index = times()
    with database.engine.begin() as connection:
        made_by = [_drop(connection, name) for name in _LED]
    without = statistics.median(times()[:5])
    with database.engine.begin() as connection:
        for statement in made_by:
            connection.execute(text(statement))
    middle, worst = statistics.median(with_index), max(with_index)
    _say(
        f"export of a person: {middle * 1e3:.0f} ms, at worst {worst * 1e3:.0f} ms"
        f" (limit {EXPORT_SECONDS:.0f} s)"
    )
    _say(
        f"export of a person: {without * 1e3:.0f} ms where {len(_LED)} keys have no index,"
        f" ratio {without / middle:.1f}"
    )
    return worst <= EXPORT_SECONDS


def _drop(connection: Connection, name: str) -> str:
    """Drop an index; return what makes it."""
    found = text("SELECT indexdef FROM pg_indexes WHERE indexname = :name")
    made_by: str = connection.execute(found, {"name": name}).scalar_one()
    connection.execute(text(f'DROP INDEX "{name}"'))
    return made_by


def _archive(app: Flask, database: Database, number: int, now: dt.datetime) -> None:
    keys = app.extensions["link_keys"]
    with database.reading() as session, force_locale("en_GB"):
        person = finding.find(session, f"{number}@example.org", keys=keys)
        if len(archive.of(session, person, now=now)) < 1_000:  # noqa: PLR2004 -- smaller than any
            raise SystemExit("the archive is empty")


def region(number: int) -> Select[str, str, str | None, str, str, str, str, str, str]:
    """Return what is exported of a region: a row a member."""
    return (
        select(
            Member.name,
            Member.email,
            Member.phone,
            Member.address1,
            Member.town,
            Member.postcode,
            Branch.name,
            Member.rate,
            Member.state,
        )
        .join(Branch, Branch.id == Member.branch_id)
        .where(Member.region_id == number)
        .order_by(Member.id)
    )


def streamed(session: Session, number: int) -> Iterator[str]:
    """Go through the lines of a region's CSV, as they come from the server's own cursor."""
    rows = session.execute(region(number).execution_options(yield_per=AT_ONCE))
    return _lines(rows)


def _whole(session: Session, number: int) -> Iterator[str]:
    return iter(list(_lines(session.execute(region(number)).all())))


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    written = StringIO()
    line = csv.writer(written)
    for row in rows:
        line.writerow(row)
        yield written.getvalue()
        written.seek(0)
        written.truncate()


def _stream(database: Database, many: int) -> bool:
    """Measure the memory of a region's export: of a tenth of it, all of it, and loaded whole."""
    expected = many // people.REGIONS
    small, _rows = _peak(database, lambda session: islice(streamed(session, 1), expected // 10))
    peak, rows = _peak(database, lambda session: streamed(session, 1))
    whole, _rows = _peak(database, lambda session: _whole(session, 1))
    took = _seconds(lambda: _peak(database, lambda session: streamed(session, 2), traced=False))
    _say(
        f"export of a region: {rows:,} rows in {took:.1f} s, {peak:.1f} MB at most"
        f" (limit {STREAM_MEGABYTES:.0f} MB), {small:.1f} MB for a tenth of them"
    )
    _say(f"export of a region: {whole:.0f} MB loaded whole, ratio {whole / peak:.0f}")
    return peak <= STREAM_MEGABYTES


def _peak(
    database: Database, ask: Callable[[Session], Iterator[str]], *, traced: bool = True
) -> tuple[float, int]:
    """Return how many megabytes Python held at most, and how many lines came."""
    if traced:
        tracemalloc.start()
    with database.reading() as session:
        rows = sum(1 for _line in ask(session))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / _MEGABYTE, rows


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else people.MEMBERS))
