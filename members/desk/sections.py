"""Sections: the long parts of a person's page, each its newest rows and where older ones begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.desk.places import MOST_ID
from members.models import Member, MemberPledge, MembershipEvent
from members.records import MemberNote
from payments import statuses
from payments.models import Payment
from staff import auditing
from staff.auditing import Subject
from staff.models import AuditEntry
from staff.principal import Principal
from staff.scoping import scoped

MOST, MOST_DUES = 50, 12
NAMES = ("events", "notes", "dues", "looks")
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Section(Generic[_Row]):
    """Some rows, the newest first. `older` says before which the next ones stand, if there are any.

    `first` says whether these are the newest of all.
    """

    rows: Sequence[_Row] = ()
    older: int | None = None
    first: bool = True


def asked(given: Mapping[str, str]) -> dict[str, int]:
    """Read from an address where each section begins; what is no place is left out."""
    told = {name: given.get(name, "") for name in NAMES}
    return {name: int(told[name]) for name in NAMES if _is_place(told[name])}


def events(
    session: Session, principal: Principal, member: Member, before: int | None
) -> Section[MembershipEvent]:
    """Return what became of a membership."""
    wanted = select(MembershipEvent).where(MembershipEvent.member_id == member.id)
    if before is not None:
        wanted = wanted.where(MembershipEvent.id < before)
    wanted = wanted.order_by(MembershipEvent.id.desc()).limit(MOST + 1)
    found = session.scalars(scoped(wanted, principal)).all()
    return _cut(found, found[MOST - 1].id if len(found) > MOST else None, before)


def notes(
    session: Session, principal: Principal, member: Member, before: int | None
) -> Section[MemberNote]:
    """Return what organisers wrote of somebody."""
    wanted = select(MemberNote).where(MemberNote.member_id == member.id)
    if before is not None:
        wanted = wanted.where(MemberNote.id < before)
    wanted = wanted.order_by(MemberNote.id.desc()).limit(MOST + 1)
    found = session.scalars(scoped(wanted, principal)).all()
    return _cut(found, found[MOST - 1].id if len(found) > MOST else None, before)


def looks(session: Session, member: Member, before: int | None) -> Section[AuditEntry]:
    """Return who looked at somebody's record, or changed it."""
    subject = Subject("member", member.id)
    found = auditing.of_subject(session, subject, before=before, most=MOST + 1)
    return _cut(found, found[MOST - 1].id if len(found) > MOST else None, before)


def dues(
    session: Session, member: Member, before: int | None
) -> Section[tuple[Payment, statuses.Status]]:
    """Return the dues of a member who was found in scope. Gifts are none of them.

    Here `before` is how many newer ones are left out: a year has twelve.
    """
    wanted = (
        select(Payment)
        .join(MemberPledge, MemberPledge.pledge_id == Payment.pledge_id)
        .where(MemberPledge.member_id == member.id)
        .options(*statuses.loaded())
        .order_by(Payment.paid_at.desc(), Payment.id)
        .offset(before or 0)
        .limit(MOST_DUES + 1)
    )
    found = [(each, statuses.status_of(each)) for each in session.scalars(wanted)]
    older = (before or 0) + MOST_DUES if len(found) > MOST_DUES else None
    return Section(found[:MOST_DUES], older, first=not before)


def _cut(found: Sequence[_Row], older: int | None, before: int | None) -> Section[_Row]:
    return Section(found[:MOST], older, first=before is None)


def _is_place(text: str) -> bool:
    return (
        text.isascii()
        and text.isdecimal()
        and len(text) <= len(str(MOST_ID))
        and (int(text) < MOST_ID)
    )
