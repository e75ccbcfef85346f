"""Wishing: what a monthly giver asks for is kept first, one wish at a time."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import leasing
from core.clock import day_in_london
from core.money import Money
from payments.law import declaring
from payments.law.declaring import Declared
from payments.models import MonthlyChange, MonthlyStanding, Pledge, StopRequest
from payments.monthly import amounts, calendar, standing
from payments.monthly.amounts import Amount

MONTHS = (1, 2, 3, 6)
"""For how many months a gift may be paused."""
HIGHEST_PENCE = 50_000
"""The most that a gift may be changed to: above £500 the law asks for more than an amount
(Political Parties, Elections and Referendums Act 2000, Part IV), which the form for a new gift
does. Dues may be more, with what the law asks for (`Wish.declared`)."""
# The first month after a pause is taken this long after the pause is over.
_BEFORE_A_MONTH = dt.timedelta(days=1)


class CannotChange(Exception):
    """The agreement is not one that can be changed so, or something is under way already."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wishes: `pause` for `months`, `resume`, or another `amount`.

    `label` is what whoever asks calls the new amount. `declared` says who gives it: dues above the
    threshold of the law are not changed without.
    """

    kind: str
    months: int = 0
    amount: Amount | None = None
    label: str | None = None
    declared: Declared | None = None


def waiting(session: Session, pledge_id: uuid.UUID) -> MonthlyChange | None:
    """Return the wish that Stripe has not heard yet, if there is one."""
    return session.scalar(
        select(MonthlyChange).where(
            MonthlyChange.pledge_id == pledge_id, MonthlyChange.due_at.is_not(None)
        )
    )


def ask(session: Session, pledge_id: uuid.UUID, wish: Wish, *, now: dt.datetime) -> MonthlyChange:
    """Keep a wish. The worker takes it up where the caller does not finish it.

    The pledge's row is locked, so that of two requests the second sees what the first has kept.
    Dues are never paused: whoever cannot pay them for a while pays less.

    Raises:
        CannotChange: it does not run, it is so already, or another wish is under way.
        DeclarationNeeded: dues would be above the threshold, and nothing was ever declared of them.
    """
    pledge = session.get_one(Pledge, pledge_id, with_for_update=True)
    stood = standing.of(session, pledge_id)
    if hindrance(session, pledge) is not None or (pledge.kind == "dues" and wish.kind != "amount"):
        raise CannotChange
    change = MonthlyChange(
        pledge_id=pledge_id,
        key=uuid.uuid4(),
        kind=wish.kind,
        asked_at=now,
        due_at=now + leasing.LEASE,
        label=wish.label,
    )
    match wish:
        case Wish(kind="pause") if wish.months in MONTHS and not is_paused(stood, now=now):
            change.until = returns(stood, wish.months, now=now)
        case Wish(kind="resume") if is_paused(stood, now=now):
            pass
        case Wish(kind="amount", amount=Amount() as amount) if _may_be(session, pledge, amount):
            change.amount_pence, change.cover_pence = amount.pence, amount.cover_pence
            _declare(session, pledge, wish, now=now)
        case _:
            raise CannotChange
    session.add(change)
    session.flush()
    amounts.asked(session, change, now=now)
    return change


def end(session: Session, pledge: Pledge, *, now: dt.datetime) -> None:
    """Let go of what an agreement that has ended waits for. Its pledge is locked."""
    change = waiting(session, pledge.id)
    if change is not None:
        change.due_at, change.done_at, change.last_error = None, now, "ended"
        amounts.refused(session, change, now=now)
    stood = standing.of(session, pledge.id)
    if stood is not None:
        stood.due_at, stood.touches = None, stood.touches + 1


def is_paused(stood: MonthlyStanding | None, *, now: dt.datetime) -> bool:
    """Say whether months go by untaken now: a pause ends by itself, whether we were told or not."""
    if stood is None or not stood.paused:
        return False
    return stood.resumes_at is None or stood.resumes_at > now


def returns(stood: MonthlyStanding | None, months: int, *, now: dt.datetime) -> dt.datetime:
    """Return when a pause that begins now is over, so that it leaves out exactly so many months.

    That is the day before the first month that is taken again.
    """
    upcoming = calendar.upcoming(stood.period_ends if stood else None, now=now)
    if upcoming is None:
        return calendar.later(now, months)
    return calendar.later(upcoming, months) - _BEFORE_A_MONTH


def hindrance(session: Session, pledge: Pledge) -> str | None:
    """Say why nothing of an agreement can be changed now, None where it can.

    It is `elsewhere` where it does not run at Stripe, `stopped` where it has ended or is asked to,
    `starting` before its first money, and `waiting` while Stripe has not heard a wish.
    """
    asked = select(StopRequest.id).where(StopRequest.pledge_id == pledge.id)
    if pledge.stopped_at is not None or session.scalar(asked) is not None:
        return "stopped"
    if not pledge.monthly or (pledge.state == "paid" and pledge.stripe_subscription is None):
        return "elsewhere"
    if pledge.state != "paid":
        return "starting"
    return "waiting" if waiting(session, pledge.id) is not None else None


def _declare(session: Session, pledge: Pledge, wish: Wish, *, now: dt.datetime) -> None:
    """Keep what is declared of dues that shall be above the threshold of the day."""
    if wish.amount is None:
        return
    amount = Money(wish.amount.pence)
    if pledge.kind == "dues" and declaring.needed(amount, on=day_in_london(now)):
        declaring.add(session, pledge, wish.declared, now=now)


def _may_be(session: Session, pledge: Pledge, amount: Amount) -> bool:
    within = pledge.kind == "dues" or amount.pence <= HIGHEST_PENCE
    return within and amount != amounts.current(session, pledge)
