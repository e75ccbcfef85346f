import json
import time
from pathlib import Path

import pytest
import requests

from sandbox.handle import Sandbox
from sandbox.serving import running_sandbox
from tests.sandbox.client import ONCE, Client
from tests.sandbox.listener import Listener
from tests.sandbox_controls import CannotDo, Controls

SESSIONS, CUSTOMERS = "/v1/checkout/sessions", "/v1/customers"
GIFT = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def posted(service: Listener) -> list[str]:
    """The kinds of what was sent, each time it was."""
    return [json.loads(payload)["type"] for _, payload in service.webhooks]


def give(client: Client, controls: Controls) -> str:
    session = client.open_session(ONCE)
    controls.pay(session["id"])
    return str(session["id"])


@pytest.fixture(autouse=True)
def late_fees(sandbox: Sandbox, controls: Controls) -> None:
    """No fee becomes known in the middle of a test."""
    controls.habits(settle_seconds=86_400)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (500, "api_error", None),
        (503, "api_error", None),
        (429, "invalid_request_error", "rate_limit"),
        (409, "invalid_request_error", "lock_timeout"),
    ],
)
def test_the_next_calls_get_an_error_and_have_no_effect(
    client: Client, controls: Controls, status: int, kind: str, code: str | None
) -> None:
    controls.knob("error", 2, "POST /v1/checkout/*", status=status)
    for _ in range(2):
        fault = client.refusal("POST", SESSIONS, ONCE)
        assert (fault.status, fault.body["type"], fault.body.get("code")) == (status, kind, code)
        client.get(SESSIONS)
    assert client.get(SESSIONS)["data"] == []
    client.open_session(ONCE)


@pytest.mark.parametrize(("status", "again"), [(500, 500), (429, 200), (409, 200)])
def test_an_error_of_stripes_own_stays_with_its_key_and_no_other_does(
    client: Client, controls: Controls, status: int, again: int
) -> None:
    controls.knob("error", status=status)
    assert client.call("POST", SESSIONS, ONCE, "key").status == status
    assert client.call("POST", SESSIONS, ONCE, "key").status == again


def test_an_answer_is_lost_and_its_effect_is_not(client: Client, controls: Controls) -> None:
    controls.knob("lose", match=f"POST {SESSIONS}")
    with pytest.raises(requests.ConnectionError):
        client.call("POST", SESSIONS, ONCE, "key")
    [session] = client.get(SESSIONS)["data"]
    assert client.call("POST", SESSIONS, ONCE, "key").body["id"] == session["id"]
    assert len(client.get(SESSIONS)["data"]) == 1


def test_a_call_hangs_and_has_its_effect_when_nobody_waits_any_more(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    controls.knob("hang", match=f"POST {CUSTOMERS}", seconds=50)
    with pytest.raises(requests.ReadTimeout):
        requests.post(sandbox.stripe + CUSTOMERS, headers=client.headers, timeout=0.2)
    assert client.get(CUSTOMERS)["data"] == []
    controls.clear_knobs()
    sandbox.wait_for_event("customer.created")
    assert len(client.get(CUSTOMERS)["data"]) == 1


def test_a_sandbox_that_closes_lets_go_of_what_hangs(tmp_path: Path) -> None:
    began = time.monotonic()
    with running_sandbox(None, tmp_path) as sandbox:
        Controls.of(sandbox).knob("hang", seconds=50)
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{sandbox.stripe}{CUSTOMERS}", auth=("sk_test_sandbox", ""), timeout=0.2)
    assert time.monotonic() - began < 20


def test_an_event_is_lost_and_is_still_on_the_list(
    client: Client, sandbox: Sandbox, controls: Controls, service: Listener
) -> None:
    controls.knob("drop", match="checkout.session.*")
    give(client, controls)
    sandbox.quiesce()
    assert posted(service) == GIFT[:3]
    [lost] = client.get("/v1/events", delivery_success="false")["data"]
    assert lost["type"] == "checkout.session.completed"
    controls.resend(lost["id"])
    sandbox.quiesce()
    assert posted(service) == GIFT
    assert client.get("/v1/events", delivery_success="false")["data"] == []


@pytest.mark.parametrize("together", [False, True])
def test_an_event_is_sent_several_times(
    client: Client,
    sandbox: Sandbox,
    controls: Controls,
    service: Listener,
    together: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    controls.knob("duplicate", match="charge.succeeded", times=5, together=together)
    give(client, controls)
    sandbox.quiesce()
    assert posted(service).count("charge.succeeded") == 5
    assert len(posted(service)) == len(GIFT) + 4
    same = {payload for _, payload in service.webhooks if b'"charge.succeeded"' in payload}
    assert len(same) == 1


def test_events_come_late(
    client: Client, sandbox: Sandbox, controls: Controls, service: Listener
) -> None:
    controls.knob("delay", match="charge.succeeded", seconds=3 * 86_400)
    give(client, controls)
    sandbox.wait_for_event("checkout.session.completed")
    assert "charge.succeeded" not in posted(service)
    controls.advance(3)
    sandbox.quiesce()
    assert "charge.succeeded" in posted(service)


def test_what_comes_late_may_be_hurried(
    client: Client, sandbox: Sandbox, controls: Controls, service: Listener
) -> None:
    controls.knob("delay", 4, seconds=3_600)
    give(client, controls)
    controls.hurry()
    sandbox.quiesce()
    assert sorted(posted(service)) == sorted(GIFT)


def test_events_come_last_first(
    client: Client, sandbox: Sandbox, controls: Controls, service: Listener
) -> None:
    controls.knob("reorder", 4)
    give(client, controls)
    sandbox.quiesce()
    assert posted(service) == GIFT[::-1]
    give(client, controls)
    sandbox.quiesce()
    assert posted(service)[4:] == GIFT


@pytest.mark.parametrize("order", ["last first", "first first", "shuffled"])
def test_events_are_held_until_they_are_released(
    client: Client, sandbox: Sandbox, controls: Controls, service: Listener, order: str
) -> None:
    controls.hold()
    give(client, controls)
    sandbox.quiesce()
    assert posted(service) == []
    assert controls.release(order, seed=3) == 4
    sandbox.quiesce()
    assert sorted(posted(service)) == sorted(GIFT)
    assert (posted(service) == GIFT) == (order == "first first")
    give(client, controls)
    sandbox.quiesce()
    assert posted(service)[4:] == GIFT


def test_an_event_is_altered_and_signed_so(
    client: Client, sandbox: Sandbox, controls: Controls, service: Listener
) -> None:
    controls.knob("alter", match="checkout.session.completed", field="amount_total", value="1")
    controls.knob("alter", match="charge.succeeded", field="currency", value="usd")
    session = give(client, controls)
    sandbox.quiesce()
    carried = {
        event["type"]: event["data"]["object"]
        for event in (json.loads(payload) for _, payload in service.webhooks)
    }
    assert carried["checkout.session.completed"]["amount_total"] == 1
    assert carried["charge.succeeded"]["currency"] == "usd"
    assert client.session(session)["amount_total"] == 1000
    [kept] = client.get("/v1/events", type="checkout.session.completed")["data"]
    assert kept["data"]["object"]["amount_total"] == 1000


def test_knobs_are_counted_and_may_be_taken_back(client: Client, controls: Controls) -> None:
    controls.knob("error", 5)
    assert controls.do("knob", kind="lose", count=3)["knobs"][1]["count"] == 3
    controls.clear_knobs()
    client.open_session(ONCE)


@pytest.mark.parametrize(
    "wishes", [{"kind": "explode"}, {"kind": "drop", "count": 0}, {"kind": "drop", "colour": "red"}]
)
def test_a_knob_that_is_none_is_refused(controls: Controls, wishes: dict[str, object]) -> None:
    with pytest.raises(CannotDo):
        controls.do("knob", **wishes)
