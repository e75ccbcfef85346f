"""A person's page: what whoever asks may see of one member, by a constant number of queries."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from branches.models import Branch, Region
from core.clock import day_in_london
from core.months import first_day
from members.desk import sections
from members.desk.filters import grown
from members.desk.sections import Section
from members.merging import pointers
from members.models import STAYS, Consent, Likeness, Member, MembershipEvent
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

_MOST_ALIKE = 10
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
    events: Section[MembershipEvent]
    notes: Section[MemberNote]
    consents: Mapping[str, Consent]
    alike: Sequence[Row[*tuple[Any, ...]]]
    dues: Section[tuple[Payment, statuses.Status]]
    paid_up_to: dt.date | None
    monthly_pence: int
    looks: Section[AuditEntry]
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
    for each in auditing.of_subject(session, Subject("member", member_id), most=sections.MOST):
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
    before: Mapping[str, int] = MappingProxyType({}),
) -> Seen | None:
    """Look at somebody, which is written down; None where there is nobody such in scope.

    `before` says where sections of the page begin (`sections.NAMES`) that do not with the newest.
    """
    member = find(session, principal, member_id)
    if member is None:
        return None
    looks = sections.looks(session, member, before.get("looks"))
    note_look(session, principal, member.id, now=now)
    whole = principal.role in READS_NOTES
    events = sections.events(session, principal, member, before.get("events"))
    notes: Section[MemberNote] = Section()
    if whole:
        notes = sections.notes(session, principal, member, before.get("notes"))
    place = _place(session, member)
    return Seen(
        member=member,
        branch=place.branch,
        region=place.region,
        whole=whole,
        minor=consenting.is_minor(member, today=day_in_london(now)),
        since=_since(session, principal, member),
        events=events,
        notes=notes,
        consents=consenting.answers(session, member, keys=keys) if whole else {},
        alike=_alike(session, principal, member, now) if whole else [],
        dues=sections.dues(session, member, before.get("dues")),
        paid_up_to=_paid_up_to(session, member),
        monthly_pence=amounts.current(session, member.dues).pence,
        looks=looks,
        staff=_staff(session, events.rows, notes.rows, looks.rows),
    )


def _place(session: Session, member: Member) -> Row[*tuple[Any, ...]]:
    branch = select(Branch.name).where(Branch.id == member.branch_id).scalar_subquery()
    region = select(Region.name).where(Region.id == member.region_id).scalar_subquery()
    return session.execute(select(branch.label("branch"), region.label("region"))).one()


def _since(session: Session, principal: Principal, member: Member) -> dt.datetime:
    """Return since when a member has the state that they have."""
    changes = select(MembershipEvent.at).where(
        MembershipEvent.member_id == member.id, MembershipEvent.kind.not_in(STAYS)
    )
    newest = changes.order_by(MembershipEvent.id.desc()).limit(1)
    return session.scalar(scoped(newest, principal)) or member.created_at


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
