"""Changing the rate: a wish first, and the member's own once Stripe has heard of it."""

import datetime as dt
import uuid

from sqlalchemy.orm import Session

from core.money import Money
from core.organisation import Rate
from members import states
from members.models import OWN_RATE, Member
from payments.announcements import DuesChanged
from payments.law.declaring import Declared
from payments.models import MonthlyChange, Pledge
from payments.monthly import amounts, wishing
from payments.monthly.amounts import Amount
from payments.monthly.wishing import Wish

_PAYS = ("active", "arrears")


class CannotChangeRate(Exception):
    """The rate cannot be changed now. `kind` says why.

    It is `same`, or `no-member` for who is none; `elsewhere`, `stopped`, `starting` and `waiting`
    are as `payments.monthly.wishing.hindrance` has them.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def amount(session: Session, member: Member) -> Money:
    """Return what a member pays each month now."""
    return Money(amounts.current(session, session.get_one(Pledge, member.dues_pledge_id)).pence)


def hindrance(session: Session, member: Member) -> str | None:
    """Say why a member's rate cannot be changed now, as `CannotChangeRate` does; None if it can."""
    if member.state not in _PAYS:
        return "no-member"
    return wishing.hindrance(session, session.get_one(Pledge, member.dues_pledge_id))


def ask(
    session: Session,
    member_id: uuid.UUID,
    rate: Rate,
    *,
    declared: str | None,
    who: str,
    now: dt.datetime,
) -> MonthlyChange | None:
    """Keep the wish for another rate, to be told to Stripe; None where Stripe need not know.

    The new amount counts from the next month on, and the rate is the member's once Stripe has heard
    of it. A rate of another name and the same amount is theirs at once. `declared` is what was
    agreed to of the money, in the words that were shown: dues above the threshold of the law are
    not changed without.

    Raises:
        CannotChangeRate: see there.
        DeclarationNeeded: it is above the threshold, and nothing was ever declared.
    """
    found = session.get_one(Member, member_id)
    session.get_one(Pledge, found.dues_pledge_id, with_for_update=True)
    member = session.get_one(Member, member_id, with_for_update=True, populate_existing=True)
    why_not = hindrance(session, member)
    if why_not is not None:
        raise CannotChangeRate(why_not)
    if rate.amount == amount(session, member):
        if rate.slug == member.rate:
            raise CannotChangeRate("same")
        _take(session, member, rate.slug, rate.amount, who=who, now=now)
        return None
    wish = Wish(
        "amount",
        amount=Amount(rate.amount.pence, 0),
        label=rate.slug,
        declared=_declared(member, declared),
    )
    return wishing.ask(session, member.dues_pledge_id, wish, now=now)


def changed(session: Session, told: DuesChanged) -> None:
    """Let a member's rate be the one that Stripe has heard of.

    Of dues that newer ones have taken the place of nothing is noted.
    """
    member = states.of_dues(session, told.pledge_id)
    if member is not None and member.dues_pledge_id == told.pledge_id:
        pays = Money(told.pence)
        _take(session, member, told.label or OWN_RATE, pays, who="member", now=told.at)


def _take(
    session: Session, member: Member, slug: str, pays: Money, *, who: str, now: dt.datetime
) -> None:
    why = f"{member.rate} to {slug}, {pays} a month"
    member.rate = slug
    states.note(session, member, "rate", why=why, who=who, now=now)


def _declared(member: Member, wording: str | None) -> Declared | None:
    if wording is None:
        return None
    return Declared(
        donor_type="individual",
        name=member.name,
        address1=member.address1,
        address2=member.address2,
        town=member.town,
        postcode=member.postcode,
        wording=wording,
    )
