import base64

import pytest

from tests.sandbox.client import KEY, MONTHLY, ONCE, Client, in_minutes

SESSIONS = "/v1/checkout/sessions"
CURRENCY = "line_items[0][price_data][currency]"
AMOUNT = "line_items[0][price_data][unit_amount]"
INTERVAL = "line_items[0][price_data][recurring][interval]"
NAME = "line_items[0][price_data][product_data][name]"


@pytest.mark.parametrize(
    ("base", "but", "param"),
    [
        (ONCE, {"payment_method_types[0]": "card"}, "payment_method_types"),
        (ONCE, {"colour": "red"}, "colour"),
        (ONCE, {"line_items[0][amount]": "5"}, "line_items[0][amount]"),
        (ONCE, {"allow_promotion_codes": "true"}, "allow_promotion_codes"),
        (ONCE, {AMOUNT: "29"}, AMOUNT),
        (ONCE, {AMOUNT: "100000000"}, AMOUNT),
        (ONCE, {AMOUNT: "10.50"}, AMOUNT),
        (ONCE, {AMOUNT: "-100"}, AMOUNT),
        (ONCE, {AMOUNT: ""}, AMOUNT),
        (ONCE, {CURRENCY: "usd"}, CURRENCY),
        (ONCE, {"line_items[0][quantity]": "0"}, "line_items[0][quantity]"),
        (ONCE, {NAME: "x" * 5001}, NAME),
        (ONCE, {"mode": "setup"}, "mode"),
        (ONCE, {"mode": "gift"}, "mode"),
        (ONCE, {"submit_type": "subscribe"}, "submit_type"),
        (ONCE, {"submit_type": "give"}, "submit_type"),
        (ONCE, {INTERVAL: "month"}, "line_items[0][price_data][recurring]"),
        (ONCE, {"subscription_data[description]": "x"}, "subscription_data"),
        (ONCE, {"success_url": "/thanks"}, "success_url"),
        (ONCE, {"cancel_url": "javascript:alert(1)"}, "cancel_url"),
        (ONCE, {"customer": "cus_none"}, "customer_email"),
        (ONCE, {"customer_email": "sam"}, "customer_email"),
        (ONCE, {"customer_email": ""}, "customer_email"),
        (ONCE, {"client_reference_id": "x" * 201}, "client_reference_id"),
        (ONCE, {"metadata[" + "k" * 41 + "]": "v"}, "metadata"),
        (ONCE, {"metadata[k]": "v" * 501}, "metadata[k]"),
        (ONCE, {f"metadata[k{number}]": "v" for number in range(50)}, "metadata"),
        (ONCE, {"metadata[a][b]": "v"}, "metadata[a]"),
        (ONCE, {"ui_mode": "hosted"}, "ui_mode"),
        (ONCE, {"customer_creation": "never"}, "customer_creation"),
        (ONCE, {"excluded_payment_method_types[0]": "klarna",
                "allowed_payment_method_types[0]": "card"}, "excluded_payment_method_types"),
        (ONCE, {"line_items": "1"}, "line_items"),
        (ONCE, {"line_items[0]": "1", "line_items[1][quantity]": "1"}, "line_items[0]"),
        (ONCE, {"metadata": "x"}, "metadata"),
        (ONCE, {"mode[a]": "payment"}, "mode[a]"),
        (ONCE, {"locale[a]": "en"}, "locale"),
        (ONCE, {"a]b[": "1"}, "a]b["),
        (MONTHLY, {INTERVAL: "fortnight"}, INTERVAL),
        (MONTHLY, {"customer_creation": "always"}, "customer_creation"),
        (MONTHLY, {"payment_intent_data[description]": "x"}, "payment_intent_data"),
    ],
)  # fmt: skip
def test_a_session_that_stripe_refuses_is_refused(
    client: Client, base: dict[str, str], but: dict[str, str], param: str
) -> None:
    fault = client.refusal("POST", SESSIONS, {**base, **but})
    assert fault.status == 400
    assert fault.body["type"] == "invalid_request_error"
    assert fault.body["param"] == param


@pytest.mark.parametrize(
    "missing", ["mode", "success_url", "line_items[0][quantity]", AMOUNT, NAME]
)
def test_what_is_required_is_named_when_it_is_missing(client: Client, missing: str) -> None:
    wishes = {name: value for name, value in ONCE.items() if name != missing}
    fault = client.refusal("POST", SESSIONS, wishes)
    expected = missing.removesuffix("[name]")
    assert (fault.body["code"], fault.body["param"]) == ("parameter_missing", expected)


def test_a_subscription_needs_a_recurring_price(client: Client) -> None:
    wishes = {name: value for name, value in MONTHLY.items() if name != INTERVAL}
    assert client.refusal("POST", SESSIONS, wishes).body["param"].startswith("line_items[0]")


@pytest.mark.parametrize("minutes", [0, 29, 24 * 60 + 1])
def test_a_session_lives_from_half_an_hour_to_a_day(client: Client, minutes: int) -> None:
    fault = client.refusal("POST", SESSIONS, {**ONCE, "expires_at": in_minutes(minutes)})
    assert fault.body["param"] == "expires_at"


@pytest.mark.parametrize("amount", ["30", "99999999"])
def test_the_smallest_and_the_largest_sum_are_taken(client: Client, amount: str) -> None:
    assert client.open_session(ONCE, **{AMOUNT: amount})["amount_total"] == int(amount)


@pytest.mark.parametrize("base", [ONCE, MONTHLY], ids=["once", "monthly"])
def test_a_gift_may_be_called_a_gift_in_both_modes(client: Client, base: dict[str, str]) -> None:
    assert client.open_session(base, submit_type="donate")["submit_type"] == "donate"


def test_dues_may_say_subscribe(client: Client) -> None:
    assert client.open_session(MONTHLY, submit_type="subscribe")["submit_type"] == "subscribe"


def test_an_unknown_customer_is_refused(client: Client) -> None:
    wishes = {name: value for name, value in ONCE.items() if name != "customer_email"}
    fault = client.refusal("POST", SESSIONS, {**wishes, "customer": "cus_none"})
    assert (fault.status, fault.body["code"]) == (400, "resource_missing")
    assert fault.body["param"] == "customer"


@pytest.mark.parametrize(
    "authorisation",
    ["", "Bearer ", "Bearer sk_live_x1234", "Bearer nonsense", "Basic !!", "Digest x"],
)
def test_without_a_test_key_nothing_is_answered(client: Client, authorisation: str) -> None:
    client.headers["Authorization"] = authorisation
    fault = client.refusal("GET", SESSIONS)
    assert (fault.status, fault.body["type"]) == (401, "invalid_request_error")
    assert "sk_live_x1234" not in fault.body["message"]


def test_the_key_may_come_by_basic_authentication(client: Client) -> None:
    client.headers["Authorization"] = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
    assert client.get(SESSIONS)["data"] == []


def test_a_restricted_test_key_will_do(client: Client) -> None:
    client.headers["Authorization"] = "Bearer rk_test_abc"
    assert client.get(SESSIONS)["data"] == []


def test_another_version_of_the_api_is_refused(client: Client) -> None:
    client.headers["Stripe-Version"] = "2025-09-30.clover"
    fault = client.refusal("GET", SESSIONS)
    assert (fault.status, "2025-09-30.clover" in fault.body["message"]) == (400, True)


def test_a_form_in_another_dress_is_refused(client: Client) -> None:
    client.headers["Content-Type"] = "application/json"
    assert client.refusal("POST", SESSIONS, ONCE).status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/topups"),
        ("POST", "/v1/payouts"),
        ("POST", "/v1/payment_intents"),
        ("DELETE", SESSIONS),
        ("PUT", SESSIONS),
        ("GET", f"{SESSIONS}/cs_test_none"),
        ("GET", "/v1/customers/cus_none"),
        ("POST", "/v1/customers/cus_none"),
        ("GET", "/v1/subscriptions/sub_none"),
        ("DELETE", "/v1/subscriptions/sub_none"),
        ("GET", "/v1/invoices/in_none"),
        ("GET", "/v1/payment_intents/pi_none"),
        ("GET", "/v1/charges/ch_none"),
        ("GET", "/v1/balance_transactions/txn_none"),
        ("GET", "/v1/events/evt_none"),
        ("GET", "/v1/refunds/re_none"),
        ("POST", "/v1/refunds/re_none"),
        ("GET", "/v1/disputes/du_none"),
        ("POST", "/v1/disputes/du_none/close"),
        ("GET", "/v1/payouts/po_none"),
        ("GET", "/v1/mandates/mandate_none"),
        ("GET", "/v1/payment_methods/pm_none"),
        ("GET", "/v1/invoice_payments/inpay_none"),
        ("GET", "/v1/radar/early_fraud_warnings/issfr_none"),
    ],
)
def test_what_is_not_there_is_not_found(client: Client, method: str, path: str) -> None:
    fault = client.refusal(method, path)
    assert (fault.status, fault.body["type"]) == (404, "invalid_request_error")


def test_every_answer_bears_its_requests_id_and_version(client: Client) -> None:
    headers = client.call("GET", SESSIONS).headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"


@pytest.mark.parametrize(
    ("params", "param"),
    [({"created[gte]": "now"}, "created[gte]"), ({"delivery_success": "yes"}, "delivery_success")],
)
def test_a_filter_that_cannot_be_read_is_refused(
    client: Client, params: dict[str, str], param: str
) -> None:
    assert client.refusal("GET", "/v1/events", params).body["param"] == param


def test_one_objects_id_is_not_anothers(client: Client) -> None:
    session = client.open_session(ONCE)
    assert client.refusal("GET", f"/v1/customers/{session['id']}").status == 404
