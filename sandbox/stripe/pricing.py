"""Products and prices, made on the spot for the items of a Session."""

from sandbox.stripe.blanks import PRICE, PRODUCT, blank
from sandbox.stripe.book import Book, Record
from sandbox.stripe.ids import new_id


def make_line(book: Book, wish: Record) -> Record:
    """An item of the Session, with the product and price that `price_data` make on the spot."""
    data = wish["price_data"]
    about = {name: data["product_data"].get(name) for name in ("name", "description")}
    product = blank(PRODUCT, id=new_id("prod", 14), created=book.now, updated=book.now, **about)
    book.add(product)
    price = make_price(book, data, product["id"])
    total = data["unit_amount"] * wish["quantity"]
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": data["currency"],
        "description": product["name"],
        "metadata": {},
        "price": price,
        "quantity": wish["quantity"],
    }


def make_price(book: Book, data: Record, product: str) -> Record:
    """The price that `price_data` makes on the spot, of a product that there is."""
    recurring = data.get("recurring")
    price = blank(
        PRICE,
        id=new_id("price"),
        created=book.now,
        currency=data["currency"],
        product=product,
        type="recurring" if recurring else "one_time",
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )
    if recurring:
        price["recurring"] = {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "usage_type": "licensed",
        }
    return book.add(price)
