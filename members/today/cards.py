"""Cards: what is shown of whom to ring, for a page of them at once or for one alone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from branches.models import Branch, Region
from members.ages import youngest_adult
from members.enquiries import Enquirer, Enquiries
from members.models import Member
from members.records import MemberNote
from members.today import about, handing, rules
from members.today.about import About
from members.today.handing import HandOver
from members.today.records import FollowUp, FollowUpNote, FollowUpStep, key_of
from members.today.shelves import Desk, Found
from staff import accounts
from staff.scoping import scoped

_MOST_STEPS = 50
_Places = Mapping[tuple[str, int | None], tuple[str, str]]


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
class Card:
    """Somebody to follow up. `about` is what gives reason for it.

    `claimed_by` is who is on it, or None; `calls` says whether their number may be rung, `silent`
    that it wants no texts. `texts` are what they wrote to the text line, the newest first.
    `hand_over` is what was written, and by whom, where they came from somebody else at the desk.
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
    about: About
    calls: bool
    silent: bool
    minor: bool
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
    about: Mapping[tuple[str, uuid.UUID], About]
    wrong: frozenset[str]
    silent: AbstractSet[str]
    places: _Places
    staff: Mapping[uuid.UUID, str]
    texts: Mapping[str, Sequence[Enquirer]]
    hand_overs: Mapping[uuid.UUID, MemberNote]


def of_page(
    session: Session, desk: Desk, enquiries: Enquiries, shelf: str, found: Sequence[Found]
) -> list[Card]:
    """Return the cards of a page of a shelf, by so many queries whatever is on it."""
    members = _members(session, desk, [each.subject for each in found])
    texters = _texters(session, desk, enquiries, found)
    cards = [
        (each.reason, subject)
        for each in found
        if (subject := members.get(each.subject) or texters.get(each.subject)) is not None
    ]
    beside = _beside(session, desk, enquiries, cards, reached=shelf == rules.QUIET)
    return [_card(reason, subject, beside, desk) for reason, subject in cards]


def of_one(
    session: Session, desk: Desk, enquiries: Enquiries, subject: Member | Enquirer, reason: str
) -> Card:
    """Return the card of one member or of who texted, found in scope."""
    beside = _beside(session, desk, enquiries, [(reason, subject)])
    return _card(reason, subject, beside, desk)


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
    cards: Sequence[tuple[str, Member | Enquirer]],
    *,
    reached: bool = False,
) -> _Beside:
    subjects = [subject for _reason, subject in cards]
    numbers = {each.phone for each in subjects if each.phone}
    texts: dict[str, list[Enquirer]] = {}
    for each in enquiries.of_numbers(session, desk.principal, numbers):
        texts.setdefault(each.phone, []).append(each)
    members = [(reason, each) for reason, each in cards if isinstance(each, Member)]
    asked = [each.id for some in texts.values() for each in some]
    wanted = select(FollowUp).where(
        or_(
            FollowUp.member_id.in_([each.id for _reason, each in members]),
            FollowUp.enquiry_id.in_(asked),
        )
    )
    rows = session.scalars(scoped(wanted, desk.principal)).all()
    moved = [each.id for reason, each in members if reason == "moved"]
    hand_overs = handing.of(session, desk, moved)
    named = {each.claimed_by for each in rows if each.claimed_by and _claimed(each, desk.now)}
    named |= {each.account_id for each in hand_overs.values()}
    return _Beside(
        rows={each.key: each for each in rows},
        about=about.of(session, desk, members, reached=reached),
        wrong=frozenset(each.wrong_phone for each in rows if each.wrong_phone),
        silent=enquiries.stopped(session, numbers),
        places=_places(session, subjects),
        staff=accounts.addresses(session, named) if named else {},
        texts=texts,
        hand_overs=hand_overs,
    )


def _places(session: Session, subjects: Sequence[Member | Enquirer]) -> _Places:
    """Return what the branches and regions of these are called, and when the branches meet."""
    branches = select(
        literal("branch").label("kind"), Branch.id, Branch.name, Branch.meets.label("meets")
    ).where(Branch.id.in_({each.branch_id for each in subjects if each.branch_id}))
    regions = select(literal("region"), Region.id, Region.name, literal("")).where(
        Region.id.in_({each.region_id for each in subjects if each.region_id})
    )
    rows = session.execute(branches.union_all(regions))
    return {(row.kind, row.id): (row.name, row.meets) for row in rows}


def _card(reason: str, subject: Member | Enquirer, beside: _Beside, desk: Desk) -> Card:
    member = subject if isinstance(subject, Member) else None
    row = beside.rows.get(key_of(reason, subject.id))
    branch, meets = beside.places.get(("branch", subject.branch_id), (None, ""))
    region, _none = beside.places.get(("region", subject.region_id), (None, ""))
    claimed = row if row and _claimed(row, desk.now) else None
    on_it = claimed.claimed_by if claimed else None
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
        branch=branch,
        region=region,
        meets=meets,
        about=_about(reason, subject, beside),
        calls=bool(subject.phone) and subject.phone not in beside.wrong,
        silent=subject.phone in beside.silent,
        minor=member is not None and member.date_of_birth > youngest_adult(desk.today),
        last_step=row.last_step if row else None,
        last_at=row.stepped_at if row else None,
        day=row.day if row else None,
        due_at=row.due_at if row else None,
        version=row.version if row else 0,
        claimed_by=beside.staff.get(on_it) if on_it else None,
        claimed_at=claimed.claimed_at if claimed else None,
        mine=on_it == desk.principal.account_id,
        texts=beside.texts.get(subject.phone or "", ()),
        hand_over=_hand_over(member, beside) if member and reason == "moved" else None,
    )


def _about(reason: str, subject: Member | Enquirer, beside: _Beside) -> About:
    if isinstance(subject, Member):
        return beside.about[reason, subject.id]
    return About(since=subject.at)


def _hand_over(member: Member, beside: _Beside) -> HandOver | None:
    note = beside.hand_overs.get(member.id)
    return HandOver(note.text, beside.staff.get(note.account_id), note.at) if note else None


def _claimed(row: FollowUp, now: dt.datetime) -> bool:
    return row.claimed_at is not None and row.claimed_at > now - rules.CLAIM
