"""`POST /api/v1/nearest`, a hundred postcodes a request: postcodes a second.

    python -m benchmarks.bulk [INDEX]

Once over loopback, to gunicorn with two workers, and once through the WSGI application in this
process, on one core. Every request brings other postcodes, all over the country; half are written
`E11 1AA`, half `e111aa`.
"""

import contextlib
import json
import os
import statistics
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from benchmarks.postcode_index import known_postcodes
from benchmarks.rig.load import ask
from benchmarks.rig.servers import SERVICE, WORKERS, prepared, serving
from branches.postcodes import NotAnIndex, PostcodeIndex
from config import Settings

AREAS = ("E", "M", "CF", "TR", "B", "LS", "NE", "BS", "NR", "DE", "CB", "OX", "LL", "SW", "PL")
MANY = 100
BODIES = 300
ROUNDS = 7
SECONDS = 1.0


def bodies(index: PostcodeIndex) -> list[bytes]:
    """Give requests' bodies, no postcode in two of them."""
    texts = [str(postcode) for postcode in known_postcodes(index, AREAS)[: BODIES * MANY]]
    texts[::2] = [text.replace(" ", "").lower() for text in texts[::2]]
    return [
        json.dumps({"postcodes": texts[at : at + MANY]}).encode()
        for at in range(0, len(texts), MANY)
    ]


def over_http(environ: dict[str, str], asking: list[bytes]) -> None:
    """Measure over loopback, and print a line."""
    head = "POST /api/v1/nearest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    questions = [
        f"{head}Content-Length: {len(body)}\r\n\r\n{body.decode()}".encode() for body in asking
    ]
    rates, work, busy = [], [], 0.0
    with serving("gunicorn", SERVICE, environ) as server:
        ask(server.port, questions, seconds=SECONDS)
        for _ in range(ROUNDS):
            before = server.cpu_seconds()
            asked = ask(server.port, questions, seconds=SECONDS)
            if asked.odd:
                raise RuntimeError(f"{asked.odd} answers were not what they should be")
            rates.append(asked.rate * MANY)
            work.append((server.cpu_seconds() - before) / asked.answers / MANY * 1e6)
            busy = max(busy, asked.busy)
    sys.stdout.write(
        f"bulk over HTTP, {WORKERS} workers: {statistics.median(rates):,.0f} postcodes/s"
        f" (best {max(rates):,.0f}), {min(work):.1f} us of a processor each"
        f" (asking took {busy:.0%} of a core)\n"
    )


def in_process(environ: dict[str, str], asking: list[bytes]) -> None:
    """Measure through the application itself, and print a line."""
    service = create_app(Settings.read({**os.environ, **environ}))

    def post(body: bytes) -> bytes:
        builder = EnvironBuilder(
            "/api/v1/nearest", method="POST", data=body, content_type="application/json"
        )
        environment = builder.get_environ() | {"wsgi.input": BytesIO(body)}
        answer, status, _headers = run_wsgi_app(service, environment)
        with contextlib.closing(answer):  # type: ignore[type-var]  # Werkzeug's has a close
            text = b"".join(answer)
        if status != "200 OK":
            raise RuntimeError(status)
        return text

    if len(json.loads(post(asking[0]))["results"]) != MANY:
        raise RuntimeError("not every postcode was answered")
    best = work = float("inf")
    for _ in range(ROUNDS):
        began, busy = perf_counter(), process_time()
        for body in asking:
            post(body)
        best = min(best, perf_counter() - began)
        work = min(work, process_time() - busy)
    count = len(asking) * MANY
    sys.stdout.write(
        f"bulk in process, one core: {count / best:,.0f} postcodes/s,"
        f" {work / count * 1e6:.1f} us of a processor each\n"
    )


def main() -> int:
    """Measure and print; 1 when there is no index."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "instance/postcodes.idx")
    try:
        with PostcodeIndex.open(path) as index:
            asking = bodies(index)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    with tempfile.TemporaryDirectory() as place:
        environ = prepared(Path(place), path)
        over_http(environ, asking)
        in_process(environ, asking)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
