"""The sandbox's own truth about money, told by who made it and not by the API.

Tests compare a service's ledger with it. All amounts are pence; what leaves is not negated.
"""

from collections import defaultdict
from typing import Any

from sandbox.stripe.book import Book, Record


def all_of(book: Book) -> dict[str, Any]:
    """Every charge with what became of it, every payout, subscription, and the sums."""
    movements = list(book.every("balance_transaction"))[::-1]
    by_source: dict[str, list[Record]] = defaultdict(list)
    for each in movements:
        by_source[each["source"]].append(each)
    rows = book.connection.execute(
        "SELECT id, json_extract(private, '$.payout') AS payout FROM objects"
        " WHERE kind = 'balance_transaction'"
    )
    payout_of = {str(row["id"]): row["payout"] for row in rows}
    refunds = _by(book, "refund", "charge")
    disputes = _by(book, "dispute", "charge")
    origins = _origins(book)
    charges = [
        _charge(charge, refunds[charge["id"]], disputes[charge["id"]], by_source, payout_of)
        | origins(charge)
        for charge in _oldest_first(book, "charge")
    ]
    payouts = [_payout(payout, movements, payout_of) for payout in _oldest_first(book, "payout")]
    return {
        "now": book.now,
        "charges": charges,
        "payouts": payouts,
        "subscriptions": [_subscription(each) for each in _oldest_first(book, "subscription")],
        "totals": _totals(movements),
    }


def _oldest_first(book: Book, kind: str) -> list[Record]:
    return list(book.every(kind))[::-1]


def _by(book: Book, kind: str, field: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for each in _oldest_first(book, kind):
        found[each[field]].append(each)
    return found


def _origins(book: Book) -> Any:  # noqa: ANN401 - a closure over three look-ups
    """What tells where a charge came from: its Session, invoice and subscription."""
    sessions: dict[str, Record] = {}
    for session in book.every("checkout.session"):
        for key in (session["payment_intent"], session["subscription"]):
            if key:
                sessions[key] = session
    invoices = {invoice["id"]: invoice for invoice in book.every("invoice")}
    of_intent = {
        payment["payment"]["payment_intent"]: invoices[payment["invoice"]]
        for payment in book.every("invoice_payment")
    }

    def origin(charge: Record) -> Record:
        invoice = of_intent.get(charge["payment_intent"])
        details = invoice["parent"]["subscription_details"] if invoice else {}
        subscription = details.get("subscription")
        session = sessions.get(subscription or charge["payment_intent"], {})
        return {
            "session": session.get("id"),
            "client_reference_id": session.get("client_reference_id"),
            "invoice": invoice["id"] if invoice else None,
            "subscription": subscription,
        }

    return origin


def _charge(
    charge: Record,
    refunds: list[Record],
    disputes: list[Record],
    by_source: dict[str, list[Record]],
    payout_of: dict[str, Any],
) -> Record:
    own = by_source[charge["id"]]
    shown = ("id", "amount", "status", "failure_reason", "created")
    of_disputes = [each for dispute in disputes for each in by_source[dispute["id"]]]
    return {
        "id": charge["id"],
        "payment_intent": charge["payment_intent"],
        "customer": charge["customer"],
        "metadata": charge["metadata"],
        "created": charge["created"],
        "amount": charge["amount"],
        "method": charge["payment_method_details"]["type"],
        "status": charge["status"],
        "cleared": own[0]["created"] if own else None,
        "fee": own[0]["fee"] if own else None,
        "refunded": charge["amount_refunded"],
        "refunds": [{name: each.get(name) for name in shown} for each in refunds],
        "disputed": charge["disputed"],
        "disputes": [{name: each.get(name) for name in (*shown, "reason")} for each in disputes],
        "withdrawn": -sum(each["amount"] for each in of_disputes),
        "dispute_fees": sum(each["fee"] for each in of_disputes),
        "payout": payout_of[own[0]["id"]] if own else None,
    }


def _payout(payout: Record, movements: list[Record], payout_of: dict[str, Any]) -> Record:
    own = payout["balance_transaction"]
    inside = [
        each["id"]
        for each in movements
        if payout_of[each["id"]] == payout["id"] and each["id"] != own
    ]
    shown = ("id", "amount", "status", "arrival_date", "created")
    return {**{name: payout[name] for name in shown}, "transactions": inside}


def _subscription(subscription: Record) -> Record:
    shown = ("id", "customer", "status", "cancel_at_period_end", "metadata", "latest_invoice")
    return {name: subscription[name] for name in shown}


def _totals(movements: list[Record]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for each in movements:
        sums[each["reporting_category"]] += each["amount"]
        sums["dispute fees" if each["type"] == "adjustment" else "fees"] += each["fee"]
    return {
        "paid": sums["charge"],
        "fees": sums["fees"],
        "refunded": -sums["refund"] - sums["refund_failure"],
        "withdrawn": -sums["dispute"] - sums["dispute_reversal"],
        "dispute_fees": sums["dispute fees"],
        "paid_out": -sums["payout"] - sums["payout_reversal"],
        "balance": sum(each["net"] for each in movements),
    }
