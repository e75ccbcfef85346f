"""The desk's first page, and where somebody is signed in."""

import uuid
from collections.abc import Iterable

from flask import Blueprint, abort, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, selectinload

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from staff import auditing, codes, sessions
from staff.door import keep_nothing, leave
from staff.forms import ROLES
from staff.models import StaffAccount, StaffSession
from staff.room import here, me, room

bp = guard(Blueprint("desk", __name__, url_prefix="/desk"), staff())
bp.after_request(keep_nothing)


@bp.get("")
def home() -> ResponseReturnValue:
    """Lead to where the day's work of this role is; who has no such place sees all there is."""
    first = next((way for way in room().ways if me().role in way.opens_for), None)
    return redirect(url(first.endpoint), 303) if first is not None else overview()


@bp.get("/overview")
def overview() -> ResponseReturnValue:
    """Show what somebody of this role may do."""
    ways = [way for way in room().ways if me().role in way.roles]
    return render_template("desk/home.html", ways=ways, role=ROLES[me().role], email=me().email)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    leave(here())
    return redirect(url("desk_door.sign_in"), 303)


@bp.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the account, this one with them."""
    with transaction() as session:
        sessions.end_all(session, me().account_id, now=clock.now())
        note(session, "signed-out-everywhere")
    leave(here())
    return redirect(url("desk_door.sign_in"), 303)


@bp.get("/account")
def account() -> ResponseReturnValue:
    """Show the account, and where it is signed in."""
    with reading() as session:
        return render_template(
            "desk/account.html",
            email=me().email,
            role=ROLES[me().role],
            places=scope_names(session, me().regions, me().branches),
            sessions=sessions.live(session, me().account_id, now=clock.now()),
            here=here().id,
            left=codes.recovery_codes_left(session, me().account_id),
            mine=session.get_one(
                StaffAccount, me().account_id, options=[selectinload(StaffAccount.passkeys)]
            ),
        )


@bp.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: uuid.UUID) -> ResponseReturnValue:
    """End one of the account's sessions; there is none of anybody else's."""
    with transaction() as session:
        mine = session.get(StaffSession, session_id, with_for_update=True)
        if mine is None or mine.account_id != me().account_id:
            abort(404)
        live = sessions.live(session, me().account_id, now=clock.now())
        if session_id in {row.id for row in live}:  # else it ended by itself, or by a first press
            sessions.end(session, session_id, now=clock.now())
            note(session, "session-ended")
    return redirect(url("desk.account"), 303)


def scope_names(session: Session, regions: Iterable[int], branches: Iterable[int]) -> list[str]:
    """Return what somebody looks after, in words, in the order of the directory."""
    places = room().places
    return [
        *(each.name for each in places.regions(session) if each.id in set(regions)),
        *(each.name for each in places.branches(session) if each.id in set(branches)),
    ]


def note(session: Session, what: str) -> None:
    """Write down what somebody changed about their own account."""
    mine = auditing.Subject("staff", me().account_id)
    auditing.record(
        session, "change", by=me().account_id, now=clock.now(), subject=mine, detail=what
    )
