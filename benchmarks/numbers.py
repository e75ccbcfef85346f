"""The desk of numbers and the audit on PostgreSQL: counting, reading a page, searching.

    python -m benchmarks.numbers [MEMBERS]

So many members (a million) in 300 branches of ten regions, five events for each and as many entries
of the audit, put there in bulk. What the worker counts is timed once; the pages' questions as often
as p95 needs, beside the same sums asked straight of the events.
"""

import datetime as dt
import statistics
import sys
import uuid
from collections.abc import Callable
from functools import partial
from time import perf_counter

import sqlalchemy as sa

from core.database import Database
from members import numbers as of_members
from staff import auditing, counting, numbers
from staff.auditing import Sought
from staff.numbers import Measure, Series
from staff.principal import Principal, Role
from tests import postgres

PAGE_MS = 50.0
TIMES = 200
ROLES = frozenset((Role.ADMIN, Role.ORGANISER))
SERIES = (
    Series("active", "", "", ROLES, of_members.standing, now=True),
    Series("joined", "", "", ROLES, of_members.joined),
    Series("went", "", "", ROLES, of_members.went),
    Series("first-call", "", "", ROLES, of_members.first_calls, Measure.DAYS),
    Series("dues", "", "", ROLES, of_members.dues, Measure.PENCE),
)
PLACES = """
INSERT INTO region (slug, name, phone, display, ons_code, notify_email, rank)
SELECT 'r' || n, 'Region ' || n, '+447700900123', '07700 900123', 'E' || n, 'r@example.org', n
FROM generate_series(1, 10) n;
INSERT INTO branch (slug, name, region_id, postcode, lat, lon, position_given, place, meets, status,
                    sample, rank)
SELECT 'b' || n, 'Branch ' || n, (SELECT min(id) FROM region) + n % 10, 'E8 1DY', 51.5, 0, true, '',
       '', 'open', true, n FROM generate_series(0, 299) n;
"""
# What refers to rows that nobody asks for here is left without them.
PEOPLE = """
SET session_replication_role = replica;
INSERT INTO member (id, state, name, email, email_key, date_of_birth, address1, address2, town,
                    postcode, precision, branch_id, region_id, rate, dues_pledge_id, form_nonce,
                    created_at, joined_at, sort_key)
SELECT lpad(to_hex(n), 32, '0')::uuid, CASE WHEN n % 5 = 0 THEN 'left' ELSE 'active' END,
       'Sam ' || n, n || '@example.org', n || '@example.org', '1985-03-27', '1 High Road', '',
       'London', 'E11 1AA', 'postcode', b.id, b.region_id, 'standard',
       lpad(to_hex(n), 32, '0')::uuid, n::text, at, at,
       'sam ' || n
FROM (SELECT n, now() - (n % 730) * interval '1 day' AS at FROM generate_series(1, {many}) n) each
JOIN branch b ON b.id = (SELECT min(id) FROM branch) + n % 300;
INSERT INTO membership_event (member_id, kind, from_state, to_state, at, why, who)
SELECT lpad(to_hex(n), 32, '0')::uuid, CASE WHEN k IN (2, 3) THEN 'rate' ELSE 'state' END,
       (ARRAY[NULL, 'applied', 'active', 'active', 'active'])[k + 1],
       CASE WHEN k = 4 AND n % 5 = 0 THEN 'left' WHEN k = 4 THEN 'arrears' WHEN k = 0 THEN 'applied'
            ELSE 'active' END,
       now() - (n % 730) * interval '1 day' + k * interval '1 hour', 'bench', 'clock'
FROM generate_series(1, {many}) n, generate_series(0, 4) k;
INSERT INTO member_note (member_id, account_id, kind, text, at, nonce)
SELECT lpad(to_hex(n), 32, '0')::uuid, gen_random_uuid(), 'note', 'Rang',
       now() - (n % 730 - n % 31) * interval '1 day', gen_random_uuid()
FROM generate_series(1, {many}, 2) n;
INSERT INTO audit_entry (at, kind, account_id, subject_kind, subject_id, detail)
SELECT now() - ({many} * 5 - n) * interval '10 seconds',
       (ARRAY['look', 'search', 'change', 'sign-in'])[1 + n % 4], NULL, 'member',
       (n % 1000)::text, ''
FROM generate_series(1, {many} * 5) n;
SET session_replication_role = DEFAULT;
ANALYZE;
"""


def p95(act: Callable[[], object]) -> float:
    """Return the milliseconds within which 95 of 100 are done."""
    took = []
    for _ in range(TIMES):
        begun = perf_counter()
        act()
        took.append((perf_counter() - begun) * 1000)
    return statistics.quantiles(took, n=20)[-1]


def main(many: int) -> bool:
    """Build it, measure, print a line for each; say whether the limits hold."""
    with postgres.server() as url:
        database = Database(postgres.prepare(url))
        with postgres.role(url, postgres.SUPERUSER).begin() as connection:
            for each in (PLACES, PEOPLE.format(many=many)):
                connection.connection.cursor().execute(each)
        held = _measure(database)
        database.engine.dispose()
    return held


def _measure(database: Database) -> bool:
    now = dt.datetime.now(dt.UTC)
    counted = {}
    for series in SERIES:
        begun = perf_counter()
        with database.reading() as session:
            counted[series.name] = counting.count(session, series, now=now)
        seconds, rows = perf_counter() - begun, len(counted[series.name])
        sys.stdout.write(f"counting {series.name}: {seconds:.1f} s, {rows:,} rows\n")
    begun = perf_counter()
    with database.transaction() as session:
        counting.keep(session, counted, now=now)
    sys.stdout.write(f"keeping all of them the first time: {perf_counter() - begun:.1f} s\n")
    with database.reading() as session:
        region = session.scalars(sa.text("SELECT min(id) FROM region")).one()
    admin = Principal(uuid.uuid4(), "", Role.ADMIN)
    organiser = Principal(uuid.uuid4(), "", Role.ORGANISER, regions=frozenset([region]))
    held = True
    for name, principal in (("everywhere", admin), ("of a region", organiser)):
        took = p95(partial(_look, database, principal, now))
        held = held and took <= PAGE_MS
        sys.stdout.write(f"numbers {name}: {took:.1f} ms at p95 (limit {PAGE_MS:.0f})\n")
    week = now - dt.timedelta(days=7)
    for name, sought in (
        ("anything", Sought()),
        ("of a kind", Sought(kind="change")),
        ("of a kind that never was", Sought(kind="export")),
        ("of a kind since a week", Sought(kind="export", since=week)),
        ("of nobody's account", Sought(account_id=uuid.uuid4(), kind="look")),
        ("of one row", Sought(subject=auditing.Subject("member", 7))),
    ):
        took = p95(partial(_search, database, sought))
        held = held and took <= PAGE_MS
        sys.stdout.write(f"audit, {name}: {took:.1f} ms at p95 (limit {PAGE_MS:.0f})\n")
    return held


def _look(database: Database, principal: Principal, now: dt.datetime) -> None:
    with database.reading() as session:
        numbers.look(session, principal, SERIES, now=now)


def _search(database: Database, sought: Sought) -> None:
    with database.reading() as session:
        auditing.search(session, sought)


if __name__ == "__main__":
    people = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    sys.exit(0 if main(people) else 1)
