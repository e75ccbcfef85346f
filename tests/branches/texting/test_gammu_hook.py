"""The hook of Gammu's SMSD, with a service and a sender that are made up."""

import base64
import json
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from branches.texting import gammu_hook
from branches.texting.gammu_hook import Hook, deliver, main, save, text_in
from branches.texting.gsm import is_gsm7
from tests.ports import free_port

SENT = {"from": "+447700900123", "text": "Sam E11 1AA", "id": "IN1.txt"}


@dataclass
class Told:
    """What a service was told, and what it answers."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"reply": "Hello Sam."}'
    texts: list[dict[str, Any]] = field(default_factory=list)
    proofs: list[str | None] = field(default_factory=list)


@pytest.fixture
def told() -> Iterator[Told]:
    with _serving() as found:
        yield found


@contextmanager
def _serving() -> Iterator[Told]:
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.proofs.append(self.headers["Authorization"])
            self.send_response(told.status)
            if told.status == 302:
                self.send_header("Location", told.url)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its own name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/webhooks/sms/generic"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in SMSD's place, which notes what it is asked to send; return the note."""
    note = tmp_path / "sent"
    program = tmp_path / "bin" / "gammu-smsd-inject"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nfor each in "$@"; do printf \'%s\\n\' "$each"; done >> {note}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return note


def environ(told: Told, tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "GAMMU_HOOK_URL": told.url,
        "GAMMU_HOOK_SECRET": "thé secret",
        "GAMMU_HOOK_SPOOL": str(tmp_path / "spool"),
        "SMS_MESSAGES": "1",
        "SMS_1_NUMBER": "+447700900123",
        "SMS_1_TEXT": "Sam E11 1AA",
        "DECODED_PARTS": "0",
    } | more


def spooled(tmp_path: Path) -> list[str]:
    return sorted(path.suffix for path in (tmp_path / "spool").iterdir())


def test_a_text_goes_to_the_service_and_the_reply_to_the_sender(
    told: Told, tmp_path: Path, sender: Path
) -> None:
    smsd = {"GAMMU_HOOK_SMSD": "/etc/gammu-smsdrc"}
    assert main(["IN1.txt", "IN2.txt"], environ(told, tmp_path, **smsd)) == 0
    assert told.texts == [SENT]
    assert told.proofs == [f"Basic {base64.b64encode('sms:thé secret'.encode()).decode()}"]
    expected = ["-c", "/etc/gammu-smsdrc", "TEXT", "+447700900123", "-len", "11"]
    assert sender.read_text().splitlines() == [*expected, "-text", "Hello Sam."]
    assert spooled(tmp_path) == []


def test_a_reply_beyond_seven_bits_is_sent_in_sixteen(
    told: Told, tmp_path: Path, sender: Path
) -> None:
    told.body = json.dumps({"reply": "Ynys Môn; $(touch x) \"'"}).encode()
    assert main(["IN1.txt"], environ(told, tmp_path)) == 0
    assert sender.read_text().splitlines()[-3:] == ["-unicode", "-text", "Ynys Môn; $(touch x) \"'"]


def test_where_nothing_is_to_be_said_nothing_is_sent(
    told: Told, tmp_path: Path, sender: Path
) -> None:
    told.body = b'{"reply": null}'
    assert main(["IN1.txt"], environ(told, tmp_path)) == 0
    assert not sender.exists()
    assert spooled(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (503, b""), (401, b""), (302, b""), (200, b"<html>"), (200, b"[]"), (200, b"{}")],
)
def test_a_text_waits_in_the_spool_until_it_is_answered(
    told: Told, tmp_path: Path, sender: Path, status: int, body: bytes
) -> None:
    good, told.status, told.body = told.body, status, body
    assert main(["IN1.txt"], environ(told, tmp_path)) == 1
    assert spooled(tmp_path) == [".json"]
    assert main(["--retry"], environ(told, tmp_path)) == 1
    told.status, told.body = 200, good
    assert main(["--retry"], environ(told, tmp_path)) == 0
    assert told.texts == [SENT] * 3
    assert spooled(tmp_path) == []
    assert len(sender.read_text().splitlines()) == 6


def test_a_service_that_is_not_there_is_waited_for(told: Told, tmp_path: Path) -> None:
    away = environ(told, tmp_path, GAMMU_HOOK_URL=f"http://127.0.0.1:{free_port()}/x")
    assert main(["IN1.txt"], away) == 1
    assert spooled(tmp_path) == [".json"]


def test_what_the_service_never_takes_is_put_aside(told: Told, tmp_path: Path) -> None:
    told.status = 400
    assert main(["IN1.txt"], environ(told, tmp_path)) == 0
    assert spooled(tmp_path) == [".refused"]
    assert main(["--retry"], environ(told, tmp_path)) == 0
    assert len(told.texts) == 1


def test_a_reply_that_smsd_does_not_take_is_tried_again(
    told: Told, tmp_path: Path, sender: Path
) -> None:
    program = tmp_path / "bin" / "gammu-smsd-inject"
    works = program.read_text()
    program.write_text("#!/bin/sh\nexit 1\n")
    assert main(["IN1.txt"], environ(told, tmp_path)) == 1
    program.write_text(works)
    assert main(["--retry"], environ(told, tmp_path)) == 0
    assert "Hello Sam." in sender.read_text()


def test_letters_are_never_an_option_of_the_sender(
    told: Told, tmp_path: Path, sender: Path
) -> None:
    assert main(["IN1.txt"], environ(told, tmp_path, SMS_1_NUMBER="--help")) == 0
    assert not sender.exists()
    assert spooled(tmp_path) == [".refused"]


def test_a_reply_that_comes_too_late_is_not_sent(told: Told, tmp_path: Path, sender: Path) -> None:
    path = save(tmp_path / "spool", SENT)
    path.rename(path.with_name(f"{1:020}-old.json"))
    assert main(["--retry"], environ(told, tmp_path)) == 0
    assert told.texts == [SENT]
    assert not sender.exists()


def test_the_spool_is_for_nobody_elses_eyes(tmp_path: Path) -> None:
    path = save(tmp_path / "spool", SENT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text("utf-8")) == SENT


def test_two_at_once_deliver_a_text_once(told: Told, tmp_path: Path, sender: Path) -> None:
    hook = Hook.read(environ(told, tmp_path))
    path = save(hook.spool, SENT)
    threads = [threading.Thread(target=deliver, args=(hook, path)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.texts == [SENT]
    assert deliver(hook, path)


def test_parts_are_joined_by_smsd_or_else_by_us() -> None:
    parts = {"SMS_MESSAGES": "2", "SMS_1_NUMBER": "1", "SMS_1_TEXT": "a", "SMS_2_TEXT": "b"}
    assert text_in(parts, ["x"])["text"] == "ab"
    joined = parts | {"DECODED_PARTS": "1", "DECODED_1_TEXT": "joined"}
    assert text_in(joined, ["x"])["text"] == "joined"
    assert text_in({}, [])["id"] != text_in({}, [])["id"]
    assert text_in({"SMS_MESSAGES": "1", "SMS_1_TEXT": "\udcff"}, ["x"])["text"] == "\ufffd"


def test_its_alphabet_is_ours() -> None:
    everything = map(chr, range(0x10000))
    assert {char for char in everything if is_gsm7(char)} == gammu_hook._GSM7


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.example"])
def test_it_calls_the_web_alone(told: Told, tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Hook.read(environ(told, tmp_path) | {"GAMMU_HOOK_URL": url})


def test_it_runs_by_itself(told: Told, tmp_path: Path) -> None:
    told.body = b'{"reply": null}'
    command = [sys.executable, "-P", gammu_hook.__file__, "IN1.txt"]
    done = subprocess.run(command, env=environ(told, tmp_path), check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert told.texts == [SENT]
    del told.texts[:]
    bare = subprocess.run([*command[:-1], "--retry"], env={}, check=False, capture_output=True)
    assert (bare.returncode, bare.stderr) == (2, b"gammu_hook: GAMMU_HOOK_URL is not set\n")
