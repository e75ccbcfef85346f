"""What a monthly giver is told by mail while the agreement runs, and the last word after it."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import links
from payments import receipts
from payments.models import LedgerEntry, LedgerTransaction, MonthlyChange, Payment, Pledge


def say_changed(
    session: Session,
    pledge: Pledge,
    change: MonthlyChange,
    *,
    link_lifetime: dt.timedelta,
    now: dt.datetime,
) -> None:
    """Put the word that a gift was paused, goes on or is of another amount in the outbox, once."""
    values = {
        "agreement": receipts.agreement(session, pledge),
        "change": change.kind,
        "until": change.until.isoformat() if change.until else None,
        "cover_pence": change.cover_pence or 0,
        "link": link(session, pledge, link_lifetime=link_lifetime, now=now),
    }
    key = f"changed:{change.key}"
    receipts.write(session, "agreement_changed", pledge, key=key, values=values, now=now)


def say_ended_unpaid(session: Session, pledge: Pledge, *, now: dt.datetime) -> None:
    """Put the last word in the outbox: no month could be taken any more, and thank you."""
    months, pence = given(session, pledge)
    values = {
        "agreement": receipts.agreement(session, pledge),
        "months": months,
        "given_pence": pence,
    }
    key = receipts.stopped_key(pledge)
    receipts.write(session, "ended_unpaid", pledge, key=key, values=values, now=now)


def given(session: Session, pledge: Pledge) -> tuple[int, int]:
    """Return how many months were given, and what they come to in pence by the ledger.

    A month that went back in full counts for none.
    """
    kept = (
        select(-func.sum(LedgerEntry.pence))
        .join(LedgerTransaction)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .where(Payment.pledge_id == pledge.id, LedgerEntry.account.in_(["gifts", "dues"]))
        .group_by(Payment.id)
    )
    months = [pence for pence in session.scalars(kept) if pence]
    return len(months), sum(months)


def link(
    session: Session, pledge: Pledge, *, link_lifetime: dt.timedelta, now: dt.datetime
) -> str | None:
    """Make the link to the giver's own pages for a letter; None where nobody is to get one."""
    if not pledge.email:
        return None
    return str(links.mint(session, pledge.email_key, lifetime=link_lifetime, now=now))
