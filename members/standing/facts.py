"""The facts of standing, read from the books for a batch of members by one question."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from core.months import london_month, month_of
from members.entering.models import EnteredMember
from members.models import Member, MemberPledge
from members.standing.rules import Facts, MonthRules
from payments.models import (
    Dispute,
    MonthlyAmount,
    MonthlyStanding,
    Payment,
    Pledge,
    Refund,
)
from payments.models.money import OFFLINE_METHODS

STANDS = ("active", "arrears", "lapsed")
"""Those who can come to stand otherwise as time goes by."""
_TAKEN_BACK = ("needs_response", "under_review", "lost")
_FAILED = ("failed", "canceled")
# The most months for which one payment counts: ten years' dues are a slip of the pen.
_MOST_MONTHS = 120

_Question: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A member and the facts about them."""

    id: uuid.UUID
    facts: Facts


@dataclass(frozen=True, slots=True)
class Page:
    """The next members by their ids: how many, the last of them, and the facts of some."""

    looked_at: int
    last: uuid.UUID
    rows: list[Row]


def following(session: Session, after: uuid.UUID | None, many: int) -> list[Row]:
    """Return the next members who can come to stand otherwise, by their ids, and their facts."""
    return _rows(session, _asked(Member.id.in_(_next(after, many))))


def unsettled(
    session: Session, after: uuid.UUID | None, many: int, *, rules: MonthRules, now: dt.datetime
) -> Page | None:
    """Return the next members, and the facts of those who may stand otherwise now; None at the end.

    Left out, in the database, are by far the most: who is active and has paid for a month that is
    late enough, and who has lapsed and has not. Of either the rule says what they are already,
    whatever else is known of them, and calls for no letter.
    """
    ids = _next(after, many).subquery()
    found = session.execute(
        select(ids.c.id, func.count().over()).order_by(ids.c.id.desc()).limit(1)
    ).first()
    if found is None:
        return None
    ends, looked_at = found
    which = [Member.state.in_(STANDS), Member.id <= ends]
    if after is not None:
        which.append(Member.id > after)
    asked = _asked(and_(*which), unless=(rules, month_of(now)))
    return Page(looked_at, ends, _rows(session, asked))


def _next(after: uuid.UUID | None, many: int) -> Select[uuid.UUID]:
    wanted = select(Member.id).where(Member.state.in_(STANDS))
    if after is not None:
        wanted = wanted.where(Member.id > after)
    return wanted.order_by(Member.id).limit(many)


def of(session: Session, ids: Sequence[uuid.UUID]) -> list[Row]:
    """Return these members and their facts."""
    return _rows(session, _of_some(), ids=list(ids))


@cache
def _of_some() -> _Question:
    """Return the question for members by their ids, made once: to put it together takes a while."""
    return _asked(Member.id.in_(bindparam("ids", expanding=True)))


def _rows(session: Session, asked: _Question, **values: object) -> list[Row]:
    return [Row(row[0], Facts(*row[1:])) for row in session.execute(asked, values)]


def _asked(which: ColumnElement[bool], unless: tuple[MonthRules, int] | None = None) -> _Question:
    """Ask for members and their facts; `unless` they are settled, by the rules, in that month."""
    brought = _brought(which)
    paid = _paid(which, brought)
    reached = _paid_up_to(paid, brought)
    found = (
        select(
            Member.id,
            Member.state,
            reached,
            paid.c.member_id.is_not(None) | brought.c.paid_up_to.is_not(None),
            Pledge.stopped_at.is_not(None),
            Member.retry_at,
            Member.unpaid_at,
            case((MonthlyStanding.paused.is_(False), MonthlyStanding.period_ends)),
            brought.c.spared_until,
            func.coalesce(
                and_(brought.c.reminds == 0, func.coalesce(paid.c.months, 0) == 0), false()
            ),
        )
        .join(Pledge, Pledge.id == Member.dues_pledge_id)
        .outerjoin(paid, paid.c.member_id == Member.id)
        .outerjoin(brought, brought.c.member_id == Member.id)
        .outerjoin(MonthlyStanding, MonthlyStanding.pledge_id == Member.dues_pledge_id)
        .where(which)
        .order_by(Member.id)
    )
    if unless is not None:
        rules, month = unless
        behind = month - reached
        settled = or_(
            and_(Member.state == "active", behind <= rules.arrears_after),
            and_(Member.state == "lapsed", behind > rules.lapse_after),
        )
        found = found.where(func.coalesce(settled, false()).is_(False))
    return found


def _brought(which: ColumnElement[bool]) -> CTE:
    """Say what those who were entered brought with them (`members.entering.models`)."""
    entered = EnteredMember
    return (
        select(
            entered.member_id,
            func.max(entered.paid_up_to).label("paid_up_to"),
            func.max(entered.counted_from).label("counted_from"),
            func.max(entered.spared_until).label("spared_until"),
            func.max(case((entered.reminds, 1), else_=0)).label("reminds"),
        )
        .join(Member, Member.id == entered.member_id)
        .where(which)
        .group_by(entered.member_id)
        .cte("brought")
        .prefix_with("MATERIALIZED")
    )


def _paid_up_to(paid: Subquery, brought: CTE) -> ColumnElement[int | None]:
    """Say up to which month somebody has paid: what they brought counts as a due before all others.

    Each due then counts for the month after the one reached, or for its own where that is later.
    """
    begins = case(
        (paid.c.ahead.is_(None), brought.c.paid_up_to),
        (brought.c.paid_up_to.is_(None), paid.c.ahead),
        (brought.c.paid_up_to > paid.c.ahead, brought.c.paid_up_to),
        else_=paid.c.ahead,
    )
    return cast(begins + func.coalesce(paid.c.months, 0), Integer)


def _paid(which: ColumnElement[bool], brought: CTE) -> Subquery:
    """Say how far the dues of each of these members reach, as `rules.paid_up_to` does.

    What that reckons due by due is, for all dues at once, the `months` that they count for and the
    furthest that one of them is `ahead` of those before it. What was paid before the day on which
    its payer was entered is in what they brought.
    """
    counted = _counted(_taken(which, brought))
    due = select(
        counted.c.member_id,
        counted.c.month,
        counted.c.months,
        (
            func.sum(counted.c.months).over(
                partition_by=counted.c.member_id, order_by=(counted.c.paid_at, counted.c.id)
            )
            - counted.c.months
        ).label("before"),
    ).subquery("due")
    ahead = case((due.c.months > 0, due.c.month - 1 - due.c.before))
    return (
        select(
            due.c.member_id,
            func.max(ahead).label("ahead"),
            func.sum(due.c.months).label("months"),
        )
        .group_by(due.c.member_id)
        .subquery("paid")
    )


def _taken(which: ColumnElement[bool], brought: CTE) -> CTE:
    """Read the dues of these members: what was taken, what went back of it, and what was agreed.

    It is materialised, as is `_counted`: PostgreSQL would put each of the questions in here into
    every place where its answer is used, and ask it anew at each, two dozen times for one due.
    """
    returned = (
        select(func.coalesce(func.sum(Refund.amount_pence), 0))
        .where(Refund.payment_id == Payment.id, Refund.status.not_in(_FAILED))
        .scalar_subquery()
    )
    disputed = exists().where(
        and_(Dispute.payment_id == Payment.id, Dispute.status.in_(_TAKEN_BACK))
    )
    agreed = (
        select(MonthlyAmount.amount_pence)
        .where(MonthlyAmount.pledge_id == Pledge.id, MonthlyAmount.step == "heard")
        .order_by(MonthlyAmount.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            MemberPledge.member_id,
            Payment.id,
            Payment.paid_at,
            london_month(Payment.paid_at).label("month"),
            Payment.amount_pence.label("pence"),
            Payment.method,
            returned.label("returned"),
            disputed.label("disputed"),
            func.coalesce(agreed, Pledge.amount_pence).label("agreed"),
        )
        .join(Member, Member.id == MemberPledge.member_id)
        .join(Payment, Payment.pledge_id == MemberPledge.pledge_id)
        .join(Pledge, Pledge.id == MemberPledge.pledge_id)
        .outerjoin(brought, brought.c.member_id == MemberPledge.member_id)
        .where(
            which, brought.c.counted_from.is_(None) | (Payment.paid_at >= brought.c.counted_from)
        )
        .cte("taken")
        .prefix_with("MATERIALIZED")
    )


def _counted(taken: CTE) -> CTE:
    """Say for how many months each due counts: none where it went back, or its bank has it."""
    whole = (taken.c.pence - taken.c.returned) // taken.c.agreed
    months = case(
        (taken.c.returned >= taken.c.pence, 0),
        (taken.c.disputed, 0),
        (taken.c.method.not_in(OFFLINE_METHODS), 1),
        (taken.c.method.is_(None), 1),
        (whole < 1, 1),
        (whole > _MOST_MONTHS, _MOST_MONTHS),
        else_=whole,
    )
    return (
        select(
            taken.c.member_id,
            taken.c.id,
            taken.c.paid_at,
            taken.c.month,
            cast(months, Integer).label("months"),
        )
        .cte("counted")
        .prefix_with("MATERIALIZED")
    )
