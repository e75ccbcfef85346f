"""Hand-overs: what whoever handed somebody on wrote for the organiser there."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.records import MemberNote
from members.today.shelves import Desk
from staff.scoping import scoped


@dataclass(frozen=True, slots=True)
class HandOver:
    """What whoever handed somebody on wrote for the organiser there, and when."""

    text: str
    by: str | None
    at: dt.datetime


def of(session: Session, desk: Desk, members: Sequence[uuid.UUID]) -> dict[uuid.UUID, MemberNote]:
    """Return the newest hand-over of each of these members that nobody struck out."""
    if not members:
        return {}
    wanted = select(MemberNote).where(
        MemberNote.member_id.in_(members),
        MemberNote.kind == "hand-over",
        MemberNote.struck_at.is_(None),
    )
    found = session.scalars(scoped(wanted.order_by(MemberNote.id), desk.principal))
    return {each.member_id: each for each in found}
