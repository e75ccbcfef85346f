import pytest
import requests

from sandbox.handle import DECLINED_CARD, NotPaid, Sandbox
from tests.sandbox.client import MONTHLY, ONCE, SHOP, Client, in_minutes, types


def test_a_session_is_opened_with_its_page_and_its_sum(client: Client) -> None:
    session = client.open_session(ONCE, expires_at=in_minutes(31))
    assert session["url"] == f"{client.base}/c/pay/{session['id']}"
    assert (session["status"], session["payment_status"]) == ("open", "unpaid")
    assert (session["amount_total"], session["currency"]) == (1000, "gbp")
    assert session["client_reference_id"] == ONCE["client_reference_id"]
    assert session["payment_intent"] is None
    assert session["livemode"] is False


def test_paying_leads_to_the_success_page_with_the_sessions_id(
    client: Client, sandbox: Sandbox
) -> None:
    session = client.open_session(ONCE)
    landing = sandbox.pay(session["url"])
    assert landing == f"{SHOP}/donate/thanks?session_id={session['id']}"


def test_only_the_literal_placeholder_is_replaced(client: Client, sandbox: Sandbox) -> None:
    encoded = f"{SHOP}/thanks?id=%7BCHECKOUT_SESSION_ID%7D"
    assert sandbox.pay(client.open_session(ONCE, success_url=encoded)["url"]) == encoded


def test_a_paid_session_is_complete_and_has_no_page(client: Client, sandbox: Sandbox) -> None:
    session = client.paid_session(sandbox, ONCE)
    assert (session["status"], session["payment_status"]) == ("complete", "paid")
    assert session["url"] is None
    assert session["customer"] is None
    assert session["customer_details"]["email"] == "sam@example.org"


def test_the_intents_metadata_is_what_was_given_for_it_and_not_the_sessions(
    client: Client, sandbox: Sandbox
) -> None:
    session = client.open_session(ONCE, **{"metadata[only]": "session"})
    sandbox.pay(session["url"])
    paid = client.session(session["id"], "payment_intent.latest_charge")
    intent = paid["payment_intent"]
    expected = {"donation": ONCE["client_reference_id"]}
    assert intent["metadata"] == expected
    assert intent["latest_charge"]["metadata"] == expected
    assert intent["status"] == "succeeded"
    assert intent["amount_received"] == 1000


def test_the_fee_is_unknown_at_first_and_follows_with_charge_updated(
    client: Client, sandbox: Sandbox
) -> None:
    session = client.paid_session(sandbox, ONCE)
    sandbox.quiesce()
    events = {event["type"]: event["data"] for event in sandbox.sent_events}
    assert events["charge.succeeded"]["object"]["balance_transaction"] is None
    updated = events["charge.updated"]
    assert updated["previous_attributes"] == {"balance_transaction": None}
    path = f"/v1/payment_intents/{session['payment_intent']}"
    intent = client.get(path, **{"expand[]": "latest_charge.balance_transaction"})
    transaction = intent["latest_charge"]["balance_transaction"]
    assert transaction["id"] == updated["object"]["balance_transaction"]
    assert (transaction["amount"], transaction["fee"], transaction["net"]) == (1000, 35, 965)
    alone = client.get(f"/v1/balance_transactions/{transaction['id']}")
    assert alone["source"] == intent["latest_charge"]["id"]


@pytest.mark.parametrize(("pence", "fee"), [("30", 20), ("33", 20), ("34", 21), ("100000", 1520)])
def test_the_fee_is_one_and_a_half_per_cent_and_twenty_pence(
    client: Client, sandbox: Sandbox, pence: str, fee: int
) -> None:
    but = {"line_items[0][price_data][unit_amount]": pence}
    session = client.open_session(ONCE, **but)
    sandbox.pay(session["url"])
    sandbox.quiesce()
    intent = client.session(session["id"], "payment_intent.latest_charge")["payment_intent"]
    transaction = intent["latest_charge"]["balance_transaction"]
    assert client.get(f"/v1/balance_transactions/{transaction}")["fee"] == fee


def test_the_events_of_a_gift(client: Client, sandbox: Sandbox) -> None:
    client.paid_session(sandbox, ONCE)
    sandbox.quiesce()
    assert types(sandbox) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]


def test_a_declined_card_says_so_and_another_may_be_tried(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE)
    page = requests.post(session["url"], {"card": DECLINED_CARD}, timeout=10)
    assert page.status_code == 402
    assert "Your card was declined." in page.text
    declined = client.session(session["id"], "payment_intent.latest_charge")
    assert (declined["status"], declined["payment_status"]) == ("open", "unpaid")
    intent = declined["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["decline_code"] == "generic_decline"
    assert intent["latest_charge"]["status"] == "failed"
    sandbox.pay(session["url"])
    paid = client.session(session["id"], "payment_intent")
    assert paid["payment_intent"]["id"] == intent["id"]
    assert paid["payment_intent"]["last_payment_error"] is None
    sandbox.quiesce()
    assert types(sandbox)[:3] == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_a_session_is_paid_only_once(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE)
    assert sandbox.pay(session["url"]) == sandbox.pay(session["url"])
    sandbox.quiesce()
    assert types(sandbox).count("charge.succeeded") == 1
    assert "You are all done here" in requests.get(session["url"], timeout=10).text


def test_a_session_expires_by_the_clock(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE, expires_at=in_minutes(31))
    sandbox.advance(32 * 60)
    page = requests.get(session["url"], timeout=10)
    assert (page.status_code, "This page has expired" in page.text) == (410, True)
    with pytest.raises(NotPaid, match="410"):
        sandbox.pay(session["url"])
    sandbox.wait_for_event("checkout.session.expired")
    assert client.session(session["id"])["status"] == "expired"
    assert client.session(session["id"])["url"] is None


def test_a_session_expires_when_it_is_told_to(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE)
    expired = client.post(f"/v1/checkout/sessions/{session['id']}/expire")
    assert expired["status"] == "expired"
    sandbox.wait_for_event("checkout.session.expired")
    again = client.refusal("POST", f"/v1/checkout/sessions/{session['id']}/expire")
    assert (again.status, again.body["type"]) == (400, "invalid_request_error")


def test_the_knob_expires_a_session_too(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE)
    sandbox.expire(session["id"])
    assert client.session(session["id"])["status"] == "expired"


def test_a_customer_is_made_for_a_gift_only_where_asked(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE, customer_creation="always")
    sandbox.pay(session["url"])
    paid = client.session(session["id"], "customer")
    assert paid["customer"]["email"] == "sam@example.org"
    sandbox.quiesce()
    assert "customer.created" in types(sandbox)


def test_a_known_customer_pays_under_their_own_address(client: Client, sandbox: Sandbox) -> None:
    customer = client.post("/v1/customers", {"email": "kim@example.org"})
    wishes = {name: value for name, value in ONCE.items() if name != "customer_email"}
    session = client.open_session(wishes, customer=customer["id"])
    assert "kim@example.org" in requests.get(session["url"], timeout=10).text
    sandbox.pay(session["url"])
    paid = client.session(session["id"])
    assert (paid["customer"], paid["customer_details"]["email"]) == (
        customer["id"],
        "kim@example.org",
    )


def test_without_an_address_the_page_asks_for_one(client: Client, sandbox: Sandbox) -> None:
    wishes = {name: value for name, value in ONCE.items() if name != "customer_email"}
    session = client.open_session(wishes)
    with pytest.raises(NotPaid, match="422"):
        sandbox.pay(session["url"])
    sandbox.pay(session["url"], email="ali@example.org")
    assert client.session(session["id"])["customer_details"]["email"] == "ali@example.org"


@pytest.mark.parametrize("card", ["", "1234", "4242 4242 4242 4241", "£££"])
def test_a_number_that_is_no_test_card_is_not_charged(
    client: Client, sandbox: Sandbox, card: str
) -> None:
    session = client.open_session(ONCE)
    with pytest.raises(NotPaid, match="422"):
        sandbox.pay(session["url"], card)
    assert client.session(session["id"])["payment_intent"] is None


def test_the_line_items_are_shown_when_asked_for(client: Client) -> None:
    session = client.open_session(MONTHLY)
    assert "line_items" not in session
    [line] = client.session(session["id"], "line_items")["line_items"]["data"]
    assert (line["description"], line["amount_total"]) == ("Fighting Fund", 1000)
    assert line["price"]["recurring"]["interval"] == "month"


def test_the_page_needs_no_script_and_nothing_from_elsewhere(
    client: Client, sandbox: Sandbox
) -> None:
    page = requests.get(client.open_session(ONCE)["url"], timeout=10)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert f"form-action 'self' {SHOP};" in policy
    assert "<script" not in page.text
    assert "£10.00" in page.text
    assert f'href="{SHOP}/donate/cancelled"' in page.text
    assert requests.get(f"{sandbox.stripe}/static/sandbox.css", timeout=10).ok


def test_an_unknown_page_is_not_found(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.stripe}/c/pay/cs_test_none", timeout=10).status_code == 404


@pytest.mark.parametrize("minutes", [50, 60 * 24 * 60])
def test_a_caller_by_the_machines_clock_is_served_after_ours_was_put_forward(
    client: Client, sandbox: Sandbox, minutes: int
) -> None:
    sandbox.advance(minutes * 60)
    session = client.open_session(ONCE, expires_at=in_minutes(61))
    sandbox.advance(60 * 60)
    assert client.session(session["id"])["status"] == "open"
    sandbox.pay(session["url"])
    other = client.open_session(ONCE, expires_at=in_minutes(31))
    sandbox.advance(32 * 60)
    assert client.session(other["id"])["status"] == "expired"
