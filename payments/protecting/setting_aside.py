"""Setting aside: a pledge made under attack is kept, charges nothing, and loses no donor.

When it is calm its maker gets one letter with a link to finish it, however many they made. The link
is the id of the pledge under our signature; looking at its page uses nothing up.
"""

import datetime as dt
import uuid

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from core import outbox
from core.defence import Defence
from payments import pledging
from payments.models import Checkout, Payment, Pledge, Quarantine
from payments.protecting import watching

# What the link in the letter is signed for.
PURPOSE = "finish-a-payment"
_A_DAY = dt.timedelta(days=1)
_A_MINUTE = dt.timedelta(minutes=1)


class NothingToFinish(Exception):
    """What was put aside has been closed or is too old."""


def write_due(session: Session, limits: Defence, *, now: dt.datetime) -> int:
    """Write to those who wait, some a minute, once it is calm; say how many letters were put out.

    Nobody gets more than one in a day, and none who has paid meanwhile.
    """
    if watching.locked_state(session).everybody:  # so that two workers do not write twice as many
        return 0
    _expire(session, limits, now=now)
    recent = select(func.count()).where(Quarantine.written_at > now - _A_MINUTE)
    room = limits.letters_a_minute - (session.scalar(recent) or 0)
    written = 0
    for found in _waiting(session, most=max(room, 0), now=now):
        written += _write(session, found, now=now)
    return written


def release(
    session: Session,
    pledge_id: uuid.UUID,
    limits: Defence,
    *,
    open_for: dt.timedelta,
    now: dt.datetime,
) -> tuple[Pledge, Checkout | None]:
    """Let its maker finish a pledge: return it, and the Checkout to pay it on.

    Pressed again it gives the same one while that is open, and None where the pledge has gone
    further and the truth about it is to be told.

    Raises:
        NothingToFinish: when it was closed, or kept for too long.
    """
    pledge = session.get(Pledge, pledge_id, with_for_update=True)
    row = session.get(Quarantine, pledge_id)
    if pledge is None or row is None or row.closed or row.kept_at <= now - _kept(limits):
        raise NothingToFinish
    row.released_at = row.released_at or now
    session.flush()
    return pledge, pledging.next_checkout(session, pledge, open_for=open_for, now=now)


def can_finish(session: Session, pledge: Pledge, limits: Defence, *, now: dt.datetime) -> bool:
    """Say whether the pledge can still be finished."""
    row = session.get(Quarantine, pledge.id)
    return row is not None and not row.closed and row.kept_at > now - _kept(limits)


def _kept(limits: Defence) -> dt.timedelta:
    return dt.timedelta(days=limits.quarantine_days)


def _open() -> ColumnElement[bool]:
    return Quarantine.released_at.is_(None) & Quarantine.closed.is_(None)


def _expire(session: Session, limits: Defence, *, now: dt.datetime) -> None:
    """Close what nobody came back for; nothing was taken for it."""
    over = list(
        session.scalars(
            select(Quarantine).where(_open(), Quarantine.kept_at <= now - _kept(limits))
        )
    )
    for row in over:
        row.closed = "expired"
        if row.pledge.state == "pending":
            row.pledge.state = "not-taken"


def _waiting(session: Session, *, most: int, now: dt.datetime) -> list[Quarantine]:
    """Return the oldest pledges whose makers have not been written to in the last day."""
    lately = (
        select(Quarantine.pledge_id)
        .join(Pledge, Pledge.id == Quarantine.pledge_id)
        .where(Quarantine.written_at > now - _A_DAY)
        .with_only_columns(Pledge.email_key)
    )
    wanted = (
        select(Quarantine)
        .join(Pledge, Pledge.id == Quarantine.pledge_id)
        .where(_open(), Quarantine.written_at.is_(None), Pledge.email_key.not_in(lately))
        .order_by(Quarantine.kept_at, Quarantine.pledge_id)
        .limit(most)
    )
    return list(session.scalars(wanted))


def _write(session: Session, found: Quarantine, *, now: dt.datetime) -> bool:
    """Write to the maker of a pledge about the newest of theirs; the others are closed by that."""
    session.flush()
    if found.closed or found.written_at:  # one of theirs was written about just now
        return False
    pledge = found.pledge
    if not pledge.email:
        found.closed = "erased"
        return False
    if _paid_since(session, pledge.email_key, found.kept_at):
        found.closed = "paid"
        return False
    mine = list(
        session.scalars(
            select(Quarantine)
            .join(Pledge, Pledge.id == Quarantine.pledge_id)
            .where(_open(), Quarantine.written_at.is_(None), Pledge.email_key == pledge.email_key)
            .order_by(Quarantine.kept_at.desc(), Quarantine.pledge_id)
        )
    )
    newest = mine[0]
    for row in mine[1:]:
        row.closed = "written-for-another"
    newest.written_at = now
    # Whoever sent the form may have typed another's address: nothing they typed is in the letter.
    values = {
        "finish": str(newest.pledge_id),
        "agreement": {
            "kind": newest.pledge.kind,
            "title": newest.pledge.title,
            "amount_pence": newest.pledge.amount_pence,
        },
    }
    key = f"finish:{newest.pledge_id}"
    return outbox.mail(session, "finish", key=key, to=newest.pledge.email, values=values, now=now)


def _paid_since(session: Session, email_key: str, since: dt.datetime) -> bool:
    paid = (
        select(Payment.id)
        .join(Payment.pledge)
        .where(Pledge.email_key == email_key, Payment.paid_at >= since)
    )
    return bool(session.scalar(select(exists(paid))))
