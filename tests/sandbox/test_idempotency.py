import threading
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.handle import Sandbox
from sandbox.serving import running_sandbox
from sandbox.store import Store
from sandbox.stripe import idempotency
from sandbox.world import Addresses, World
from tests.sandbox.client import ONCE, Answer, Client

SESSIONS = "/v1/checkout/sessions"
KEY = "cs:3f1c9a52:1"


def test_the_same_call_again_gets_the_same_answer_and_has_no_other_effect(client: Client) -> None:
    first = client.call("POST", SESSIONS, ONCE, KEY)
    again = client.call("POST", SESSIONS, ONCE, KEY)
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert len(client.get(SESSIONS)["data"]) == 1


def test_a_key_answers_as_it_did_even_after_the_session_was_paid(
    client: Client, sandbox: Sandbox
) -> None:
    first = client.call("POST", SESSIONS, ONCE, KEY)
    sandbox.pay(first.body["url"])
    assert client.call("POST", SESSIONS, ONCE, KEY).body["status"] == "open"


@pytest.mark.parametrize("path", [SESSIONS, "/v1/customers"])
def test_a_key_used_for_something_else_is_refused(client: Client, path: str) -> None:
    client.call("POST", SESSIONS, ONCE, KEY)
    but = {**ONCE, "customer_email": "kim@example.org"}
    fault = client.call("POST", path, but, KEY)
    assert (fault.status, fault.body["error"]["type"]) == (400, "idempotency_error")


def test_a_refused_call_leaves_its_key_free(client: Client) -> None:
    assert client.call("POST", SESSIONS, {**ONCE, "mode": "gift"}, KEY).status == 400
    assert client.call("POST", SESSIONS, ONCE, KEY).status == 200


def test_a_failure_is_answered_again_under_its_key(client: Client, sandbox: Sandbox) -> None:
    sandbox.fail_next_call(500)
    first = client.call("POST", SESSIONS, ONCE, KEY)
    again = client.call("POST", SESSIONS, ONCE, KEY)
    assert (first.status, again.status) == (500, 500)
    assert first.body["error"]["type"] == "api_error"
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert client.call("POST", SESSIONS, ONCE, KEY + "b").status == 200


def test_many_at_once_make_one_session(client: Client) -> None:
    answers: list[Answer] = []
    start = threading.Barrier(8)

    def call() -> None:
        start.wait()
        answers.append(client.call("POST", SESSIONS, ONCE, KEY))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(client.get(SESSIONS)["data"]) == 1
    assert {answer.status for answer in answers} <= {200, 409}
    assert len({answer.body["id"] for answer in answers if answer.status == 200}) == 1


def test_a_key_in_flight_is_said_to_be_in_use(client: Client, tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.db")
    nowhere = Addresses(stripe="", article="", mail="")
    world = World(store, Clock(store), nowhere, None, "whsec_x", "x")
    params = tuple(ONCE.items())
    print_ = idempotency.fingerprint("POST", SESSIONS, params)
    assert idempotency.begin(world, KEY, print_, "req_first") is None
    fault = client.call("POST", SESSIONS, ONCE, KEY)
    assert (fault.status, fault.body["error"]["code"]) == (409, "idempotency_key_in_use")
    idempotency.finish(world, KEY, 409, {})
    store.close()
    assert client.call("POST", SESSIONS, ONCE, KEY).status == 200


def test_a_key_is_free_again_after_a_day(client: Client, sandbox: Sandbox) -> None:
    first = client.call("POST", "/v1/customers", {"email": "sam@example.org"}, KEY)
    sandbox.advance(86_401)
    assert client.call("POST", "/v1/customers", {"name": "Sam"}, KEY).body != first.body


def test_a_key_longer_than_stripe_takes_is_refused(client: Client) -> None:
    assert client.call("POST", SESSIONS, ONCE, "k" * 256).status == 400


def test_a_restart_forgets_neither_answers_nor_sessions(tmp_path: Path) -> None:
    with running_sandbox(None, tmp_path) as sandbox:
        first = Client(sandbox.stripe).call("POST", SESSIONS, ONCE, KEY)
    with running_sandbox(None, tmp_path) as sandbox:
        again = Client(sandbox.stripe).call("POST", SESSIONS, ONCE, KEY)
    assert again.body == first.body


def test_a_key_that_died_with_its_process_is_free_after_the_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.db")
    nowhere = Addresses(stripe="", article="", mail="")
    world = World(store, Clock(store), nowhere, None, "whsec_x", "x")
    print_ = idempotency.fingerprint("POST", SESSIONS, tuple(ONCE.items()))
    idempotency.begin(world, KEY, print_, "req_first")
    store.close()
    with running_sandbox(None, tmp_path) as sandbox:
        assert Client(sandbox.stripe).call("POST", SESSIONS, ONCE, KEY).status == 200
