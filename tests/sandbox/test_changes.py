"""Subscriptions that are paused, cost something else, or are paid with a card that is renewed."""

from typing import Any

import pytest

from sandbox.handle import Sandbox
from tests.sandbox.client import MONTHLY, Client, types
from tests.sandbox_controls import CannotDo, Controls

Record = dict[str, Any]


@pytest.fixture
def monthly(client: Client, sandbox: Sandbox, controls: Controls) -> Record:
    """A monthly gift of £10 whose first payment is made and told; nothing is paid out."""
    controls.habits(payouts="manual")
    session = client.open_session(MONTHLY)
    controls.pay(session["id"])
    sandbox.quiesce()
    subscription = client.session(session["id"])["subscription"]
    return client.get(f"/v1/subscriptions/{subscription}")


def since(sandbox: Sandbox, count: int) -> list[str]:
    sandbox.quiesce()
    return types(sandbox)[count:]


def invoices(client: Client, monthly: Record) -> list[tuple[str, int]]:
    found = client.get("/v1/invoices", subscription=monthly["id"])["data"]
    return [(each["status"], each["total"]) for each in reversed(found)]


def paused(monthly: Record, months: int) -> dict[str, str]:
    ends = monthly["items"]["data"][0]["current_period_end"] + months * 31 * 86_400 - 86_400
    return {"pause_collection[behavior]": "void", "pause_collection[resumes_at]": str(ends)}


def new_price(monthly: Record, pence: int, **but: str) -> dict[str, str]:
    item = monthly["items"]["data"][0]
    price = "items[0][price_data]"
    return {
        "items[0][id]": item["id"],
        f"{price}[currency]": "gbp",
        f"{price}[product]": item["price"]["product"],
        f"{price}[recurring][interval]": "month",
        f"{price}[unit_amount]": str(pence),
        "proration_behavior": "none",
        **but,
    }


def test_the_months_of_a_pause_are_voided_and_it_ends_by_itself(
    client: Client, sandbox: Sandbox, controls: Controls, monthly: Record
) -> None:
    changed = client.post(f"/v1/subscriptions/{monthly['id']}", paused(monthly, 1))
    assert (changed["status"], changed["pause_collection"]["behavior"]) == ("active", "void")
    controls.advance(months=1, hours=2)
    assert invoices(client, monthly) == [("paid", 1000), ("void", 1000)]
    controls.advance(months=1, hours=2)
    assert invoices(client, monthly) == [("paid", 1000), ("void", 1000), ("paid", 1000)]
    assert client.get(f"/v1/subscriptions/{monthly['id']}")["pause_collection"] is None
    told = since(sandbox, 0)
    assert told.count("invoice.voided") == 1
    assert told.count("invoice.paid") == 2


def test_a_pause_may_end_early_and_may_be_made_longer(
    client: Client, controls: Controls, monthly: Record
) -> None:
    address = f"/v1/subscriptions/{monthly['id']}"
    client.post(address, paused(monthly, 1))
    client.post(address, paused(monthly, 3))
    controls.advance(months=2, hours=2)
    assert [status for status, _pence in invoices(client, monthly)] == ["paid", "void", "void"]
    assert client.post(address, {"pause_collection": ""})["pause_collection"] is None
    controls.advance(months=1, hours=2)
    assert invoices(client, monthly)[-1] == ("paid", 1000)


def test_a_change_of_nothing_says_nothing(
    client: Client, sandbox: Sandbox, monthly: Record
) -> None:
    before = len(since(sandbox, 0))
    client.post(f"/v1/subscriptions/{monthly['id']}", {"pause_collection": ""})
    assert since(sandbox, before) == []


def test_another_price_counts_from_the_next_invoice_on(
    client: Client, sandbox: Sandbox, controls: Controls, monthly: Record
) -> None:
    before = len(since(sandbox, 0))
    changed = client.post(f"/v1/subscriptions/{monthly['id']}", new_price(monthly, 2500))
    assert changed["items"]["data"][0]["price"]["unit_amount"] == 2500
    assert since(sandbox, before) == ["customer.subscription.updated"]
    assert sandbox.sent_events[-1]["data"]["previous_attributes"].keys() == {"items"}
    controls.advance(months=1, hours=2)
    assert invoices(client, monthly) == [("paid", 1000), ("paid", 2500)]


def test_a_draft_keeps_the_price_that_it_was_drawn_up_with(
    client: Client, controls: Controls, monthly: Record
) -> None:
    controls.advance(months=1)
    client.post(f"/v1/subscriptions/{monthly['id']}", new_price(monthly, 2500))
    controls.advance(hours=2)
    assert invoices(client, monthly) == [("paid", 1000), ("paid", 1000)]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"pause_collection[behavior]": "sleep"}, "pause_collection[behavior]"),
        ({"pause_collection[resumes_at]": "99999999999"}, "pause_collection[behavior]"),
        (
            {"pause_collection[behavior]": "void", "pause_collection[resumes_at]": "1000000000"},
            "pause_collection[resumes_at]",
        ),
        ({"pause_collection[behaviour]": "void"}, "pause_collection[behaviour]"),
        ({"items[0][price]": "price_x", "proration_behavior": "none"}, "items[0][price]"),
        ({"items": "all"}, "items"),
    ],
)
def test_what_stripe_does_not_know_is_refused(
    client: Client, monthly: Record, fields: dict[str, str], param: str
) -> None:
    refused = client.refusal("POST", f"/v1/subscriptions/{monthly['id']}", fields)
    assert (refused.status, refused.body["param"]) == (400, param)


@pytest.mark.parametrize(
    ("but", "param"),
    [
        ({"items[0][id]": "si_x"}, "items[0][id]"),
        ({"items[0][price_data][product]": "prod_x"}, "items[0][price_data][product]"),
        ({"items[0][price_data][unit_amount]": "0"}, "items[0][price_data][unit_amount]"),
        (
            {"items[0][price_data][recurring][interval]": "year"},
            "items[0][price_data][recurring]",
        ),
        ({"proration_behavior": "create_prorations"}, "proration_behavior"),
    ],
)
def test_a_price_that_cannot_be_is_refused(
    client: Client, monthly: Record, but: dict[str, str], param: str
) -> None:
    fields = new_price(monthly, 2500, **but)
    refused = client.refusal("POST", f"/v1/subscriptions/{monthly['id']}", fields)
    assert (refused.status, refused.body["param"]) == (400, param)
    item = client.get(f"/v1/subscriptions/{monthly['id']}")["items"]["data"][0]
    assert item["price"]["unit_amount"] == 1000


@pytest.mark.parametrize("by_network", [True, False])
def test_a_card_is_renewed(
    client: Client, sandbox: Sandbox, controls: Controls, monthly: Record, *, by_network: bool
) -> None:
    before = len(since(sandbox, 0))
    controls.change_expiry(monthly["id"], 2027, 1, by_network=by_network)
    kind = "automatically_updated" if by_network else "updated"
    assert since(sandbox, before) == [f"payment_method.{kind}"]
    expand = {"expand[]": "default_payment_method"}
    found = client.get(f"/v1/subscriptions/{monthly['id']}", **expand)
    card = found["default_payment_method"]["card"]
    assert (card["exp_year"], card["exp_month"]) == (2027, 1)


def test_an_account_has_no_month_on_it(controls: Controls, monthly: Record) -> None:
    controls.change_card(monthly["id"], account="00012345")
    with pytest.raises(CannotDo):
        controls.change_expiry(monthly["id"], 2027, 1)


def test_the_dashboard_changes_what_a_subscription_costs_and_pauses_it(
    client: Client, controls: Controls, monthly: Record
) -> None:
    controls.change_subscription(monthly["id"], amount=1234)
    controls.change_subscription(monthly["id"], pause_days=10)
    found = client.get(f"/v1/subscriptions/{monthly['id']}")
    assert found["items"]["data"][0]["price"]["unit_amount"] == 1234
    assert found["pause_collection"] is not None
    assert controls.change_subscription(monthly["id"], unpause=True)["pause_collection"] is None
