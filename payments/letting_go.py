"""Letting go of who gave, once nobody has to keep it: the figures stay, the names go.

The record of a payment is kept for some years from the end of its financial year (PPERA 2000,
s.41(4)). Past that nothing has the name of its giver be kept; what was paid, when, how and for what
stays in the books for good, and so does how many gave. An agreement that still runs at the gateway,
a payment that is argued about and one that waits for the treasurer keep their giver.
"""

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core.clock import LONDON, day_in_london
from core.retention import Retention
from payments.erasing import kept_until
from payments.models import (
    AppealDonor,
    BankLine,
    BankRule,
    Declaration,
    Dispute,
    OfflineEntry,
    Payment,
    PermissibilityCheck,
    Pledge,
    WallEntry,
)
from payments.models.giving import MONTHLY

_GONE = "let-go:"
_ARGUED = ("warning_needs_response", "warning_under_review", "needs_response", "under_review")
_BEGUN = ("confirming", "paid", "held")


def count_due(session: Session, retention: Retention, now: dt.datetime) -> int:
    """Count the pledges whose giver is let go at a moment."""
    over = select(func.count()).select_from(Pledge).where(_over(retention, now))
    return session.scalar(over) or 0


def let_go(session: Session, retention: Retention, now: dt.datetime, most: int) -> int:
    """Let go of the givers of so many pledges at most; say of how many."""
    over = select(Pledge).where(_over(retention, now)).order_by(Pledge.id).limit(most)
    pledges = list(session.scalars(over.with_for_update()))
    for pledge in pledges:
        _bare(session, pledge)
    _forget_about(session, [pledge.id for pledge in pledges])
    return len(pledges)


def ended(ends_month: int, today: dt.date) -> dt.datetime:
    """Return the moment before which payments need no name any more.

    It is the end of the last financial year all of whose records are past the day until which they
    are kept (`erasing.kept_until`).
    """
    year = today.year
    while True:
        after = dt.date(year + ends_month // 12, ends_month % 12 + 1, 1)
        last = after - dt.timedelta(days=1)
        if last < today and kept_until(last, ends_month) < today:
            return dt.datetime.combine(after, dt.time(), LONDON).astimezone(dt.UTC)
        year -= 1


def _over(retention: Retention, now: dt.datetime) -> ColumnElement[bool]:
    """Find paid pledges whose last payment is past its time."""
    before = ended(retention.financial_year_ends_month, day_in_london(now))
    paid = Payment.pledge_id == Pledge.id
    argued = exists().where(paid, Dispute.payment_id == Payment.id, Dispute.status.in_(_ARGUED))
    unchecked = exists().where(
        paid, PermissibilityCheck.payment_id == Payment.id, PermissibilityCheck.state == "waiting"
    )
    runs = (
        Pledge.kind.in_(MONTHLY)
        & Pledge.state.in_(_BEGUN)
        & Pledge.stripe_subscription.is_not(None)
        & Pledge.stopped_at.is_(None)
    )
    return (
        ~Pledge.email_key.startswith(_GONE)
        & (Pledge.created_at < before)
        & exists().where(paid)
        & ~exists().where(paid, Payment.paid_at >= before)
        & ~argued
        & ~unchecked
        & ~runs
    )


def _bare(session: Session, pledge: Pledge) -> None:
    """Take from a pledge who gave it, and what they said."""
    known_as = f"{_GONE}{pledge.id.hex}"
    _rename_donor(session, pledge, known_as)
    pledge.name = pledge.email = pledge.message = pledge.source = ""
    pledge.postcode = pledge.consent_wording = pledge.stripe_customer = None
    pledge.email_key, pledge.display = known_as, "anonymous"
    session.flush()


def _rename_donor(session: Session, pledge: Pledge, known_as: str) -> None:
    """Count the donor on without their address, unless another gift to the appeal has it still."""
    if pledge.appeal_id is None:
        return
    other = aliased(Pledge)
    still = select(other.id).where(
        other.appeal_id == pledge.appeal_id,
        other.email_key == pledge.email_key,
        other.id != pledge.id,
    )
    if session.scalar(still.limit(1)) is None:
        key = f"{pledge.appeal_id}:{pledge.email_key}"
        renamed = update(AppealDonor).where(AppealDonor.key == key)
        session.execute(renamed.values(key=f"{pledge.appeal_id}:{known_as}"))


def _forget_about(session: Session, pledges: Collection[uuid.UUID]) -> None:
    """Drop what was declared and shown; empty what was typed, and what the bank wrote of a giver.

    A line of the bank keeps its day, amount and place in the account, and `key`, by which it is
    known when the same file comes again.
    """
    payments = select(Payment.id).where(Payment.pledge_id.in_(pledges))
    session.execute(delete(Declaration).where(Declaration.pledge_id.in_(pledges)))
    session.execute(delete(WallEntry).where(WallEntry.pledge_id.in_(pledges)))
    entered = update(OfflineEntry).where(OfflineEntry.payment_id.in_(payments))
    session.execute(entered.values(reference=""))
    rules = delete(BankRule).where(BankRule.payment_id.in_(payments))
    session.execute(rules)
    lines = update(BankLine).where(BankLine.payment_id.in_(payments))
    session.execute(lines.values(text="", reference="", folded="", raw=""))
