import pytest

from sandbox.handle import Sandbox
from tests.sandbox.client import ONCE, Client, types
from tests.sandbox_controls import CannotDo, Controls

REFUNDS = "/v1/refunds"
SLOW_CARD, FAILING_CARD = "4000 0000 0000 7726", "4000 0000 0000 5126"


@pytest.fixture
def paid(client: Client, controls: Controls) -> str:
    """The intent of a gift of £10 that is paid."""
    return gift(client, controls)


def gift(client: Client, controls: Controls, card: str | None = None) -> str:
    session = client.open_session(ONCE)
    controls.pay(session["id"], card)
    return str(client.session(session["id"])["payment_intent"])


def charge_of(client: Client, intent: str) -> dict[str, object]:
    found = client.get(f"/v1/payment_intents/{intent}", **{"expand[]": "latest_charge"})
    charge: dict[str, object] = found["latest_charge"]
    return charge


def new_types(sandbox: Sandbox, after: str) -> list[str]:
    """The kinds of the events sent after the last of a kind."""
    sandbox.quiesce()
    kinds = types(sandbox)
    return kinds[len(kinds) - kinds[::-1].index(after) :]


def test_a_payment_is_refunded_in_parts_and_then_no_more(client: Client, paid: str) -> None:
    first = client.post(REFUNDS, {"payment_intent": paid, "amount": "300"})
    assert (first["status"], first["amount"], first["payment_intent"]) == ("succeeded", 300, paid)
    charge = charge_of(client, paid)
    assert (charge["amount_refunded"], charge["refunded"]) == (300, False)
    rest = client.post(REFUNDS, {"charge": str(charge["id"]), "reason": "requested_by_customer"})
    assert rest["amount"] == 700
    assert charge_of(client, paid)["refunded"] is True
    fault = client.refusal("POST", REFUNDS, {"payment_intent": paid})
    assert (fault.status, fault.body["code"]) == (400, "charge_already_refunded")


@pytest.mark.parametrize(
    ("before", "amount", "words"),
    [
        (None, "1001", "Refund amount (£10.01) is greater than charge amount (£10.00)"),
        (
            "300",
            "701",
            "Refund amount (£7.01) is greater than unrefunded amount on charge (£7.00)",
        ),
    ],
)
def test_more_than_was_paid_is_not_refunded(
    client: Client, paid: str, before: str | None, amount: str, words: str
) -> None:
    if before:
        client.post(REFUNDS, {"payment_intent": paid, "amount": before})
    fault = client.refusal("POST", REFUNDS, {"payment_intent": paid, "amount": amount})
    assert (fault.status, fault.body["message"]) == (400, words)


@pytest.mark.parametrize(
    ("wishes", "param"),
    [
        ({}, None),
        ({"payment_intent": "pi_none"}, "payment_intent"),
        ({"charge": "ch_none"}, "charge"),
        ({"payment_intent": "PAID", "amount": "0"}, "amount"),
        ({"payment_intent": "PAID", "amount": "-5"}, "amount"),
        ({"payment_intent": "PAID", "reason": "regret"}, "reason"),
        ({"payment_intent": "PAID", "colour": "red"}, "colour"),
        ({"payment_intent": "PAID", "currency": "gbp"}, "currency"),
        ({"payment_intent": "PAID", "charge": "ch_none"}, None),
    ],
)
def test_a_refund_that_stripe_refuses_is_refused(
    client: Client, paid: str, wishes: dict[str, str], param: str | None
) -> None:
    named = {name: value.replace("PAID", paid) for name, value in wishes.items()}
    fault = client.refusal("POST", REFUNDS, named)
    assert (fault.status, fault.body.get("param")) == (400, param)


def test_what_was_not_paid_is_not_refunded(client: Client, controls: Controls) -> None:
    session = client.open_session(ONCE)
    controls.pay(session["id"], account="00012345")
    intent = client.session(session["id"], "payment_intent")["payment_intent"]
    assert client.refusal("POST", REFUNDS, {"payment_intent": intent["id"]}).status == 400
    assert client.refusal("POST", REFUNDS, {"charge": intent["latest_charge"]}).status == 400


def test_a_refunds_events_and_what_they_carry(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str
) -> None:
    sandbox.quiesce()
    controls.refund(paid, 300)
    assert new_types(sandbox, "charge.updated") == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]
    carried = {event["type"]: event["data"]["object"] for event in sandbox.sent_events}
    assert carried["charge.refunded"]["amount_refunded"] == 300
    assert carried["refund.created"]["charge"] == carried["charge.refunded"]["id"]
    assert "reference" in carried["refund.updated"]["destination_details"]["card"]
    by_dashboard = next(e for e in sandbox.sent_events if e["type"] == "refund.created")
    assert by_dashboard["request"] == {"id": None, "idempotency_key": None}


def test_a_refund_before_the_fee_is_known_makes_it_known(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    controls.habits(settle_seconds=86_400)
    paid = gift(client, controls)
    sandbox.quiesce()
    assert charge_of(client, paid)["balance_transaction"] is None
    refund = controls.refund(paid)
    assert charge_of(client, paid)["balance_transaction"] is not None
    moved = client.get(f"/v1/balance_transactions/{refund['balance_transaction']}")
    assert (moved["type"], moved["amount"], moved["fee"]) == ("refund", -1000, 0)


def test_a_refund_may_wait_and_then_succeed(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str
) -> None:
    refund = controls.refund(paid, status="pending")
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    assert charge_of(client, paid)["refunded"] is True
    sandbox.quiesce()
    controls.settle_refund(refund["id"])
    assert client.get(f"{REFUNDS}/{refund['id']}")["status"] == "succeeded"
    assert new_types(sandbox, "charge.refunded") == ["refund.updated", "charge.refund.updated"]
    with pytest.raises(CannotDo, match="not pending"):
        controls.settle_refund(refund["id"])


@pytest.mark.parametrize("status", ["pending", "succeeded"])
def test_a_refund_may_fail_and_the_money_is_back(
    client: Client, sandbox: Sandbox, controls: Controls, paid: str, status: str
) -> None:
    refund = controls.refund(paid, 400, status=status)
    sandbox.quiesce()
    failed = controls.fail_refund(refund["id"], "declined")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "declined")
    returned = client.get(f"/v1/balance_transactions/{failed['failure_balance_transaction']}")
    assert (returned["type"], returned["amount"]) == ("refund_failure", 400)
    assert charge_of(client, paid)["amount_refunded"] == 0
    sandbox.quiesce()
    assert types(sandbox)[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]
    with pytest.raises(CannotDo):
        controls.fail_refund(refund["id"])


@pytest.mark.parametrize(
    ("card", "at_first", "later"),
    [(SLOW_CARD, "pending", "succeeded"), (FAILING_CARD, "succeeded", "failed")],
)
def test_some_cards_are_known_for_their_refunds(
    client: Client, controls: Controls, card: str, at_first: str, later: str
) -> None:
    refund = client.post(REFUNDS, {"payment_intent": gift(client, controls, card)})
    assert refund["status"] == at_first
    controls.advance(6)
    assert client.get(f"{REFUNDS}/{refund['id']}")["status"] == later


def test_refunds_are_found_by_their_payment(client: Client, controls: Controls, paid: str) -> None:
    other = gift(client, controls)
    first, second = controls.refund(paid, 100), controls.refund(paid, 200)
    controls.refund(other)
    charge = str(charge_of(client, paid)["id"])
    for filters in ({"payment_intent": paid}, {"charge": charge}):
        listed = client.get(REFUNDS, **filters)["data"]
        assert [each["id"] for each in listed] == [second["id"], first["id"]]
    assert len(client.get(REFUNDS, **{"created[gte]": str(first["created"])})["data"]) == 3
    shown = client.get(f"/v1/charges/{charge}", **{"expand[]": "refunds"})
    assert [each["id"] for each in shown["refunds"]["data"]] == [second["id"], first["id"]]
    whole = client.get(
        f"{REFUNDS}/{first['id']}", **{"expand[0]": "charge", "expand[1]": "balance_transaction"}
    )
    assert (whole["charge"]["id"], whole["balance_transaction"]["amount"]) == (charge, -100)


def test_a_refunds_metadata_may_be_changed(client: Client, controls: Controls, paid: str) -> None:
    path = f"{REFUNDS}/{controls.refund(paid)['id']}"
    assert client.post(path, {"metadata[why]": "asked"})["metadata"] == {"why": "asked"}
    assert client.post(path, {"metadata[why]": "asked"}) == client.get(path)
    assert client.refusal("POST", path, {"amount": "5"}).body["param"] == "amount"


def test_one_key_refunds_once(client: Client, paid: str) -> None:
    wishes = {"payment_intent": paid, "amount": "400"}
    first = client.call("POST", REFUNDS, wishes, "refund:1")
    assert client.call("POST", REFUNDS, wishes, "refund:1").body == first.body
    assert charge_of(client, paid)["amount_refunded"] == 400
    other = client.call("POST", REFUNDS, {**wishes, "amount": "500"}, "refund:1")
    assert (other.status, other.body["error"]["type"]) == (400, "idempotency_error")
