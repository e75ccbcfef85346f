"""`GET /api/v1/nearest` over loopback, beside a bare Flask view that sends the same.

    python -m benchmarks.http_nearest [--index FILE] [SERVER …]

The bare view reads the argument and gives an answer made before, with the same body and the same
headers: no rate limit, no metrics, no look at who asks, no branch found. Both run on the same
server with the same workers, and are asked in turns within one run, so that the ratio means the
same on every machine and, by the processors' time, on a busy one too.
"""

import argparse
import json
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks.postcode_index import known_postcodes
from benchmarks.rig.load import Asked, ask
from benchmarks.rig.servers import BARE, NAMES, SERVICE, Server, is_installed, prepared, serving
from branches.postcodes import NotAnIndex, PostcodeIndex

ROUNDS = 7
SECONDS = 1.0
PEER = 313
"""Requests a second of a nearest at postcodes.io 18.0.1, tuned, on two cores of this kind."""
# What a server adds by itself, and what Flask reckons anew.
_SERVERS_OWN = frozenset(("server", "date", "connection", "content-length", "transfer-encoding"))


def questions(index: PostcodeIndex) -> list[bytes]:
    """Give requests for a thousand postcodes, in the two spellings of most."""
    texts = [str(postcode) for postcode in known_postcodes(index)[:1000]]
    texts[::2] = [text.replace(" ", "").lower() for text in texts[::2]]
    return [
        f"GET /api/v1/nearest?postcode={text.replace(' ', '+')} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n".encode()
        for text in texts
    ]


def answer_of(server: Server) -> dict[str, object]:
    """Take an answer of the service apart, for the bare view to give."""
    url = f"http://127.0.0.1:{server.port}/api/v1/nearest?postcode=e111aa"
    with urllib.request.urlopen(url, timeout=10) as answer:
        headers = dict(answer.headers.items())
        body = answer.read().decode()
    kept = {name: value for name, value in headers.items() if name.lower() not in _SERVERS_OWN}
    return {"body": body, "headers": kept}


def timed(server: Server, asking: list[bytes]) -> tuple[Asked, float]:
    """Ask for a while; give what came of it, and the server's processor time an answer (us)."""
    before = server.cpu_seconds()
    asked = ask(server.port, asking, seconds=SECONDS)
    if asked.odd:
        raise RuntimeError(f"{asked.odd} of {asked.answers} answers were not what they should be")
    return asked, (server.cpu_seconds() - before) / asked.answers * 1e6


def measure(name: str, environ: Mapping[str, str], folder: Path, asking: list[bytes]) -> None:
    """Measure the service and the bare view on one server, in turns, and print a line."""
    with ExitStack() as stack:
        ours = stack.enter_context(serving(name, SERVICE, environ))
        told = folder / "answer.json"
        told.write_text(json.dumps(answer_of(ours)), encoding="utf-8")
        bare = stack.enter_context(serving(name, BARE, {"BARE_ANSWER": str(told)}))
        found: dict[str, list[tuple[Asked, float]]] = {"ours": [], "bare": []}
        for server in (ours, bare):
            timed(server, asking)
        for _ in range(ROUNDS):
            found["ours"].append(timed(ours, asking))
            found["bare"].append(timed(bare, asking))
    rate = {who: statistics.median(asked.rate for asked, _ in got) for who, got in found.items()}
    work = {who: min(work for _, work in got) for who, got in found.items()}
    best = max(asked.rate for asked, _ in found["ours"])
    by_work = f"{work['bare'] / work['ours']:.2f}" if work["ours"] else "-"
    busy = max(asked.busy for got in found.values() for asked, _ in got)
    sys.stdout.write(
        f"{name:<20} nearest {rate['ours']:7,.0f}/s (best {best:,.0f})  bare {rate['bare']:7,.0f}/s"
        f"  ratio {rate['ours'] / rate['bare']:.2f}"
        f"  processor {work['ours']:.0f} and {work['bare']:.0f} us, ratio {by_work}"
        f"  {rate['ours'] / PEER:.0f} times postcodes.io  (asking took {busy:.0%} of a core)\n"
    )
    sys.stdout.flush()


def main() -> int:
    """Measure and print; 1 when there is no index."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http_nearest")
    parser.add_argument(
        "servers", nargs="*", metavar="SERVER", default=["gunicorn"], help=", ".join(NAMES)
    )
    parser.add_argument("--index", type=Path, default=Path("instance/postcodes.idx"))
    wish = parser.parse_args()
    try:
        with PostcodeIndex.open(wish.index) as index:
            asking = questions(index)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        environ = prepared(folder, wish.index)
        for name in wish.servers:
            if is_installed(name):
                measure(name, environ, folder, asking)
            else:
                sys.stdout.write(f"{name} is not installed here\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
