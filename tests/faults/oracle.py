"""What must be true in the end, whatever went wrong: our books are Stripe's, and nobody's twice."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.outbox import OutboxMail
from payments import checking
from payments.models import LedgerEntry, Payment, Payout, Pledge, Refund
from payments.statuses import loaded, refunded_pence
from sandbox.handle import Sandbox

Record = dict[str, Any]


def assert_books_agree(database: Database, sandbox: Sandbox) -> None:
    """Hold our books against the sandbox's own: payments, what came back, payouts, the balance.

    All that Stripe had to tell must have been told and worked off.
    """
    with database.reading() as session:
        assert checking.faults(session) == []
        assert_same_books(session, sandbox.do("books"))
    assert_thanked_once(database, sandbox)


def assert_same_books(session: Session, books: Record) -> None:
    """Hold our books against the sandbox's own, whatever else is to be said of ours."""
    assert _ours(session) == _theirs(books)
    assert _payouts(session) == {
        (each["id"], each["amount"], each["status"])
        for each in books["payouts"]
        if each["status"] in ("paid", "failed")
    }
    _assert_balances(session, books)


def assert_thanked_once(database: Database, sandbox: Sandbox, *, most: int = 1) -> None:
    """Hold the letters that arrived against our payments: a receipt each, `most` times at most.

    A letter that came twice has the same Message-ID each time.
    """
    with database.reading() as session:
        keys = [f"receipt:{each}" for each in session.scalars(select(Payment.id))]
        sent = set(
            session.scalars(select(OutboxMail.message_id).where(OutboxMail.key.in_(keys))).all()
        )
    assert len(sent) == len(keys)
    arrived = Counter(
        each["message_id"].strip("<>").partition("@")[0] for each in receipts(sandbox)
    )
    assert set(arrived) == sent
    assert all(count <= most for count in arrived.values())


def receipts(sandbox: Sandbox) -> list[Record]:
    """Every receipt that arrived, newest first."""
    return [each for each in sandbox.letters() if each["subject"].startswith("Receipt")]


def _ours(session: Session) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for payment in session.scalars(select(Payment).options(*loaded())):
        assert payment.payment_intent is not None
        found[payment.payment_intent] = (
            str(payment.pledge_id),
            payment.amount_pence,
            payment.fee_pence,
            payment.method,
            refunded_pence(payment),
            sorted((each.stripe_refund, each.amount_pence) for each in payment.refunds),
            sorted((each.stripe_dispute, each.status) for each in payment.disputes),
        )
    return found


def _theirs(books: Record) -> dict[str, tuple[object, ...]]:
    return {
        each["payment_intent"]: (
            each["client_reference_id"],
            each["amount"],
            each["fee"],
            each["method"],
            each["refunded"],
            sorted((refund["id"], refund["amount"]) for refund in each["refunds"]),
            sorted((dispute["id"], dispute["status"]) for dispute in each["disputes"]),
        )
        for each in books["charges"]
        if each["status"] == "succeeded" and each["client_reference_id"]
    }


def _payouts(session: Session) -> set[tuple[str, int, str]]:
    return {
        (each.stripe_payout, each.amount_pence, each.status)
        for each in session.scalars(select(Payout))
        if each.status in ("paid", "failed")
    }


def _assert_balances(session: Session, books: Record) -> None:
    ours: Counter[str] = Counter()
    for account, pence in session.execute(
        select(LedgerEntry.account, func.sum(LedgerEntry.pence)).group_by(LedgerEntry.account)
    ):
        ours[account] = int(pence)
    totals = books["totals"]
    under_way = sum(each["amount"] for each in books["payouts"] if each["status"] == "in_transit")
    given = totals["paid"] - totals["refunded"] - totals["withdrawn"]
    assert ours["fees"] == totals["fees"] + totals["dispute_fees"]
    assert ours["bank"] == totals["paid_out"] - under_way
    assert ours["stripe"] == totals["balance"] + under_way
    assert -(ours["gifts"] + ours["dues"]) == given
    assert (ours["disputed"], ours["other"]) == (0, 0)


def pledges(database: Database) -> list[Pledge]:
    """Every pledge there is, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(Pledge).order_by(Pledge.created_at)))


def payments(database: Database) -> list[Payment]:
    """Every payment there is, in the order in which they were booked."""
    with database.reading() as session:
        booked = select(Payment).options(*loaded()).order_by(Payment.booked_at, Payment.number)
        return list(session.scalars(booked))


def refunds(database: Database) -> list[Refund]:
    """Every refund there is, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(Refund).order_by(Refund.made_at)))
