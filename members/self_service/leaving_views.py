"""Leaving: a page that asks once, and a button."""

import uuid

from flask import abort, g, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock
from core.database import reading, transaction
from members.models import Member
from members.room import room
from members.self_service import leaving
from members.self_service.views import bp
from payments import following_up


@bp.get("/leave/<uuid:member_id>")
def leave(member_id: uuid.UUID) -> ResponseReturnValue:
    """Ask whether this membership shall end."""
    return render_template("members/leave.html", member=_own(member_id), left=False)


@bp.post("/leave/<uuid:member_id>")
def leave_now(member_id: uuid.UUID) -> ResponseReturnValue:
    """End it and have no more dues taken; where Stripe does not hear us now, the worker goes on."""
    member = _own(member_id)
    with transaction() as session:
        runs = leaving.leave(session, member, now=clock.now())
    if runs:
        following_up.stop(room().till.gateway, room().till.rules, member.dues_pledge_id)
    return redirect(url("mine.have_left"), 303)


@bp.get("/left")
def have_left() -> str:
    """Say that it is done."""
    return render_template("members/leave.html", member=None, left=True)


def _own(member_id: uuid.UUID) -> Member:
    """Return a membership of whoever looks; there is none of anybody else's."""
    with reading() as session:
        own = leaving.memberships(session, g.holder)
    found = next((each for each in own if each.id == member_id), None)
    if found is None:
        abort(404)
    return found
