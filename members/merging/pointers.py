"""Pointers: where the id of somebody leads who became one with another record of theirs."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.merging.models import MergedMember


def current(session: Session, member_id: uuid.UUID) -> uuid.UUID:
    """Return the id under which a member is kept now: their own, unless they were merged."""
    kept = select(MergedMember.kept_id).where(MergedMember.lost_id == member_id)
    return session.scalar(kept) or member_id


def formerly(session: Session, members: Collection[uuid.UUID]) -> Sequence[MergedMember]:
    """Return the records that became one with these members."""
    rows = select(MergedMember).where(MergedMember.kept_id.in_(members))
    return session.scalars(rows.order_by(MergedMember.at, MergedMember.lost_id)).all()


def known_by(session: Session, email_key: str) -> Sequence[uuid.UUID]:
    """Return the members who were once known by this address, under a record that is gone."""
    rows = select(MergedMember.kept_id).where(MergedMember.email_key == email_key)
    return session.scalars(rows.distinct()).all()
