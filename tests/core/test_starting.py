"""The front door: it opens with sound settings, and says every fault where they are not."""

import os
import subprocess
import sys

import pytest

from config import ROOT

LEFT_OUT = ("GROUNDSWELL", "STRIPE", "SMS", "MAIL", "SECRET", "DATABASE", "PUBLIC", "METRICS")


def start(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=clean | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("-c", "import wsgi"), id="a WSGI server"),
        pytest.param(("-m", "flask", "--app", "wsgi", "worker", "--once"), id="the command line"),
    ],
)
def test_a_start_with_bad_settings_prints_every_fault_and_exits_1(command: tuple[str, ...]) -> None:
    ended = start(
        *command,
        GROUNDSWELL_ENV="production",
        PUBLIC_URL="http://give.example.net",
        PROXY_HOPS="many",
        STRIPE_API_KEY="sk_test_made_up",
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    told = {line.strip().partition(":")[0] for line in ended.stderr.splitlines()[1:]}
    assert told == {
        *("PUBLIC_URL", "PROXY_HOPS", "STRIPE_API_KEY", "SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
        *("MAIL_URL", "MAIL_FROM", "ORGANISATION_FILE"),
    }
    assert "sk_test_made_up" not in ended.stderr


def test_a_start_with_sound_settings_is_silent() -> None:
    ended = start("-W", "error", "-c", "import wsgi; print(wsgi.app.name)", SECRET_KEY="made up")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "groundswell\n", "")
