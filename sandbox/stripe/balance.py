"""What Stripe holds for the account: balance transactions, and when they become available."""

from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_money import TRANSACTION
from sandbox.stripe.book import Book, Record
from sandbox.stripe.ids import new_id

DAY = 86_400
DAYS_UNTIL_AVAILABLE = 3

# UK cards: 1.5 % and 20p (stripe.com/gb/pricing), the percentage rounded half up to a penny. The
# debit's rate and the dispute's fee are the stand-in's: a service takes what it is told.
CARD_THOUSANDTHS, DEBIT_THOUSANDTHS, FIXED, MOST_FOR_A_DEBIT = 15, 10, 20, 400
DISPUTE_FEE = 2_000

CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payout": "payout",
    "payout_failure": "payout_reversal",
}


def fee_of(pence: int, method: str = "card") -> int:
    """What Stripe keeps of a payment, in pence."""
    if method == "card":
        return (pence * CARD_THOUSANDTHS + 500) // 1000 + FIXED
    return min((pence * DEBIT_THOUSANDTHS + 500) // 1000 + FIXED, MOST_FOR_A_DEBIT)


def midnight_after(moment: int) -> int:
    """The midnight (UTC) that follows a moment, or the moment where it is one."""
    return -(-moment // DAY) * DAY


def record(
    book: Book,
    kind: str,
    pence: int,
    source: str,
    *,
    fee: tuple[int, str] = (0, ""),
    **known: object,
) -> Record:
    """Keep a movement of so many pence, negative where they leave, less a fee and its words.

    Payments become available after three days, all else at once; it is paid out at the midnight
    after, where payouts are automatic.
    """
    pays = kind in ("charge", "payment")
    available = midnight_after(book.now) + (DAYS_UNTIL_AVAILABLE - 1) * DAY if pays else book.now
    transaction = blank(
        TRANSACTION,
        id=new_id("txn"),
        amount=pence,
        available_on=available,
        created=book.now,
        fee=fee[0],
        fee_details=_details(*fee),
        net=pence - fee[0],
        source=source,
        status="pending" if available > book.now else "available",
        type=kind,
        **{"reporting_category": CATEGORIES.get(kind), **known},
    )
    book.add(transaction)
    if kind != "payout":
        _plan_payout(book, midnight_after(available))
    return transaction


def settle(book: Book, charge_id: str) -> Record:
    """Let the fee of a charge become known: its balance transaction, and `charge.updated`."""
    charge = book.get("charge", charge_id)
    if charge["balance_transaction"] is not None or charge["status"] != "succeeded":
        return charge
    method = charge["payment_method_details"]["type"]
    transaction = record(
        book,
        "charge" if method == "card" else "payment",
        charge["amount"],
        charge_id,
        fee=(fee_of(charge["amount"], method), "Stripe processing fees"),
        description=charge["description"],
    )
    return book.change(charge, "charge.updated", balance_transaction=transaction["id"])


def unpaid(book: Book) -> list[Record]:
    """What is available and was in no payout yet, oldest first."""
    rows = book.connection.execute(
        "SELECT id FROM objects INDEXED BY not_paid_out WHERE kind = 'balance_transaction'"
        " AND json_extract(private, '$.payout') IS NULL ORDER BY seq"
    ).fetchall()
    movements = [book.get("balance_transaction", row["id"]) for row in rows]
    return [each for each in movements if each["available_on"] <= book.now]


def show(book: Book) -> Record:
    """The answer to GET /v1/balance."""
    totals = {"available": 0, "pending": 0}
    for each in book.every("balance_transaction"):
        totals[each["status"]] += each["net"]
    sums = {
        name: [{"amount": pence, "currency": "gbp", "source_types": {"card": pence}}]
        for name, pence in totals.items()
    }
    return {"object": "balance", "livemode": False, **sums}


def _plan_payout(book: Book, midnight: int) -> None:
    row = book.connection.execute(
        "SELECT 1 FROM chores WHERE kind = 'pay out' AND due = ?", (midnight,)
    ).fetchone()
    if row is None:
        book.plan("pay out", "", midnight)


def _details(fee: int, words: str) -> list[Record]:
    if not fee:
        return []
    detail = {"application": None, "currency": "gbp", "type": "stripe_fee"}
    return [{**detail, "amount": fee, "description": words}]
