import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.handle import Sandbox
from sandbox.serving import Wishes, main, parse_arguments, running_sandbox
from tests.sandbox.client import MONTHLY, ONCE, Client

PROJECT = Path(__file__).resolve().parents[2]


def start(state: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-m", "sandbox.serving", "--port", "0"]
    command += ["--service", "http://127.0.0.1:9", "--state", str(state)]
    return subprocess.Popen(
        command, cwd=PROJECT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_addresses_serves_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    with start(tmp_path / "new" / "sandbox.db") as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())
        assert list(urls) == ["stripe", "phone", "mailbox", "article", "mail"]
        for name in ("stripe", "phone", "mailbox", "article"):
            assert requests.get(urls[name], timeout=10).status_code == 200
        assert urls["mail"].startswith("smtp://127.0.0.1:")
        Client(urls["stripe"]).open_session(ONCE)
        process.send_signal(number)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (0, "", "")


def test_a_taken_port_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sandbox: Sandbox
) -> None:
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    port = sandbox.stripe.rpartition(":")[2]
    arguments = ["--port", port, "--service", "http://127.0.0.1:9", "--state"]
    assert main([*arguments, str(tmp_path / "other.db")]) == 1
    for each, handler in handlers.items():
        signal.signal(each, handler)
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_line_is_read() -> None:
    line = "--port 1 --mail-port 2 --article-port 3 --service http://s --state f"
    line += " --webhook-secret w --sms-secret t"
    assert parse_arguments(line.split()) == Wishes(
        state=Path("f"),
        service="http://s",
        port=1,
        mail_port=2,
        article_port=3,
        webhook_secret="w",
        sms_secret="t",
    )


def test_wrong_usage_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse_arguments(["--port", "many"])
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_two_sandboxes_run_side_by_side_and_leave_no_port_behind(tmp_path: Path) -> None:
    with (
        running_sandbox(None, tmp_path / "a") as first,
        running_sandbox(None, tmp_path / "b") as second,
    ):
        assert len(set(first.urls.values()) | set(second.urls.values())) == 10
        ports = [int(url.split(":")[2].partition("/")[0]) for url in first.urls.values()]
    for port in ports:
        with socket.socket() as free:
            assert free.connect_ex(("127.0.0.1", port)) != 0


def test_the_board_shows_what_happened(client: Client, sandbox: Sandbox) -> None:
    empty = requests.get(sandbox.stripe, timeout=10).text
    assert empty.count("None yet.") == 5
    session = client.open_session(ONCE)
    due = client.paid_session(sandbox, MONTHLY)
    sandbox.quiesce()
    page = requests.get(sandbox.stripe, timeout=10).text
    assert session["url"] in page
    assert due["subscription"] in page
    assert "checkout.session.completed" in page
    for url in (sandbox.phone, sandbox.mailbox):
        assert f'href="{url.removeprefix(sandbox.stripe)}"' in page
    assert f'href="{sandbox.article}"' in page


def test_the_boards_knobs_expire_a_session_and_move_the_clock(
    client: Client, sandbox: Sandbox
) -> None:
    first, second = client.open_session(ONCE), client.open_session(ONCE)
    knob = f"{sandbox.stripe}/_sandbox/expire"
    form = {"session": first["id"], "back": "1"}
    assert 'role="alert"' not in requests.post(knob, form, timeout=10).text
    assert "can be expired" in requests.post(knob, form, timeout=10).text
    clock = f"{sandbox.stripe}/_sandbox/advance"
    assert requests.post(clock, {"hours": "x"}, timeout=10).status_code == 400
    assert requests.post(clock, {"hours": "25"}, timeout=10).status_code == 200
    sandbox.quiesce()
    statuses = {client.session(each["id"])["status"] for each in (first, second)}
    assert statuses == {"expired"}


def test_the_clock_stays_put_forward_over_a_restart(tmp_path: Path) -> None:
    with running_sandbox(None, tmp_path) as sandbox:
        before = Client(sandbox.stripe).open_session(ONCE)["created"]
        sandbox.advance(86_400)
    with running_sandbox(None, tmp_path) as sandbox:
        assert Client(sandbox.stripe).open_session(ONCE)["created"] >= before + 86_400


def test_a_body_beyond_reason_is_not_read(sandbox: Sandbox) -> None:
    url = f"{sandbox.stripe}/_sandbox/advance"
    assert requests.post(url, {"hours": "1" * 1_100_000}, timeout=10).status_code == 413
