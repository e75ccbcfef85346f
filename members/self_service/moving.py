"""Details that change: name, number and address, and with the address perhaps the branch.

Whoever moves sees the old and the new branch before anything is kept, and may stay with the old.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core import outbox
from core.addresses import PhoneNumber
from core.clock import day_in_london
from members import ages, states
from members.models import Member
from members.places import Placed, Places
from members.records import MemberTransfer
from members.rules import Rules

NEW, KEEP = "new", "keep"
_ADDRESS = ("address1", "address2", "town", "postcode")


@dataclass(frozen=True, slots=True)
class Details:
    """What a member says of themselves. `phone` is in E.164, `postcode` in its usual form."""

    name: str
    phone: str | None
    address1: str
    address2: str
    town: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Move:
    """Where somebody belongs now, and where their new address does."""

    before: Placed
    after: Placed

    @property
    def asks(self) -> bool:
        """Whether branch or region would be another one."""
        return (self.before.branch, self.before.region) != (self.after.branch, self.after.region)

    @property
    def name(self) -> str:
        """What names the new branch in a form, so that another one is not taken for it."""
        places = (self.after.branch, self.after.region)
        return "/".join(each.slug if each else "" for each in places)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose of a move: `NEW` or `KEEP`, of the move that had this name."""

    branch: str
    seen: str


def save(
    session: Session,
    member_id: uuid.UUID,
    details: Details,
    choice: Choice | None,
    *,
    places: Places,
    rules: Rules,
    now: dt.datetime,
) -> Move | None:
    """Keep what a member says of themselves; return the move that they have to choose of first.

    Where a move is returned nothing has changed. A branch that was chosen stays as long as the
    postcode does.
    """
    member = session.get_one(Member, member_id, with_for_update=True, populate_existing=True)
    if details.postcode == member.postcode:
        _say(session, member, details, "address changed", now)
        return None
    move = _plan(session, member, details.postcode, places)
    if not move.asks:
        _put(member, move.after)
        _say(session, member, details, f"moved within {_place(move.after)}", now)
        return None
    if choice is None or choice.seen != move.name or choice.branch not in (NEW, KEEP):
        return move
    if choice.branch == KEEP and move.before.branch is not None:
        _put(member, places.place(session, details.postcode, branch_id=member.branch_id))
        _say(session, member, details, f"moved, stays with {_place(move.before)}", now)
        return None
    _keep(session, member, move, now)
    _put(member, move.after)
    why = f"moved from {_place(move.before)} to {_place(move.after)}"
    _say(session, member, details, why, now)
    _tell(session, member, move, rules, now)
    return None


def _plan(session: Session, member: Member, postcode: str, places: Places) -> Move:
    return Move(
        before=places.place(session, member.postcode, branch_id=member.branch_id),
        after=places.place(session, postcode),
    )


def _keep(session: Session, member: Member, move: Move, now: dt.datetime) -> None:
    """Keep where somebody went, for whoever looks after them there to ring them."""
    if move.after.region is None:
        return
    session.add(
        MemberTransfer(
            member_id=member.id,
            from_region_id=member.region_id,
            from_branch_id=member.branch_id,
            to_region_id=move.after.region.id,
            to_branch_id=move.after.branch.id if move.after.branch else None,
            at=now,
        )
    )


def _put(member: Member, placed: Placed) -> None:
    member.precision = placed.precision
    member.branch_id = placed.branch.id if placed.branch else None
    member.region_id = placed.region.id if placed.region else None


def _say(session: Session, member: Member, details: Details, why: str, now: dt.datetime) -> None:
    """Keep the details, and note an address that is another one."""
    moved = any(getattr(member, each) != getattr(details, each) for each in _ADDRESS)
    for each in ("name", "phone", *_ADDRESS):
        setattr(member, each, getattr(details, each))
    if moved:
        states.note(session, member, "moved", why=why, who="member", now=now)
    session.flush()


def _place(placed: Placed) -> str:
    named = placed.branch or placed.region
    return named.name if named else "no branch"


def _tell(session: Session, member: Member, move: Move, rules: Rules, now: dt.datetime) -> None:
    """Write to the organiser of the new region, and of the old where that is somebody else.

    Who has lost them is told the name and where they went; who has gained them whom to ring.
    """
    left_to = move.before.notify_email or rules.office_email
    came_to = move.after.notify_email or rules.office_email
    values = {
        "name": member.name,
        "before": _place(move.before) if move.before.branch or move.before.region else None,
        "after": _place(move.after) if move.after.branch or move.after.region else None,
    }
    whom = {
        "phone": PhoneNumber(member.phone).national if member.phone else None,
        "email": member.email,
        "postcode": member.postcode,
        "minor": ages.is_minor(member.date_of_birth, today=day_in_london(now)),
    }
    key = f"moved-member:{member.id}:{now.isoformat()}"
    came = values | {"came": whom}
    outbox.mail(session, "member_moved", key=f"{key}:came", to=came_to, values=came, now=now)
    if left_to != came_to:
        left = values | {"came": None}
        outbox.mail(session, "member_moved", key=f"{key}:left", to=left_to, values=left, now=now)
