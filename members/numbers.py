"""What the desk shows of members in numbers: how many came and went, how soon somebody rang, dues.

Whoever has moved since is counted where they are now, and somebody erased is counted no more.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    cast,
    distinct,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from core.months import beginning, london_month
from members.models import Member, MemberPledge, MembershipEvent
from members.records import MemberNote
from members.today.records import FollowUp, FollowUpStep
from members.today.rules import UNDO
from payments.models import LedgerEntry, LedgerTransaction, Payment
from staff.numbers import LONGEST, NOW

_MEMBERS = ("active", "arrears")
_GONE = ("lapsed", "left")
_SECONDS_A_DAY = 86_400
_PLACE = (Member.region_id, Member.branch_id)
Rows = Iterable[Sequence[Any]]


def joined(session: Session, first: int) -> Rows:
    """Count who became a member in each month since the first, newly or again, once a month."""
    new = or_(MembershipEvent.from_state.is_(None), MembershipEvent.from_state == "applied")
    again = MembershipEvent.kind == "rejoined"
    came = and_(MembershipEvent.to_state == "active", or_(new, again))
    return session.execute(_events(first).where(came))


def went(session: Session, first: int) -> Rows:
    """Count who left or lapsed in each month since the first."""
    gone = and_(MembershipEvent.to_state.in_(_GONE), MembershipEvent.from_state.in_(_MEMBERS))
    return session.execute(_events(first).where(gone))


def standing(session: Session, _first: int) -> Rows:
    """Count the members there are now, those in arrears among them."""
    zero = literal(0)
    wanted = select(literal(NOW), *_PLACE, zero, func.count()).where(Member.state.in_(_MEMBERS))
    return session.execute(wanted.group_by(*_PLACE))


def dues(session: Session, first: int) -> Rows:
    """Add up the dues of each month since the first in pence, less what went back in it."""
    month = london_month(LedgerTransaction.moved_at)
    wanted = (
        select(month, *_PLACE, literal(0), func.sum(-LedgerEntry.pence))
        .join(LedgerTransaction)
        .outerjoin(Payment, Payment.id == LedgerTransaction.payment_id)
        .outerjoin(MemberPledge, MemberPledge.pledge_id == Payment.pledge_id)
        .outerjoin(Member, Member.id == MemberPledge.member_id)
        .where(LedgerEntry.account == "dues", LedgerTransaction.moved_at >= beginning(first))
    )
    return session.execute(wanted.group_by(month, *_PLACE))


def first_calls(session: Session, first: int) -> Rows:
    """Count by days how long it took from joining, in each month, until somebody was in touch.

    That is the first step of Today's that was not taken back, or the first note of a talk.
    """
    noted = select(MemberNote.member_id, MemberNote.at).where(
        MemberNote.kind == "note", MemberNote.struck_at.is_(None)
    )
    back = aliased(FollowUpStep)
    rung = (
        select(FollowUp.member_id, FollowUpStep.at)
        .join(FollowUp, FollowUp.id == FollowUpStep.follow_up_id)
        .where(
            FollowUp.member_id.is_not(None),
            FollowUpStep.step != UNDO,
            ~select(back.id).where(back.undoes_id == FollowUpStep.id).exists(),
        )
    )
    talks = union_all(noted, rung).subquery()
    reached = (
        select(talks.c.member_id, func.min(talks.c.at).label("at"))
        .group_by(talks.c.member_id)
        .subquery()
    )
    month = london_month(Member.joined_at)
    days = (_seconds(reached.c.at) - _seconds(Member.joined_at)) // _SECONDS_A_DAY
    wanted = (
        select(month, *_PLACE, days, func.count())
        .join(reached, reached.c.member_id == Member.id)
        .where(Member.joined_at >= beginning(first))
        .group_by(month, *_PLACE, days)
    )
    for when, region_id, branch_id, took, many in session.execute(wanted):
        yield when, region_id, branch_id, min(max(took, 0), LONGEST), many


def _events(first: int) -> Select[*tuple[Any, ...]]:
    month = london_month(MembershipEvent.at)
    return (
        select(month, *_PLACE, literal(0), func.count(distinct(MembershipEvent.member_id)))
        .join(Member, Member.id == MembershipEvent.member_id)
        .where(MembershipEvent.at >= beginning(first))
        .group_by(month, *_PLACE)
    )


def _seconds(moment: Any) -> Any:  # noqa: ANN401 -- a column, of a model or of a subquery
    return cast(extract("epoch", moment), BigInteger)
