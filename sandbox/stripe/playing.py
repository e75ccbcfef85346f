"""What people, banks and the dashboard do, as actions on the books."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe import (
    balance,
    billing,
    checkout,
    chores,
    debiting,
    disputing,
    early_warnings,
    methods,
    paying_out,
    refunding,
)
from sandbox.stripe.accounts import BankAccount, NotATestAccount
from sandbox.stripe.book import Book, Record, open_book
from sandbox.stripe.cards import Card, NotATestCard
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.methods import Means
from sandbox.world import World

GOOD_CARD = "4242424242424242"
PAYMENT = ("charge", "payment_intent")
SOMEBODY = "sam@example.org"


def in_book(does: Callable[[Book, Record], Record]) -> Callable[[World, Record], Record]:
    """Do it in one transaction."""

    def act(world: World, wishes: Record) -> Record:
        with open_book(world) as book:
            return does(book, wishes)

    return act


def means_in(wishes: Record) -> Means:
    """The card or the bank account that is named; a card that pays where none is.

    Raises:
        StripeError: it is none of the test cards or accounts.
    """
    try:
        if "account" in wishes:
            return BankAccount.parse(wishes["account"])
        return Card.parse(wishes.get("card", GOOD_CARD))
    except NotATestAccount as fault:
        raise invalid("This is none of the test accounts.", "account") from fault
    except NotATestCard as fault:
        raise invalid("This is none of the test cards.", "card") from fault


def _charge(book: Book, wishes: Record) -> Record:
    named: Record = {name: wishes[name] for name in PAYMENT if name in wishes}
    return refunding.charge_named(book, named)


def _intent(book: Book, wishes: Record) -> Record:
    if "charge" in wishes:
        return book.get("payment_intent", book.get("charge", wishes["charge"])["payment_intent"])
    return book.get("payment_intent", wishes.get("payment_intent", ""))


@in_book
def pay(book: Book, wishes: Record) -> Record:
    """Pay a Session; answer with where its page would lead."""
    session = book.get("checkout.session", wishes["session"])
    payer = {
        "email": checkout.known_email(book, session) or wishes.get("email", SOMEBODY),
        "name": wishes.get("name"),
    }
    try:
        outcome = checkout.pay(book, session, means_in(wishes), payer, authenticated=True)
    except checkout.NotOpen as fault:
        message = f"This Checkout Session is {session['status']}."
        raise StripeError(400, "invalid_request_error", message) from fault
    return {"outcome": outcome.value, "url": checkout.landing(session), "session": session}


@in_book
def expire(book: Book, wishes: Record) -> Record:
    """Expire a Session."""
    return checkout.expire(book, book.get("checkout.session", wishes["session"]))


@in_book
def settle_debit(book: Book, wishes: Record) -> Record:
    """Settle a debit."""
    intent = _intent(book, wishes)
    debiting.settle(book, intent)
    return intent


@in_book
def fail_debit(book: Book, wishes: Record) -> Record:
    """Fail a debit."""
    intent = _intent(book, wishes)
    debiting.fail(book, intent, wishes.get("reason", "insufficient_funds"))
    return intent


@in_book
def revoke_mandate(book: Book, wishes: Record) -> Record:
    """Revoke a mandate."""
    mandate = book.get("mandate", wishes["mandate"])
    methods.revoke(book, mandate, wishes.get("reason", "debit_not_authorized"))
    return mandate


@in_book
def know_fee(book: Book, wishes: Record) -> Record:
    """Make a fee known."""
    return balance.settle(book, _charge(book, wishes)["id"])


def settle_all(world: World, _: Record) -> dict[str, Any]:
    """Make all fees of the last minute known."""
    chores.settle_now(world)
    return {"settled": True}


@in_book
def refund(book: Book, wishes: Record) -> Record:
    """Refund in the dashboard."""
    status = wishes.pop("status", None)
    return refunding.create(book, wishes, status=status)


@in_book
def settle_refund(book: Book, wishes: Record) -> Record:
    """Let a refund succeed."""
    return refunding.succeed(book, book.get("refund", wishes["refund"]))


@in_book
def fail_refund(book: Book, wishes: Record) -> Record:
    """Let a refund fail."""
    found = book.get("refund", wishes["refund"])
    return refunding.fail(book, found, wishes.get("reason", "expired_or_canceled_card"))


@in_book
def dispute(book: Book, wishes: Record) -> Record:
    """Open a dispute."""
    reason, inquiry = wishes.get("reason", "fraudulent"), wishes.get("inquiry", False)
    return disputing.create(book, _charge(book, wishes), reason=reason, inquiry=inquiry)


@in_book
def answer_dispute(book: Book, wishes: Record) -> Record:
    """Submit evidence."""
    evidence = {"uncategorized_text": "The donor confirmed the gift."}
    found = book.get("dispute", wishes["dispute"])
    return disputing.answer(book, found, {"evidence": evidence, "submit": True})


@in_book
def close_dispute(book: Book, wishes: Record) -> Record:
    """Decide a dispute."""
    found = book.get("dispute", wishes["dispute"])
    return disputing.close(book, found, won=wishes["outcome"] == "won")


@in_book
def early_warning(book: Book, wishes: Record) -> Record:
    """Warn of fraud."""
    fraud_type = wishes.get("fraud_type", "made_with_stolen_card")
    return early_warnings.warn(book, _charge(book, wishes), fraud_type)


@in_book
def pay_out(book: Book, _: Record) -> Record:
    """Pay out."""
    found = paying_out.pay_out(book)
    if found is None:
        raise StripeError(400, "invalid_request_error", "There is nothing to pay out.")
    return found


@in_book
def arrive_payout(book: Book, wishes: Record) -> Record:
    """Let a payout arrive."""
    return paying_out.arrive(book, book.get("payout", wishes["payout"]))


@in_book
def fail_payout(book: Book, wishes: Record) -> Record:
    """Let a payout fail."""
    found = book.get("payout", wishes["payout"])
    return paying_out.fail(book, found, wishes.get("reason", "account_closed"))


@in_book
def renew(book: Book, wishes: Record) -> Record:
    """Renew a subscription."""
    billing.renew(book, book.get("subscription", wishes["subscription"]))
    return book.get("subscription", wishes["subscription"])


@in_book
def change_card(book: Book, wishes: Record) -> Record:
    """Change what a subscription is paid with."""
    subscription = book.get("subscription", wishes["subscription"])
    customer = book.get("customer", subscription["customer"])
    payer = {"email": customer["email"], "name": customer["name"]}
    method = methods.create(book, means_in(wishes), payer)
    billing.change_method(book, subscription, method)
    return subscription


@in_book
def change_expiry(book: Book, wishes: Record) -> Record:
    """Let a subscription's card be valid until another month."""
    subscription = book.get("subscription", wishes["subscription"])
    method = book.get("payment_method", subscription["default_payment_method"])
    by_network = wishes.get("by_network", True)
    return methods.change_expiry(
        book, method, wishes["month"], wishes["year"], by_network=by_network
    )


@in_book
def change_subscription(book: Book, wishes: Record) -> Record:
    """Change a subscription in the dashboard: its amount, or a pause of so many days."""
    subscription = book.get("subscription", wishes["subscription"])
    changes: Record = {}
    if "amount" in wishes:
        item = subscription["items"]["data"][0]
        price = {
            "currency": "gbp",
            "product": item["price"]["product"],
            "recurring": {"interval": "month"},
            "unit_amount": wishes["amount"],
        }
        changes = {"items": [{"id": item["id"], "price_data": price}]}
        changes["proration_behavior"] = "none"
    if "pause_days" in wishes:
        ends = book.now + wishes["pause_days"] * 86_400
        changes["pause_collection"] = {"behavior": "void", "resumes_at": ends}
    if wishes.get("unpause"):
        changes["pause_collection"] = None
    return billing.change(book, subscription, changes)
