import json
import threading
import time
from pathlib import Path

import pytest
import stripe

from sandbox.handle import Sandbox
from sandbox.serving import DEFAULT_WEBHOOK_SECRET, Wishes, running, running_sandbox
from sandbox.stripe.delivering import pause_after, signature
from tests.sandbox.client import ONCE, Client
from tests.sandbox.listener import Listener


def test_stripes_own_library_accepts_the_signature(
    client: Client, sandbox: Sandbox, service: Listener
) -> None:
    client.paid_session(sandbox, ONCE)
    sandbox.quiesce()
    for headers, payload in service.webhooks:
        event = stripe.Webhook.construct_event(
            payload, headers["Stripe-Signature"], DEFAULT_WEBHOOK_SECRET
        )
        assert event.api_version == "2026-10-28.endive"
        assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_the_signature_is_what_stripes_library_would_write() -> None:
    payload = '{"id": "evt_1"}'
    theirs = stripe.WebhookSignature.generate_signature_header(
        payload, "whsec_x", timestamp=1_790_000_000
    )
    assert signature(payload.encode(), "whsec_x", 1_790_000_000) == theirs


def test_another_secret_is_not_accepted(
    client: Client, sandbox: Sandbox, service: Listener
) -> None:
    client.paid_session(sandbox, ONCE)
    sandbox.quiesce()
    headers, payload = service.webhooks[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(
            payload.decode(), headers["Stripe-Signature"], "whsec_other", 300
        )


@pytest.mark.parametrize("status", [500, 400, 302, 307])
def test_an_event_is_sent_again_until_it_is_taken(
    client: Client, sandbox: Sandbox, service: Listener, status: int
) -> None:
    service.statuses.append(status)
    sandbox.expire(client.open_session(ONCE)["id"])
    sandbox.quiesce()
    first, second = (json.loads(payload) for _, payload in service.webhooks)
    assert first == second
    assert first["type"] == "checkout.session.expired"


def test_the_pauses_double_up_to_half_a_minute() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 9)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert pause_after(10_000) == 30


def test_after_three_days_an_event_is_given_up(
    client: Client, sandbox: Sandbox, service: Listener
) -> None:
    service.statuses.extend([500] * 2)
    sandbox.serve(None)
    sandbox.expire(client.open_session(ONCE)["id"])
    sandbox.advance(3 * 86_400)
    sandbox.serve(service.url)
    sandbox.quiesce()
    assert len(service.webhooks) == 1
    sandbox.expire(client.open_session(ONCE)["id"])
    sandbox.quiesce()
    assert len(service.webhooks) == 3


def test_what_was_not_taken_is_sent_after_a_restart(tmp_path: Path, service: Listener) -> None:
    with running_sandbox("http://127.0.0.1:9", tmp_path) as sandbox:
        client = Client(sandbox.stripe)
        sandbox.pay(client.open_session(ONCE)["url"])
        sandbox.wait_for_event("charge.succeeded")
    with running_sandbox(service.url, tmp_path) as sandbox:
        sandbox.advance(60)
        sandbox.quiesce()
        sent = {json.loads(payload)["type"] for _, payload in service.webhooks}
    assert {"charge.succeeded", "checkout.session.completed", "charge.updated"} <= sent


def test_without_a_service_events_wait(client: Client, sandbox: Sandbox, service: Listener) -> None:
    sandbox.serve(None)
    client.paid_session(sandbox, ONCE)
    with pytest.raises(TimeoutError, match="all events taken"):
        sandbox.quiesce(timeout=0.05)
    assert service.webhooks == []
    sandbox.serve(service.url + "/")
    sandbox.quiesce()
    assert len({json.loads(payload)["id"] for _, payload in service.webhooks}) == 5


def test_a_service_taken_away_while_an_event_is_read_leaves_the_sender_at_work(
    service: Listener, tmp_path: Path
) -> None:
    going = threading.Event()

    def machine() -> float:  # asked by the sender between finding an event and posting it
        if going.is_set() and threading.current_thread().name == "sandbox-webhooks":
            sandbox.serve(None)
        return time.time()

    wishes = Wishes(tmp_path / "sandbox.db", service.url, machine=machine)
    with running(wishes) as sandbox:
        going.set()
        Client(sandbox.stripe).post("/v1/customers", {"email": "sam@example.org"})
        sandbox.wait_for_event("customer.created")
        going.clear()
        sandbox.serve(service.url)
        sandbox.quiesce()
    assert {json.loads(payload)["type"] for _, payload in service.webhooks} == {"customer.created"}


def test_events_say_which_call_caused_them(client: Client, sandbox: Sandbox) -> None:
    customer = client.call("POST", "/v1/customers", {"email": "sam@example.org"}, "key-1")
    event = sandbox.wait_for_event("customer.created")
    assert event["request"] == {
        "id": customer.headers["Request-Id"],
        "idempotency_key": "key-1",
    }
    client.paid_session(sandbox, ONCE)
    by_page = sandbox.wait_for_event("checkout.session.completed")["request"]
    assert by_page == {"id": None, "idempotency_key": None}


def test_the_signature_is_of_this_moment_whatever_the_sandboxs_clock_says(
    client: Client, sandbox: Sandbox, service: Listener
) -> None:
    sandbox.advance(7 * 86_400)
    client.post("/v1/customers", {"email": "sam@example.org"})
    sandbox.quiesce()
    stamp = service.webhooks[0][0]["Stripe-Signature"].partition(",")[0].removeprefix("t=")
    assert abs(int(stamp) - time.time()) < 60
