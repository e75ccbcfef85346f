"""What one inbound text takes: verified, read, located, stored and answered, by the whole service.

    python -m benchmarks.inbound_text [instance/postcodes.idx]

The service stands as it is shipped, on SQLite in a file (WAL, `synchronous=FULL`), with 300
branches. Each text comes in through WSGI, and stores itself, its enquiry and the mail about it.
Beside it, in the same run: a bare Flask view that stores one row in a database of the same kind.

A commit waits for the disk, which is not our time: the processor's time is given beside the whole,
and so is what the disk takes to keep one page.
"""

import base64
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from benchmarks import _rig
from branches.postcodes import NotAnIndex, PostcodeIndex
from config import Settings

TEXTS, BRANCHES, WARMING, KEPT = 1000, 300, 20, 200
SECRET = "a secret for measuring and for nothing else"  # noqa: S105 -- made up here
PAGE = bytes(4096)


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds that half of the calls take at most, and 95 in 100: in all, and of our own."""

    half: float
    most: float
    own_half: float
    own_most: float

    @classmethod
    def of(cls, calls: Iterable[Callable[[], object]]) -> "Took":
        """Make the calls one after the other; the first few only warm everything up."""
        whole, own = [], []
        for call in calls:
            began, own_began = time.perf_counter(), time.thread_time()
            call()
            own.append(time.thread_time() - own_began)
            whole.append(time.perf_counter() - began)
        whole, own = sorted(whole[WARMING:]), sorted(own[WARMING:])
        places = len(own) // 2, len(own) * 95 // 100
        return cls(*(times[place] * 1e3 for times in (whole, own) for place in places))

    def tell(self, name: str, words: str = "") -> None:
        """Print it in a line."""
        sys.stdout.write(
            f"inbound text: {name:<14} p50 {self.half:6.2f} ms  p95 {self.most:6.2f} ms"
            f"   of our own p50 {self.own_half:6.2f} ms  p95 {self.own_most:6.2f} ms{words}\n"
        )


def through(app: Flask, builder: EnvironBuilder) -> Callable[[], None]:
    """Give a call of the application that fails unless the answer is 200 and says something."""
    environ = builder.get_environ()

    def call() -> None:
        body, status, _headers = run_wsgi_app(app, environ, buffered=True)
        if status != "200 OK" or len(b"".join(body)) < len('{"reply": null}') + 1:
            raise SystemExit(f"the text was not answered: {status}")

    return call


def generic(number: int, text: str) -> EnvironBuilder:
    """A text as the generic gateway takes it."""
    said = {"id": f"g{number}", "from": f"+447700900{number % 1000:03}", "text": text}
    return EnvironBuilder(
        "/webhooks/sms/generic", method="POST", json=said, headers=Headers(basic("sms"))
    )


def kannel(number: int, text: str) -> EnvironBuilder:
    """A text as Kannel hands it over."""
    return EnvironBuilder(
        "/webhooks/sms/kannel",
        method="POST",
        query_string={"id": f"k{number}"},
        data=text.encode(),
        content_type="text/plain; charset=UTF-8",
        headers=Headers(basic("kannel") | {"X-Kannel-From": f"+447700900{number % 1000:03}"}),
    )


def basic(user: str) -> dict[str, str]:
    """The header by which a gateway proves itself."""
    given = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    return {"Authorization": f"Basic {given}"}


def service(url: str, index: Path) -> Flask:
    """Make the service, with the two gateways on."""
    secrets = dict.fromkeys(("SECRET_KEY", "SMS_GENERIC_SECRET", "SMS_KANNEL_SECRET"), SECRET)
    settings = {"DATABASE_URL": url, "POSTCODE_INDEX": str(index.resolve())}
    return create_app(Settings.read(secrets | settings))


def bare(path: Path) -> Flask:
    """Make a view that stores one row, in a database of the same kind, and says so."""
    app = Flask("bare")
    kept = sqlite3.connect(path, isolation_level=None)
    kept.execute("PRAGMA journal_mode = WAL")
    kept.execute("PRAGMA synchronous = FULL")
    kept.execute("CREATE TABLE text (id TEXT PRIMARY KEY, sender TEXT, words TEXT)")

    @app.post("/webhooks/sms/generic")
    def take() -> dict[str, str]:
        said: dict[str, Any] = request.get_json()
        kept.execute("BEGIN IMMEDIATE")
        kept.execute("INSERT INTO text VALUES (?, ?, ?)", (said["id"], said["from"], said["text"]))
        kept.execute("COMMIT")
        return {"reply": "It is kept."}

    app.extensions["kept"] = kept
    return app


def disk(path: Path) -> Took:
    """Measure what the disk takes to keep one page."""
    with path.open("wb", buffering=0) as file:

        def keep() -> None:
            file.write(PAGE)
            os.fsync(file.fileno())

        return Took.of([keep] * (KEPT + WARMING))


def measure(folder: Path, index: PostcodeIndex, path: Path) -> None:
    """Measure everything, and print a line for each."""
    url = f"sqlite:///{folder}/service.db"
    postcodes = _rig.picked(path, 3 * TEXTS)
    _rig.fill(url, index, postcodes, BRANCHES)
    texts = [f"Hi its Jo Smith, im at {postcode}, any branch near?" for postcode in postcodes]
    numbered = list(enumerate(texts[: TEXTS + WARMING]))
    app, plain_app = service(url, path), bare(folder / "bare.db")
    with closing(plain_app.extensions["kept"]):
        plain = Took.of(through(plain_app, generic(*each)) for each in numbered)
    plain.tell("bare view")
    for name, builder in (("generic", generic), ("kannel", kannel)):
        took = Took.of(through(app, builder(*each)) for each in numbered)
        ratio, own = took.half / plain.half, took.own_half / plain.own_half
        took.tell(name, f"   {ratio:.1f} times the bare view, {own:.1f} of our own")
    disk(folder / "page").tell("the disk alone")
    app.extensions["database"].engine.dispose()


def main() -> int:
    """Measure and print; 1 when there is no index."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "instance/postcodes.idx")
    try:
        index = PostcodeIndex.open(path)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), index, path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
