"""What `flask payments reconcile` takes over 100,000 of Stripe's objects: seconds, and memory.

    python -m benchmarks.reconciling [objects]

Stripe's lists are served over loopback in Stripe's own shapes, a hundred objects a page, from a
process of their own; our books of the same payments, refunds, disputes and payouts are on a
PostgreSQL of their own. The command runs as anybody runs it, in a process of its own, whose peak
memory is asked of the system: once where all is equal, and once with a hundred differences, half of
them payments that Stripe does not name and half refunds that our books lack. Beside it, in the same
run: the same lists read from end to end by the same adapter, and thrown away.
"""

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from benchmarks import _money
from benchmarks.rig.stripe_lists import APART, Size
from benchmarks.webhook_intake import until_up
from config import ROOT
from core.database import Database
from payments.stripe_gateway import StripeGateway
from tests import postgres
from tests.ports import free_port

OBJECTS, DIFFERENCES = 100_000, 100
AIM_MB = 200
_READ = "read"
_DAYS = 7
# A process inherits the peak of who began it, so something small begins it.
_LAUNCH = (
    "import resource, subprocess, sys\n"
    "code = subprocess.call(sys.argv[1:])\n"
    "sys.stderr.write(f'{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}')\n"
    "sys.exit(code)\n"
)
# What the made-up payments lack to be what the lists name: months, money back, and the bank.
_MORE = (
    """UPDATE payment SET paid_at = paid_at + :later, booked_at = booked_at + :later""",
    """UPDATE pledge SET kind = 'monthly', stripe_subscription = 'sub_' || substr(form_nonce, 6)
       WHERE CAST(substr(form_nonce, 6) AS int) > :single""",
    """UPDATE payment SET invoice = 'in_' || substr(payment_intent, 4)
       WHERE CAST(substr(payment_intent, 4) AS int) > :single""",
    """UPDATE pledge SET stopped_at = :began
       WHERE CAST(substr(form_nonce, 6) AS int) BETWEEN :single + 1 AND :single + :ended""",
    """INSERT INTO refund (id, payment_id, stripe_refund, amount_pence, status, made_at, changed_at)
       SELECT md5('refund' || n)::uuid, md5('payment' || n)::uuid, 're_' || n, 50, 'succeeded',
         :began, :began FROM generate_series(1, :refunds) AS n""",
    """INSERT INTO dispute (id, payment_id, stripe_dispute, amount_pence, status, reason, opened_at,
         changed_at)
       SELECT md5('dispute' || n)::uuid, md5('payment' || n + :refunds)::uuid, 'du_' || n,
         100 + (n + :refunds) % 5000, 'needs_response', 'fraudulent', :began, :began
       FROM generate_series(1, :disputes) AS n""",
    """INSERT INTO ledger_transaction (key, kind, payment_id, moved_at, booked_at)
       SELECT kind || ':' || 'txn_' || n, kind, md5('payment' || n + :refunds)::uuid, :began, :began
       FROM generate_series(1, :disputes) AS n,
         unnest(ARRAY['dispute-money', 'dispute-fee']) AS kind""",
    """INSERT INTO fraud_warning (payment_id, stripe_warning, kind, warned_at)
       SELECT md5('payment' || n)::uuid, 'issfr_' || n, 'misc', :began
       FROM generate_series(1, :warnings) AS n""",
    """INSERT INTO payout (id, stripe_payout, amount_pence, status, made_at, arrives_on, changed_at)
       SELECT md5('payout' || n)::uuid, 'po_' || n, 1000 + n, 'paid', :began, :day, :began
       FROM generate_series(1, :payouts) AS n""",
)


@dataclass(frozen=True, slots=True)
class Took:
    """What a process took, and what it said last."""

    seconds: float
    megabytes: float
    code: int
    last: str

    def tell(self, name: str) -> None:
        """Print it in a line."""
        sys.stdout.write(
            f"reconcile: {name:<24} {self.seconds:6.1f} s  {self.megabytes:5.0f} MB  {self.last}\n"
        )
        sys.stdout.flush()


def books(database: Database, size: Size, began: dt.datetime) -> None:
    """Make the books that the lists are held against."""
    _money.fill(database, 1, size.payments)
    with database.engine.begin() as connection:
        earliest = connection.execute(text("SELECT min(paid_at) FROM payment")).scalar_one()
        values = {
            "began": began,
            "day": began.date(),
            "later": began + dt.timedelta(seconds=APART) - earliest,
            **{name: getattr(size, name) for name in Size.__slots__},
        }
        for statement in _MORE:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


@contextmanager
def listing(began: dt.datetime, objects: int, differences: int) -> Iterator[str]:
    """Serve Stripe's lists; give their address."""
    port = free_port()
    wish = (port, int(began.timestamp()), objects, differences)
    command = [sys.executable, "-m", "benchmarks.rig.stripe_lists", *map(str, wish)]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 -- our own server
    try:
        until_up(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def measured(command: list[str], environ: Mapping[str, str]) -> Took:
    """Run a command of Python's in a process of its own."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 -- our own commands
            [sys.executable, "-c", _LAUNCH, sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=said,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        said.seek(0)
        last = said.read().strip().rpartition("\n")[2]
    logged, _, peak = done.stderr.rpartition("\n")
    if not peak.isdigit():
        raise SystemExit(f"{command} failed: {logged}\n{peak}")
    return Took(took, int(peak) / 1024, done.returncode, last)


def read(base: str) -> None:
    """Read the lists from end to end and throw them away; say how many things were there."""
    gateway = StripeGateway("sk_test_for_measuring", [_money.SECRET], base)
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=_DAYS)
    sys.stdout.write(f"{sum(1 for _notice in gateway.listed(since))} objects read\n")


def main(objects: int) -> int:
    """Measure and print; 1 where the differences are not those that there are."""
    size, faults = Size.of(objects), 0
    age = dt.timedelta(seconds=APART * size.payments, hours=1)
    began = (dt.datetime.now(dt.UTC) - age).replace(microsecond=0)
    with postgres.server(*_money.DURABLE) as url:
        database = _money.prepare(url)
        books(database, size, began)
        database.engine.dispose()
        for differences in (0, DIFFERENCES):
            with listing(began, objects, differences) as base:
                if not differences:
                    measured(["benchmarks.reconciling", _READ, base], {}).tell("only read")
                environ = {**_ENVIRON, "DATABASE_URL": url, "STRIPE_API_BASE": base}
                command = ["flask", "--app", "wsgi", "payments", "reconcile", "--days", str(_DAYS)]
                took = measured(command, environ)
            took.tell(f"with {differences} differences")
            faults += f" {differences} differences" not in took.last or took.megabytes > AIM_MB
    sys.stdout.write(f"reconcile: promised {AIM_MB} MB at {OBJECTS:,} objects\n")
    return 1 if faults else 0


_ENVIRON = {
    "SECRET_KEY": "a key for measuring, not secret at all",
    "STRIPE_WEBHOOK_SECRET": _money.SECRET,
    "MAIL_URL": "smtp://127.0.0.1:9",
    "LOG_FORMAT": "json",
}


if __name__ == "__main__":
    if sys.argv[1:2] == [_READ]:
        read(sys.argv[2])
    else:
        raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else OBJECTS))
