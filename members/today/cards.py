"""Cards: what is shown of whom to ring, for a page of them at once or for one alone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from branches.models import Branch, Region
from members.enquiries import Enquirer, Enquiries
from members.models import Member
from members.records import MemberNote, MemberTransfer
from members.today import rules
from members.today.records import FollowUp, FollowUpNote, FollowUpStep
from members.today.shelves import Desk, Found
from staff import accounts
from staff.scoping import scoped

_MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class Did:
    """A step in a card's history: who took it, when, and the words that went with it."""

    id: int
    step: str
    at: dt.datetime
    by: str | None
    day: dt.date | None
    note: str | None
    undone: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """What whoever handed somebody on wrote for the organiser there, and when."""

    text: str
    by: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody to follow up. `since` is when what gives reason for it happened.

    `claimed_by` is who is on it, or None; `calls` says whether their number may be rung. `texts`
    are what they wrote to the text line, the newest first. `hand_over` is what was written, and by
    whom, where they came from somebody else at the desk.
    """

    reason: str
    member_id: uuid.UUID | None
    enquiry_id: int | None
    name: str | None
    phone: str | None
    email: str | None
    postcode: str | None
    state: str | None
    branch_id: int | None
    branch: str | None
    region: str | None
    meets: str
    since: dt.datetime
    calls: bool
    last_step: str | None
    last_at: dt.datetime | None
    day: dt.date | None
    due_at: dt.datetime | None
    version: int
    claimed_by: str | None
    claimed_at: dt.datetime | None
    mine: bool
    texts: Sequence[Enquirer] = field(default=())
    hand_over: HandOver | None = None


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the subjects of some cards."""

    rows: Mapping[str, FollowUp]
    wrong: frozenset[str]
    places: Mapping[tuple[str, int | None], Any]
    staff: Mapping[uuid.UUID, str]
    texts: Mapping[str, Sequence[Enquirer]]
    hand_overs: Mapping[uuid.UUID, MemberNote]


def key_of(reason: str, subject: uuid.UUID | int) -> str:
    """Return by which key a card is kept once somebody has touched it."""
    return f"{reason}:{subject}"


def of_page(
    session: Session, desk: Desk, enquiries: Enquiries, found: Sequence[Found]
) -> list[Card]:
    """Return the cards of a page, by so many queries whatever is on it."""
    members = _members(session, desk, [each.subject for each in found])
    numbers = {each.phone for each in members.values() if each.phone}
    texters = _texters(session, desk, enquiries, found)
    numbers |= {each.phone for each in texters.values()}
    subjects: list[Member | Enquirer] = [*members.values(), *texters.values()]
    beside = _beside(session, desk, enquiries, subjects, numbers)
    return [
        _card(each.reason, subject, each.since, beside, desk)
        for each in found
        if (subject := members.get(each.subject) or texters.get(each.subject)) is not None
    ]


def of_member(
    session: Session, desk: Desk, enquiries: Enquiries, member: Member, reason: str
) -> Card:
    """Return the card of one member, who was found in scope."""
    numbers = {member.phone} if member.phone else set()
    beside = _beside(session, desk, enquiries, [member], numbers)
    since = member.joined_at or member.created_at
    if reason == "moved":
        moved = select(MemberTransfer.at).where(MemberTransfer.member_id == member.id)
        newest = moved.order_by(MemberTransfer.id.desc()).limit(1)
        since = session.scalar(scoped(newest, desk.principal)) or since
    return _card(reason, member, since, beside, desk)


def of_texter(session: Session, desk: Desk, enquiries: Enquiries, texter: Enquirer) -> Card:
    """Return the card of somebody who texted, found in scope."""
    beside = _beside(session, desk, enquiries, [texter], {texter.phone})
    return _card(rules.REASONS[0], texter, texter.at, beside, desk)


def history(session: Session, desk: Desk, card: Card) -> list[Did]:
    """Return what came of somebody so far, for whatever reason, the newest first."""
    texts = [each.id for each in card.texts]
    members = [card.member_id] if card.member_id else []
    wanted = (
        select(FollowUpStep)
        .join(FollowUp, FollowUp.id == FollowUpStep.follow_up_id)
        .where(or_(FollowUp.member_id.in_(members), FollowUp.enquiry_id.in_(texts)))
        .order_by(FollowUpStep.id.desc())
        .limit(_MOST_STEPS)
    )
    steps = session.scalars(scoped(wanted, desk.principal)).all()
    asked = select(FollowUpNote).where(FollowUpNote.step_id.in_([each.id for each in steps]))
    notes = {each.step_id: each.text for each in session.scalars(asked)}
    staff = accounts.addresses(session, {each.account_id for each in steps})
    gone = {each.undoes_id for each in steps}
    return [
        Did(
            each.id,
            each.step,
            each.at,
            staff.get(each.account_id),
            each.day,
            notes.get(each.id),
            each.id in gone,
        )
        for each in steps
    ]


def _members(
    session: Session, desk: Desk, ids: Sequence[uuid.UUID | int]
) -> dict[uuid.UUID | int, Member]:
    members = [each for each in ids if isinstance(each, uuid.UUID)]
    if not members:
        return {}
    wanted = select(Member).where(Member.id.in_(members))
    return {each.id: each for each in session.scalars(desk.narrowed(wanted))}


def _texters(
    session: Session, desk: Desk, enquiries: Enquiries, found: Sequence[Found]
) -> dict[uuid.UUID | int, Enquirer]:
    ids = [each.subject for each in found if isinstance(each.subject, int)]
    return {each.id: each for each in enquiries.some(session, desk.principal, ids)}


def _beside(
    session: Session,
    desk: Desk,
    enquiries: Enquiries,
    subjects: Sequence[Member | Enquirer],
    numbers: set[str],
) -> _Beside:
    texts: dict[str, list[Enquirer]] = {}
    for each in enquiries.of_numbers(session, desk.principal, numbers):
        texts.setdefault(each.phone, []).append(each)
    members = [each.id for each in subjects if isinstance(each, Member)]
    asked = [each.id for some in texts.values() for each in some]
    wanted = select(FollowUp).where(
        or_(FollowUp.member_id.in_(members), FollowUp.enquiry_id.in_(asked))
    )
    rows = session.scalars(scoped(wanted, desk.principal)).all()
    hand_overs = _hand_overs(session, desk, members)
    staff = {each.claimed_by for each in rows if each.claimed_by}
    staff |= {each.account_id for each in hand_overs.values()}
    return _Beside(
        rows={each.key: each for each in rows},
        wrong=frozenset(each.wrong_phone for each in rows if each.wrong_phone),
        places=_places(session, subjects),
        staff=accounts.addresses(session, staff),
        texts=texts,
        hand_overs=hand_overs,
    )


def _hand_overs(
    session: Session, desk: Desk, members: Sequence[uuid.UUID]
) -> dict[uuid.UUID, MemberNote]:
    """Return the newest hand-over of each of these members that nobody struck out."""
    wanted = select(MemberNote).where(
        MemberNote.member_id.in_(members),
        MemberNote.kind == "hand-over",
        MemberNote.struck_at.is_(None),
    )
    found = session.scalars(scoped(wanted.order_by(MemberNote.id), desk.principal))
    return {each.member_id: each for each in found}


def _places(
    session: Session, subjects: Sequence[Member | Enquirer]
) -> dict[tuple[str, int | None], Any]:
    branches = select(Branch.id, Branch.name, Branch.meets).where(
        Branch.id.in_({each.branch_id for each in subjects if each.branch_id})
    )
    regions = select(Region.id, Region.name).where(
        Region.id.in_({each.region_id for each in subjects if each.region_id})
    )
    found: dict[tuple[str, int | None], Any] = {}
    found.update({("branch", row.id): row for row in session.execute(branches)})
    found.update({("region", row.id): row for row in session.execute(regions)})
    return found


def _card(
    reason: str, subject: Member | Enquirer, since: dt.datetime, beside: _Beside, desk: Desk
) -> Card:
    member = subject if isinstance(subject, Member) else None
    row = beside.rows.get(key_of(reason, subject.id))
    branch = beside.places.get(("branch", subject.branch_id))
    region = beside.places.get(("region", subject.region_id))
    claimed = row if row and _claimed(row, desk.now) else None
    return Card(
        reason=reason,
        member_id=member.id if member else None,
        enquiry_id=None if isinstance(subject, Member) else subject.id,
        name=subject.name,
        phone=subject.phone,
        email=member.email if member else None,
        postcode=subject.postcode,
        state=member.state if member else None,
        branch_id=subject.branch_id,
        branch=branch.name if branch else None,
        region=region.name if region else None,
        meets=branch.meets if branch else "",
        since=since,
        calls=bool(subject.phone) and subject.phone not in beside.wrong,
        last_step=row.last_step if row else None,
        last_at=row.stepped_at if row else None,
        day=row.day if row else None,
        due_at=row.due_at if row else None,
        version=row.version if row else 0,
        claimed_by=beside.staff.get(claimed.claimed_by) if claimed and claimed.claimed_by else None,
        claimed_at=claimed.claimed_at if claimed else None,
        mine=bool(claimed and claimed.claimed_by == desk.principal.account_id),
        texts=beside.texts.get(subject.phone or "", ()),
        hand_over=_hand_over(member, beside) if member and reason == "moved" else None,
    )


def _hand_over(member: Member, beside: _Beside) -> HandOver | None:
    note = beside.hand_overs.get(member.id)
    return HandOver(note.text, beside.staff.get(note.account_id), note.at) if note else None


def _claimed(row: FollowUp, now: dt.datetime) -> bool:
    return row.claimed_at is not None and row.claimed_at > now - rules.CLAIM
