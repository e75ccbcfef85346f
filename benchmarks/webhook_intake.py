"""How many notices of Stripe's are taken a second, beside dj-stripe on the same PostgreSQL.

    python -m benchmarks.webhook_intake [rounds]

Both stand behind gunicorn with the same settings, on one PostgreSQL server that keeps what it
acknowledges (`fsync` and `synchronous_commit` on), and are sent the same kind of notice in turns: a
paid Checkout as Stripe writes it, with a real signature, each with an id of its own. An answer of
200 promises that the notice is kept, and afterwards it is counted what was.

What each does with a notice:

- ours checks the signature, reads what kind of notice it is, and keeps it in one transaction (one
  `INSERT … ON CONFLICT DO NOTHING`);
- dj-stripe looks its endpoint up, keeps the request with its headers (one commit), checks the
  signature, hands the event to a callback that does nothing here, and notes that it was valid (a
  second commit). Its own processing, which asks Stripe, is put off as its documentation advises.

Ours tells the disk less often too: notices that come to a worker at one moment are kept together
(`core/gathering.py`). So the ratio grows with what comes at one moment, and with what a commit
takes; on a busy machine look at the processor's time, which counts PostgreSQL's in.

dj-stripe lives in an environment of its own: `make bench` makes it.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from benchmarks import _money
from benchmarks.rig.load import ask
from benchmarks.rig.servers import Server
from config import ROOT
from core.database import Database
from sandbox.stripe.blanks import SESSION, blank
from sandbox.stripe.delivering import AGENT, signature
from tests import postgres
from tests.ports import free_port

ROUNDS, SECONDS, CONNECTIONS, MOST = 12, 1.0, 48, 4_000
AIM = 3.0
THEIRS = ROOT / ".venv" / "bench" / "bin" / "python"
PROJECT = "benchmarks.rig.djstripe_project"
_ENDPOINT = str(uuid.uuid4())
_PATIENCE = 30.0


@dataclass(slots=True)
class Side:
    """One of the two: where it takes notices, what it has kept, and what came of each round."""

    name: str
    server: Server
    database: int
    """The process of the PostgreSQL server."""
    path: str
    counted: str
    """SQL that counts the notices it has kept."""
    rates: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    taken: int = 0

    def go(self) -> None:
        """Send notices for a while; every one must be taken."""
        notices = [request(self.path) for _ in range(MOST)]
        before = self._worked()
        asked = ask(self.server.port, notices, seconds=SECONDS, connections=CONNECTIONS)
        if asked.odd or not 0 < asked.answers <= MOST - CONNECTIONS:
            raise SystemExit(f"{self.name}: {asked.odd} odd answers of {asked.answers}")
        self.taken += asked.answers
        self.rates.append(asked.rate)
        self.work.append((self._worked() - before) / asked.answers * 1e6)

    def _worked(self) -> float:
        """Return the processor time that it and PostgreSQL have taken until now, in seconds."""
        return self.server.cpu_seconds() + cpu_seconds(self.database)

    def proved(self, database: Database) -> None:
        """See whether what it said it had taken is there; those under way at an end may be too."""
        with database.engine.connect() as connection:
            kept = connection.execute(text(self.counted)).scalar_one()
        if not self.taken <= kept <= self.taken + CONNECTIONS * len(self.rates):
            raise SystemExit(f"{self.name}: {self.taken} were taken and {kept} are kept")


def postmaster(database: Database) -> int:
    """Return the process that began all others of the PostgreSQL server; 0 outside of Linux."""
    with database.engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    status = Path(f"/proc/{backend}/stat")
    return int(_fields(status)[1]) if status.exists() else 0


def cpu_seconds(parent: int) -> float:
    """Return the processor time of all the children of a process, those that ended included."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may end meanwhile
            fields = _fields(status)
            ticks += sum(map(int, fields[11:13])) if int(fields[1]) == parent else 0
            ticks += sum(map(int, fields[13:15])) if status.parent.name == str(parent) else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(status: Path) -> list[str]:
    """Return what Linux says of a process from its state on (proc_pid_stat, field 3)."""
    return status.read_text(encoding="utf-8").rpartition(")")[2].split()


def request(path: str) -> bytes:
    """Give a notice that a Checkout was paid, as Stripe sends it, that nobody has seen before."""
    pledge = uuid.uuid4()
    event = _money.completed(pledge)
    found = event["data"]["object"]
    details = {"email": "sam@example.org", "name": "Sam Jones", "tax_exempt": "none"}
    event["data"]["object"] = blank(SESSION, **found, customer_details=details)
    body = json.dumps(event, indent=2).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"Stripe-Signature: {signature(body, _money.SECRET, int(time.time()))}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def serving(python: str | Path, application: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """Serve an application with the settings of `gunicorn.conf.py` and two workers."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 -- our own servers
        [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", application],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
    )
    try:
        until_up(port, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def until_up(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until something listens on a port of this machine."""
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("a server did not start")


def ours(stack: ExitStack, url: str, postgresql: int) -> Side:
    """Start the service."""
    application = f"benchmarks._money:service({url!r})"
    server = stack.enter_context(serving(sys.executable, application, {}))
    return Side(
        "ours", server, postgresql, "/webhooks/stripe", "SELECT count(*) FROM webhook_event"
    )


def theirs(stack: ExitStack, url: str, postgresql: int) -> Side:
    """Start the project with dj-stripe."""
    environ = {
        "DATABASE_URL": url,
        "WEBHOOK_ENDPOINT": _ENDPOINT,
        "WEBHOOK_SECRET": _money.SECRET,
    }
    subprocess.run(  # noqa: S603 -- our own project
        [THEIRS, "-m", PROJECT],
        cwd=ROOT,
        env={**os.environ, **environ, "PGOPTIONS": "-c synchronous_commit=off"},
        check=True,
    )
    server = stack.enter_context(serving(THEIRS, f"{PROJECT}:application()", environ))
    counted = "SELECT count(*) FROM djstripe_webhookeventtrigger WHERE valid"
    return Side("dj-stripe", server, postgresql, f"/stripe/webhook/{_ENDPOINT}/", counted)


def main(rounds: int) -> int:
    """Measure both in turns and print; 1 where dj-stripe is not installed."""
    if not THEIRS.exists():
        sys.stderr.write("dj-stripe is not installed: make bench does that\n")
        return 1
    with ExitStack() as stack:
        url = stack.enter_context(postgres.server(*_money.DURABLE))
        database = _money.prepare(url)
        sides = [each(stack, url, postmaster(database)) for each in (ours, theirs)]
        for _round in range(rounds + 1):
            for side in sides:
                side.go()
        for side in sides:
            side.proved(database)
        database.engine.dispose()
    tell(*sides)
    return 0


def tell(mine: Side, other: Side) -> None:
    """Print both, without the first round, in which everything warms up."""
    for side in (mine, other):
        rates = sorted(side.rates[1:])
        sys.stdout.write(
            f"webhook intake: {side.name:<10} {statistics.median(rates):6,.0f}/s"
            f" ({rates[0]:,.0f} to {rates[-1]:,.0f}),"
            f" {statistics.median(side.work[1:]):5,.0f} us of processor, PostgreSQL's included\n"
        )
    pairs = [a / b for a, b in zip(mine.rates[1:], other.rates[1:], strict=True)]
    work = statistics.median(other.work[1:]) / statistics.median(mine.work[1:])
    sys.stdout.write(
        f"webhook intake: ratio {statistics.median(pairs):.1f} ({min(pairs):.1f} to"
        f" {max(pairs):.1f}), by processor {work:.1f}; promised {AIM:.0f}\n"
    )


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
