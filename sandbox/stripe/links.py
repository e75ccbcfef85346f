"""What objects are found by besides their ids: the other objects that they name."""

from typing import Any

Record = dict[str, Any]

# Kinds, and for each the names of its links with the steps to their values.
LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "balance_transaction": {"source": ("source",)},
    "billing_portal.session": {"url": ("url",)},
    "charge": {"customer": ("customer",), "payment_intent": ("payment_intent",)},
    "checkout.session": {
        "customer": ("customer",),
        "payment_intent": ("payment_intent",),
        "subscription": ("subscription",),
    },
    "customer": {"email": ("email",)},
    "dispute": {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    "invoice": {
        "customer": ("customer",),
        "subscription": ("parent", "subscription_details", "subscription"),
    },
    "invoice_payment": {
        "invoice": ("invoice",),
        "payment_intent": ("payment", "payment_intent"),
    },
    "payment_intent": {"customer": ("customer",)},
    "radar.early_fraud_warning": {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    "refund": {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    "subscription": {"customer": ("customer",)},
}
# Links that are not in the object itself: they are made by `Book.tie`.
TIES = {("balance_transaction", "payout")}


def links_of(body: Record) -> dict[str, str]:
    """The links of an object, those that are set."""
    found: dict[str, str] = {}
    for name, steps in LINKS.get(body["object"], {}).items():
        value: Any = body
        for step in steps:
            value = value[step]
        if value is not None:
            found[name] = value
    return found
