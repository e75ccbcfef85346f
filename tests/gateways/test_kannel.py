"""The text line behind a real Kannel."""

from collections.abc import Iterator

import pytest

from branches.texting.gsm import segments
from tests.branches.texting.corpus import examples
from tests.gateways.kannel import APOLOGY, Network, kannel
from tests.gateways.programs import await_
from tests.gateways.serving import Service

pytestmark = [pytest.mark.gateway, pytest.mark.index, pytest.mark.xdist_group("gateway")]
CORPUS = examples()[:30]


@pytest.fixture(scope="module")
def network(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with kannel(tmp_path_factory.mktemp("kannel"), service.port) as found:
        yield found


def only(service: Service, sender: str) -> str | None:
    """Return the one text of this number as it was stored, once it is."""
    (row,) = await_("a stored text", lambda: service.stored_of(sender))
    return row.text


def nothing_went_to(network: Network, sender: str, marker: str) -> bool:
    """Let a text after it be answered, which whatever was sent before would have come ahead of."""
    assert network.answers(marker, "HELP")
    return not network.replies[sender]


def test_every_example_comes_back_answered(service: Service, network: Network) -> None:
    wrong, silent = [], []
    for number, example in enumerate(CORPUS):
        sender = f"+4477009003{number:02}"
        expected = service.read(example.text).reply
        network.text(sender, example.text)
        if expected is None:
            silent.append(sender)
        elif network.reply(sender) != expected:
            wrong.append(example.id)
        if only(service, sender) != example.text:
            wrong.append(example.id)
    assert wrong == []
    assert len(silent) == 1
    assert nothing_went_to(network, silent[0], "+447700900399")


def test_sixteen_bits_come_and_go_in_parts(service: Service, network: Network) -> None:
    words, sender = "Siôn \U0001f600 “E11 1AA”", "+447700900401"
    before = network.parts
    found = network.answers(sender, words)
    assert "Ynys Môn" in found
    assert (segments(found).coding, segments(found).parts) == ("ucs2", network.parts - before)
    assert network.parts - before == 2
    assert only(service, sender) == words


def test_eight_bits_are_read_as_they_were_meant(service: Service, network: Network) -> None:
    for number, body in enumerate(
        ["Siân £ LL57 2DG".encode(), "Siân £ LL57 2DG".encode("latin-1")]
    ):
        sender = f"+44770090041{number}"
        network.data(sender, body)
        assert network.reply(sender)
        assert only(service, sender) == "Siân £ LL57 2DG"


def test_a_text_in_parts_arrives_as_one(service: Service, network: Network) -> None:
    sender = "+447700900402"
    network.in_parts(
        sender, "Hello there, I read your paper and ", "would like to come. Sam LS6 3BR"
    )
    assert network.reply(sender) == service.read("Sam LS6 3BR").reply
    text = "Hello there, I read your paper and would like to come. Sam LS6 3BR"
    assert only(service, sender) == text


def test_a_lost_answer_is_asked_for_again_and_sent_once(service: Service, network: Network) -> None:
    sender, service.losing = "+447700900403", 1
    service.ids.clear()
    assert network.answers(sender, "Sam LS6 3BR") == service.read("Sam LS6 3BR").reply
    assert only(service, sender) == "Sam LS6 3BR"
    first, second = service.ids
    assert first == second
    assert nothing_went_to(network, sender, "+447700900404")


def test_a_service_that_was_down_answers_when_it_is_up(service: Service, network: Network) -> None:
    sender = "+447700900405"
    tried = network.log.read_bytes().count(b"Retrying")
    service.stop()
    try:
        network.text(sender, "Sam LS6 3BR")
        await_("a retry", lambda: network.log.read_bytes().count(b"Retrying") > tried)
    finally:
        service.start()
    assert network.reply(sender) == service.read("Sam LS6 3BR").reply


def test_a_service_that_stays_down_is_apologised_for_once(
    service: Service, network: Network
) -> None:
    sender = "+447700900406"
    service.stop()
    try:
        assert network.answers(sender, "Sam LS6 3BR") == APOLOGY
    finally:
        service.start()
    assert nothing_went_to(network, sender, "+447700900407")


@pytest.mark.parametrize("sender", ["+33612345678", "60777", "SOCIALIST", "+447761818206"])
def test_nothing_is_sent_to_whom_we_do_not_answer(
    service: Service, network: Network, sender: str
) -> None:
    network.text(sender, "Sam LS6 3BR")
    assert only(service, sender) == "Sam LS6 3BR"
    marker = f"+4477009004{50 + len(sender)}"
    assert nothing_went_to(network, sender, marker)


def test_after_stop_there_is_silence_until_start(service: Service, network: Network) -> None:
    sender = "+447700900408"
    assert "no more texts" in network.answers(sender, "stop")
    network.text(sender, "Sam LS6 3BR")
    await_("a second text", lambda: len(service.stored_of(sender)) == 2)
    assert nothing_went_to(network, sender, "+447700900409")
    assert "on again" in network.answers(sender, "START")
    assert network.answers(sender, "Sam M14 5RL") == service.read("Sam M14 5RL").reply
