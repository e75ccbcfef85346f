"""Merging: of two records of one person the one takes over all that the other has, and stays.

The lost id becomes a pointer (`members.merging.pointers`), with what its record said. Nothing of
the kept one's own details changes but what it lacked.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from core.clock import day_in_london
from core.links import AccessLink
from members import states
from members.entering.models import EnteredMember
from members.merging import deciding, moving
from members.merging.deciding import CannotMerge
from members.merging.models import MergedMember
from members.models import LinkRequest, Member, MemberPledge
from members.rules import Rules
from members.standing import facts, recomputing, reminding
from members.today import carrying
from payments.models import Pledge
from payments.offline.booking import morning

_SAID = (
    *("state", "name", "email", "phone", "address1", "address2", "town", "postcode", "rate"),
    *("branch_id", "region_id"),
)
_OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of merging: how many rows of each table moved, none where it was done before."""

    keep: uuid.UUID
    moved: dict[str, int] = field(default_factory=dict)
    already: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two become one, who says so, and when."""

    why: str
    by: str
    now: dt.datetime


def merge(
    session: Session,
    keep_id: uuid.UUID,
    lose_id: uuid.UUID,
    reason: Reason,
    *,
    rules: Rules,
    keys: Sequence[str],
) -> Merged:
    """Make one member of two, once; `keys` are the service's, newest first.

    Both rows are locked, so that of two who merge the same ones in either direction the second sees
    what the first has done.

    Raises:
        CannotMerge: they cannot be merged now, or not so.
    """
    if keep_id == lose_id:
        raise CannotMerge("same")
    agreed = deciding.lock_agreements(session, [keep_id, lose_id])
    locked = {each.id: each for each in _locked(session, (keep_id, lose_id))}
    keep, lost = locked.get(keep_id), locked.get(lose_id)
    if keep is None or lost is None:
        return _merged_before(session, keep, keep_id, lose_id)
    deciding.check_dues(session, agreed, keep, lost, reason.now)
    return _make_one(session, keep, lost, reason, rules, keys)


def _locked(session: Session, ids: Sequence[uuid.UUID]) -> Sequence[Member]:
    return session.scalars(
        select(Member)
        .where(Member.id.in_(ids))
        .order_by(Member.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _merged_before(
    session: Session, keep: Member | None, keep_id: uuid.UUID, lose_id: uuid.UUID
) -> Merged:
    """Say that it is done, or why it cannot be.

    Raises:
        CannotMerge: one of them is nobody, or became one with somebody else.
    """
    gone = session.get(MergedMember, lose_id if keep is not None else keep_id)
    if gone is None:
        raise CannotMerge("no-such-member")
    if keep is None or gone.kept_id != keep_id:
        raise CannotMerge("merged", gone.kept_id)
    return Merged(keep_id, already=True)


def _make_one(
    session: Session, keep: Member, lost: Member, reason: Reason, rules: Rules, keys: Sequence[str]
) -> Merged:
    now, before = reason.now, lost.state
    either = [deciding.answers(session, each.id) for each in (keep, lost)]
    paid_up_to = _paid_up_to(session, keep.id, lost.id)
    chosen = deciding.choose_dues(
        session, session.get_one(Pledge, keep.dues_pledge_id), lost.dues, now
    )
    rate, troubles = lost.rate, (lost.unpaid_at, lost.retry_at)
    takes_dues = chosen.id == lost.dues_pledge_id
    pointer = _pointer(keep, lost, reason)
    lacked = _lacking(keep, lost)
    carrying.carry(session, lost, keep)
    moved = moving.move(session, lost.id, keep.id)
    session.execute(
        delete(Member).where(Member.id == lost.id).execution_options(synchronize_session=False)
    )
    session.expunge(lost)
    session.add(pointer)
    for name, value in lacked.items():
        setattr(keep, name, value)
    if takes_dues:
        keep.dues_pledge_id, keep.rate = chosen.id, rate
        keep.unpaid_at, keep.retry_at = troubles
    session.flush()
    _settle(session, keep, pointer, keys, now)
    _bring(session, keep.id, paid_up_to, now)
    deciding.refuse_what_either_refused(session, keep.id, either, now=now)
    deciding.take_state(session, keep, before, why=reason.why, now=now)
    states.note(session, keep, "merged", why=reason.why, who=reason.by, now=now)
    if keep.state in facts.STANDS:
        recomputing.stand(session, keep, rules.months, who=_OFFICE, paid=False, now=now)
    return Merged(keep.id, moved)


def _pointer(keep: Member, lost: Member, reason: Reason) -> MergedMember:
    said = {name: getattr(lost, name) for name in _SAID}
    said["date_of_birth"] = lost.date_of_birth.isoformat()
    said["joined_at"] = lost.joined_at.isoformat() if lost.joined_at else None
    return MergedMember(
        lost_id=lost.id,
        kept_id=keep.id,
        email_key=lost.email_key,
        said=said,
        at=reason.now,
        why=reason.why,
        who=reason.by,
    )


def _lacking(keep: Member, lost: Member) -> dict[str, object]:
    """Return what the kept record lacks and the other has; who joined twice, joined at first."""
    joined = [each for each in (keep.joined_at, lost.joined_at) if each is not None]
    found: dict[str, object] = {"joined_at": min(joined, default=None)}
    if not keep.email and lost.email:
        found |= {"email": lost.email, "email_key": lost.email_key}
    if (keep.email or lost.email) == lost.email and keep.email_confirmed_at is None:
        found["email_confirmed_at"] = lost.email_confirmed_at
    if keep.phone is None:
        found["phone"] = lost.phone
    return found


def _settle(
    session: Session, keep: Member, pointer: MergedMember, keys: Sequence[str], now: dt.datetime
) -> None:
    """Let dues be under the kept address, and let letters and links to the other one be over."""
    dues = select(MemberPledge.pledge_id).where(MemberPledge.member_id == keep.id)
    session.execute(
        update(Pledge)
        .where(Pledge.id.in_(dues))
        .values(email=keep.email, email_key=keep.email_key)
        .execution_options(synchronize_session=False)
    )
    reminding.take_back(session, pointer.lost_id, "merged")
    other = pointer.email_key
    if other == keep.email_key:
        return
    deciding.suppress_either(session, keep.email_key, other, keys, now=now)
    nobodys = ~exists().where(Member.email_key == other)
    session.execute(delete(AccessLink).where(AccessLink.email == other, nobodys))
    session.execute(delete(LinkRequest).where(LinkRequest.email_key == other, nobodys))


def _paid_up_to(session: Session, *ids: uuid.UUID) -> int | None:
    """Return the furthest that either has paid, where one of them brought that from elsewhere.

    What the books of others say cannot be added to ours: it may be the same money.
    """
    brought = select(EnteredMember.id).where(
        EnteredMember.member_id.in_(ids), EnteredMember.paid_up_to.is_not(None)
    )
    if session.scalar(brought.limit(1)) is None:
        return None
    reached = [row.facts.paid_up_to for row in facts.of(session, ids)]
    return max((each for each in reached if each is not None), default=None)


def _bring(session: Session, keep: uuid.UUID, paid_up_to: int | None, now: dt.datetime) -> None:
    """Note how far somebody has paid in all, as what they brought; dues count beside it anew."""
    if paid_up_to is None:
        return
    session.execute(
        update(EnteredMember)
        .where(EnteredMember.member_id == keep, EnteredMember.paid_up_to.is_not(None))
        .values(paid_up_to=paid_up_to, counted_from=morning(day_in_london(now)))
        .execution_options(synchronize_session=False)
    )
