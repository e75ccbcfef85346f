"""`expand[]`: ids that are answered as whole objects, and lists shown only when asked for."""

from collections.abc import Callable

from sandbox.stripe.book import Book, Record
from sandbox.stripe.checkout import line_items_of
from sandbox.stripe.errors import StripeError
from sandbox.stripe.invoicing import payments_of
from sandbox.stripe.refunding import refunds_of

DEEPEST = 4  # docs.stripe.com/api/expanding_objects; `data` counts

EXPANDABLE = {
    "balance_transaction": {"source"},
    "charge": {"balance_transaction", "customer", "payment_intent"},
    "checkout.session": {"customer", "invoice", "payment_intent", "subscription"},
    "dispute": {"charge", "payment_intent"},
    "invoice": {"customer"},
    "invoice_payment": {"invoice"},
    "line_item": {"subscription"},
    "mandate": {"payment_method"},
    "payment_intent": {"customer", "latest_charge", "payment_method"},
    "payment_method": {"customer"},
    "payout": {"balance_transaction", "failure_balance_transaction"},
    "price": {"product"},
    "radar.early_fraud_warning": {"charge", "payment_intent"},
    "refund": {"balance_transaction", "charge", "failure_balance_transaction", "payment_intent"},
    "subscription": {"customer", "default_payment_method", "latest_invoice"},
    # The unnamed parts of invoices and customers.
    None: {"default_payment_method", "payment_intent", "subscription", "price"},
}

INCLUDED: dict[tuple[str | None, str], Callable[[Book, Record], Record]] = {
    ("charge", "refunds"): refunds_of,
    ("checkout.session", "line_items"): line_items_of,
    ("invoice", "payments"): lambda book, invoice: payments_of(book, invoice["id"]),
}


def expand(book: Book, body: Record, paths: list[str]) -> Record:
    """Return `body` with every path expanded.

    Raises:
        StripeError: a path that cannot be.
    """
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property"
            raise StripeError(400, "invalid_request_error", message, param="expand")
        if body.get("object") == "list" and steps[0] != "data":
            raise _refusal(path)
        _expand(book, body, steps, path)
    return body


def _expand(book: Book, body: Record, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    name = body.get("object")
    if (name, step) in INCLUDED:
        body.setdefault(step, INCLUDED[name, step](book, body))
    if step not in body or name == "event":
        raise _refusal(path)
    value = body[step]
    asked = step in EXPANDABLE.get(name, ()) or (name, step) in INCLUDED
    if not asked and (not rest or isinstance(value, str)):
        raise _refusal(path)
    if isinstance(value, str):
        value = body[step] = book.find(value) or value
    if rest:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                _expand(book, each, rest, path)


def _refusal(path: str) -> StripeError:
    message = (
        f"This property cannot be expanded ({path}). You may want to try expanding another"
        " property, or may have typed its name wrongly."
    )
    return StripeError(400, "invalid_request_error", message, param="expand")
