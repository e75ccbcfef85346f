from itertools import pairwise

import pytest
import requests

from sandbox.handle import DECLINED_CARD, Sandbox
from tests.sandbox.client import MONTHLY, Client, types
from tests.sandbox_controls import CannotDo, Controls

EXPIRED_CARD, GOOD_CARD = "4000 0000 0000 0069", "4242 4242 4242 4242"
DRAFTED = ["invoice.created", "customer.subscription.updated"]
PAID = [
    "invoice.finalized",
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "charge.updated",
]
FAILED = ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]


@pytest.fixture
def monthly(client: Client, sandbox: Sandbox, controls: Controls) -> str:
    """The id of a monthly gift whose first payment is made and told; nothing is paid out."""
    controls.habits(payouts="manual")
    session = client.open_session(MONTHLY)
    controls.pay(session["id"])
    sandbox.quiesce()
    return str(client.session(session["id"])["subscription"])


def since(sandbox: Sandbox, count: int) -> list[str]:
    sandbox.quiesce()
    return types(sandbox)[count:]


def status(client: Client, subscription: str) -> str:
    return str(client.get(f"/v1/subscriptions/{subscription}")["status"])


def test_a_month_passes_and_the_next_gift_is_collected(
    client: Client, sandbox: Sandbox, controls: Controls, monthly: str
) -> None:
    before = len(types(sandbox))
    controls.advance(months=1, hours=2)
    assert since(sandbox, before) == [*DRAFTED, *PAID]
    first, second = client.get("/v1/invoices", subscription=monthly)["data"]
    assert (first["status"], first["amount_paid"], first["number"][-4:]) == ("paid", 1000, "0002")
    assert first["created"] < first["status_transitions"]["finalized_at"]
    assert second["billing_reason"] == "subscription_create"
    [payment] = client.get("/v1/invoice_payments", invoice=first["id"])["data"]
    assert payment["status"] == "paid"
    intent = payment["payment"]["payment_intent"]
    wishes = {"payment[type]": "payment_intent", "payment[payment_intent]": intent}
    assert client.get("/v1/invoice_payments", **wishes)["data"] == [payment]


def test_three_months_are_three_gifts_at_their_own_times(
    client: Client, controls: Controls, monthly: str
) -> None:
    controls.advance(months=3, hours=2)
    invoices = client.get("/v1/invoices", subscription=monthly, limit="100")["data"]
    assert [each["status"] for each in invoices] == ["paid"] * 4
    times = [each["created"] for each in invoices]
    assert all(27 < (later - sooner) / 86_400 < 32 for later, sooner in pairwise(times))


def test_a_draft_waits_an_hour(client: Client, controls: Controls, monthly: str) -> None:
    item = client.get(f"/v1/subscriptions/{monthly}")["items"]["data"][0]
    controls.advance(seconds=item["current_period_end"] - controls.advance() + 1)
    draft = client.get("/v1/invoices", subscription=monthly)["data"][0]
    assert (draft["status"], draft["number"], draft["attempt_count"]) == ("draft", None, 0)
    controls.advance(hours=1)
    assert client.get(f"/v1/invoices/{draft['id']}")["status"] == "paid"


def test_a_card_that_fails_makes_arrears_then_the_end(
    client: Client, sandbox: Sandbox, controls: Controls, monthly: str
) -> None:
    controls.change_card(monthly, EXPIRED_CARD)
    before = len(types(sandbox)) + 2
    controls.advance(months=1, hours=2)
    assert since(sandbox, before) == [
        *DRAFTED,
        "invoice.finalized",
        "payment_intent.created",
        *FAILED,
        "customer.subscription.updated",
    ]
    assert status(client, monthly) == "past_due"
    invoice = client.get("/v1/invoices", subscription=monthly)["data"][0]
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)
    assert invoice["next_payment_attempt"] is not None
    before = len(types(sandbox))
    controls.advance(16)
    assert since(sandbox, before) == [*FAILED, *FAILED, *FAILED, "customer.subscription.deleted"]
    ended = client.get(f"/v1/subscriptions/{monthly}")
    assert ended["cancellation_details"]["reason"] == "payment_failed"
    invoice = client.get(f"/v1/invoices/{invoice['id']}")
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (4, None)


def test_arrears_end_when_a_retry_succeeds(
    client: Client, sandbox: Sandbox, controls: Controls, monthly: str
) -> None:
    controls.change_card(monthly, DECLINED_CARD)
    controls.renew(monthly)
    assert status(client, monthly) == "past_due"
    controls.change_card(monthly, GOOD_CARD)
    sandbox.quiesce()
    before = len(types(sandbox))
    controls.advance(4)
    assert since(sandbox, before) == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "charge.updated",
    ]
    assert status(client, monthly) == "active"
    controls.advance(20)
    assert len(client.get("/v1/invoices", subscription=monthly)["data"]) == 2


def test_a_retry_may_be_made_before_its_time(
    client: Client, controls: Controls, monthly: str
) -> None:
    controls.change_card(monthly, DECLINED_CARD)
    controls.renew(monthly)
    controls.renew(monthly)
    invoice = client.get("/v1/invoices", subscription=monthly)["data"][0]
    assert invoice["attempt_count"] == 2
    controls.advance(4)
    assert client.get(f"/v1/invoices/{invoice['id']}")["attempt_count"] == 2


def test_after_the_last_retry_it_may_be_left_unpaid(
    client: Client, controls: Controls, monthly: str
) -> None:
    controls.habits(after_retries="unpaid", retry_days="1")
    controls.change_card(monthly, DECLINED_CARD)
    controls.renew(monthly)
    controls.advance(2)
    assert status(client, monthly) == "unpaid"
    with pytest.raises(CannotDo):
        controls.renew(monthly)
    controls.advance(40)
    assert len(client.get("/v1/invoices", subscription=monthly)["data"]) == 2


def test_the_clock_lets_a_leaver_go_and_collects_no_more(
    client: Client, controls: Controls, monthly: str
) -> None:
    client.post(f"/v1/subscriptions/{monthly}", {"cancel_at_period_end": "true"})
    controls.advance(months=2)
    assert status(client, monthly) == "canceled"
    assert len(client.get("/v1/invoices", subscription=monthly)["data"]) == 1


def test_a_draft_of_who_has_left_is_not_collected(
    client: Client, controls: Controls, monthly: str
) -> None:
    item = client.get(f"/v1/subscriptions/{monthly}")["items"]["data"][0]
    controls.advance(seconds=item["current_period_end"] - controls.advance() + 1)
    client.call("DELETE", f"/v1/subscriptions/{monthly}")
    controls.advance(2)
    assert client.get("/v1/invoices", subscription=monthly)["data"][0]["status"] == "draft"


def test_the_portal_changes_the_card(client: Client, controls: Controls, monthly: str) -> None:
    customer = client.get(f"/v1/subscriptions/{monthly}")["customer"]
    portal = client.post("/v1/billing_portal/sessions", {"customer": customer})
    assert "card ending in 4242" in requests.get(portal["url"], timeout=10).text
    change = f"{portal['url']}/subscriptions/{monthly}/card"
    wrong = requests.post(change, {"card": "1234"}, timeout=10)
    assert (wrong.status_code, "test cards" in wrong.text) == (422, True)
    right = requests.post(change, {"card": "5555 5555 5555 4444"}, timeout=10)
    assert "card ending in 4444" in right.text
    found = client.get(f"/v1/subscriptions/{monthly}", **{"expand[]": "default_payment_method"})
    method = found["default_payment_method"]
    assert (method["card"]["last4"], method["customer"]) == ("4444", customer)
    assert client.get(f"/v1/payment_methods/{method['id']}") == method
    other = client.post("/v1/customers", {"email": "other@example.org"})
    strange = client.post("/v1/billing_portal/sessions", {"customer": other["id"]})
    change = f"{strange['url']}/subscriptions/{monthly}/card"
    assert requests.post(change, {"card": GOOD_CARD}, timeout=10).status_code == 404
