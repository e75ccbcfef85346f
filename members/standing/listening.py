"""Listening: what the room of money announces, as it changes how a member stands.

Each announcement comes in the transaction in which the money is booked. None is believed for more
than that something moved: how the member stands is read from the books, so that an announcement
that comes twice, late or out of order changes nothing that is not so.
"""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from members import states
from members.models import Member
from members.standing import recomputing
from members.standing.reminding import take_back
from members.standing.rules import MonthRules
from payments.announcements import (
    DisputeWon,
    DuesPaid,
    DuesUnpaid,
    MonthlyStopped,
    PaymentDisputed,
    PaymentRefunded,
    RefundFailed,
)
from payments.models import StopRequest

Moved = PaymentRefunded | RefundFailed | PaymentDisputed | DisputeWon


def paid(
    session: Session, member: Member, told: DuesPaid, *, rules: MonthRules, now: dt.datetime
) -> None:
    """Let a member who pays stand as the books say. The member is locked, and has joined before.

    Who left stays so: the last due of somebody who has gone makes nobody a member again.
    """
    if member.state == "left":
        return
    if member.unpaid_at is not None and told.paid_at >= member.unpaid_at:
        member.unpaid_at = member.retry_at = None
    recomputing.stand(session, member, rules, who="gateway", paid=True, now=now)


def unpaid(session: Session, told: DuesUnpaid) -> None:
    """Note when a month could not be taken and when it is tried again: the latest word counts."""
    member = states.of_dues(session, told.pledge_id)
    if member is None or member.dues_pledge_id != told.pledge_id:
        return
    if member.unpaid_at is None or told.at >= member.unpaid_at:
        member.unpaid_at, member.retry_at = told.at, told.retry_at
        session.flush()


def moved(session: Session, told: Moved, *, rules: MonthRules, now: dt.datetime) -> None:
    """Look again at whose due went back or came back.

    Who has not joined yet, or has left, stays so whatever becomes of the money.
    """
    member = states.of_dues(session, told.pledge_id)
    if member is None or member.state == "left" or member.joined_at is None:
        return
    recomputing.stand(session, member, rules, who="gateway", paid=False, now=now)


def stopped(session: Session, told: MonthlyStopped, *, rules: MonthRules, now: dt.datetime) -> None:
    """Look at whose dues have ended, once.

    Who asked to stop has left. Where the gateway ended it, because the payer cancelled on its own
    page or no card could pay, they are members for as long as they have paid, and lapse then. Who
    never paid has left: there is nothing to wait for. Who waits for an organiser goes on waiting:
    accepted, they are a member for as long as they have paid. An agreement that a newer one has
    taken the place of ends without a word.
    """
    member = states.of_dues(session, told.pledge_id)
    if member is None or member.state == "left" or member.dues_pledge_id != told.pledge_id:
        return
    member.retry_at = None
    asked = session.scalar(select(StopRequest.id).where(StopRequest.pledge_id == told.pledge_id))
    if asked is not None:
        states.change(session, member, "left", why="stopped dues", who="member", now=now)
    elif member.waiting_since is not None:
        return
    elif member.state == "applied":
        why = "dues ended at the gateway"
        states.change(session, member, "left", why=why, who="gateway", now=now)
    else:
        recomputing.stand(session, member, rules, who="gateway", paid=False, now=now)
        return
    take_back(session, member.id, "left meanwhile")
