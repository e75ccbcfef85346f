"""What Stripe refuses in a Session beyond the kinds of its parameters (docs.stripe.com/api)."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.stripe.book import Record
from sandbox.stripe.errors import StripeError, invalid

SMALLEST, LARGEST = 30, 99_999_999  # pence
HALF_HOUR, DAY = 1_800, 86_400
PRICE_DATA = "line_items[0][price_data]"


class Rule(NamedTuple):
    """A fault: when it is there, the parameter it lies in, and Stripe's words and code."""

    broken: Callable[[Record], bool]
    param: str
    words: str
    code: str | None = None


def _recurring(wishes: Record) -> list[bool]:
    return ["recurring" in line["price_data"] for line in wishes["line_items"]]


def _total(wishes: Record) -> int:
    lines = wishes["line_items"]
    return sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)


def _in_mode(mode: str, name: str) -> Callable[[Record], bool]:
    return lambda wishes: wishes["mode"] == mode and name in wishes


RULES = (
    Rule(
        lambda wishes: "customer" in wishes and "customer_email" in wishes,
        "customer_email",
        "You may only specify one of these parameters: customer, customer_email.",
    ),
    Rule(
        _in_mode("subscription", "payment_intent_data"),
        "payment_intent_data",
        "You can not pass `payment_intent_data` in `subscription` mode.",
    ),
    Rule(
        _in_mode("payment", "subscription_data"),
        "subscription_data",
        "You can not pass `subscription_data` in `payment` mode.",
    ),
    Rule(
        _in_mode("subscription", "customer_creation"),
        "customer_creation",
        "`customer_creation` can only be used in `payment` and `setup` mode.",
    ),
    Rule(
        lambda wishes: wishes["mode"] == "payment" and wishes.get("submit_type") == "subscribe",
        "submit_type",
        "`submit_type` `subscribe` can only be used in `subscription` mode.",
    ),
    Rule(
        lambda wishes: wishes["mode"] == "payment" and any(_recurring(wishes)),
        f"{PRICE_DATA}[recurring]",
        "You specified `payment` mode but passed a recurring price. Either switch to"
        " `subscription` mode or use only one-time prices.",
    ),
    Rule(
        lambda wishes: wishes["mode"] == "subscription" and not all(_recurring(wishes)),
        f"{PRICE_DATA}[recurring]",
        "You must provide at least one recurring price in `subscription` mode when using prices."
        " The sandbox does not mix one-time prices in.",
    ),
    Rule(
        lambda wishes: (
            {"allowed_payment_method_types", "excluded_payment_method_types"} <= wishes.keys()
        ),
        "excluded_payment_method_types",
        "You may only specify one of these parameters: allowed_payment_method_types,"
        " excluded_payment_method_types.",
    ),
    Rule(
        lambda wishes: _total(wishes) < SMALLEST,
        f"{PRICE_DATA}[unit_amount]",
        "The Checkout Session's total amount due must add up to at least £0.30 gbp",
        "amount_too_small",
    ),
    Rule(
        lambda wishes: _total(wishes) > LARGEST,
        f"{PRICE_DATA}[unit_amount]",
        "The Checkout Session's total amount due must be no more than £999,999.99",
        "amount_too_large",
    ),
)


def check_session(wishes: Record, *, now: int) -> None:
    """Raise the first fault of a Session's parameters.

    Raises:
        StripeError: 400 with the parameter at fault.
    """
    for rule in RULES:
        if rule.broken(wishes):
            raise invalid(rule.words, rule.param, rule.code)
    fault = _expiry_fault(wishes.get("expires_at", now + DAY) - now)
    if fault is not None:
        raise fault


def lasts_long_enough(lifetime: int) -> bool:
    """Whether a Session may be open for so many seconds."""
    return HALF_HOUR <= lifetime <= DAY


def _expiry_fault(lifetime: int) -> StripeError | None:
    if lasts_long_enough(lifetime):
        return None
    bound = "at least 30 minutes" if lifetime < HALF_HOUR else "less than 24 hours"
    words = f"The `expires_at` timestamp must be {bound} from Checkout Session creation."
    return invalid(words, "expires_at")
