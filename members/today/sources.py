"""Sources: of what each shelf is made, the most urgent first, as questions with no values in them.

They are put together once: to build such a question takes longer than to ask it. What they depend
on is in `moments`.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy import literal as constant
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.orm.util import AliasedClass

from core.absence import none_of
from core.clock import day_in_london
from members.ages import youngest_adult
from members.enquiries import Which
from members.models import Member
from members.records import MemberTransfer
from members.today import rules
from members.today.records import FollowUp
from payments.models import Pledge
from staff import scoping

AGAIN, FRESH, BACK, WAITS, UNPAID = "again", "fresh", "back", "waits", "unpaid"
KINDS = (AGAIN, FRESH, BACK, WAITS, UNPAID)
"""Where a card is from: due again, untouched, joined again, or no member yet, paid or not."""
MOST_COUNTED = 300
_MEMBERS = ("active", "arrears")
_NOT_TAKEN = ("pending", "not-taken")
_Column = InstrumentedAttribute[Any]
_Question = Select[*tuple[Any, ...]]
_There = type[Any] | AliasedClass[Any]

# An applicant's first due may be on its way, which the agreement says.
scoping.beside(Pledge, Pledge.id, Member, by=Member.dues_pledge_id)


@dataclass(frozen=True, slots=True)
class Source:
    """A part of a shelf: asks for key, reason and member, in the order of two columns.

    `newest` says that the newest come first.
    """

    kind: str
    query: _Question
    order: tuple[_Column, _Column]
    newest: bool = False


def moments(now: dt.datetime, quiet: dt.timedelta, who: uuid.UUID) -> dict[str, object]:
    """Return the values that the questions go by, for whoever asks."""
    return {
        "youngest": youngest_adult(day_in_london(now)),
        "now": now,
        "fresh": now - rules.FRESH,
        "lost": now - rules.LOST,
        "rested": now - rules.RESTS,
        "quiet": now - quiet,
        "should_have_paid": now - rules.PAYS,
        "given_up": now - rules.GIVES_UP,
        "who": who,
    }


@cache
def of(shelf: str) -> tuple[Source, ...]:
    """Return of what a shelf of members is made, in the order in which it is shown."""
    again = Source(AGAIN, _again(shelf), (FollowUp.due_at, FollowUp.id))
    joined = (Member.joined_at, Member.id)
    found = {
        "applied": (
            Source(WAITS, _waits(), (Member.waiting_since, Member.id)),
            Source(UNPAID, _unpaid(), (Member.created_at, Member.id)),
        ),
        "joined": (
            Source(BACK, _back(), (Member.rejoined_at, Member.id)),
            Source(FRESH, _joined(), joined),
        ),
        "arrears": (Source(FRESH, _arrears(), joined),),
        "moved": (Source(FRESH, _moved(), (MemberTransfer.at, MemberTransfer.id)),),
        # Who joined last is the likeliest to be won back.
        rules.QUIET: (Source(FRESH, _quiet(), joined, newest=True),),
    }
    return (again, *found[shelf])


def texts_again(enquiry_id: _Column, phone: _Column, at: _Column) -> ColumnElement[bool]:
    """Return the condition that an enquiry is due again."""
    due = select(FollowUp.enquiry_id).where(_due(), FollowUp.enquiry_id.is_not(None))
    return and_(enquiry_id.in_(due), _not_joined(enquiry_id.class_, phone, at))


def texts_fresh(enquiry_id: _Column, phone: _Column, at: _Column) -> ColumnElement[bool]:
    """Return the condition that nobody has touched an enquiry so far."""
    touched = select(FollowUp.id).where(
        FollowUp.enquiry_id == enquiry_id, FollowUp.stepped_at.is_not(None)
    )
    there = enquiry_id.class_
    untouched = none_of(touched.correlate(there))
    return and_(at > bindparam("lost"), untouched, _not_joined(there, phone, at))


TEXTS: tuple[tuple[str, Which], ...] = ((AGAIN, texts_again), (FRESH, texts_fresh))
"""Of what the shelf of enquiries is made. Whoever has joined since is shown as a member."""


def _not_joined(there: _There, phone: _Column, at: _Column) -> ColumnElement[bool]:
    """Return the condition that no member in a list has joined since with the same number."""
    members = select(Member.id).where(
        Member.phone == phone,
        Member.state.in_(_MEMBERS),
        Member.joined_at >= at,
        Member.date_of_birth <= bindparam("youngest"),
    )
    return none_of(members.correlate(there))


def again_by_shelf() -> _Question:
    """Ask how many cards of members are due again, on each shelf of theirs in its order.

    `MOST_COUNTED` of them in all: more is a country's, and nobody's morning.
    """
    asked = _due_again().add_columns(_quiet_again().label("quiet"))
    due = asked.limit(MOST_COUNTED).subquery()
    on_shelf = [
        due.c.quiet if shelf == rules.QUIET else and_(due.c.reason == shelf, ~due.c.quiet)
        for shelf in rules.SHELVES[1:]
    ]
    return select(*(func.count().filter(which) for which in on_shelf)).select_from(due)


def _ask(key: _Column, reason: str, member: _Column) -> _Question:
    return select(key.label("key"), constant(reason).label("reason"), member.label("member"))


def _again(shelf: str) -> _Question:
    """Ask for the cards of members on a shelf that are due again."""
    if shelf == rules.QUIET:
        return _due_again().where(_quiet_again())
    return _due_again().where(FollowUp.reason == shelf, ~_quiet_again())


def _due_again() -> _Question:
    """Ask for the cards of members that are due again, while there is reason for them."""
    stands = or_(
        and_(FollowUp.reason == "applied", Member.state == "applied"),
        and_(FollowUp.reason == "arrears", Member.state == "arrears"),
        and_(FollowUp.reason.not_in(("applied", "arrears")), Member.state.in_(_MEMBERS)),
    )
    return (
        select(
            FollowUp.id.label("key"),
            FollowUp.reason.label("reason"),
            FollowUp.member_id.label("member"),
        )
        .join(Member, Member.id == FollowUp.member_id)
        .where(_due(), stands)
    )


def _due() -> ColumnElement[bool]:
    return FollowUp.due_at.between(bindparam("lost"), bindparam("now"))


def _quiet_again() -> ColumnElement[bool]:
    late = FollowUp.due_at <= bindparam("quiet")
    return and_(FollowUp.last_step.in_(rules.GOES_QUIET), late)


def _waits() -> _Question:
    """Ask for who waits to be accepted: until that is decided, or the card comes back by itself."""
    query = _ask(Member.id, "applied", Member.id)
    comes_back = _card("applied").where(FollowUp.due_at.is_not(None))
    return query.where(Member.waiting_since.is_not(None), ~_of_member(comes_back))


def _unpaid() -> _Question:
    """Ask for who sent the form, and whose first due neither came nor is on its way.

    Who has sent another since, or is a member, is not asked for by the older one.
    """
    other = aliased(Member)
    overtaken = select(other.id).where(
        other.email_key == Member.email_key,
        other.date_of_birth == Member.date_of_birth,
        other.id != Member.id,
        or_(other.state.in_(_MEMBERS), other.created_at > Member.created_at),
    )
    sent = Member.created_at.between(bindparam("given_up"), bindparam("should_have_paid"))
    return (
        _ask(Member.id, "applied", Member.id)
        .join(Pledge, Pledge.id == Member.dues_pledge_id)
        .where(Member.state == "applied", sent, Member.waiting_since.is_(None))
        .where(Member.joined_at.is_(None), Pledge.state.in_(_NOT_TAKEN))
        .where(~_touched(Member.created_at, "applied"))
        .where(~overtaken.correlate(Member).exists())
    )


def _joined() -> _Question:
    lately = Member.joined_at > bindparam("fresh")
    query = _ask(Member.id, "joined", Member.id)
    return query.where(Member.state == "active", lately, ~_touched(Member.joined_at, "joined"))


def _back() -> _Question:
    """Ask for who is a member again, and stands not among the new already."""
    stands = and_(Member.joined_at > bindparam("fresh"), ~_touched(Member.joined_at, "joined"))
    back = Member.rejoined_at > bindparam("fresh")
    return (
        _ask(Member.id, "joined", Member.id)
        .where(Member.state == "active", back, ~_touched(Member.rejoined_at, "joined"))
        .where(~stands)
    )


def _arrears() -> _Question:
    query = _ask(Member.id, "arrears", Member.id)
    rested = _card("arrears").where(FollowUp.stepped_at >= bindparam("rested"))
    # Said as it is: to a state that comes as a value no index of one state can answer.
    behind = Member.state == literal_column("'arrears'")
    return query.where(behind, ~_of_member(rested))


def _moved() -> _Question:
    newer = aliased(MemberTransfer)
    overtaken = select(newer.id).where(
        newer.member_id == MemberTransfer.member_id, newer.id > MemberTransfer.id
    )
    mine = MemberTransfer.account_id == bindparam("who")
    return (
        _ask(MemberTransfer.id, "moved", MemberTransfer.member_id)
        .join(Member, Member.id == MemberTransfer.member_id)
        .where(MemberTransfer.at > bindparam("fresh"), Member.state.in_(_MEMBERS))
        .where(MemberTransfer.account_id.is_(None) | ~mine)
        .where(~overtaken.correlate(MemberTransfer).exists())
        .where(~_touched(MemberTransfer.at, "moved"))
    )


def _quiet() -> _Question:
    """Ask for who joined a while ago and was never reached; who came back since is new again."""
    new_again = Member.rejoined_at.is_not(None) & (Member.rejoined_at > bindparam("fresh"))
    return (
        _ask(Member.id, "joined", Member.id)
        .where(Member.state == "active")
        .where(Member.joined_at.between(bindparam("lost"), bindparam("fresh")))
        .where(~_touched(Member.joined_at), ~new_again)
    )


def _touched(since: _Column, reason: str = "") -> ColumnElement[bool]:
    """Return what holds where somebody at the desk took a step since something happened."""
    return _of_member(_card(reason).where(FollowUp.stepped_at >= since))


def _card(reason: str) -> _Question:
    cards: _Question = select(FollowUp.id).where(FollowUp.member_id == Member.id)
    return cards.where(FollowUp.reason == reason) if reason else cards


def _of_member(cards: _Question) -> ColumnElement[bool]:
    return cards.correlate(Member, MemberTransfer).exists()
