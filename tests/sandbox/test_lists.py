import pytest

from sandbox.handle import Sandbox
from tests.sandbox.client import MONTHLY, ONCE, Client

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def three(client: Client) -> list[str]:
    """The ids of three open sessions, newest first."""
    return [client.open_session(ONCE)["id"] for _ in range(3)][::-1]


def ids(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["id"] for each in page["data"]]


def test_a_list_comes_newest_first_a_page_at_a_time(client: Client, three: list[str]) -> None:
    page = client.get(SESSIONS, limit="2")
    assert (ids(page), page["has_more"]) == (three[:2], True)
    rest = client.get(SESSIONS, limit="2", starting_after=three[1])
    assert (ids(rest), rest["has_more"]) == (three[2:], False)
    back = client.get(SESSIONS, ending_before=three[2], limit="1")
    assert (ids(back), back["has_more"]) == ([three[1]], True)
    assert ids(client.get(SESSIONS, ending_before=three[0])) == []


def test_a_cursor_that_the_filter_leaves_out_still_holds_its_place(
    client: Client, three: list[str]
) -> None:
    client.post(f"{SESSIONS}/{three[1]}/expire")
    page = client.get(SESSIONS, status="open", starting_after=three[0])
    assert ids(page) == three[2:]


def test_an_unknown_cursor_is_refused(client: Client, three: list[str]) -> None:
    fault = client.refusal("GET", SESSIONS, {"starting_after": "cs_test_none"})
    assert (fault.status, fault.body["param"]) == (400, "starting_after")


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_a_page_holds_one_to_a_hundred(client: Client, limit: str) -> None:
    assert client.refusal("GET", SESSIONS, {"limit": limit}).body["param"] == "limit"


def test_a_list_is_filtered_by_time(client: Client, three: list[str]) -> None:
    created = client.session(three[0])["created"]
    assert client.get(SESSIONS, **{"created[gt]": str(created)})["data"] == []
    assert three[0] in ids(client.get(SESSIONS, **{"created[gte]": str(created)}))
    assert client.get(SESSIONS, **{"created[lt]": str(created - 60)})["data"] == []
    assert client.get(SESSIONS, created=str(created + 60))["data"] == []


def test_sessions_are_found_by_what_came_of_them(client: Client, sandbox: Sandbox) -> None:
    gift = client.paid_session(sandbox, ONCE)
    due = client.paid_session(sandbox, MONTHLY)
    client.open_session(ONCE)
    assert ids(client.get(SESSIONS, payment_intent=gift["payment_intent"])) == [gift["id"]]
    assert ids(client.get(SESSIONS, subscription=due["subscription"])) == [due["id"]]
    assert ids(client.get(SESSIONS, customer=due["customer"])) == [due["id"]]
    assert ids(client.get(SESSIONS, status="complete")) == [due["id"], gift["id"]]
    by_email = client.get(SESSIONS, **{"customer_details[email]": "sam@example.org"})
    assert ids(by_email) == [due["id"], gift["id"]]


def test_ended_subscriptions_are_listed_when_asked_for(client: Client, sandbox: Sandbox) -> None:
    subscription = client.paid_session(sandbox, MONTHLY)["subscription"]
    client.call("DELETE", f"/v1/subscriptions/{subscription}")
    assert client.get("/v1/subscriptions")["data"] == []
    assert client.get("/v1/subscriptions", status="active")["data"] == []
    for status in ("all", "canceled", "ended"):
        assert ids(client.get("/v1/subscriptions", status=status)) == [subscription]


def test_customers_are_found_by_address_and_changed(client: Client) -> None:
    sam = client.post("/v1/customers", {"email": "sam@example.org", "metadata[a]": "1"})
    client.post("/v1/customers", {"email": "kim@example.org"})
    assert ids(client.get("/v1/customers", email="sam@example.org")) == [sam["id"]]
    changed = client.post(
        f"/v1/customers/{sam['id']}", {"name": "Sam", "email": "", "metadata[b]": "2"}
    )
    assert (changed["name"], changed["email"]) == ("Sam", None)
    assert changed["metadata"] == {"a": "1", "b": "2"}
    assert client.get(f"/v1/customers/{sam['id']}") == changed


def test_events_are_listed_by_kind_and_by_delivery(client: Client, sandbox: Sandbox) -> None:
    client.paid_session(sandbox, ONCE)
    sandbox.quiesce()
    [completed] = client.get("/v1/events", type="checkout.session.completed")["data"]
    assert client.get(f"/v1/events/{completed['id']}") == completed
    assert completed["pending_webhooks"] == 0
    assert len(client.get("/v1/events", type="charge.*")["data"]) == 2
    wishes = {"types[0]": "charge.updated", "types[1]": "charge.succeeded"}
    assert len(client.get("/v1/events", **wishes)["data"]) == 2
    assert client.get("/v1/events", delivery_success="false")["data"] == []
    sandbox.serve(None)
    client.open_session(ONCE)
    sandbox.expire(client.open_session(ONCE)["id"])
    [waiting] = client.get("/v1/events", delivery_success="false")["data"]
    assert waiting["type"] == "checkout.session.expired"


def test_a_lists_members_are_expanded_through_data(client: Client, sandbox: Sandbox) -> None:
    client.paid_session(sandbox, ONCE)
    path = "data.payment_intent.latest_charge"
    [session] = client.get(SESSIONS, **{"expand[]": path})["data"]
    assert session["payment_intent"]["latest_charge"]["paid"] is True


@pytest.mark.parametrize(
    "path",
    ["payment_intent", "data.colour", "data.id", "data.metadata", "data",
     "data.payment_intent.latest_charge.balance_transaction.source"],
)  # fmt: skip
def test_what_cannot_be_expanded_is_refused(client: Client, sandbox: Sandbox, path: str) -> None:
    client.paid_session(sandbox, ONCE)
    fault = client.refusal("GET", SESSIONS, {"expand[0]": path})
    assert (fault.status, fault.body["type"]) == (400, "invalid_request_error")


def test_everything_of_a_subscription_is_expanded_together(
    client: Client, sandbox: Sandbox
) -> None:
    session = client.paid_session(sandbox, MONTHLY)
    whole = client.session(
        session["id"],
        "customer",
        "invoice.payments",
        "subscription.latest_invoice",
        "line_items.data.price.product",
    )
    assert whole["customer"]["email"] == "sam@example.org"
    assert whole["invoice"]["id"] == whole["subscription"]["latest_invoice"]["id"]
    assert len(whole["invoice"]["payments"]["data"]) == 1
    assert whole["line_items"]["data"][0]["price"]["product"]["name"] == "Fighting Fund"
