"""Serve all the stand-ins from one process, or from inside a test.

    python -m sandbox.serving --port 8420 --service http://127.0.0.1:8000 --state FILE

prints one line of JSON with the addresses when it is ready, and serves until SIGTERM or SIGINT.
"""

import argparse
import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.article.views import create_article
from sandbox.clock import Clock
from sandbox.handle import Sandbox
from sandbox.loops import Loop
from sandbox.mailbox.receiving import MailServer
from sandbox.store import Store
from sandbox.stripe import chores, delivering, idempotency
from sandbox.world import Addresses, Habits, World

HOST = "127.0.0.1"
DEFAULT_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - a stand-in's, known to all
DEFAULT_SMS_SECRET = "sandbox-phone-secret"  # noqa: S105 - likewise
POLL = 0.02  # seconds until a server notices that it is to stop


@dataclass(frozen=True)
class Wishes:
    """How a sandbox is to be run; port 0 takes a free one. `machine` tells the machine's time."""

    state: Path
    service: str | None = None
    port: int = 0
    mail_port: int = 0
    article_port: int = 0
    webhook_secret: str = DEFAULT_WEBHOOK_SECRET
    sms_secret: str = DEFAULT_SMS_SECRET
    settle_seconds: float = 1.0
    machine: Callable[[], float] = time.time


class Silent(WSGIRequestHandler):
    """Logs no requests: their addresses may hold what nobody else should read."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@contextmanager
def running(wishes: Wishes) -> Iterator[Sandbox]:
    """Run a sandbox in threads of this process until the block ends.

    Raises:
        OSError: a port is taken.
    """
    with ExitStack() as stack:
        web, mail, article = (
            stack.enter_context(_listen(port))
            for port in (wishes.port, wishes.mail_port, wishes.article_port)
        )
        world = _make_world(wishes, stack, (web, mail, article))
        idempotency.forget_unfinished(world)
        _serve(stack, create_app(world), web)
        _serve(stack, create_article(world), article)
        post = MailServer(world, mail)
        post.start()
        stack.callback(post.stop)
        for name, step in (("webhooks", delivering.deliver_next), ("chores", chores.do_next)):
            _run_loop(stack, world, Loop(f"sandbox-{name}", partial(step, world)))
        stack.callback(world.knobs.clear)
        yield Sandbox(world)


@contextmanager
def running_sandbox(
    service_url: str | None,
    state_dir: Path,
    *,
    webhook_secret: str = DEFAULT_WEBHOOK_SECRET,
    sms_secret: str = DEFAULT_SMS_SECRET,
    port: int = 0,
    settle_seconds: float = 1.0,
) -> Iterator[Sandbox]:
    """Run a sandbox for a test; `service_url` may follow later by `sandbox.serve`."""
    wishes = Wishes(
        state=state_dir / "sandbox.db",
        service=service_url,
        port=port,
        webhook_secret=webhook_secret,
        sms_secret=sms_secret,
        settle_seconds=settle_seconds,
    )
    with running(wishes) as sandbox:
        yield sandbox


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _make_world(
    wishes: Wishes, stack: ExitStack, sockets: tuple[socket.socket, socket.socket, socket.socket]
) -> World:
    web, mail, article = (each.getsockname()[1] for each in sockets)
    store = Store(wishes.state)
    stack.callback(store.close)
    addresses = Addresses(
        stripe=f"http://{HOST}:{web}",
        article=f"http://localhost:{article}",
        mail=f"smtp://{HOST}:{mail}",
    )
    return World(
        store=store,
        clock=Clock(store, wishes.machine),
        addresses=addresses,
        service=wishes.service.rstrip("/") if wishes.service else None,
        webhook_secret=wishes.webhook_secret,
        sms_secret=wishes.sms_secret,
        habits=Habits(settle_seconds=wishes.settle_seconds),
        usual=Habits(settle_seconds=wishes.settle_seconds),
    )


def _serve(stack: ExitStack, app: Flask, listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    server = make_server(
        HOST, port, app, threaded=True, request_handler=Silent, fd=listening.fileno()
    )
    thread = threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.shutdown)


def _run_loop(stack: ExitStack, world: World, loop: Loop) -> None:
    world.pokes.append(loop.poke)
    loop.start()
    stack.callback(loop.stop)


def parse_arguments(arguments: list[str]) -> Wishes:
    """Read the command line; wrong usage exits 2."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.serving", description=__doc__)
    parser.add_argument("--port", type=int, default=8420, help="Stripe, phone, mailbox (8420)")
    parser.add_argument("--mail-port", type=int, default=0, help="SMTP (a free one)")
    parser.add_argument("--article-port", type=int, default=0, help="the article (a free one)")
    parser.add_argument("--service", required=True, help="where the service is reached")
    parser.add_argument("--state", type=Path, required=True, help="the file to remember in")
    parser.add_argument("--webhook-secret", default=DEFAULT_WEBHOOK_SECRET)
    parser.add_argument("--sms-secret", default=DEFAULT_SMS_SECRET)
    return Wishes(**vars(parser.parse_args(arguments)))


def main(arguments: list[str]) -> int:
    """Serve until told to stop; return the exit code."""
    wishes = parse_arguments(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with running(wishes) as sandbox:
            sys.stdout.write(json.dumps(sandbox.urls) + "\n")
            sys.stdout.flush()
            stop.wait()
    except OSError as fault:
        sys.stderr.write(f"The sandbox could not start: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
