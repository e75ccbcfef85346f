"""Erasing a giver: all but what the accounts and the law on donations need, and that by name only.

A pledge that was paid keeps its giver's name and postcode, since a party has to know whose money it
took; its e-mail address gives way to a fingerprint, by which two gifts of one giver are still known
to be one's. A pledge that nothing was paid for is emptied, and stays: should money come for it
after all, the books will find it.
"""

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.clock import day_in_london
from core.protection import Erased, Erasing, Kept, Person
from payments import donors
from payments.law import figures
from payments.models import (
    Declaration,
    LedgerTransaction,
    Payment,
    PermissibilityCheck,
    Pledge,
    Quarantine,
    WallEntry,
    WebhookEvent,
)

EMPTIED = b""
"""What a notice of Stripe's is kept as once its person is erased: that it came, and no more."""


def erase(session: Session, person: Person, how: Erasing, erased: Erased) -> None:
    """Erase a giver from this room, and say what was kept and until when.

    The pledges are locked first, as by whoever settles: money that arrives meanwhile waits, and
    finds what is left.
    """
    locked = select(Pledge).where(Pledge.id.in_(person.pledges)).order_by(Pledge.id)
    pledges = list(session.scalars(locked.with_for_update()))
    paid = _last_paid(session, person.pledges)
    unpaid = [each.id for each in pledges if each.id not in paid]
    erased.count("messages", sum(bool(each.message) for each in pledges))
    erased.count("unpaid pledges", empty(session, unpaid))
    for pledge in pledges:
        if pledge.id in paid:
            _bare(session, pledge, how, erased)
    _forget_about(session, person.pledges, erased)
    _keep(session, paid, how, erased)


def empty(session: Session, unpaid: Collection[uuid.UUID]) -> int:
    """Empty pledges that nothing was paid for, with what was declared; say how many were not."""
    session.execute(delete(Declaration).where(Declaration.pledge_id.in_(unpaid)))
    full = select(Pledge).where(Pledge.id.in_(unpaid), ~Pledge.email_key.startswith("erased:"))
    pledges = list(session.scalars(full))
    for pledge in pledges:
        pledge.name = pledge.email = pledge.message = pledge.source = ""
        pledge.email_key = f"erased:{pledge.id.hex}"
        pledge.postcode = pledge.consent_wording = pledge.stripe_customer = None
        pledge.display = "anonymous"
    session.flush()
    return len(pledges)


def kept_until(paid_on: dt.date, ends_month: int) -> dt.date:
    """Return the last day on which the record of a payment has to be kept (PPERA 2000, s.41(4)).

    That is some years after the last day of the financial year, which ends with `ends_month`.
    """
    years = figures.figure("record_years", paid_on).value
    ends = paid_on.year + (paid_on.month > ends_month)
    after = dt.date(ends + years + ends_month // 12, ends_month % 12 + 1, 1)
    return after - dt.timedelta(days=1)


def _last_paid(session: Session, pledges: Collection[uuid.UUID]) -> dict[uuid.UUID, dt.datetime]:
    found = (
        select(Payment.pledge_id, Payment.paid_at)
        .where(Payment.pledge_id.in_(pledges))
        .order_by(Payment.paid_at)
    )
    return {row.pledge_id: row.paid_at for row in session.execute(found)}


def _bare(session: Session, pledge: Pledge, how: Erasing, erased: Erased) -> None:
    """Take from a paid pledge what the accounts do not need."""
    if "@" in pledge.email_key:
        known_as = f"erased:{how.known_as(pledge.email_key)}"
        donors.rename(session, pledge, known_as)
        pledge.email_key = known_as
        erased.count("e-mail addresses of gifts", 1)
    pledge.email = pledge.message = pledge.source = ""
    pledge.consent_wording, pledge.display = None, "anonymous"
    session.flush()


def _forget_about(session: Session, pledges: Collection[uuid.UUID], erased: Erased) -> None:
    """Take down what stood on the wall, close what was put aside, empty what Stripe told."""
    walls = delete(WallEntry).where(WallEntry.pledge_id.in_(pledges)).returning(WallEntry.pledge_id)
    aside = update(Quarantine).where(Quarantine.pledge_id.in_(pledges), Quarantine.closed.is_(None))
    told = update(WebhookEvent).where(
        WebhookEvent.pledge_id.in_(pledges), WebhookEvent.raw != EMPTIED
    )
    erased.count("entries on the wall", len(session.scalars(walls).all()))
    session.execute(aside.values(closed="erased"))
    emptied = told.values(raw=EMPTIED, due_at=None).returning(WebhookEvent.id)
    erased.count("notices", len(session.scalars(emptied).all()))


def _keep(
    session: Session, paid: dict[uuid.UUID, dt.datetime], how: Erasing, erased: Erased
) -> None:
    """Say what was kept: payments by name, and the checks of those above the threshold."""
    if not paid:
        return
    days = [day_in_london(moment) for moment in paid.values()]
    until = max(kept_until(day, how.retention.financial_year_ends_month) for day in days)
    of_paid = Payment.pledge_id.in_(paid)
    counted = {
        "payments": select(func.count()).select_from(Payment).where(of_paid),
        "movements": select(func.count())
        .select_from(LedgerTransaction)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .where(of_paid),
        "declarations": select(func.count()).where(Declaration.pledge_id.in_(paid)),
        "checks": select(func.count())
        .select_from(PermissibilityCheck)
        .join(Payment, Payment.id == PermissibilityCheck.payment_id)
        .where(of_paid),
    }
    for kind, query in counted.items():
        if count := session.scalar(query):
            erased.kept.append(Kept(kind, count, until))
