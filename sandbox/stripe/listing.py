"""Lists: filtered, newest first, a page at a time."""

import operator
from collections.abc import Callable
from fnmatch import fnmatchcase

from sandbox.stripe.book import Book, Record

BOUNDS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
PAGING = {"created", "ending_before", "expand", "limit", "starting_after"}
USUAL = 10

Fits = Callable[[Record, object], bool]


def _status_of_subscription(subscription: Record, wish: object) -> bool:
    if wish == "all":
        return True
    if wish == "ended":
        return bool(subscription["status"] == "canceled")
    return bool(subscription["status"] == wish)


def _subscription_of_invoice(invoice: Record, wish: object) -> bool:
    details = invoice["parent"]["subscription_details"]
    return bool(details["subscription"] == wish)


def _email_of_session(session: Record, wish: object) -> bool:
    details = session["customer_details"] or {}
    return isinstance(wish, dict) and details.get("email") == wish["email"]


def _one_of_types(event: Record, wish: object) -> bool:
    return isinstance(wish, list) and event["type"] in wish


def _type_or_pattern(event: Record, wish: object) -> bool:
    return fnmatchcase(event["type"], str(wish))


SPECIAL: dict[tuple[str, str], Fits] = {
    ("subscription", "status"): _status_of_subscription,
    ("invoice", "subscription"): _subscription_of_invoice,
    ("checkout.session", "customer_details"): _email_of_session,
    ("event", "type"): _type_or_pattern,
    ("event", "types"): _one_of_types,
    ("event", "delivery_success"): lambda event, wish: (event["pending_webhooks"] == 0) == wish,
}


def page(book: Book, kind: str, path: str, wishes: Record) -> Record:
    """Return one page of a kind's objects.

    Raises:
        StripeError: the cursor is no object of that kind.
    """
    rows = [each for each in book.every(kind) if _fits(kind, each, wishes)]
    limit = wishes.get("limit", USUAL)
    if "starting_after" in wishes:
        place = _place(book, kind, rows, wishes, "starting_after")
        rows = rows[place:]
    elif "ending_before" in wishes:
        place = _place(book, kind, rows, wishes, "ending_before") - 1
        rest = rows[: max(place, 0)]
        shown = rest[-limit:]
        return _as_list(shown, path, more=len(rest) > len(shown))
    return _as_list(rows[:limit], path, more=len(rows) > limit)


def _as_list(rows: list[Record], path: str, *, more: bool) -> Record:
    return {"object": "list", "data": rows, "has_more": more, "url": path}


def _place(book: Book, kind: str, rows: list[Record], wishes: Record, name: str) -> int:
    """How many rows there are up to and with the cursor; it may itself be filtered out."""
    cursor = book.get(kind, wishes[name], param=name)
    ids = [row["id"] for row in rows]
    if cursor["id"] in ids:
        return ids.index(cursor["id"]) + 1
    return sum(row["created"] > cursor["created"] for row in rows)


def _fits(kind: str, body: Record, wishes: Record) -> bool:
    if kind == "subscription" and "status" not in wishes and body["status"] == "canceled":
        return False
    if not _created_fits(body["created"], wishes.get("created", {})):
        return False
    for name in wishes.keys() - PAGING:
        special = SPECIAL.get((kind, name))
        if special is not None:
            if not special(body, wishes[name]):
                return False
        elif body[name] != wishes[name]:
            return False
    return True


def _created_fits(created: int, wish: int | dict[str, int]) -> bool:
    if isinstance(wish, int):
        return created == wish
    return all(BOUNDS[bound](created, limit) for bound, limit in wish.items())
