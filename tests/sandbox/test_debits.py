import pytest
import requests

from sandbox.handle import Sandbox
from tests.sandbox.client import MONTHLY, ONCE, Client, types
from tests.sandbox_controls import CannotDo, Controls

GOOD, POOR, REVOKING, CLAIMING = "00012345", "22222227", "33333335", "55555559"
BEGUN = [
    "customer.created",
    "payment_intent.created",
    "payment_method.attached",
    "charge.pending",
    "payment_intent.processing",
    "checkout.session.completed",
]


def begun(client: Client, controls: Controls, account: str, base: dict[str, str] = ONCE) -> str:
    """Begin a Direct Debit; return the Session's id."""
    session = client.open_session(base)
    assert controls.pay(session["id"], account=account) == "done"
    return str(session["id"])


def test_a_debit_is_complete_but_unpaid_until_it_settles(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    session_id = begun(client, controls, GOOD)
    session = client.session(session_id, "payment_intent.latest_charge")
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    intent = session["payment_intent"]
    assert (intent["status"], intent["amount_received"]) == ("processing", 0)
    charge = intent["latest_charge"]
    assert (charge["status"], charge["paid"], charge["balance_transaction"]) == (
        "pending",
        False,
        None,
    )
    controls.advance(3)
    assert client.session(session_id)["payment_status"] == "unpaid"
    controls.advance(2)
    assert client.session(session_id)["payment_status"] == "paid"
    sandbox.quiesce()
    assert types(sandbox) == [
        *BEGUN,
        "mandate.updated",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ]
    charge = client.get(f"/v1/charges/{charge['id']}", **{"expand[]": "balance_transaction"})
    moved = charge["balance_transaction"]
    assert (moved["type"], moved["amount"], moved["fee"]) == ("payment", 1000, 30)


@pytest.mark.parametrize(
    ("account", "code", "mandate"),
    [(POOR, "insufficient_funds", "pending"), (REVOKING, "debit_not_authorized", "inactive")],
)
def test_a_debit_is_sent_back_after_some_days(
    client: Client, sandbox: Sandbox, controls: Controls, account: str, code: str, mandate: str
) -> None:
    session_id = begun(client, controls, account)
    controls.advance(5)
    session = client.session(session_id, "payment_intent.latest_charge")
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    intent = session["payment_intent"]
    assert (intent["status"], intent["last_payment_error"]["code"]) == (
        "requires_payment_method",
        code,
    )
    charge = intent["latest_charge"]
    assert (charge["status"], charge["failure_code"]) == ("failed", code)
    assert charge["balance_transaction"] is None
    found = charge["payment_method_details"]["bacs_debit"]["mandate"]
    assert client.get(f"/v1/mandates/{found}")["status"] == mandate
    sandbox.quiesce()
    assert types(sandbox) == [
        *BEGUN,
        "charge.failed",
        "payment_intent.payment_failed",
        *(["mandate.updated"] if mandate == "inactive" else []),
        "checkout.session.async_payment_failed",
    ]


def test_the_day_may_be_brought_forward(client: Client, controls: Controls) -> None:
    first, second = begun(client, controls, GOOD), begun(client, controls, GOOD)
    controls.settle_debit(client.session(first)["payment_intent"])
    failed = client.session(second)["payment_intent"]
    controls.fail_debit(failed, "account_closed")
    with pytest.raises(CannotDo, match="no debit is under way"):
        controls.settle_debit(failed)
    controls.advance(10)
    assert client.session(first)["payment_status"] == "paid"
    assert client.session(second)["payment_status"] == "unpaid"


def test_a_settled_debit_may_be_claimed_back_for_good(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    intent = client.session(begun(client, controls, CLAIMING))["payment_intent"]
    controls.advance(5)
    [dispute] = client.get("/v1/disputes", payment_intent=intent)["data"]
    assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")
    assert dispute["balance_transactions"][0]["amount"] == -1000
    sandbox.quiesce()
    assert types(sandbox)[-3:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]
    with pytest.raises(CannotDo):
        controls.close_dispute(dispute["id"], "won")


def test_long_after_a_debit_the_bank_may_still_take_it_back(
    client: Client, controls: Controls
) -> None:
    intent = client.session(begun(client, controls, GOOD))["payment_intent"]
    controls.advance(200)
    assert controls.dispute(intent, "insufficient_funds")["status"] == "lost"


def test_a_debit_is_refunded_like_any_payment(client: Client, controls: Controls) -> None:
    intent = client.session(begun(client, controls, GOOD))["payment_intent"]
    controls.advance(5)
    refund = client.post("/v1/refunds", {"payment_intent": intent, "amount": "400"})
    moved = client.get(f"/v1/balance_transactions/{refund['balance_transaction']}")
    assert (moved["type"], moved["net"]) == ("payment_refund", -400)


def test_a_monthly_debit_is_active_while_its_first_payment_is_under_way(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    session_id = begun(client, controls, GOOD, MONTHLY)
    session = client.session(session_id, "subscription", "invoice")
    assert (session["payment_status"], session["subscription"]["status"]) == ("unpaid", "active")
    assert session["invoice"]["status"] == "open"
    controls.advance(5)
    session = client.session(session_id, "invoice")
    assert (session["payment_status"], session["invoice"]["status"]) == ("paid", "paid")
    controls.renew(session["subscription"])
    [renewal, _] = client.get("/v1/invoices")["data"]
    assert (renewal["billing_reason"], renewal["status"]) == ("subscription_cycle", "open")
    controls.advance(5)
    assert client.get(f"/v1/invoices/{renewal['id']}")["status"] == "paid"
    sandbox.quiesce()
    assert types(sandbox).count("checkout.session.async_payment_succeeded") == 1


def test_a_monthly_debit_that_fails_is_tried_again_and_given_up(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    controls.habits(retry_days="1,1,1")
    session_id = begun(client, controls, POOR, MONTHLY)
    subscription = f"/v1/subscriptions/{client.session(session_id)['subscription']}"
    controls.advance(5)
    assert client.get(subscription)["status"] == "past_due"
    controls.advance(20)
    assert client.get(subscription)["status"] == "canceled"
    sandbox.quiesce()
    assert types(sandbox).count("checkout.session.async_payment_failed") == 1
    assert types(sandbox).count("invoice.payment_failed") == 4


def test_the_bank_may_revoke_a_mandate(
    client: Client, sandbox: Sandbox, controls: Controls
) -> None:
    session = client.session(begun(client, controls, GOOD), "payment_intent.latest_charge")
    details = session["payment_intent"]["latest_charge"]["payment_method_details"]
    controls.advance(5)
    mandate = controls.revoke_mandate(details["bacs_debit"]["mandate"], "account_closed")
    assert mandate["status"] == "inactive"
    bacs = mandate["payment_method_details"]["bacs_debit"]
    assert (bacs["network_status"], bacs["revocation_reason"]) == ("revoked", "account_closed")
    sandbox.quiesce()
    assert types(sandbox)[-1] == "mandate.updated"


def test_the_page_takes_an_account_where_debits_are_offered(client: Client) -> None:
    session = client.open_session(ONCE)
    form = {"method": "bacs_debit", "sort_code": "10-88-00", "account": GOOD}
    assert 'value="bacs_debit"' in requests.get(session["url"], timeout=10).text
    wrong = requests.post(session["url"], {**form, "account": "12345678"}, timeout=10)
    assert (wrong.status_code, "test accounts" in wrong.text) == (422, True)
    paid = requests.post(session["url"], form, allow_redirects=False, timeout=10)
    assert paid.status_code == 303
    assert client.session(session["id"])["payment_status"] == "unpaid"


@pytest.mark.parametrize(
    "but", [{"excluded_payment_method_types[0]": "bacs_debit"},
            {"allowed_payment_method_types[0]": "card"}]
)  # fmt: skip
def test_the_page_takes_no_account_where_debits_are_not_offered(
    client: Client, but: dict[str, str]
) -> None:
    session = client.open_session(ONCE, **but)
    assert session["payment_method_types"] == ["card"]
    assert "Account number" not in requests.get(session["url"], timeout=10).text
    form = {"method": "bacs_debit", "account": GOOD}
    assert requests.post(session["url"], form, timeout=10).status_code == 422


def test_a_session_must_offer_something(client: Client) -> None:
    but = {"allowed_payment_method_types[0]": "klarna"}
    fault = client.refusal("POST", "/v1/checkout/sessions", {**ONCE, **but})
    assert fault.body["param"] == "allowed_payment_method_types"
