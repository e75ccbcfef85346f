"""Editing: how somebody can be reached, changed by an organiser and lost to nobody.

A form says what it was made from. Who sends one that was made from something older, because a
colleague, the member or a file changed it meanwhile, is told what it is now beside what they
typed, and decides.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import outbox
from core.addresses import EmailAddress, PhoneNumber
from members import likeness, states
from members.models import Member, MemberPledge
from members.places import Places
from payments import donors
from payments.models import Pledge
from staff import auditing
from staff.auditing import Subject
from staff.principal import Principal

_ADDRESS = ("address1", "address2", "town", "postcode")


class ChangedMeanwhile(ValueError):
    """Somebody else has changed it since the form was made; `now` is how it is."""

    def __init__(self, now: "Details") -> None:
        super().__init__("was changed meanwhile")
        self.now = now


@dataclass(frozen=True, slots=True)
class Details:
    """How somebody can be reached, as it is written. An empty telephone number is none."""

    name: str
    email: str
    phone: str
    address1: str
    address2: str
    town: str
    postcode: str

    @classmethod
    def of(cls, member: Member) -> "Details":
        """Return what is kept of a member."""
        kept = {each.name: getattr(member, each.name) or "" for each in fields(cls)}
        return cls(**kept)

    @property
    def mark(self) -> str:
        """What two readings have in common between which nothing was changed."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()

    def differing(self, other: "Details") -> list[str]:
        """Return which of them are not as in another, in the order of the form."""
        names = [each.name for each in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def change(
    session: Session,
    principal: Principal,
    member: Member,
    wished: Details,
    *,
    made_from: str,
    places: Places,
    now: dt.datetime,
) -> list[str]:
    """Keep other details of a member, who is locked; return which are new.

    `made_from` is the mark of what the form was made from. The branch stays as it is, also where
    another is nearer to a new postcode: handing somebody on is a step of its own. An old e-mail
    address is told that there is another. A form sent again changes nothing.

    Raises:
        ChangedMeanwhile: it is no longer what the form was made from.
    """
    held = Details.of(member)
    changed = wished.differing(held)
    if not changed:
        return []
    if held.mark != made_from:
        raise ChangedMeanwhile(held)
    _keep(member, wished)
    if "postcode" in changed:
        placed = places.place(session, wished.postcode, branch_id=member.branch_id)
        member.precision = placed.precision
    session.flush()
    if set(changed) & set(_ADDRESS):
        who = f"staff:{principal.account_id}"
        states.note(session, member, "moved", why="another address", who=who, now=now)
    if "email" in changed:
        _tell(session, member, held.email, now)
        theirs = [each for each in agreements(session, member.id) if each.email == held.email]
        donors.readdress(session, theirs, EmailAddress.parse(wished.email))
    likeness.notice(session, member, now=now)
    _record(session, principal, member, changed, now)
    return changed


def agreements(session: Session, member_id: uuid.UUID) -> Sequence[Pledge]:
    """Return what a member pays dues by, locked: before the member, as by whoever settles.

    Their receipts follow another address. What else was given under the old one stays there: this
    is an organiser's word, and gifts are none of theirs to hand to an address.
    """
    wanted = select(Pledge).join(MemberPledge, MemberPledge.pledge_id == Pledge.id)
    of_them = wanted.where(MemberPledge.member_id == member_id).order_by(Pledge.id)
    return session.scalars(of_them.with_for_update(of=Pledge)).all()


def _keep(member: Member, wished: Details) -> None:
    email = EmailAddress.parse(wished.email)
    if email.key != member.email_key:
        member.email_confirmed_at = None
    member.name = wished.name
    member.email, member.email_key = email.text, email.key
    member.phone = PhoneNumber.parse(wished.phone).e164 if wished.phone else None
    member.address1, member.address2 = wished.address1, wished.address2
    member.town, member.postcode = wished.town, wished.postcode


def _tell(session: Session, member: Member, before: str, now: dt.datetime) -> None:
    """Write to the address of before, so that nobody takes over another's pages unnoticed."""
    key = f"address-changed:{member.id}:{now.isoformat()}"
    outbox.mail(session, "address_changed_for_them", key=key, to=before, values={}, now=now)


def _record(
    session: Session, principal: Principal, member: Member, changed: list[str], now: dt.datetime
) -> None:
    parts = {"address" if each in _ADDRESS else each for each in changed}
    detail = f"details:{'_'.join(sorted(parts))}"
    subject = Subject("member", member.id)
    auditing.record(
        session, "change", by=principal.account_id, now=now, subject=subject, detail=detail
    )
