"""Stripe's API by plain HTTP, and the parameters that the service sends."""

import time
from typing import Any, NamedTuple

import requests

from sandbox.handle import Sandbox
from sandbox.stripe import API_VERSION

KEY = "sk_test_sandbox"
SHOP = "http://127.0.0.1:9"

ONCE = {
    "mode": "payment",
    "submit_type": "donate",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "gbp",
    "line_items[0][price_data][unit_amount]": "1000",
    "line_items[0][price_data][product_data][name]": "Fighting Fund",
    "client_reference_id": "3f1c9a52-0000-4000-8000-000000000001",
    "customer_email": "sam@example.org",
    "metadata[donation]": "3f1c9a52-0000-4000-8000-000000000001",
    "payment_intent_data[metadata][donation]": "3f1c9a52-0000-4000-8000-000000000001",
    "success_url": f"{SHOP}/donate/thanks?session_id={{CHECKOUT_SESSION_ID}}",
    "cancel_url": f"{SHOP}/donate/cancelled",
}

MONTHLY = {
    **{name: value for name, value in ONCE.items() if not name.startswith("payment_intent")},
    "mode": "subscription",
    "line_items[0][price_data][recurring][interval]": "month",
    "subscription_data[metadata][donation]": "3f1c9a52-0000-4000-8000-000000000001",
}


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]
    headers: "requests.structures.CaseInsensitiveDict[str]"


class Client:
    """Calls one sandbox; `headers` replace the usual ones."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": API_VERSION}

    def call(
        self, method: str, path: str, params: dict[str, str] | None = None, key: str | None = None
    ) -> Answer:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        form, query = (params, None) if method == "POST" else (None, params)
        answer = requests.request(
            method, self.base + path, headers=headers, timeout=10, data=form, params=query
        )
        return Answer(answer.status_code, answer.json(), answer.headers)

    def get(self, path: str, **params: str) -> dict[str, Any]:
        answer = self.call("GET", path, params)
        assert answer.status == 200, answer.body
        return answer.body

    def post(self, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        answer = self.call("POST", path, params)
        assert answer.status == 200, answer.body
        return answer.body

    def refusal(self, method: str, path: str, params: dict[str, str] | None = None) -> Answer:
        answer = self.call(method, path, params)
        assert answer.status != 200, answer.body
        return Answer(answer.status, answer.body["error"], answer.headers)

    def open_session(self, base: dict[str, str], **but: str) -> dict[str, Any]:
        return self.post("/v1/checkout/sessions", {**base, **but})

    def session(self, session_id: str, *expand: str) -> dict[str, Any]:
        paths = {f"expand[{number}]": path for number, path in enumerate(expand)}
        return self.get(f"/v1/checkout/sessions/{session_id}", **paths)

    def paid_session(self, sandbox: Sandbox, base: dict[str, str]) -> dict[str, Any]:
        """Open and pay a session; return it as it then is."""
        session = self.open_session(base)
        sandbox.pay(session["url"])
        return self.session(session["id"])


def in_minutes(minutes: float) -> str:
    return str(int(time.time() + minutes * 60))


def types(sandbox: Sandbox) -> list[str]:
    """The kinds of the events sent, in order, once for each event."""
    return list({event["id"]: event["type"] for event in sandbox.sent_events}.values())
