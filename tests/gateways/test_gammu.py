"""The text line behind a real Gammu SMSD, by the hook that we bring."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from branches.texting.gsm import segments
from tests.gateways.gammu import HOOK, Modem, gammu
from tests.gateways.programs import SECONDS, await_
from tests.gateways.serving import Service

pytestmark = [pytest.mark.gateway, pytest.mark.index, pytest.mark.xdist_group("gateway")]


@pytest.fixture(scope="module")
def modem(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modem]:
    with gammu(tmp_path_factory.mktemp("gammu"), service.port) as found:
        yield found


def test_a_text_is_answered(service: Service, modem: Modem) -> None:
    sender = "+447700900501"
    modem.text(sender, "Sam LS6 3BR")
    assert modem.reply(sender) == service.read("Sam LS6 3BR").reply
    (row,) = service.stored_of(sender)
    assert row.gateway == "generic"
    assert row.message_id.startswith("IN20261122_12")
    await_("an empty spool", lambda: not modem.waiting())


def test_letters_of_all_kinds_come_and_go(service: Service, modem: Modem) -> None:
    sender, words = "+447700900502", "Siôn £€ “E11 1AA”"
    modem.text(sender, words)
    found = modem.reply(sender)
    assert "Ynys Môn" in found
    assert (segments(found).coding, segments(found).parts) == ("ucs2", 2)
    assert [row.text for row in service.stored_of(sender)] == [words]


def test_a_text_in_parts_arrives_as_one(service: Service, modem: Modem) -> None:
    sender = "+447700900503"
    parts = ("Hello there, I read your paper and ", "would like to come. Sam M14 5RL")
    modem.text(sender, *parts)
    assert modem.reply(sender) == service.read("Sam M14 5RL").reply
    assert [row.text for row in service.stored_of(sender)] == ["".join(parts)]


def test_what_came_while_the_service_was_down_is_answered_by_the_retry(
    service: Service, modem: Modem
) -> None:
    sender = "+447700900504"
    service.stop()
    try:
        modem.text(sender, "Sam LS6 3BR")
        await_("a text in the spool", modem.waiting)
        assert retry(modem) == 1
    finally:
        service.start()
    assert retry(modem) == 0
    assert modem.reply(sender) == service.read("Sam LS6 3BR").reply
    assert modem.waiting() == []


def test_a_lost_answer_is_asked_for_again_and_sent_once(service: Service, modem: Modem) -> None:
    sender, service.losing = "+447700900505", 1
    modem.text(sender, "Sam LS6 3BR")
    await_("a stored text", lambda: service.stored_of(sender))
    await_("a retry", lambda: retry(modem) == 0 and not modem.waiting())
    assert modem.reply(sender) == service.read("Sam LS6 3BR").reply
    assert len(service.stored_of(sender)) == 1


def retry(modem: Modem) -> int:
    """Run the hook as its timer does."""
    command = [sys.executable, "-P", str(HOOK), "--retry"]
    return subprocess.run(
        command, env=modem.environ, timeout=SECONDS, check=False, capture_output=True
    ).returncode
