"""Likeness: members who may be one person, noticed for an organiser and told to nobody else."""

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from members.models import Likeness, Member

# A phone or an address that so many share is a household's or a slip, and no longer says much.
MOST = 10


def notice(session: Session, member: Member, *, now: dt.datetime) -> None:
    """Note who was there before with this member's address, number, or name and postcode, once.

    Who only sent the form and never paid is nobody's likeness.
    """
    by_phone = (Member.phone == member.phone) if member.phone else (Member.phone.in_([]))
    others = session.scalars(
        select(Member)
        .where(
            Member.id != member.id,
            Member.state != "applied",
            or_(
                Member.email_key == member.email_key,
                by_phone,
                Member.postcode == member.postcode,
            ),
        )
        .order_by(Member.created_at.desc(), Member.id)
    )
    alike = [(other, why) for other in others for why in _why(member, other)]
    for other, why in alike[:MOST]:
        _keep(session, member, other, why, now)


def _why(member: Member, other: Member) -> list[str]:
    same = {
        "email": member.email_key == other.email_key,
        "phone": member.phone is not None and member.phone == other.phone,
        "name-postcode": member.postcode == other.postcode
        and folded(member.name) == folded(other.name),
    }
    return [why for why, is_so in same.items() if is_so]


def folded(name: str) -> str:
    """Return a name without what two who type it may differ in: case, and blanks."""
    return " ".join(name.casefold().split())


def _keep(session: Session, member: Member, other: Member, why: str, now: dt.datetime) -> None:
    """Keep a likeness, unless it was noticed before, in either direction."""
    both = select(Likeness.id).where(
        Likeness.newer_id == other.id, Likeness.older_id == member.id, Likeness.why == why
    )
    known = both.union_all(
        select(Likeness.id).where(
            Likeness.newer_id == member.id, Likeness.older_id == other.id, Likeness.why == why
        )
    )
    if session.execute(known.limit(1)).first() is None:
        session.add(Likeness(newer_id=member.id, older_id=other.id, why=why, noticed_at=now))
        session.flush()
