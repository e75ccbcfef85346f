"""What can be done to subscriptions from outside the API: by givers, networks, the dashboard."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe import playing
from sandbox.stripe.takes import Checker, boolean, group, integer, text
from sandbox.world import World

OF_GIVERS: dict[str, tuple[Checker, Callable[[World, dict[str, Any]], Any], str]] = {
    "renew": (
        group({"subscription": text()}, required=("subscription",)),
        playing.renew,
        "end a subscription's period now, or try again where payment failed",
    ),
    "change_card": (
        group(
            {"subscription": text(), "card": text(), "account": text()},
            required=("subscription",),
        ),
        playing.change_card,
        "let a subscription be paid by another card or account",
    ),
    "change_expiry": (
        group(
            {
                "subscription": text(),
                "month": integer(1, 12),
                "year": integer(2000, 2099),
                "by_network": boolean,
            },
            required=("subscription", "month", "year"),
        ),
        playing.change_expiry,
        "let a subscription's card be valid until another month; by its network unless told",
    ),
    "change_subscription": (
        group(
            {
                "subscription": text(),
                "amount": integer(1),
                "pause_days": integer(1, 4000),
                "unpause": boolean,
            },
            required=("subscription",),
        ),
        playing.change_subscription,
        "change a subscription in the dashboard: its amount in pence, a pause",
    ),
}
