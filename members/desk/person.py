"""A person's page: what whoever asks may see of one member, by a constant number of queries."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from branches.models import Branch, Region
from core.clock import day_in_london
from core.months import first_day
from members.desk.filters import grown
from members.merging import pointers
from members.models import STAYS, Consent, Likeness, Member, MemberPledge, MembershipEvent
from members.protection import consenting
from members.records import MemberNote
from members.standing import facts
from payments import statuses
from payments.models import Payment
from payments.monthly import amounts
from staff import accounts, auditing
from staff.auditing import Subject
from staff.models import AuditEntry
from staff.principal import Principal, Role
from staff.scoping import scoped

_MOST_EVENTS, _MOST_DUES, _MOST_LOOKS, _MOST_NOTES, _MOST_ALIKE = 100, 12, 20, 100, 10
READS_NOTES = frozenset({Role.ORGANISER, Role.ADMIN})
"""Whose work it is to know people: others see no note, no consent, and nobody alike."""
ACCEPTED_AS = "accepted-as:"
"""How the audit says of an application whose membership took it over."""
_NUMBER_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """What is shown of a member. `paid_up_to` is the first day of the last month that is paid.

    `monthly_pence` are the dues that were agreed.

    `staff` are the addresses of accounts by their ids. What the one who asks may not see is not in
    it: `whole` says whether they see all.
    """

    member: Member
    branch: str | None
    region: str | None
    whole: bool
    minor: bool
    since: dt.datetime
    events: Sequence[MembershipEvent]
    notes: Sequence[MemberNote]
    consents: Mapping[str, Consent]
    alike: Sequence[Row[*tuple[Any, ...]]]
    dues: Sequence[tuple[Payment, statuses.Status]]
    paid_up_to: dt.date | None
    monthly_pence: int
    looks: Sequence[AuditEntry]
    staff: Mapping[str, str]


def number_of(member_id: uuid.UUID) -> str:
    """Return the number by which people name a member: `3F2A-91BC`."""
    digits = member_id.hex[:_NUMBER_DIGITS].upper()
    return f"{digits[:4]}-{digits[4:]}"


def find(
    session: Session, principal: Principal, member_id: uuid.UUID, *, lock: bool = False
) -> Member | None:
    """Return a member in this principal's scope, locked if they are to be changed."""
    wanted = scoped(select(Member).where(Member.id == member_id), principal)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalar(wanted)


def kept_as(session: Session, principal: Principal, member_id: uuid.UUID) -> uuid.UUID | None:
    """Return as whom somebody is kept whose record became one with another in scope."""
    kept = pointers.current(session, member_id)
    if kept == member_id:
        kept = _accepted_as(session, member_id) or member_id
    return kept if kept != member_id and find(session, principal, kept) is not None else None


def _accepted_as(session: Session, member_id: uuid.UUID) -> uuid.UUID | None:
    """Return whose membership took an application over when it was accepted, as the audit has it.

    Nothing else knows: of the application itself no row is left.
    """
    for each in auditing.of_subject(session, Subject("member", member_id), most=_MOST_LOOKS):
        if each.detail.startswith(ACCEPTED_AS):
            return uuid.UUID(each.detail.removeprefix(ACCEPTED_AS))
    return None


def note_look(
    session: Session, principal: Principal, member_id: uuid.UUID, *, now: dt.datetime
) -> None:
    """Write down that a page is shown with what is known of somebody."""
    subject = Subject("member", member_id)
    auditing.record(session, "look", by=principal.account_id, now=now, subject=subject)


def look(
    session: Session,
    principal: Principal,
    member_id: uuid.UUID,
    *,
    keys: Sequence[str],
    now: dt.datetime,
) -> Seen | None:
    """Look at somebody, which is written down; None where there is nobody such in scope."""
    member = find(session, principal, member_id)
    if member is None:
        return None
    looks = auditing.of_subject(session, Subject("member", member.id), most=_MOST_LOOKS)
    note_look(session, principal, member.id, now=now)
    whole = principal.role in READS_NOTES
    events = _events(session, principal, member)
    notes = _notes(session, principal, member) if whole else []
    place = _place(session, member)
    return Seen(
        member=member,
        branch=place.branch,
        region=place.region,
        whole=whole,
        minor=consenting.is_minor(member, today=day_in_london(now)),
        since=next((each.at for each in events if each.kind not in STAYS), member.created_at),
        events=events,
        notes=notes,
        consents=consenting.answers(session, member, keys=keys) if whole else {},
        alike=_alike(session, principal, member, now) if whole else [],
        dues=_dues(session, member),
        paid_up_to=_paid_up_to(session, member),
        monthly_pence=amounts.current(session, member.dues).pence,
        looks=looks,
        staff=_staff(session, events, notes, looks),
    )


def _place(session: Session, member: Member) -> Row[*tuple[Any, ...]]:
    branch = select(Branch.name).where(Branch.id == member.branch_id).scalar_subquery()
    region = select(Region.name).where(Region.id == member.region_id).scalar_subquery()
    return session.execute(select(branch.label("branch"), region.label("region"))).one()


def _events(session: Session, principal: Principal, member: Member) -> Sequence[MembershipEvent]:
    wanted = (
        select(MembershipEvent)
        .where(MembershipEvent.member_id == member.id)
        .order_by(MembershipEvent.id.desc())
        .limit(_MOST_EVENTS)
    )
    return session.scalars(scoped(wanted, principal)).all()


def _notes(session: Session, principal: Principal, member: Member) -> Sequence[MemberNote]:
    wanted = (
        select(MemberNote)
        .where(MemberNote.member_id == member.id)
        .order_by(MemberNote.id.desc())
        .limit(_MOST_NOTES)
    )
    return session.scalars(scoped(wanted, principal)).all()


def _alike(
    session: Session, principal: Principal, member: Member, now: dt.datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return who may be the same person, of those in scope: nothing tells that there are others."""
    found = session.execute(
        select(Likeness.newer_id, Likeness.older_id, Likeness.why)
        .where(
            or_(Likeness.newer_id == member.id, Likeness.older_id == member.id),
            Likeness.settled_at.is_(None),
        )
        .order_by(Likeness.id.desc())
        .limit(_MOST_ALIKE)
    ).all()
    others = {row.newer_id if row.newer_id != member.id else row.older_id for row in found}
    wanted = select(Member.id, Member.name, Member.state).where(Member.id.in_(others), grown(now))
    return session.execute(scoped(wanted.order_by(Member.sort_key), principal)).all()


def _dues(session: Session, member: Member) -> Sequence[tuple[Payment, statuses.Status]]:
    """Return the newest dues of a member who was found in scope. Gifts are none of them."""
    wanted = (
        select(Payment)
        .join(MemberPledge, MemberPledge.pledge_id == Payment.pledge_id)
        .where(MemberPledge.member_id == member.id)
        .options(*statuses.loaded())
        .order_by(Payment.paid_at.desc(), Payment.id)
        .limit(_MOST_DUES)
    )
    return [(each, statuses.status_of(each)) for each in session.scalars(wanted)]


def _paid_up_to(session: Session, member: Member) -> dt.date | None:
    (row,) = facts.of(session, [member.id])
    return first_day(row.facts.paid_up_to) if row.facts.paid_up_to is not None else None


def _staff(
    session: Session,
    events: Sequence[MembershipEvent],
    notes: Sequence[MemberNote],
    looks: Sequence[AuditEntry],
) -> dict[str, str]:
    """Return what those of the staff are called who are named here, by what names them."""
    ids = {each.account_id for each in notes} | {each.account_id for each in looks}
    ids |= {_account(each.who) for each in events}
    known = accounts.addresses(session, [each for each in ids if each is not None])
    return {str(each): email for each, email in known.items()}


def _account(who: str) -> uuid.UUID | None:
    """Return whose account an event names, where it does."""
    kind, _colon, account = who.partition(":")
    try:
        return uuid.UUID(account) if kind == "staff" else None
    except ValueError:
        return None
