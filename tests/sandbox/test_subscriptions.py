from datetime import UTC, datetime

import pytest
import requests

from sandbox.handle import DECLINED_CARD, NotPaid, Sandbox
from sandbox.stripe.calendar import period_end
from tests.sandbox.client import MONTHLY, Client, types

PAYMENTS = "payments.data.payment.payment_intent"


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_paid_subscription_is_active_for_a_month(client: Client, sandbox: Sandbox) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    assert session["payment_intent"] is None
    subscription = client.get(f"/v1/subscriptions/{session['subscription']}")
    assert subscription["status"] == "active"
    assert subscription["customer"] == session["customer"]
    assert subscription["billing_mode"]["type"] == "flexible"
    assert subscription["metadata"] == {"donation": MONTHLY["client_reference_id"]}
    assert "current_period_end" not in subscription
    [item] = subscription["items"]["data"]
    month = item["current_period_end"] - item["current_period_start"]
    assert 28 * 86_400 <= month <= 31 * 86_400


def test_an_invoice_names_its_subscription_by_its_parent(client: Client, sandbox: Sandbox) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    invoice = client.get(f"/v1/invoices/{session['invoice']}")
    assert not {"charge", "payment_intent", "subscription", "payments"} & invoice.keys()
    details = invoice["parent"]["subscription_details"]
    assert details["subscription"] == session["subscription"]
    assert details["metadata"] == {"donation": MONTHLY["client_reference_id"]}
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 1000)
    assert invoice["billing_reason"] == "subscription_create"


def test_an_invoices_payments_are_shown_when_asked_for(client: Client, sandbox: Sandbox) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    invoice = client.get(f"/v1/invoices/{session['invoice']}", **{"expand[]": PAYMENTS})
    [payment] = invoice["payments"]["data"]
    intent = payment["payment"]["payment_intent"]
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 1000)
    assert intent["metadata"] == {}
    sandbox.quiesce()
    charge = client.get(f"/v1/charges/{intent['latest_charge']}", **{"expand[]": "customer"})
    assert charge["customer"]["id"] == session["customer"]
    assert charge["balance_transaction"] is not None


def test_the_events_of_a_first_monthly_gift(client: Client, sandbox: Sandbox) -> None:
    client.paid_session(sandbox, MONTHLY)
    sandbox.quiesce()
    assert types(sandbox) == [
        "customer.created",
        "payment_intent.created",
        "payment_method.attached",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "checkout.session.completed",
        "charge.updated",
    ]


def test_a_declined_first_payment_makes_no_subscription(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(MONTHLY)
    with pytest.raises(NotPaid, match="402"):
        sandbox.pay(session["url"], DECLINED_CARD)
    assert client.get("/v1/subscriptions", status="all")["data"] == []
    sandbox.pay(session["url"])
    assert len(client.get("/v1/subscriptions")["data"]) == 1


def test_a_renewal_is_invoiced_for_the_period_that_follows(
    client: Client, sandbox: Sandbox
) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    path = f"/v1/subscriptions/{session['subscription']}"
    [before] = client.get(path)["items"]["data"]
    sandbox.renew(session["subscription"])
    subscription = client.get(path, **{"expand[]": "latest_invoice"})
    [after] = subscription["items"]["data"]
    invoice = subscription["latest_invoice"]
    assert after["current_period_start"] == before["current_period_end"]
    assert invoice["billing_reason"] == "subscription_cycle"
    assert invoice["status"] == "paid"
    [line] = invoice["lines"]["data"]
    assert line["period"]["start"] == before["current_period_end"]
    assert line["period"]["end"] == after["current_period_end"]
    assert invoice["period_end"] == before["current_period_end"]
    assert invoice["number"].endswith("-0002")
    listed = client.get("/v1/invoices", subscription=session["subscription"])["data"]
    assert [each["id"] for each in listed] == [invoice["id"], session["invoice"]]
    sandbox.quiesce()
    assert types(sandbox).count("invoice.paid") == 2


def test_the_boards_button_renews(client: Client, sandbox: Sandbox) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    url = f"{sandbox.stripe}/_sandbox/renew"
    assert 'action="/_sandbox/renew"' in requests.get(sandbox.stripe, timeout=10).text
    form = {"subscription": subscription, "back": "1"}
    pressed = requests.post(url, form, allow_redirects=False, timeout=10)
    assert (pressed.status_code, pressed.headers["Location"]) == (303, "/")
    assert len(client.get("/v1/invoices")["data"]) == 2
    assert requests.post(url, {"subscription": "sub_none"}, timeout=10).status_code == 404


def test_the_api_cancels_at_once(client: Client, sandbox: Sandbox) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    path = f"/v1/subscriptions/{subscription}"
    answer = client.call("DELETE", path, {"cancellation_details[comment]": "moving away"})
    assert answer.body["status"] == "canceled"
    assert answer.body["cancellation_details"]["reason"] == "cancellation_requested"
    assert answer.body["cancellation_details"]["comment"] == "moving away"
    assert answer.body["ended_at"] is not None
    assert sandbox.wait_for_event("customer.subscription.deleted")["data"]["object"] == answer.body
    again = client.refusal("DELETE", path)
    assert (again.status, again.body["code"]) == (404, "resource_missing")


def test_the_api_cancels_with_the_period_and_takes_it_back(
    client: Client, sandbox: Sandbox
) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    path = f"/v1/subscriptions/{subscription}"
    ending = client.post(path, {"cancel_at_period_end": "true"})
    assert ending["cancel_at"] == ending["items"]["data"][0]["current_period_end"]
    assert (ending["status"], ending["cancel_at_period_end"]) == ("active", True)
    staying = client.post(path, {"cancel_at_period_end": "false"})
    assert (staying["cancel_at"], staying["canceled_at"]) == (None, None)
    sandbox.advance(40 * 86_400)
    sandbox.quiesce()
    assert client.get(path)["status"] == "active"


@pytest.mark.parametrize("by", ["clock", "knob"])
def test_who_is_to_leave_leaves_when_the_period_ends(
    client: Client, sandbox: Sandbox, by: str
) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    client.post(f"/v1/subscriptions/{subscription}", {"cancel_at_period_end": "true"})
    if by == "clock":
        sandbox.advance(32 * 86_400)
    else:
        sandbox.renew(subscription)
    sandbox.wait_for_event("customer.subscription.deleted")
    assert client.get(f"/v1/subscriptions/{subscription}")["status"] == "canceled"
    assert len(client.get("/v1/invoices")["data"]) == 1


def test_an_update_merges_metadata_and_says_what_was_before(
    client: Client, sandbox: Sandbox
) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    path = f"/v1/subscriptions/{subscription}"
    client.post(path, {"metadata[a]": "1", "description": "dues"})
    changed = client.post(path, {"metadata[a]": "", "metadata[b]": "2"})
    assert changed["metadata"] == {"b": "2", "donation": MONTHLY["client_reference_id"]}
    sandbox.quiesce()
    last = [each for each in sandbox.sent_events if each["type"].endswith("updated")][-2:]
    assert any(
        each["data"].get("previous_attributes", {}).get("metadata", {}).get("a") == "1"
        for each in last
    )


def test_the_portal_lets_a_customer_end_their_subscription(
    client: Client, sandbox: Sandbox
) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    wishes = {"customer": session["customer"], "return_url": "http://127.0.0.1:9/me"}
    portal = client.post("/v1/billing_portal/sessions", wishes)
    page = requests.get(portal["url"], timeout=10).text
    assert "£10.00 every month" in page
    assert 'href="http://127.0.0.1:9/me"' in page
    cancel = f"{portal['url']}/subscriptions/{session['subscription']}/cancel"
    assert "Ends on" in requests.post(cancel, {"when": "period_end"}, timeout=10).text
    assert "Cancelled." in requests.post(cancel, {"when": "now"}, timeout=10).text
    sandbox.wait_for_event("customer.subscription.deleted")


def test_the_portal_shows_nobody_elses_subscription(client: Client, sandbox: Sandbox) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    other = client.post("/v1/customers", {"email": "other@example.org"})
    portal = client.post("/v1/billing_portal/sessions", {"customer": other["id"]})
    assert "nothing here" in requests.get(portal["url"], timeout=10).text
    cancel = f"{portal['url']}/subscriptions/{session['subscription']}/cancel"
    assert requests.post(cancel, {"when": "now"}, timeout=10).status_code == 404
    assert client.get(f"/v1/subscriptions/{session['subscription']}")["status"] == "active"


def test_the_portals_address_works_for_an_hour(client: Client, sandbox: Sandbox) -> None:
    customer = client.post("/v1/customers", {"email": "kim@example.org"})
    portal = client.post("/v1/billing_portal/sessions", {"customer": customer["id"]})
    sandbox.advance(3_601)
    assert requests.get(portal["url"], timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("anchor", "periods", "interval", "count", "expected"),
    [
        ("2026-11-22T10:00", 1, "month", 1, "2026-12-22T10:00"),
        ("2026-01-31T10:00", 1, "month", 1, "2026-02-28T10:00"),
        ("2026-01-31T10:00", 2, "month", 1, "2026-03-31T10:00"),
        ("2027-12-31T10:00", 2, "month", 1, "2028-02-29T10:00"),
        ("2026-11-30T10:00", 3, "month", 3, "2027-08-30T10:00"),
        ("2028-02-29T10:00", 1, "year", 1, "2029-02-28T10:00"),
        ("2026-12-30T10:00", 1, "week", 1, "2027-01-06T10:00"),
        ("2026-12-30T10:00", 2, "day", 1, "2027-01-01T10:00"),
    ],
)
def test_periods_keep_the_day_they_began_on(
    anchor: str, periods: int, interval: str, count: int, expected: str
) -> None:
    assert period_end(seconds(anchor), periods, interval, count) == seconds(expected)


def test_why_someone_leaves_may_be_noted_and_wishing_twice_changes_nothing(
    client: Client, sandbox: Sandbox
) -> None:
    path = f"/v1/subscriptions/{client.paid_session(sandbox, MONTHLY)['subscription']}"
    wish = {"cancel_at_period_end": "true", "cancellation_details[feedback]": "too_expensive"}
    ending = client.post(path, wish)
    assert ending["cancellation_details"]["feedback"] == "too_expensive"
    assert ending["cancellation_details"]["reason"] == "cancellation_requested"
    assert client.post(path, {"cancel_at_period_end": "true"}) == ending


def test_what_has_ended_does_not_renew(client: Client, sandbox: Sandbox) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    client.call("DELETE", f"/v1/subscriptions/{subscription}")
    url = f"{sandbox.stripe}/_sandbox/renew"
    assert requests.post(url, {"subscription": subscription}, timeout=10).status_code == 400
    assert len(client.get("/v1/invoices")["data"]) == 1
