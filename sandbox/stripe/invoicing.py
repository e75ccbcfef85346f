"""Invoices of subscriptions: drafted, finalised, paid, or open for as long as they are not."""

from sandbox.stripe.blanks import blank
from sandbox.stripe.blanks_billing import INVOICE, LINE
from sandbox.stripe.book import Book, Record
from sandbox.stripe.ids import new_id
from sandbox.stripe.money import pounds

NOT_YET: Record = {
    "finalized_at": None,
    "marked_uncollectible_at": None,
    "paid_at": None,
    "voided_at": None,
}


def draft(
    book: Book, subscription: Record, customer: Record, reason: str, gathered: tuple[int, int]
) -> Record:
    """Draft an invoice for the subscription's present period, which its lines carry.

    `reason` is as Stripe names it. `gathered` is what the invoice itself calls its period, the
    time in which its items were gathered: in a renewal that is the period before.
    """
    invoice_id = new_id("in")
    lines = [_line(book, subscription, item, invoice_id) for item in subscription["items"]["data"]]
    total = sum(line["amount"] for line in lines)
    invoice = blank(
        INVOICE,
        id=invoice_id,
        amount_due=total,
        amount_paid=0,
        amount_remaining=total,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        billing_reason=reason,
        created=book.now,
        currency="gbp",
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        effective_at=None,
        lines=_list_of(lines, f"/v1/invoices/{invoice_id}/lines"),
        number=None,
        parent=_parent(subscription),
        period_start=gathered[0],
        period_end=gathered[1],
        status="draft",
        status_transitions=dict(NOT_YET),
        subtotal=total,
        subtotal_excluding_tax=total,
        total=total,
        total_excluding_tax=total,
    )
    book.add(invoice)
    book.emit("invoice.created", invoice)
    return invoice


def finalise(book: Book, invoice: Record) -> None:
    """Number an invoice and open it for payment."""
    customer = book.get("customer", invoice["customer"])
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    book.save(customer)
    invoice.update(
        status="open",
        effective_at=book.now,
        number=f"{customer['invoice_prefix']}-{number:04d}",
    )
    invoice["status_transitions"]["finalized_at"] = book.now
    book.save(invoice)
    book.emit("invoice.finalized", invoice)


def ask_for(book: Book, invoice: Record, intent: Record) -> None:
    """Keep that an intent is to pay an invoice."""
    payment = {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["total"],
        "created": book.now,
        "currency": "gbp",
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    book.add(payment)


def intent_of(book: Book, invoice: Record) -> Record:
    """The intent that is to pay an invoice."""
    [payment] = book.linked("invoice_payment", "invoice", invoice["id"])
    return book.get("payment_intent", payment["payment"]["payment_intent"])


def invoices_of(book: Book, intent: Record) -> list[Record]:
    """The invoice that an intent is to pay, if it is for one."""
    payments = book.linked("invoice_payment", "payment_intent", intent["id"])
    return [book.get("invoice", payment["invoice"]) for payment in payments]


def _parent(subscription: Record) -> Record:
    """Where an invoice came from; since basil this is where it names its subscription."""
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription["metadata"]),
            "subscription": subscription["id"],
        },
        "type": "subscription_details",
    }


def mark_paid(book: Book, invoice: Record, intent: Record) -> None:
    """Mark an invoice as paid by an intent, and say so."""
    total = invoice["total"]
    invoice.update(
        status="paid",
        amount_paid=total,
        amount_remaining=0,
        auto_advance=False,
        next_payment_attempt=None,
    )
    invoice["status_transitions"]["paid_at"] = book.now
    book.save(invoice)
    [payment] = book.linked("invoice_payment", "payment_intent", intent["id"])
    payment.update(amount_paid=total, status="paid")
    payment["status_transitions"]["paid_at"] = book.now
    book.save(payment)
    book.emit("invoice_payment.paid", payment)
    book.emit("invoice.paid", invoice)
    book.emit("invoice.payment_succeeded", invoice)


def payments_of(book: Book, invoice_id: str) -> Record:
    """The list that `expand[]=payments` puts into an invoice."""
    rows = book.linked("invoice_payment", "invoice", invoice_id)
    return _list_of(rows, f"/v1/invoice_payments?invoice={invoice_id}")


def _line(book: Book, subscription: Record, item: Record, invoice_id: str) -> Record:
    price, quantity = item["price"], item["quantity"]
    amount = price["unit_amount"] * quantity
    name = book.get("product", price["product"])["name"]
    each = f"{pounds(price['unit_amount'])} / {price['recurring']['interval']}"
    return blank(
        LINE,
        id=new_id("il"),
        amount=amount,
        currency="gbp",
        description=f"{quantity} × {name} (at {each})",  # noqa: RUF001 - as Stripe prints it
        invoice=invoice_id,
        metadata=dict(subscription["metadata"]),
        parent={
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        period={"start": item["current_period_start"], "end": item["current_period_end"]},
        pricing={
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        quantity=quantity,
        quantity_decimal=str(quantity),
        subscription=subscription["id"],
        subtotal=amount,
    )


def _list_of(rows: list[Record], url: str) -> Record:
    return {"object": "list", "data": rows, "has_more": False, "url": url}
