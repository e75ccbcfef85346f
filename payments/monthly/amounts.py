"""Amounts over time: what a monthly giver had agreed to at any moment.

A change begins to be possible when we ask Stripe for it, and is certain once Stripe has said yes;
between the two, while an answer is lost or a request under way, an invoice may be for the old
amount or the new. Both were agreed to by the giver, so neither is held; anything else is.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.models import MonthlyAmount, MonthlyChange, Pledge

# Stripe's clock and ours need not agree, and an invoice is drawn up some while after the hour of
# its month: within this of a change the amount before it may still be meant.
SLACK = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Amount:
    """What is given each month, in pence, and the part of it that covers the card fee."""

    pence: int
    cover_pence: int


def asked(session: Session, change: MonthlyChange, *, now: dt.datetime) -> None:
    """Note that a giver asked for another amount: it may count from now on."""
    _add(session, change, "asked", now)


def heard(session: Session, change: MonthlyChange, *, now: dt.datetime) -> None:
    """Note that Stripe takes the new amount: what was before counts no more."""
    _add(session, change, "heard", now)


def refused(session: Session, change: MonthlyChange, *, now: dt.datetime) -> None:
    """Note that Stripe never took the new amount: what was before goes on."""
    _add(session, change, "refused", now)


def current(session: Session, pledge: Pledge) -> Amount:
    """Return what is given now; a change counts once Stripe has heard it."""
    return current_of(session, [pledge])[pledge.id]


def current_of(session: Session, pledges: Sequence[Pledge]) -> dict[uuid.UUID, Amount]:
    """Return what is given now, for several pledges."""
    found = {each.id: Amount(each.amount_pence, each.cover_pence) for each in pledges}
    steps = select(MonthlyAmount).where(
        MonthlyAmount.pledge_id.in_(found), MonthlyAmount.step == "heard"
    )
    for step in session.scalars(steps.order_by(MonthlyAmount.id)):
        found[step.pledge_id] = Amount(step.amount_pence, step.cover_pence)
    return found


def agreed_at(session: Session, pledge: Pledge, moment: dt.datetime) -> set[int]:
    """Return the amounts, in pence, for which an invoice drawn up at this moment may be."""
    steps = select(MonthlyAmount).where(MonthlyAmount.pledge_id == pledge.id)
    return possible(pledge.amount_pence, session.scalars(steps.order_by(MonthlyAmount.id)), moment)


def possible(first: int, steps: Iterable[MonthlyAmount], moment: dt.datetime) -> set[int]:
    """Return which of these amounts may count at a moment; `first` was agreed to before any."""
    counts, trying = first, {}
    found = {first}
    for step in steps:
        if step.step == "asked":
            if step.at - SLACK <= moment:
                found.add(step.amount_pence)
            trying[step.change_key] = step.amount_pence
        elif step.at + SLACK < moment:  # it is decided, and nothing else is possible any more
            if step.step == "heard":
                counts = trying.get(step.change_key, step.amount_pence)
            found = {counts}
    return found


def _add(session: Session, change: MonthlyChange, step: str, now: dt.datetime) -> None:
    if change.kind != "amount" or change.amount_pence is None:
        return
    session.add(
        MonthlyAmount(
            pledge_id=change.pledge_id,
            change_key=change.key,
            step=step,
            amount_pence=change.amount_pence,
            cover_pence=change.cover_pence or 0,
            at=now,
        )
    )
    session.flush()
