"""Every test is watched; here it is seen that what they are watched for would be found."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import ROOT

Heard = Callable[[], list[str]]
CLOSED = ROOT / "tests" / "closed"
_log = logging.getLogger("core.anything")


@pytest.mark.parametrize(
    "canary",
    [
        *("07700 900123", "+447700900123", "07700900123", "+44 (0)7700 900-123"[:4] + "7700900123"),
        *("sam@example.org", "Sam.Jones+a@EXAMPLE.org", "E11 1AA", "e111aa", "sw1a%202aa"),
        *("M1 1AE", "GY1 1AA", "Sam Jones"),
    ],
)
def test_a_canary_in_a_line_is_heard(heard: Heard, canary: str) -> None:
    _log.info(f"told of {canary} once")
    _log.warning("told", extra={"kind": canary})
    try:
        int(canary)
    except ValueError:
        _log.exception("failed")  # of whose words, which quote it, nothing is written
    _log.info("told", extra={"name_of_sender": canary})  # not on the list, so never written

    assert len(heard()) == 2


def test_what_is_no_canary_is_not_heard(heard: Heard) -> None:
    for fine in (
        "2026-11-22T12:00:00+00:00",
        "4e111aa0-1b2c-4d5e-8f90-e111aa000000",
        "payment settled",
        "/webhooks/sms/generic",
        "claim:12 < work:34",
    ):
        _log.info(fine, extra={"kind": fine})

    assert heard() == []


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "postcodes.example"])
def test_a_try_to_reach_the_network_fails_and_is_noticed(heard: Heard, host: str) -> None:
    with pytest.raises(OSError, match="only this machine"):
        socket.create_connection((host, 80), timeout=1)

    assert len(heard()) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1", socket.gethostname()])
def test_this_machine_is_asked_freely(heard: Heard, host: str) -> None:
    assert socket.getaddrinfo(host, 80)
    assert heard() == []


def test_a_process_with_the_folder_in_its_path_is_closed_too(tmp_path: Path) -> None:
    tried = tmp_path / "tried"
    asked = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80))"],
        env={**os.environ, "PYTHONPATH": str(CLOSED), "TRIED_TO_REACH": str(tried)},
        capture_output=True,
        check=False,
        text=True,
    )

    assert "only this machine can be reached" in asked.stderr
    assert "192.0.2.1" in tried.read_text()
