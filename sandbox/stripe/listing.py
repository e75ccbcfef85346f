"""Lists: filtered, newest first, a page at a time."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import islice

from sandbox.stripe.book import Book, Record
from sandbox.stripe.errors import missing_resource
from sandbox.stripe.links import LINKS, TIES

BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
PAGING = {"created", "ending_before", "expand", "limit", "starting_after"}
USUAL = 10

RANGES = {"arrival_date"}

Fits = Callable[[Record, object], bool]


def _status_of_subscription(subscription: Record, wish: object) -> bool:
    if wish == "all":
        return True
    if wish == "ended":
        return bool(subscription["status"] == "canceled")
    return bool(subscription["status"] == wish)


def _email_of_session(session: Record, wish: object) -> bool:
    details = session["customer_details"] or {}
    return isinstance(wish, dict) and details.get("email") == wish["email"]


def _one_of_types(event: Record, wish: object) -> bool:
    return isinstance(wish, list) and event["type"] in wish


def _type_or_pattern(event: Record, wish: object) -> bool:
    return fnmatchcase(event["type"], str(wish))


def _payment_of_invoice(payment: Record, wish: object) -> bool:
    intent = payment["payment"]["payment_intent"]
    return isinstance(wish, dict) and wish.get("payment_intent", intent) == intent


# Filters that SQL does not know.
SPECIAL: dict[tuple[str, str], Fits] = {
    ("subscription", "status"): _status_of_subscription,
    ("checkout.session", "customer_details"): _email_of_session,
    ("event", "type"): _type_or_pattern,
    ("event", "types"): _one_of_types,
    ("event", "delivery_success"): lambda event, wish: (event["pending_webhooks"] == 0) == wish,
    ("invoice_payment", "payment"): _payment_of_invoice,
}


def page(book: Book, kind: str, path: str, wishes: Record) -> Record:
    """Return one page of a kind's objects.

    Raises:
        StripeError: the cursor is no object of that kind.
    """
    limit = wishes.get("limit", USUAL)
    back = "ending_before" in wishes
    rows = list(islice(_rows(book, kind, wishes, back=back), limit + 1))
    shown = rows[:limit]
    return {
        "object": "list",
        "data": shown[::-1] if back else shown,
        "has_more": len(rows) > limit,
        "url": path,
    }


def _rows(book: Book, kind: str, wishes: Record, *, back: bool) -> Iterator[Record]:
    """What fits, from the cursor on; `back` is towards the newer."""
    where, values, links = _in_sql(kind, wishes)
    cursor = wishes.get("ending_before") or wishes.get("starting_after")
    if cursor:
        row = book.connection.execute(
            "SELECT created, seq FROM objects WHERE kind = ? AND id = ?", (kind, cursor)
        ).fetchone()
        if row is None:
            name = "ending_before" if back else "starting_after"
            raise missing_resource(kind, cursor, name)
        where += f" AND (created, seq) {'>' if back else '<'} (?, ?)"
        values += [row["created"], row["seq"]]
    rows = book.select(kind, where, values, links, back=back)
    return (body for body in rows if _fits(kind, body, wishes))


def _in_sql(kind: str, wishes: Record) -> tuple[str, list[object], dict[str, str]]:
    """The filters that SQL knows, as conditions and their values, and as links."""
    where, values = _range("created", wishes.get("created", {}))
    links = {}
    for name in sorted(wishes.keys() - PAGING):
        found = f"json_extract(body, '$.{name}')"
        if (kind, name) in SPECIAL:
            continue
        if name in LINKS.get(kind, {}) or (kind, name) in TIES:
            links[name] = wishes[name]
        elif name in RANGES:
            more, limits = _range(found, wishes[name])
            where += more
            values += limits
        else:
            where += f" AND {found} = ?"
            values.append(wishes[name])
    return where, values, links


def _range(what: str, wish: int | dict[str, int]) -> tuple[str, list[object]]:
    if isinstance(wish, int):
        return f" AND {what} = ?", [wish]
    where = "".join(f" AND {what} {BOUNDS[bound]} ?" for bound in wish)
    return where, list(wish.values())


def _fits(kind: str, body: Record, wishes: Record) -> bool:
    if kind == "subscription" and "status" not in wishes and body["status"] == "canceled":
        return False
    return all(
        SPECIAL[kind, name](body, wishes[name])
        for name in wishes.keys() - PAGING
        if (kind, name) in SPECIAL
    )
