"""Declaring: who gives above the threshold says so before paying, or there is no payment page."""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import day_in_london
from core.money import Money
from payments.law.figures import figure
from payments.models import Declaration, Payment, Pledge

THRESHOLD = "checking_threshold"


class DeclarationNeeded(Exception):
    """The amount is above the threshold, and nobody has declared who gives."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Who gives, and the words that they agreed to; see `payments.models.Declaration`."""

    donor_type: str
    name: str
    address1: str
    address2: str
    town: str
    postcode: str
    wording: str
    country: str = ""
    number: str = ""

    @property
    def postcode_at_home(self) -> str | None:
        """The postcode, where it is one of the United Kingdom."""
        return None if self.country else self.postcode


def needed(amount: Money, *, on: dt.date) -> bool:
    """Say whether so much, given at once on a day, is a donation that has to be checked.

    PPERA 2000, s.52(2)(b): what is not more than the threshold is none. Dues are among donations.
    """
    return amount.pence > figure(THRESHOLD, on).value


def keep(session: Session, pledge: Pledge, declared: Declared | None, *, now: dt.datetime) -> None:
    """Keep what was declared of a pledge, where its amount needs it. The pledge is locked.

    What is declared again in the same words is kept once; a correction is added, until it is paid.

    Raises:
        DeclarationNeeded: nothing is declared now, and nothing was before.
    """
    if not needed(Money(pledge.amount_pence), on=day_in_london(now)):
        return
    if pledge.state == "pending" or declared is None:
        add(session, pledge, declared, now=now)


def add(session: Session, pledge: Pledge, declared: Declared | None, *, now: dt.datetime) -> None:
    """Add what is declared of a pledge above the threshold. The pledge is locked.

    What is declared again in the same words is kept once.

    Raises:
        DeclarationNeeded: nothing is declared now, and nothing was before.
    """
    before = latest(session, pledge.id)
    if declared is None:
        if before is None:
            raise DeclarationNeeded
        return
    values = asdict(declared)
    same = before is not None and all(getattr(before, key) == values[key] for key in values)
    if not same:
        session.add(Declaration(pledge_id=pledge.id, at=now, **values))
        session.flush()


def latest(session: Session, pledge_id: uuid.UUID) -> Declaration | None:
    """Return what was declared of a pledge, the last time it was."""
    wanted = select(Declaration).where(Declaration.pledge_id == pledge_id)
    return session.scalar(wanted.order_by(Declaration.id.desc()).limit(1))


def of_giver(session: Session, email_key: str) -> list[Declaration]:
    """Return what a giver declared of what they have paid, newest first.

    What nobody paid is left out: anybody may have typed this address.
    """
    paid = select(Payment.id).where(Payment.pledge_id == Pledge.id)
    wanted = (
        select(Declaration)
        .join(Declaration.pledge)
        .where(Pledge.email_key == email_key, paid.exists())
        .order_by(Declaration.id.desc())
    )
    return list(session.scalars(wanted))
