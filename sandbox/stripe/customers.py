"""Customers."""

import secrets

from sandbox.stripe.billing import merge_metadata
from sandbox.stripe.blanks import CUSTOMER, blank
from sandbox.stripe.book import Book, Record
from sandbox.stripe.ids import new_id


def create(book: Book, wishes: Record) -> Record:
    """Make a customer, with its event."""
    customer = blank(
        CUSTOMER,
        id=new_id("cus", 14),
        created=book.now,
        invoice_prefix=secrets.token_hex(4).upper(),
        **{name: value for name, value in wishes.items() if name != "metadata"},
    )
    customer["metadata"] = merge_metadata({}, wishes.get("metadata", {}))
    book.add(customer)
    book.emit("customer.created", customer)
    return customer


def change(book: Book, customer: Record, wishes: Record) -> Record:
    """Apply the parameters of an update."""
    metadata = merge_metadata(customer["metadata"], wishes.get("metadata", {}))
    return book.save({**customer, **wishes, "metadata": metadata})
