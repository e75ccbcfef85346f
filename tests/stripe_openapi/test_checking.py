"""The check itself: it must be able to fail."""

import copy
from pathlib import Path
from typing import Any

import pytest

from sandbox.handle import Sandbox
from sandbox.serving import running_sandbox
from tests.sandbox.client import MONTHLY, ONCE, Client
from tests.stripe_openapi.checking import (
    OffSpec,
    check_event,
    check_everything,
    check_object,
    check_request,
    check_response,
)
from tests.stripe_openapi.forms import NotAForm, decode

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A sandbox that has lived through a gift and a subscription, and is closed."""
    state: Path = tmp_path_factory.mktemp("lived")
    with running_sandbox("http://127.0.0.1:9", state) as sandbox:
        client = Client(sandbox.stripe)
        client.paid_session(sandbox, ONCE)
        session = client.paid_session(sandbox, MONTHLY)
        client.session(session["id"], "invoice", "subscription")
        sandbox.wait_for_event("invoice.paid")
    return sandbox


@pytest.fixture
def session(lived: Sandbox) -> dict[str, Any]:
    return copy.deepcopy(lived.requests[0].body)


def test_all_that_passed_is_per_spec(lived: Sandbox) -> None:
    check_everything(lived.requests, lived.sent_events)


@pytest.mark.parametrize("base", [ONCE, MONTHLY], ids=["once", "monthly"])
def test_a_request_of_ours_is_stripes(base: dict[str, str]) -> None:
    check_request("POST", SESSIONS, base)


@pytest.mark.parametrize(
    "but",
    [
        {"payment_method_types[0]": "card"},
        {"colour": "red"},
        {"line_items[0][amount]": "5"},
        {"mode": "gift"},
        {"ui_mode": "hosted"},
        {"expires_at": "soon"},
        {"client_reference_id": "x" * 201},
        {"line_items[0][price_data][recurring][interval]": "fortnight"},
        {"expand": "customer"},
        {"a]b[": "1"},
    ],
)
def test_a_request_that_is_not_stripes_is_found(but: dict[str, str]) -> None:
    with pytest.raises(OffSpec):
        check_request("POST", SESSIONS, {**ONCE, **but})


def test_endives_parameters_are_known() -> None:
    check_request("POST", SESSIONS, {**ONCE, "allowed_payment_method_types[0]": "card"})
    check_request("POST", SESSIONS, {**ONCE, "excluded_payment_method_types[0]": "klarna"})


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/v1/topups", ""),
        ("DELETE", SESSIONS, ""),
        ("GET", SESSIONS, "colour=red"),
        ("GET", SESSIONS, "limit=many"),
        ("GET", "/v1/events", "created[around]=5"),
    ],
)
def test_a_query_that_is_not_stripes_is_found(method: str, path: str, params: str) -> None:
    with pytest.raises(OffSpec):
        check_request(method, path, params)


def test_a_query_that_is_stripes_passes() -> None:
    check_request("GET", SESSIONS, "limit=5&created[gte]=1&status=open&expand[]=data.customer")
    check_request("GET", "/v1/events", "types[0]=invoice.paid&delivery_success=false")
    check_request("DELETE", "/v1/subscriptions/sub_1", "cancellation_details[comment]=x")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "red"),
        ("status", "paid"),
        ("amount_total", "1000"),
        ("livemode", None),
        ("metadata", {"a": 1}),
        ("payment_intent", {"id": "pi_1"}),
        ("total_details", {"amount_tax": 0}),
    ],
)
def test_an_object_that_is_not_stripes_is_found(
    session: dict[str, Any], field: str, value: object
) -> None:
    check_object(session)
    with pytest.raises(OffSpec):
        check_object({**session, field: value})


def test_a_missing_field_is_found(session: dict[str, Any]) -> None:
    del session["expires_at"]
    with pytest.raises(OffSpec, match="expires_at"):
        check_object(session)


def test_an_unknown_object_is_found() -> None:
    with pytest.raises(OffSpec, match="gift"):
        check_object({"object": "gift"})


def test_what_stands_in_full_must_have_been_asked_for(lived: Sandbox) -> None:
    body = lived.requests[-1].body
    path = f"{SESSIONS}/{body['id']}"
    check_response("GET", path, 200, body, ["invoice", "subscription"])
    with pytest.raises(OffSpec, match="expanded unasked"):
        check_response("GET", path, 200, body, ["invoice"])
    with pytest.raises(OffSpec, match="not expanded"):
        check_response("GET", path, 200, body, ["invoice", "subscription", "customer"])


def test_a_refusal_has_the_shape_of_one() -> None:
    check_response("GET", SESSIONS, 404, {"error": {"type": "invalid_request_error"}})
    with pytest.raises(OffSpec):
        check_response("GET", SESSIONS, 404, {"error": "not found"})


@pytest.mark.parametrize(
    "but", [{"api_version": "2025-09-30.clover"}, {"livemode": True}, {"type": "charge.paid"}]
)
def test_an_event_of_another_kind_is_found(lived: Sandbox, but: dict[str, Any]) -> None:
    event = next(each for each in lived.sent_events if each["type"] == "invoice.paid")
    check_event(event)
    with pytest.raises(OffSpec):
        check_event({**event, **but})


def test_an_event_that_changes_what_is_not_there_is_found(lived: Sandbox) -> None:
    event = copy.deepcopy(lived.sent_events[0])
    event["data"]["previous_attributes"] = {"colour": "red"}
    with pytest.raises(OffSpec, match="colour"):
        check_event(event)


def test_forms_are_nested_as_stripe_reads_them() -> None:
    assert decode("a[b]=1&c[0][d]=2&c[1][d]=3&e[]=4&e[]=5") == {
        "a": {"b": "1"},
        "c": [{"d": "2"}, {"d": "3"}],
        "e": ["4", "5"],
    }
    with pytest.raises(NotAForm, match="twice"):
        decode([("a", "1"), ("a", "2")])
