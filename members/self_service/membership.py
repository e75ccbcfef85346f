"""Whose membership a page is about: one of the holder's own, or there is none."""

import uuid

from flask import abort, g

from core.database import reading
from members.models import Member
from members.self_service import leaving


def own_member(member_id: uuid.UUID) -> Member:
    """Return a membership of whoever looks; there is none of anybody else's."""
    with reading() as session:
        own = leaving.memberships(session, g.holder)
    found = next((each for each in own if each.id == member_id), None)
    if found is None:
        abort(404)
    return found
