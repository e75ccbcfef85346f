"""The real `stripe` library against the stand-in."""

import time

import pytest
import stripe

from sandbox.handle import Sandbox
from tests.sandbox.client import KEY, SHOP

UUID = "3f1c9a52-0000-4000-8000-000000000002"


@pytest.fixture
def library(sandbox: Sandbox) -> stripe.StripeClient:
    return stripe.StripeClient(
        KEY,
        stripe_version="2026-10-28.endive",
        base_addresses={"api": sandbox.stripe},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=10),
    )


def open_session(
    library: stripe.StripeClient, *, monthly: bool, key: str
) -> stripe.checkout.Session:
    price: stripe.params.checkout.SessionCreateParamsLineItemPriceData = {
        "currency": "gbp",
        "unit_amount": 500,
        "product_data": {"name": "Fighting Fund"},
    }
    params: stripe.params.checkout.SessionCreateParams = {
        "mode": "subscription" if monthly else "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "customer_email": "sam@example.org",
        "client_reference_id": UUID,
        "metadata": {"donation": UUID},
        "submit_type": "donate",
        "success_url": f"{SHOP}/thanks?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{SHOP}/cancelled",
        "expires_at": int(time.time()) + 3_600,
    }
    if monthly:
        price["recurring"] = {"interval": "month"}
        params["subscription_data"] = {"metadata": {"donation": UUID}}
    else:
        params["payment_intent_data"] = {"metadata": {"donation": UUID}}
    return library.v1.checkout.sessions.create(params, {"idempotency_key": key})


def test_a_gift_by_the_library(library: stripe.StripeClient, sandbox: Sandbox) -> None:
    session = open_session(library, monthly=False, key="a")
    assert session.url is not None
    assert open_session(library, monthly=False, key="a").id == session.id
    sandbox.pay(session.url)
    sandbox.quiesce()
    paid = library.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert charge.balance_transaction.fee == 28
    assert library.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert library.v1.charges.retrieve(charge.id).paid
    found = library.v1.balance_transactions.retrieve(charge.balance_transaction.id)
    assert found.net == 472


def test_a_monthly_gift_by_the_library(library: stripe.StripeClient, sandbox: Sandbox) -> None:
    session = open_session(library, monthly=True, key="b")
    assert session.url is not None
    sandbox.pay(session.url)
    paid = library.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert isinstance(paid.subscription, stripe.Subscription)
    assert isinstance(paid.invoice, str)
    invoice = library.v1.invoices.retrieve(
        paid.invoice, {"expand": ["payments.data.payment.payment_intent"]}
    )
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == paid.subscription.id
    assert invoice.payments is not None
    assert isinstance(invoice.payments.data[0].payment.payment_intent, stripe.PaymentIntent)
    library.v1.subscriptions.update(paid.subscription.id, {"cancel_at_period_end": True})
    portal = library.v1.billing_portal.sessions.create({"customer": str(paid.customer)})
    assert portal.url.startswith(sandbox.stripe)
    ended = library.v1.subscriptions.cancel(
        paid.subscription.id, {"cancellation_details": {"feedback": "other"}}
    )
    assert ended.status == "canceled"


def test_lists_page_through_by_the_library(library: stripe.StripeClient) -> None:
    made = [open_session(library, monthly=False, key=str(number)).id for number in range(5)]
    listed = library.v1.checkout.sessions.list({"limit": 2, "status": "open"})
    assert [session.id for session in listed.auto_paging_iter()] == made[::-1]
    library.v1.checkout.sessions.expire(made[0])
    events = library.v1.events.list({"types": ["checkout.session.expired"]})
    assert library.v1.events.retrieve(events.data[0].id).type == "checkout.session.expired"


def test_customers_by_the_library(library: stripe.StripeClient) -> None:
    customer = library.v1.customers.create({"email": "kim@example.org", "name": "Kim"})
    library.v1.customers.update(customer.id, {"metadata": {"person": UUID}})
    assert library.v1.customers.retrieve(customer.id).to_dict()["metadata"] == {"person": UUID}
    assert library.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data == []
    assert library.v1.invoices.list({"customer": customer.id}).data == []


def test_the_librarys_errors_tell_refusals_apart(
    library: stripe.StripeClient, sandbox: Sandbox
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        library.v1.checkout.sessions.retrieve("cs_test_none")
    assert refused.value.code == "resource_missing"
    open_session(library, monthly=False, key="c")
    with pytest.raises(stripe.IdempotencyError):
        open_session(library, monthly=True, key="c")
    stranger = stripe.StripeClient("sk_live_abc", base_addresses={"api": sandbox.stripe})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()
    sandbox.fail_next_call(500)
    with pytest.raises(stripe.APIError):
        open_session(library, monthly=False, key="d")
