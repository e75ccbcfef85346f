"""Parts of the books: so much as can be checked in about a second, and what has moved of late."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, func, select, true, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from payments.models import Dispute, LedgerTransaction, Payment, Pledge, Refund

_MOVEMENTS = 20_000
_IDS = 1 << 128
# What was booked at this much before a moment could be seen by then: no transaction takes as long.
_UNSEEN = dt.timedelta(minutes=5)

Among = Callable[[InstrumentedAttribute[Any]], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Part:
    """Which payments, pledges and movements: each a condition on a column that holds their ids.

    `rest` says whether it has all that is none of them: payouts, what waits, and sums of the whole.
    """

    payments: Among
    pledges: Among
    movements: Among
    rest: bool


def _any(_column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return true()


EVERYTHING = Part(_any, _any, _any, rest=True)


def all_parts(session: Session, *, movements: int = _MOVEMENTS) -> Iterator[Part]:
    """Divide the books into parts of about so many movements, however many there must be.

    Each payment, pledge and movement is in one of them, and so is what comes to be meanwhile.
    """
    newest = session.scalar(select(func.max(LedgerTransaction.id))) or 0
    many = 1 + newest // movements
    for number in range(many):
        of_ids = _between(*(_id(each, many) for each in (number, number + 1)))
        last = number + 1 == many
        of_movements = _between(number * movements, None if last else (number + 1) * movements)
        yield Part(of_ids, of_ids, of_movements, rest=number == 0)


def moved_since(session: Session, since: dt.datetime) -> Part:
    """Return what was booked since a moment, with all that belongs to those payments."""
    since -= _UNSEEN
    before = select(LedgerTransaction.id).where(LedgerTransaction.booked_at <= since)
    floor = session.scalar(before.order_by(LedgerTransaction.id.desc()).limit(1)) or 0
    payments: CompoundSelect[tuple[uuid.UUID | None]] = union(
        select(LedgerTransaction.payment_id).where(
            LedgerTransaction.id > floor, LedgerTransaction.payment_id.is_not(None)
        ),
        select(Payment.id).where(Payment.booked_at > since),
        select(Refund.payment_id).where(Refund.changed_at > since),
        select(Dispute.payment_id).where(Dispute.changed_at > since),
    )
    pledges = union(
        select(Payment.pledge_id).where(Payment.id.in_(payments)),
        select(Pledge.id).where(Pledge.created_at > since),
    )
    return Part(
        lambda column: column.in_(payments),
        lambda column: column.in_(pledges),
        lambda column: column > floor,
        rest=True,
    )


def _id(number: int, many: int) -> uuid.UUID | None:
    """Return the id at which a part begins; ids are at random, so that parts are of a like size."""
    return uuid.UUID(int=_IDS * number // many) if number < many else None


def _between(first: object, end: object | None) -> Among:
    """Return the condition that an id is not below the first and is below the end, if any."""

    def among(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return and_(column >= first, true() if end is None else column < end)

    return among
