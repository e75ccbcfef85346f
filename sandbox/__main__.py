"""`make run`: web, worker and sandbox together on one machine, until Ctrl-C.

Each is a process of its own. One that dies is started again, so that killing it is a fair test; one
that cannot stay up for long ends the whole, with words.

With arguments it does something to the sandbox that is running instead: see `sandbox/commands.py`.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from config import ROOT, BadSettings, Settings
from sandbox import commands

INSTANCE = ROOT / "instance"
_START_SECONDS = 30
_STOP_SECONDS = 10
_FALLS, _SOON_SECONDS = 5, 3
_PORTS = {"PORT": 8000, "SANDBOX_PORT": 8420, "ARTICLE_PORT": 0, "SANDBOX_MAIL_PORT": 0}


class CannotRun(Exception):
    """Something keeps it from running; the words say what."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or asked for an end in another way."""


@dataclass(slots=True)
class Part:
    """One process of the three, and how often it fell in a row."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    keep_output: bool = False
    process: "subprocess.Popen[str] | None" = None
    since: float = 0.0
    falls: int = 0

    def start(self) -> None:
        """Start the process, apart from our terminal's Ctrl-C."""
        self.since = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- our own programs
            self.command,
            env=dict(self.environ),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.keep_output else None,
            text=True,
            start_new_session=True,
        )

    def keep_up(self) -> None:
        """Start the process again if it has ended.

        Raises:
            CannotRun: when it fell five times in a row as soon as it was started.
        """
        if self.process is None or self.process.poll() is None:
            return
        up = time.monotonic() - self.since
        self.falls = self.falls + 1 if up < _SOON_SECONDS else 0
        if self.falls >= _FALLS:
            raise CannotRun(f"The {self.name} keeps ending; its last words are above.")
        _say(f"The {self.name} ended and is started again.")
        self.start()

    def stop(self) -> None:
        """Ask the process to end, and see to it that it does."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def main() -> int:
    """Run it all; return the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    parts: list[Part] = []
    try:
        settings = Settings.read(os.environ)
        _run(settings, parts)
    except BadSettings as error:
        _say("Groundswell cannot start:", *error.faults)
        return 1
    except CannotRun as error:
        _say(str(error))
        return 1
    except Stopped:
        _say("Stopping ...")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for part in reversed(parts):
            part.stop()
        if parts:  # then the note is ours, and nobody listens there any more
            _note(_port("SANDBOX_PORT", _PORTS["SANDBOX_PORT"])).unlink(missing_ok=True)
    return 0


def _run(settings: Settings, parts: list[Part]) -> None:
    if settings.production:
        raise CannotRun("This is for development: production runs its own web and worker.")
    ports = {name: _port(name, usual) for name, usual in _PORTS.items()}
    chosen = [port for port in ports.values() if port]
    if len(set(chosen)) < len(chosen):
        raise CannotRun(f"{', '.join(_PORTS)} must differ from one another.")
    for name, port in ports.items():
        _must_be_free(name, port)
    web_port = ports["PORT"]
    stand_ins = _start_sandbox(settings, ports, parts)
    environ = {**os.environ, "MAIL_URL": os.environ.get("MAIL_URL") or stand_ins["mail"]}
    binary = Path(sys.executable).parent
    web = [
        *(str(binary / "gunicorn"), "--bind", f"127.0.0.1:{web_port}"),
        *("--graceful-timeout", "5", "wsgi:app"),
    ]
    worker = [str(binary / "flask"), "--app", "wsgi", "worker"]
    for part in (Part("web", web, environ), Part("worker", worker, environ)):
        part.start()
        parts.append(part)
    _wait_for(f"http://127.0.0.1:{web_port}/readyz", parts)
    _say(_welcome(settings, stand_ins))
    _say_who_may_sit(settings, environ)
    while True:
        time.sleep(0.5)
        for part in parts:
            part.keep_up()


def _start_sandbox(
    settings: Settings, ports: Mapping[str, int], parts: list[Part]
) -> dict[str, str]:
    """Start the stand-ins and return where they listen, as they say themselves.

    What they remember, and where they listen, is kept by their port: several copies of the service
    can run from one folder.
    """
    INSTANCE.mkdir(exist_ok=True)
    note = _note(ports["SANDBOX_PORT"])
    command = [
        *(sys.executable, "-m", "sandbox.serving", "--port", str(ports["SANDBOX_PORT"])),
        *(
            "--service",
            f"http://127.0.0.1:{ports['PORT']}",
            "--state",
            str(note.with_suffix(".db")),
        ),
        *("--webhook-secret", settings.stripe_webhook_secrets[0]),
        *("--sms-secret", next(iter(settings.sms_generic_secrets), "")),
    ]
    for option, name in (("--mail-port", "SANDBOX_MAIL_PORT"), ("--article-port", "ARTICLE_PORT")):
        if ports[name]:
            command += [option, str(ports[name])]
    part = Part("sandbox", command, os.environ, keep_output=True)
    part.start()
    parts.append(part)
    found = _first_line(part)
    # A sandbox that is started again must come back where the others look for it.
    for option, url in (("--mail-port", found["mail"]), ("--article-port", found["article"])):
        if option not in part.command:
            part.command += [option, str(urlsplit(url).port)]
    note.write_text(json.dumps(found), encoding="utf-8")
    return found


def _first_line(part: Part) -> dict[str, str]:
    process = part.process
    if process is None or process.stdout is None:
        raise CannotRun("The sandbox was not started.")
    ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline() if ready else ""
    if not line:
        raise CannotRun("The sandbox did not start.")
    found: dict[str, str] = json.loads(line)
    return found


def _wait_for(url: str, parts: list[Part]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        for part in parts:
            part.keep_up()
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 -- our own, on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise CannotRun("The service did not become ready.")


def _note(port: int) -> Path:
    """Return the file that says where the stand-ins of this port listen."""
    return INSTANCE / f"sandbox-{port}.json"


def _port(name: str, usual: int) -> int:
    """Return the port of this name; 0 lets the system choose one."""
    text = os.environ.get(name, "").strip() or str(usual)
    if text.isascii() and text.isdigit() and int(text) < 65536:  # noqa: PLR2004 -- the ports there are
        return int(text)
    raise CannotRun(f"{name} must be a port.")


def _must_be_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotRun(f"Port {port} is taken. Choose another: {name}=… make run") from None


def _welcome(settings: Settings, stand_ins: Mapping[str, str]) -> str:
    rows = [
        ("The service", settings.public_url),
        ("An article with the donation form", stand_ins["article"]),
        ("A phone that texts the line", stand_ins["phone"]),
        ("The mailbox", stand_ins["mailbox"]),
        ("Stripe's stand-in", stand_ins["stripe"]),
        ("The mail server", stand_ins["mail"]),
    ]
    width = max(len(name) for name, _url in rows)
    shown = "\n".join(f"  {name:{width}}  {url}" for name, url in rows)
    return (
        f"\nGroundswell is running for {settings.organisation.name}.\n\n{shown}\n\n"
        "Pay with the card 4242 4242 4242 4242; 4000 0000 0000 0002 is declined.\n"
        "Nothing leaves this machine. Ctrl-C stops everything.\n"
    )


def _say_who_may_sit(settings: Settings, environ: Mapping[str, str]) -> None:
    """Print what opens the desk, where `make sample` has made accounts for that."""
    command = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi"]
    asked = subprocess.run(  # noqa: S603 -- our own program
        [*command, "staff", "sample-codes", "--if-there"],
        env=dict(environ),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if asked.returncode or not asked.stdout:
        return
    rows = "".join(f"  {row}\n" for row in asked.stdout.splitlines())
    _say(
        f"The desk, {settings.public_url}/desk, lets in with a password and this moment's code:\n\n"
        f"{rows}\nFor the next codes: .venv/bin/flask --app wsgi staff sample-codes\n"
    )


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _do(arguments: list[str]) -> int:
    """Do something to the sandbox that `make run` started; return the exit code."""
    try:
        port = _port("SANDBOX_PORT", _PORTS["SANDBOX_PORT"])
    except CannotRun as error:
        _say(str(error))
        return 2
    return commands.main(arguments, f"http://127.0.0.1:{port}")


if __name__ == "__main__":
    sys.exit(_do(sys.argv[1:]) if sys.argv[1:] else main())
