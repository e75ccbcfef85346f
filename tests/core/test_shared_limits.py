"""Limits that two processes share: in a real server that speaks as Redis does."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute

from core.defence import Defence
from core.limits import Counts, open_counts
from payments.protecting.meters import Meters
from tests.redis import server

ITEM = RateLimitItemPerMinute(10, 10)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A server of its own, and its address."""
    with server(tmp_path) as running:
        yield running


def process(address: str) -> Counts:
    """Return what another process would count with."""
    return open_counts(address, lambda: 0.0)


def test_two_processes_count_together(redis: tuple[str, object]) -> None:
    one, other = process(redis[0]), process(redis[0])
    found = [each.hit(ITEM, "who") for _time in range(7) for each in (one, other)]

    assert found == [True] * 10 + [False] * 4
    assert one.seen(ITEM, "who") == other.seen(ITEM, "who") == 10
    assert other.seen(ITEM, "another") == 0
    close(one, other)


def test_attempts_are_counted_together_and_no_address_of_mail_is_told(
    redis: tuple[str, object],
) -> None:
    one, other = process(redis[0]), process(redis[0])
    meters = [Meters(each, Defence(), "a key") for each in (one, other)]
    for meter in meters * 6:
        seen = meter.count("192.0.2.1", meter.name("sam@example.org"))

    assert (seen.of_address, seen.of_email, seen.rush) == (1, 12, False)
    storage = getattr(one.shared, "storage")  # noqa: B009 -- not of the protocol
    keys = [key.decode() for key in storage.storage.scan_iter()]
    assert len(keys) == 4
    assert not any("sam" in key or "example" in key for key in keys)
    close(one, other)


def test_f25_limits_hold_while_redis_is_away(
    redis: tuple[str, "subprocess.Popen[bytes]"], caplog: pytest.LogCaptureFixture
) -> None:
    counts = process(redis[0])
    assert counts.hit(ITEM, "who")
    redis[1].terminate()
    redis[1].wait()
    found = [counts.hit(ITEM, "who") for _time in range(12)]

    assert found == [True] * 10 + [False] * 2
    assert "shared limits out of reach: this process counts for itself" in caplog.messages
    close(counts)


def close(*all_counts: Counts) -> None:
    for counts in all_counts:
        storage = getattr(counts.shared, "storage")  # noqa: B009 -- not of the protocol
        storage.storage.close()
