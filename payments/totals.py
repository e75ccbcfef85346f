"""What an appeal has come to: sums over the ledger, quick at a million gifts.

What happened up to some movement is added up once and kept (`AppealCheckpoint`); the rest is added
each time. Nothing is counted up as it happens, so a sum can be thrown away and made anew, and the
check of the books proves it.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import clock
from core.database import transaction
from payments.models import (
    Appeal,
    AppealCheckpoint,
    AppealDonor,
    LedgerEntry,
    LedgerTransaction,
)

# No transaction takes this long: below what was booked before then, nothing can still appear.
_SETTLED_AFTER = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Total:
    """What an appeal has raised, in pence, gross of fees, and how many different people gave."""

    raised_pence: int
    donors: int


def total(session: Session, appeal_id: int) -> Total:
    """Return what an appeal has come to by now."""
    kept = session.get(AppealCheckpoint, appeal_id)
    before = Total(kept.raised_pence, kept.donors) if kept else Total(0, 0)
    return _with(session, appeal_id, before, after=kept.upto if kept else 0)


def in_full(session: Session, appeal_id: int, *, upto: int) -> Total:
    """Return what an appeal had come to with this movement, added up from the beginning."""
    return _with(session, appeal_id, Total(0, 0), after=0, upto=upto)


def keep(session: Session, *, now: dt.datetime) -> None:
    """Keep the sums of what can no longer change."""
    upto = settled(session, now=now)
    if not upto:
        return
    for appeal_id in session.scalars(select(Appeal.id)):
        kept = session.get(AppealCheckpoint, appeal_id, with_for_update=True)
        if kept is None:
            kept = AppealCheckpoint(
                appeal_id=appeal_id, upto=0, raised_pence=0, donors=0, made_at=now
            )
            session.add(kept)
        if kept.upto < upto:
            before = Total(kept.raised_pence, kept.donors)
            grown = _with(session, appeal_id, before, after=kept.upto, upto=upto)
            kept.raised_pence, kept.donors = grown.raised_pence, grown.donors
            kept.upto, kept.made_at = upto, now


def settled(session: Session, *, now: dt.datetime) -> int:
    """Return the last ledger transaction up to which nothing can still appear; 0 for none."""
    wanted = (
        select(LedgerTransaction.id)
        .where(LedgerTransaction.booked_at <= now - _SETTLED_AFTER)
        .order_by(LedgerTransaction.id.desc())
        .limit(1)
    )
    return session.scalar(wanted) or 0


def forget(session: Session, appeal_id: int) -> None:
    """Throw a kept sum away; the next round adds it up anew."""
    session.execute(delete(AppealCheckpoint).where(AppealCheckpoint.appeal_id == appeal_id))


def keep_due() -> int:
    """Keep the running application's sums; for the worker."""
    with transaction() as session:
        keep(session, now=clock.now())
    return 0


def _with(
    session: Session, appeal_id: int, before: Total, *, after: int, upto: int | None = None
) -> Total:
    """Add to a sum what was booked after one movement, up to another."""
    entries = [
        LedgerEntry.appeal_id == appeal_id,
        LedgerEntry.account == "gifts",
        LedgerEntry.transaction_id > after,
    ]
    if upto is not None:
        entries.append(LedgerEntry.transaction_id <= upto)
    pence = session.scalar(select(func.coalesce(func.sum(-LedgerEntry.pence), 0)).where(*entries))
    first = [AppealDonor.appeal_id == appeal_id, AppealDonor.transaction_id > after]
    if upto is not None:
        first.append(AppealDonor.transaction_id <= upto)
    donors = session.scalar(select(func.count()).select_from(AppealDonor).where(*first))
    return Total(before.raised_pence + int(pence or 0), before.donors + int(donors or 0))
