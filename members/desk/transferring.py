"""Transferring: handing somebody on to another branch or region, with a note of what is known.

They leave the old scope at once and are in the new one as moved in, with their whole history. The
organiser there is written to, without a word about who it is.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.models import Branch, BranchStatus, Region
from core import outbox
from core.reach import as_the_service
from members import states
from members.desk import noting
from members.models import Member
from members.records import MemberNote, MemberTransfer
from staff import auditing
from staff.auditing import Subject
from staff.principal import Principal
from staff.scoping import may_touch


class MovedMeanwhile(ValueError):
    """Somebody else has handed them on since the form was made."""


class AlreadyThere(ValueError):
    """They are where they were to be handed on to."""


class NoSuchPlace(ValueError):
    """There is no such branch or region at work."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A region, and a branch of it or none."""

    region_id: int
    region: str
    branch_id: int | None
    branch: str | None
    notify_email: str

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Region and branch."""
        return self.region_id, self.branch_id


def destination(session: Session, value: str) -> Destination:
    """Return where `branch:slug` or `region:slug` leads.

    Raises:
        NoSuchPlace: no such branch or region is at work.
    """
    kind, _colon, slug = value.partition(":")
    if not slug.isprintable():  # what no database could even look for
        raise NoSuchPlace("is no name of a place")
    wanted = select(Region, Branch).outerjoin(Branch, Branch.region_id == Region.id)
    if kind == "branch":
        wanted = wanted.where(Branch.slug == slug, Branch.status == BranchStatus.OPEN)
    else:
        wanted = wanted.where(Region.slug == slug)
    found = session.execute(wanted.where(Region.closed_on.is_(None)).limit(1)).first()
    if found is None or kind not in ("branch", "region"):
        raise NoSuchPlace("is not at work")
    region: Region = found[0]
    branch: Branch | None = found[1] if kind == "branch" else None
    return Destination(
        region.id,
        region.name,
        branch.id if branch else None,
        branch.name if branch else None,
        region.notify_email,
    )


def transfer(  # noqa: PLR0913 -- who, whom, where to, from what, with which words
    session: Session,
    principal: Principal,
    member: Member,
    to: Destination,
    *,
    made_from: tuple[int | None, int | None],
    note: str,
    nonce: uuid.UUID,
    now: dt.datetime,
) -> bool:
    """Hand a member on, who was found in scope and is locked; say whether anything changed.

    `made_from` is the region and branch that the form was made from. The form that is sent twice
    hands on once.

    Raises:
        MovedMeanwhile: they are no longer where the form was made from.
        AlreadyThere: it was made from where it hands on to.
    """
    before = (member.region_id, member.branch_id)
    if noting.kept(session, principal, member, nonce):
        return False
    if before != made_from:
        raise MovedMeanwhile("was handed on meanwhile")
    if before == to.place:
        raise AlreadyThere("is there already")
    noting.add(session, principal, member, note, nonce=nonce, now=now, kind="hand-over")
    kept = MemberTransfer(
        member_id=member.id,
        account_id=principal.account_id,
        from_region_id=before[0],
        from_branch_id=before[1],
        to_region_id=to.region_id,
        to_branch_id=to.branch_id,
        at=now,
    )
    who, why = f"staff:{principal.account_id}", f"handed on to {to.branch or to.region}"
    with as_the_service(session):  # from here on they are out of reach of who hands them on
        session.add(kept)
        member.region_id, member.branch_id = to.place
        states.note(session, member, "moved", why=why, who=who, now=now)
    _record(session, principal, member, to, now)
    stays = before[0] == to.region_id and may_touch(
        principal, region_id=to.region_id, branch_id=to.branch_id
    )
    if not stays:
        _tell(session, member, kept, to, now)
    return True


def handed_on_by(
    session: Session, principal: Principal, member_id: uuid.UUID, nonce: uuid.UUID
) -> bool:
    """Whether this principal has handed this member on by the form of this number.

    Then it is the second press of a button, after which they are out of sight.
    """
    done = select(MemberNote.id).where(
        MemberNote.member_id == member_id,
        MemberNote.account_id == principal.account_id,
        MemberNote.nonce == nonce,
    )
    with as_the_service(session):
        return session.scalar(done) is not None


def _record(
    session: Session, principal: Principal, member: Member, to: Destination, now: dt.datetime
) -> None:
    where = f"branch-{to.branch_id}" if to.branch_id else f"region-{to.region_id}"
    auditing.record(
        session,
        "change",
        by=principal.account_id,
        now=now,
        subject=Subject("member", member.id),
        detail=f"moved:{where}",
    )


def _tell(
    session: Session, member: Member, kept: MemberTransfer, to: Destination, now: dt.datetime
) -> None:
    """Write to the organiser there, who did not do it: without a word about who it is."""
    outbox.mail(
        session,
        "moved_in",
        key=f"moved-in:{kept.id}",
        to=to.notify_email,
        values={"person": str(member.id), "branch": to.branch, "region": to.region},
        now=now,
    )
