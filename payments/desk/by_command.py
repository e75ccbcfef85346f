"""Money given back by command: above the set sum it waits for a second person, as at the desk.

A terminal does not say who sits at it, so whoever asks for more than one person may give back names
the account of the staff that does; somebody else then agrees at the desk.
"""

import datetime as dt
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.addresses import EmailAddress, NotAnEmailAddress
from payments import refunding
from payments.desk import giving_back
from payments.desk.giving_back import MONEY, Want
from payments.models import Payment, RefundWish
from payments.offline import undoing
from payments.running import rules
from staff.models import StaffAccount


class NeedsSecond(Exception):
    """One person alone may not give so much back, and nobody is named who asks."""


class NotOnTheDesk(LookupError):
    """Nobody of this address may give money back."""


def above(session: Session, payment: Payment, pence: int | None, *, most: int) -> bool:
    """Say whether what is asked for takes a second person. The payment's pledge gets locked.

    Raises:
        NotRefundable, AlreadyUndone: nothing of it can be given back.
    """
    locked = refunding.lock(session, payment.id)
    if locked.offline:
        return undoing.undoable_pence(session, locked) > most
    left = refunding.left_pence(session, locked)
    return giving_back.needs_second(locked, left, left if pence is None else pence, most)


def wish(
    session: Session,
    payment: Payment,
    pence: int | None,
    *,
    by: str | None,
    why: str,
    most: int,
    now: dt.datetime,
) -> RefundWish:
    """Keep the wish of somebody on the desk, which waits for a second person there.

    Raises:
        NeedsSecond: nobody is named in `by`.
        NotOnTheDesk: nobody of that address may give money back.
        OneWaits, NotRefundable, AlreadyUndone: as `giving_back.ask`.
    """
    if by is None:
        raise NeedsSecond(str(payment.id))
    nonce = f"command:{uuid.uuid4().hex}"
    who = _account(session, by)
    want = Want(payment.id, pence, why, nonce, who, past_stripe=payment.offline)
    return giving_back.ask(session, want, above=most, rules=rules(), now=now)


def _account(session: Session, email: str) -> uuid.UUID:
    try:
        key = EmailAddress.parse(email).key
    except NotAnEmailAddress:
        raise NotOnTheDesk(email) from None
    wanted = select(StaffAccount.id).where(
        StaffAccount.email_key == key,
        StaffAccount.role.in_(MONEY),
        StaffAccount.revoked_at.is_(None),
    )
    found = session.scalar(wanted)
    if found is None:
        raise NotOnTheDesk(email)
    return found
