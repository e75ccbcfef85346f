import pytest

from sandbox.handle import Sandbox
from tests.sandbox.client import Client, types
from tests.sandbox.test_refunds import charge_of, gift
from tests.sandbox_controls import CannotDo, Controls

PAYOUTS, MOVEMENTS = "/v1/payouts", "/v1/balance_transactions"
DAY = 86_400


@pytest.fixture
def paid(client: Client, controls: Controls) -> str:
    intent = gift(client, controls)
    controls.settle()
    return intent


def test_what_is_available_is_paid_out_at_midnight_and_arrives(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str
) -> None:
    controls.refund(paid, 300)
    controls.advance(2)
    assert client.get(PAYOUTS)["data"] == []
    controls.advance(2)
    [payout] = client.get(PAYOUTS)["data"]
    assert (payout["amount"], payout["automatic"]) == (1000 - 35 - 300, True)
    assert payout["arrival_date"] % DAY == 0
    assert payout["created"] < payout["arrival_date"]
    controls.advance(2)
    assert client.get(f"{PAYOUTS}/{payout['id']}")["status"] == "paid"
    sandbox.quiesce()
    assert [each for each in types(sandbox) if each.startswith("payout")] == [
        "payout.created",
        "payout.reconciliation_completed",
        "payout.updated",
        "payout.paid",
    ]


def test_a_payouts_movements_sum_to_nothing_with_its_own(
    client: Client, controls: Controls, paid: str
) -> None:
    gift(client, controls)
    controls.dispute(paid)
    gift(client, controls)
    for _ in range(4):
        gift(client, controls)
    controls.advance(7)
    [payout] = client.get(PAYOUTS)["data"]
    inside = client.get(MOVEMENTS, payout=payout["id"], limit="50")["data"]
    assert sum(each["net"] for each in inside) == 0
    assert {each["type"] for each in inside} == {"charge", "adjustment", "payout"}
    own = client.get(MOVEMENTS, payout=payout["id"], type="payout")["data"]
    assert [each["id"] for each in own] == [payout["balance_transaction"]]
    assert {each["status"] for each in inside} == {"available"}


def test_nothing_is_paid_out_twice(client: Client, controls: Controls, paid: str) -> None:
    controls.advance(5)
    gift(client, controls)
    controls.advance(5)
    second, first = client.get(PAYOUTS)["data"]
    assert (first["amount"], second["amount"]) == (965, 965)
    assert (
        client.get(MOVEMENTS, payout=first["id"], type="charge")["data"][0]["source"]
        == (charge_of(client, paid)["id"])
    )


@pytest.mark.parametrize("after", ["in_transit", "paid"])
def test_a_payout_that_fails_gives_the_money_back_for_the_next(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str, after: str
) -> None:
    controls.advance(3)
    payout = (
        controls.payout() if not client.get(PAYOUTS)["data"] else client.get(PAYOUTS)["data"][0]
    )
    if after == "paid":
        controls.arrive_payout(payout["id"])
    failed = controls.fail_payout(payout["id"])
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    returned = client.get(f"{MOVEMENTS}/{failed['failure_balance_transaction']}")
    assert (returned["type"], returned["amount"]) == ("payout_failure", payout["amount"])
    sandbox.quiesce()
    assert types(sandbox)[-1] == "payout.failed"
    with pytest.raises(CannotDo):
        controls.fail_payout(payout["id"])
    controls.advance(2)
    [again] = [each for each in client.get(PAYOUTS)["data"] if each["id"] != payout["id"]]
    assert again["amount"] == payout["amount"]


def test_a_balance_below_nothing_waits_for_more_money(
    client: Client, controls: Controls, paid: str
) -> None:
    controls.dispute(paid)
    controls.advance(10)
    assert client.get(PAYOUTS)["data"] == []
    balance = client.get("/v1/balance")
    assert balance["available"][0]["amount"] == 965 - 3000
    with pytest.raises(CannotDo, match="nothing to pay out"):
        controls.payout()


def test_where_payouts_are_manual_the_clock_pays_nothing_out(
    client: Client, controls: Controls, paid: str
) -> None:
    controls.habits(payouts="manual")
    assert client.get("/v1/balance")["pending"][0]["amount"] == 965
    controls.advance(10)
    assert client.get(PAYOUTS)["data"] == []
    assert controls.payout()["amount"] == 965


def test_payouts_and_movements_are_found(client: Client, controls: Controls, paid: str) -> None:
    controls.advance(10)
    [payout] = client.get(PAYOUTS, status="paid")["data"]
    assert client.get(PAYOUTS, status="failed")["data"] == []
    arrival = payout["arrival_date"]
    assert len(client.get(PAYOUTS, arrival_date=str(arrival))["data"]) == 1
    assert client.get(PAYOUTS, **{"arrival_date[gt]": str(arrival)})["data"] == []
    assert len(client.get(PAYOUTS, **{"arrival_date[gte]": str(arrival)})["data"]) == 1
    charge = str(charge_of(client, paid)["id"])
    [moved] = client.get(MOVEMENTS, source=charge)["data"]
    assert [each["id"] for each in client.get(MOVEMENTS, type="charge")["data"]] == [moved["id"]]
    whole = client.get(f"{MOVEMENTS}/{moved['id']}", **{"expand[]": "source"})
    assert whole["source"]["payment_intent"] == paid
    path = f"{PAYOUTS}/{payout['id']}"
    assert client.get(path, **{"expand[]": "balance_transaction"})["balance_transaction"][
        "net"
    ] == (-965)


def test_charges_and_intents_are_listed(client: Client, controls: Controls, paid: str) -> None:
    other = gift(client, controls)
    assert [each["id"] for each in client.get("/v1/payment_intents")["data"]] == [other, paid]
    [charge] = client.get("/v1/charges", payment_intent=paid)["data"]
    assert charge["payment_intent"] == paid
    created = str(charge["created"])
    assert len(client.get("/v1/charges", **{"created[gte]": created})["data"]) == 2
    page = client.get(
        "/v1/charges", limit="1", starting_after=client.get("/v1/charges")["data"][0]["id"]
    )
    assert ([each["id"] for each in page["data"]], page["has_more"]) == ([charge["id"]], False)
