"""A giver's year: everything that came from an address and went back to it, from the ledger.

A year is London's. What moved belongs to the day it moved, whenever we were told: a gift of
December that goes back in January stands in both years, so that no statement ever changes once its
year is over, and all of them together come to what was kept.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from payments.models import LedgerEntry, LedgerTransaction, Payment, Pledge

_GIVEN = ("gifts", "dues")


@dataclass(frozen=True, slots=True)
class Line:
    """Something that came (above nothing) or went back (below it), in pence.

    `kind` is the ledger's word; `dues` says that it was for membership. `paid_on` is the day of
    the payment that it is of.
    """

    moved_on: dt.date
    kind: str
    title: str
    dues: bool
    pence: int
    paid_on: dt.date
    payment_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Year:
    """A year's lines, oldest first, and their sums in pence: came, went back, and what is kept."""

    year: int
    lines: list[Line]
    came_pence: int
    back_pence: int
    kept_pence: int


def of(session: Session, email_key: str, year: int) -> Year:
    """Return the statement of an address's year. The sum is the ledger's own."""
    mine = and_(Pledge.email_key == email_key, within(year))
    rows = session.execute(
        select(
            LedgerTransaction.moved_at,
            LedgerTransaction.kind,
            Pledge.title,
            LedgerEntry.account,
            LedgerEntry.pence,
            Payment.paid_at,
            Payment.id,
        )
        .select_from(LedgerEntry)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .join(Pledge, Pledge.id == Payment.pledge_id)
        .where(mine, LedgerEntry.account.in_(_GIVEN))
        .order_by(LedgerTransaction.moved_at, LedgerTransaction.id)
    )
    lines = [
        Line(_day(moved), kind, title, account == "dues", -pence, _day(paid), payment_id)
        for moved, kind, title, account, pence, paid, payment_id in rows
    ]
    return Year(
        year,
        lines,
        came_pence=sum(line.pence for line in lines if line.kind in ("payment", "offline")),
        back_pence=sum(line.pence for line in lines if line.kind not in ("payment", "offline")),
        kept_pence=_kept(session, mine),
    )


def years(session: Session, email_key: str) -> list[int]:
    """Return the years in which anything of an address moved, newest first."""
    moved = session.scalars(
        select(LedgerTransaction.moved_at)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .join(Pledge, Pledge.id == Payment.pledge_id)
        .where(Pledge.email_key == email_key)
    )
    return sorted({_day(moment).year for moment in moved}, reverse=True)


def within(year: int) -> ColumnElement[bool]:
    """Return the condition that something moved in a year of London's."""
    begin = dt.datetime(year, 1, 1, tzinfo=LONDON)
    end = dt.datetime(year + 1, 1, 1, tzinfo=LONDON)
    return and_(LedgerTransaction.moved_at >= begin, LedgerTransaction.moved_at < end)


def _kept(session: Session, mine: ColumnElement[bool]) -> int:
    found = session.scalar(
        select(func.coalesce(-func.sum(LedgerEntry.pence), 0))
        .select_from(LedgerEntry)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Payment, Payment.id == LedgerTransaction.payment_id)
        .join(Pledge, Pledge.id == Payment.pledge_id)
        .where(mine, LedgerEntry.account.in_(_GIVEN))
    )
    return int(found or 0)


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(LONDON).date()
