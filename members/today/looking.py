"""Looking at today: a page of a shelf, or one card. Each look is written down."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.desk.person import find
from members.desk.places import MOST_ID
from members.enquiries import Enquirer, Enquiries
from members.models import Member
from members.today import cards, shelves
from members.today.cards import Card
from members.today.records import FollowUp, FollowUpStep
from members.today.shelves import Desk, Place
from staff import auditing
from staff.auditing import Subject
from staff.scoping import scoped


@dataclass(frozen=True, slots=True)
class Noted:
    """A step that whoever looks has just taken, and of whom: what they may want to take back."""

    id: int
    step: FollowUpStep
    reason: str
    subject: Member | Enquirer
    is_member: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a shelf: `after` is where the next one begins, None where there is none."""

    shelf: str
    counts: Sequence[tuple[str, int]]
    cards: Sequence[Card]
    after: Place | None
    noted: Noted | None

    @property
    def others(self) -> list[str]:
        """The other shelves with anybody on them, the most urgent first."""
        return [shelf for shelf, count in self.counts if count and shelf != self.shelf]


def look(
    session: Session,
    desk: Desk,
    enquiries: Enquiries,
    asked: str,
    after: Place | None,
    done: int,
) -> Shown:
    """Show a page of the shelf that is asked for, or else of the first with anybody on it."""
    counts = shelves.counts(session, desk, enquiries)
    known = dict(counts)
    first = next((shelf for shelf, count in counts if count), counts[0][0])
    shelf = asked if asked in known else first
    found = shelves.page(session, desk, enquiries, shelf, after)
    shown = cards.of_page(session, desk, enquiries, shelf, found[: shelves.PAGE])
    more = len(found) > shelves.PAGE
    detail = f"today-{shelf}:{len(shown)}"
    auditing.record(session, "search", by=desk.principal.account_id, now=desk.now, detail=detail)
    return Shown(
        shelf,
        counts,
        shown,
        found[shelves.PAGE - 1].place if more else None,
        _noted(session, desk, enquiries, done),
    )


def card(
    session: Session, desk: Desk, enquiries: Enquiries, subject: Member | Enquirer, reason: str
) -> Card:
    """Show one card, of somebody who was found in scope."""
    is_member = isinstance(subject, Member)
    known_as = Subject("member" if is_member else "enquiry", subject.id)
    auditing.record(session, "look", by=desk.principal.account_id, now=desk.now, subject=known_as)
    return cards.of_one(session, desk, enquiries, subject, reason)


def _noted(session: Session, desk: Desk, enquiries: Enquiries, done: int) -> Noted | None:
    """Return the step of this number, if whoever looks took it and it still holds."""
    if not 0 < done < MOST_ID:
        return None
    wanted = (
        select(FollowUpStep, FollowUp)
        .join(FollowUp, FollowUp.id == FollowUpStep.follow_up_id)
        .where(FollowUpStep.id == done, FollowUpStep.account_id == desk.principal.account_id)
    )
    row = session.execute(scoped(wanted, desk.principal)).first()
    if row is None:
        return None
    step, follow_up = row
    subject: Member | Enquirer | None = None
    if follow_up.member_id is not None:
        subject = find(session, desk.principal, follow_up.member_id)
    elif follow_up.enquiry_id is not None:
        subject = enquiries.one(session, desk.principal, follow_up.enquiry_id)
    if subject is None:
        return None
    return Noted(step.id, step, follow_up.reason, subject, follow_up.member_id is not None)
