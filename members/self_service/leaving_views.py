"""Leaving: a page that asks once, and a button."""

import uuid

from flask import redirect, render_template, request
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock
from core.database import transaction
from members.room import room
from members.self_service import leaving
from members.self_service.membership import own_member
from members.self_service.views import bp
from payments import following_up


@bp.get("/leave/<uuid:member_id>")
def leave(member_id: uuid.UUID) -> ResponseReturnValue:
    """Ask whether this membership shall end."""
    return render_template("members/leave.html", member=own_member(member_id), left=False)


@bp.post("/leave/<uuid:member_id>")
def leave_now(member_id: uuid.UUID) -> ResponseReturnValue:
    """End it and have no more dues taken; where Stripe does not hear us now, the worker goes on."""
    member = own_member(member_id)
    applied = member.state == "applied"
    with transaction() as session:
        runs = leaving.leave(session, member, now=clock.now())
    if runs:
        following_up.stop(room().till.gateway, room().till.rules, member.dues_pledge_id)
    return redirect(url("mine.have_left", applied="yes" if applied else None), 303)


@bp.get("/left")
def have_left() -> str:
    """Say that it is done."""
    applied = "applied" in request.args
    return render_template("members/leave.html", member=None, left=True, applied=applied)
