"""Stripe's lists of a made-up size, served over loopback, a page at a time as it is asked for.

    python -m benchmarks.rig.stripe_lists PORT BEGAN OBJECTS DIFFERENCES

`BEGAN` is when the first payment was made, in seconds since 1970; another came every two seconds.
Each object has every field of Stripe's. What is asked of a list (since when, which state) is left
alone: all that is here would be named. With differences, half of them are payments that are not
named, and half are refunds that nobody has heard of.
"""

import hashlib
import json
import sys
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.stripe.blanks import CHARGE, PAYMENT_INTENT, SESSION, blank
from sandbox.stripe.blanks_billing import INVOICE, SUBSCRIPTION
from sandbox.stripe.blanks_money import DISPUTE, PAYOUT, REFUND, TRANSACTION

Record = dict[str, Any]
APART = 2
"""Seconds between two payments."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each: payments have the numbers 1 to `single`, monthly ones follow.

    A monthly payment has an invoice beside its Checkout. The first payments are refunded, those
    after `disputed_after` are disputed; the first of the monthly ones have ended.
    """

    single: int
    monthly: int
    refunds: int
    disputes: int
    payouts: int
    warnings: int
    ended: int

    @classmethod
    def of(cls, objects: int) -> "Size":
        """Share out so many objects."""
        refunds, disputes, payouts = objects * 12 // 100, objects // 50, objects * 15 // 1000
        monthly, warnings, ended = objects * 12 // 100, objects * 3 // 1000, objects // 500
        rest = refunds + disputes + payouts + warnings + ended + 2 * monthly
        return cls(objects - rest, monthly, refunds, disputes, payouts, warnings, ended)

    @property
    def payments(self) -> int:
        """How many payments there are."""
        return self.single + self.monthly

    @property
    def disputed_after(self) -> int:
        """The number of the last payment that is refunded."""
        return self.refunds


def pence(number: int) -> int:
    """Return the amount of a payment."""
    return 100 + number % 5000


def pledge(number: int) -> str:
    """Return the id of the pledge that was paid."""
    return str(uuid.UUID(hashlib.md5(b"pledge%d" % number, usedforsecurity=False).hexdigest()))


class Lists:
    """What Stripe has, by the path of each list: numbers, and how to make the object of one."""

    def __init__(self, began: int, size: Size, differences: int) -> None:
        self._began, self._size = began, size
        unnamed = size.single - differences // 2
        named = [*range(1, unnamed + 1), *range(size.single + 1, size.payments + 1)]
        more = differences - differences // 2
        months = range(size.single + 1, size.payments + 1)
        self.of: dict[str, tuple[Sequence[int], Callable[[int], Record]]] = {
            "/v1/checkout/sessions": (named, self._session),
            "/v1/invoices": (months, self._invoice),
            "/v1/subscriptions": (months[: size.ended], self._subscription),
            "/v1/refunds": (range(1, size.refunds + more + 1), self._refund),
            "/v1/disputes": (range(1, size.disputes + 1), self._dispute),
            "/v1/radar/early_fraud_warnings": (range(1, size.warnings + 1), self._warning),
            "/v1/payouts": (range(1, size.payouts + 1), self._payout),
        }

    def page(self, path: str, after: str | None, limit: int) -> Record:
        """Return what comes after the object of this id."""
        numbers, make = self.of[path]
        first = bisect_right(numbers, int(after.rpartition("_")[2])) if after else 0
        return {
            "object": "list",
            "url": path,
            "has_more": first + limit < len(numbers),
            "data": [make(number) for number in numbers[first : first + limit]],
        }

    def _at(self, number: int) -> int:
        return self._began + APART * number

    def _session(self, number: int) -> Record:
        monthly = number > self._size.single
        return blank(
            SESSION,
            id=f"cs_{number}",
            amount_total=pence(number),
            client_reference_id=pledge(number),
            created=self._at(number),
            invoice=f"in_{number}" if monthly else None,
            metadata={"pledge": pledge(number)},
            mode="subscription" if monthly else "payment",
            payment_intent=None if monthly else self._intent(number),
            payment_status="paid",
            status="complete",
            subscription=f"sub_{number}" if monthly else None,
        )

    def _intent(self, number: int) -> Record:
        made = {"amount": pence(number), "currency": "gbp", "created": self._at(number)}
        charge = blank(CHARGE, id=f"ch_{number}", payment_intent=f"pi_{number}", **made)
        return blank(
            PAYMENT_INTENT, id=f"pi_{number}", latest_charge=charge, status="succeeded", **made
        )

    def _invoice(self, number: int) -> Record:
        paid_by = {"type": "payment_intent", "payment_intent": f"pi_{number}"}
        payment = {"id": f"inpay_{number}", "status": "paid", "payment": paid_by}
        of = {"subscription": f"sub_{number}", "metadata": {"pledge": pledge(number)}}
        return blank(
            INVOICE,
            id=f"in_{number}",
            amount_paid=pence(number),
            created=self._at(number),
            currency="gbp",
            parent={"type": "subscription_details", "subscription_details": of},
            payments={"object": "list", "data": [payment], "has_more": False},
            status="paid",
            status_transitions={"paid_at": self._at(number)},
        )

    def _subscription(self, number: int) -> Record:
        return blank(
            SUBSCRIPTION,
            id=f"sub_{number}",
            created=self._at(number),
            ended_at=self._at(number) + 1,
            metadata={"pledge": pledge(number)},
            status="canceled",
        )

    def _refund(self, number: int) -> Record:
        known = number <= self._size.refunds
        paid = number if known else number - self._size.refunds
        return blank(
            REFUND,
            id=f"re_{number}",
            amount=50 if known else 1,
            charge=f"ch_{paid}",
            created=self._at(paid) + 1,
            payment_intent=f"pi_{paid}",
        )

    def _dispute(self, number: int) -> Record:
        paid = number + self._size.disputed_after
        line = {"amount": -pence(paid), "fee": 2000, "type": "adjustment", "source": f"du_{number}"}
        moved = blank(TRANSACTION, id=f"txn_{number}", created=self._at(paid) + 1, **line)
        return blank(
            DISPUTE,
            id=f"du_{number}",
            amount=pence(paid),
            balance_transactions=[moved],
            charge=f"ch_{paid}",
            created=self._at(paid) + 1,
            payment_intent=f"pi_{paid}",
            reason="fraudulent",
            status="needs_response",
        )

    def _warning(self, number: int) -> Record:
        return {
            "id": f"issfr_{number}",
            "object": "radar.early_fraud_warning",
            "actionable": True,
            "charge": f"ch_{number}",
            "created": self._at(number) + 1,
            "fraud_type": "misc",
            "livemode": False,
            "payment_intent": f"pi_{number}",
        }

    def _payout(self, number: int) -> Record:
        return blank(
            PAYOUT,
            id=f"po_{number}",
            amount=1000 + number,
            arrival_date=self._at(number) // _DAY * _DAY,
            created=self._at(number),
            status="paid",
        )


def serve(port: int, lists: Lists) -> None:
    """Serve these lists until the process is ended."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            wish = parse_qs(asked.query)
            after = wish.get("starting_after", [None])[0]
            limit = int(wish.get("limit", ["10"])[0])
            body = json.dumps(lists.page(asked.path, after, limit)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    _port, _began, _objects, _differences = map(int, sys.argv[1:5])
    serve(_port, Lists(_began, Size.of(_objects), _differences))
