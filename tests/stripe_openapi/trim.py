"""Cut Stripe's OpenAPI description down to what this project uses, and carry it to endive.

    python tests/stripe_openapi/trim.py PATH/TO/spec3.json

Writes `stripe.json` beside this file. README.md says what is left out and why.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

OPERATIONS = {
    "/v1/checkout/sessions": ("get", "post"),
    "/v1/checkout/sessions/{session}": ("get",),
    "/v1/checkout/sessions/{session}/expire": ("post",),
    "/v1/customers": ("get", "post"),
    "/v1/customers/{customer}": ("get", "post"),
    "/v1/payment_methods/{payment_method}": ("get",),
    "/v1/mandates/{mandate}": ("get",),
    "/v1/subscriptions": ("get",),
    "/v1/subscriptions/{subscription_exposed_id}": ("get", "post", "delete"),
    "/v1/invoices": ("get",),
    "/v1/invoices/{invoice}": ("get",),
    "/v1/invoice_payments": ("get",),
    "/v1/invoice_payments/{invoice_payment}": ("get",),
    "/v1/payment_intents": ("get",),
    "/v1/payment_intents/{intent}": ("get",),
    "/v1/charges": ("get",),
    "/v1/charges/{charge}": ("get",),
    "/v1/refunds": ("get", "post"),
    "/v1/refunds/{refund}": ("get", "post"),
    "/v1/disputes": ("get",),
    "/v1/disputes/{dispute}": ("get", "post"),
    "/v1/disputes/{dispute}/close": ("post",),
    "/v1/radar/early_fraud_warnings": ("get",),
    "/v1/radar/early_fraud_warnings/{early_fraud_warning}": ("get",),
    "/v1/balance": ("get",),
    "/v1/balance_transactions": ("get",),
    "/v1/balance_transactions/{id}": ("get",),
    "/v1/payouts": ("get",),
    "/v1/payouts/{payout}": ("get",),
    "/v1/billing_portal/sessions": ("post",),
    "/v1/events": ("get",),
    "/v1/events/{id}": ("get",),
}

# Schemas of their own endpoints or objects that stay; every other such schema is cut away.
RESOURCES = {
    "balance",
    "balance_transaction",
    "billing_portal.session",
    "charge",
    "checkout.session",
    "customer",
    "deleted_customer",
    "dispute",
    "event",
    "invoice",
    "invoice_payment",
    "item",
    "line_item",
    "mandate",
    "payment_intent",
    "payment_method",
    "payout",
    "price",
    "product",
    "radar.early_fraud_warning",
    "refund",
    "subscription",
    "subscription_item",
}

# The options and details of the many methods of payment; of these card and Bacs debit stay.
METHODS = re.compile(
    r"(payment_method_details|payment_method_options)_(?!card$|card_checks$|card_wallet$|bacs_debit$)"
    r"|(?<!^checkout_session)(?<!^payment_intent)(?<!^invoices)(?<!^subscriptions_resource)"
    r"(?<!^checkout_card)(?<!^checkout_bacs_debit)_payment_method_options$"
    r"|_payment_method_options_(?!card$|bacs_debit$)"
    r"|^payment_method_(?!details|options|config_|card$|card_checks$|card_wallet$|bacs_debit$)"
    r"|^mandate_(?!bacs_debit$|multi_use$|single_use$|payment_method_details$)"
    r"|^refund_destination_details_(?!card$)"
    r"|^destination_details_unimplemented$"
    r"|^refund_next_action"
    r"|^payment_flows_private_payment_methods_alipay$"
    r"|^payment_intent_next_action_(?!redirect_to_url$)"
    r"|^payment_intent_processing_customer"
    r"|^three_d_secure"
    r"|mandate_options"
)

# What 2026-09-30.endive changed, beyond 2026-08-26.dahlia, on the paths kept here.
SESSIONS = "/v1/checkout/sessions"

NOISE = {
    "description",
    "title",
    "x-expandableFields",
    "x-resourceId",
    "x-stripeResource",
    "x-stripeOperations",
    "x-stripeBypassValidation",
    "x-stripeMostCommon",
    "x-stripeParam",
    "operationId",
    "summary",
    "encoding",
    "maxItems",
}


def names_in(node: object) -> Iterator[str]:
    """Every schema that `node` refers to, expansions aside."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.rsplit("/", 1)[-1]
            elif key != "x-expansionResources":
                yield from names_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from names_in(value)


def is_kept(name: str, schemas: dict[str, Any]) -> bool:
    """Whether a schema belongs to what this project sends or takes."""
    if name in RESOURCES:
        return True
    if "x-resourceId" in schemas[name] or name.startswith("deleted_"):
        return False
    return not METHODS.search(name)


def cut(node: Any, kept: set[str]) -> Any:  # noqa: ANN401 - a piece of JSON is any of its kinds
    """Return `node` without noise and without what leads to a schema that is not kept.

    An alternative that is cut falls out of its `anyOf`; where none is left only null remains,
    or the property goes altogether. A list of what is cut stays as an empty list.
    """
    if isinstance(node, list):
        return [cut(value, kept) for value in node]
    if not isinstance(node, dict):
        return node
    pieces = (cut_key(key, value, kept) for key, value in node.items() if key not in NOISE)
    return {key: value for piece in pieces for key, value in piece.items()}


def cut_key(key: str, value: Any, kept: set[str]) -> dict[str, Any]:  # noqa: ANN401 - likewise
    """Cut what stands under one key of a schema."""
    if key in ("properties", "schemas"):
        pruned = {name: cut(inner, kept) for name, inner in value.items()}
        return {key: {name: inner for name, inner in pruned.items() if not is_gone(inner, kept)}}
    if key == "anyOf":
        return {key: [cut(inner, kept) for inner in value if not is_gone(inner, kept)]}
    if key == "items" and is_gone(value, kept):
        return {"maxItems": 0}
    if key == "x-expansionResources":
        return {key: True}
    return {key: cut(value, kept)}


def is_gone(node: object, kept: set[str]) -> bool:
    """Whether nothing of a schema remains."""
    if not isinstance(node, dict):
        return False
    if "$ref" in node:
        return node["$ref"].rsplit("/", 1)[-1] not in kept
    if "anyOf" in node and not node.get("nullable"):
        return all(is_gone(inner, kept) for inner in node["anyOf"])
    return False


def to_endive(spec: dict[str, Any]) -> None:
    """Lay endive over dahlia: dynamic payment methods, filtered by two lists."""
    body = spec["paths"][SESSIONS]["post"]["requestBody"]
    fields = body["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    fields["allowed_payment_method_types"] = fields.pop("payment_method_types")
    session = spec["components"]["schemas"]["checkout.session"]["properties"]
    session["allowed_payment_method_types"] = session["excluded_payment_method_types"]
    spec["info"]["version"] = "2026-10-28.endive"


def trim(full: dict[str, Any]) -> dict[str, Any]:
    """Return the small description."""
    schemas = full["components"]["schemas"]
    paths = {
        path: {method: full["paths"][path][method] for method in methods}
        for path, methods in OPERATIONS.items()
    }
    todo, kept = [*names_in(paths), *RESOURCES], set()
    while todo:
        name = todo.pop()
        if name in kept or not is_kept(name, schemas):
            continue
        kept.add(name)
        todo += names_in(schemas[name])
    small = {
        "openapi": full["openapi"],
        "info": {"title": full["info"]["title"], "version": full["info"]["version"]},
        "paths": cut(paths, kept),
        "components": {"schemas": {name: cut(schemas[name], kept) for name in sorted(kept)}},
    }
    to_endive(small)
    return small


def main() -> None:
    """Read the path on the command line, write `stripe.json`."""
    full = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(trim(full), separators=(",", ":"), sort_keys=True)
    (HERE / "stripe.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
