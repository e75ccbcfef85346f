import pytest

from sandbox.handle import Sandbox
from tests.sandbox.client import ONCE, Client, types
from tests.sandbox.test_refunds import charge_of, gift, new_types
from tests.sandbox_controls import CannotDo, Controls

DISPUTES, REFUNDS = "/v1/disputes", "/v1/refunds"
WARNINGS = "/v1/radar/early_fraud_warnings"


@pytest.fixture
def paid(client: Client, controls: Controls) -> str:
    return gift(client, controls)


def test_a_dispute_takes_the_money_and_a_fee(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str
) -> None:
    sandbox.quiesce()
    dispute = controls.dispute(paid)
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 1000)
    [withdrawn] = dispute["balance_transactions"]
    assert (withdrawn["amount"], withdrawn["fee"], withdrawn["net"]) == (-1000, 2000, -3000)
    assert (withdrawn["type"], withdrawn["reporting_category"]) == ("adjustment", "dispute")
    assert charge_of(client, paid)["disputed"] is True
    assert new_types(sandbox, "charge.updated") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]
    fault = client.refusal("POST", REFUNDS, {"payment_intent": paid})
    assert (fault.status, fault.body["code"]) == (400, "charge_disputed")
    with pytest.raises(CannotDo):
        controls.dispute(paid)


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_is_answered_and_decided(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str, outcome: str
) -> None:
    dispute = controls.dispute(paid)
    sandbox.quiesce()
    path = f"{DISPUTES}/{dispute['id']}"
    answered = client.post(path, {"evidence[uncategorized_text]": "They gave it."})
    assert answered["status"] == "under_review"
    closed = controls.close_dispute(dispute["id"], outcome)
    assert closed["status"] == outcome
    won = outcome == "won"
    assert new_types(sandbox, "charge.dispute.funds_withdrawn") == [
        "charge.dispute.updated",
        "charge.dispute.closed",
        *(["charge.dispute.funds_reinstated"] if won else []),
    ]
    moved = [each["net"] for each in closed["balance_transactions"]]
    assert moved == ([-3000, 1000] if won else [-3000])
    assert client.call("POST", REFUNDS, {"payment_intent": paid}).status == (200 if won else 400)
    assert client.refusal("POST", path, {"submit": "true"}).status == 400
    assert client.refusal("POST", f"{path}/close").status == 400


def test_a_dispute_may_be_accepted_by_the_api(
    client: Client, controls: Controls, paid: str
) -> None:
    dispute = controls.dispute(paid, "product_not_received")
    closed = client.post(f"{DISPUTES}/{dispute['id']}/close")
    assert (closed["status"], closed["reason"]) == ("lost", "product_not_received")


def test_evidence_may_be_kept_for_later(client: Client, controls: Controls, paid: str) -> None:
    path = f"{DISPUTES}/{controls.dispute(paid)['id']}"
    wishes = {"evidence[customer_name]": "Sam", "submit": "false", "metadata[a]": "b"}
    kept = client.post(path, wishes)
    assert (kept["status"], kept["evidence"]["customer_name"]) == ("needs_response", "Sam")
    assert kept["metadata"] == {"a": "b"}
    assert client.refusal("POST", path, {"evidence[mood]": "glum"}).body["param"] == (
        "evidence[mood]"
    )


def test_an_inquiry_moves_no_money_and_does_not_stop_a_refund(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str
) -> None:
    inquiry = controls.dispute(paid, inquiry=True)
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    client.post(REFUNDS, {"payment_intent": paid})
    controls.answer_dispute(inquiry["id"])
    assert controls.close_dispute(inquiry["id"], "won")["status"] == "warning_closed"
    sandbox.quiesce()
    assert "charge.dispute.funds_withdrawn" not in types(sandbox)
    assert "charge.dispute.funds_reinstated" not in types(sandbox)


def test_nobody_inquires_of_a_direct_debit(client: Client, controls: Controls) -> None:
    session = client.post("/v1/checkout/sessions", ONCE)
    controls.pay(session["id"], account="00012345")
    controls.advance(days=5)
    paid = client.get(f"/v1/checkout/sessions/{session['id']}")["payment_intent"]
    with pytest.raises(CannotDo):
        controls.dispute(paid, inquiry=True)
    assert controls.dispute(paid)["status"] == "lost"


def test_what_was_refunded_in_part_is_disputed_for_the_rest(controls: Controls, paid: str) -> None:
    controls.refund(paid, 300)
    assert controls.dispute(paid)["amount"] == 700


def test_what_was_refunded_cannot_be_disputed(controls: Controls, paid: str) -> None:
    controls.refund(paid)
    with pytest.raises(CannotDo):
        controls.dispute(paid)


@pytest.mark.parametrize(
    ("card", "reason", "status"),
    [
        ("4000 0000 0000 0259", "fraudulent", "needs_response"),
        ("4000 0000 0000 2685", "product_not_received", "needs_response"),
        ("4000 0000 0000 1976", "general", "warning_needs_response"),
    ],
)
def test_some_cards_are_known_for_disputes(
    client: Client, sandbox: Sandbox, controls: Controls, card: str, reason: str, status: str
) -> None:
    paid = gift(client, controls, card)
    sandbox.quiesce()
    [dispute] = client.get(DISPUTES, payment_intent=paid)["data"]
    assert (dispute["reason"], dispute["status"]) == (reason, status)
    assert client.get(DISPUTES, charge=dispute["charge"])["data"] == [dispute]
    assert client.get(DISPUTES, charge="ch_none")["data"] == []


def test_an_early_warning_asks_for_a_refund(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    paid = gift(client, controls, "4000 0000 0000 5423")
    sandbox.quiesce()
    [warning] = client.get(WARNINGS, payment_intent=paid)["data"]
    assert warning["actionable"] is True
    controls.refund(paid)
    assert client.get(f"{WARNINGS}/{warning['id']}")["actionable"] is False
    sandbox.quiesce()
    kinds = types(sandbox)
    assert "radar.early_fraud_warning.created" in kinds
    assert "radar.early_fraud_warning.updated" in kinds


def test_nobody_warns_of_what_was_not_paid(client: Client, controls: Controls) -> None:
    session = client.open_session(ONCE)
    controls.pay(session["id"], "4000 0000 0000 0002")
    intent = client.session(session["id"], "payment_intent")["payment_intent"]
    for payment in (intent["id"], intent["latest_charge"]):
        with pytest.raises(CannotDo):
            controls.early_warning(payment)
