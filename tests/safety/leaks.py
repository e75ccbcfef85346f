"""Pages for tests alone: a desk that is as it should be, and desks with a hole in each.

A walk that does not find the holes finds nothing.
"""

import uuid

from flask import Blueprint, Flask, abort, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import escape
from sqlalchemy import func, select

from core import clock
from core.database import reading, transaction
from core.guards import guard, staff
from members.models import Member
from staff import auditing
from staff.auditing import Subject
from staff.door import keep_nothing
from staff.room import me
from staff.scoping import scoped

ROLES = frozenset({"organiser", "admin"})
# What these pages answer whom they let in.
EXPECTED = {
    "desk_sound": {
        "GET /desk/sound": 200,
        "GET /desk/sound/<uuid:member_id>": 200,
        "POST /desk/sound/<uuid:member_id>": 303,
    },
    "desk_leaky": {
        "GET /desk/leaky/list": 200,
        "GET /desk/leaky/search": 200,
        "GET /desk/leaky/<uuid:member_id>": 200,
        "GET /desk/leaky/<uuid:member_id>/forbidden": 200,
        "GET /desk/leaky/<uuid:member_id>/told": 200,
        "GET /desk/leaky/<uuid:member_id>/noted": 200,
        "POST /desk/leaky/<uuid:member_id>/change": 303,
    },
}


sound = guard(Blueprint("desk_sound", __name__, url_prefix="/desk/sound"), staff(*ROLES))
sound.after_request(keep_nothing)


def _found(member_id: uuid.UUID) -> Member:
    with reading() as session:
        query = scoped(select(Member).where(Member.id == member_id), me())
        member = session.scalars(query).one_or_none()
    if member is None:
        abort(404)
    return member


@sound.get("")
def sound_every() -> str:
    typed = request.args.get("q", "")
    query = select(Member).where(Member.name.contains(typed, autoescape=True))
    if request.args.get("sort") == "-name":
        query = query.order_by(Member.name.desc())
    with reading() as session:
        names = [each.name for each in session.scalars(scoped(query, me()))]
    return f"{len(names)} for {escape(typed)}: {escape(', '.join(names))}"


@sound.get("/<uuid:member_id>")
def sound_one(member_id: uuid.UUID) -> str:
    return str(escape(_found(member_id).email))


@sound.post("/<uuid:member_id>")
def sound_change(member_id: uuid.UUID) -> ResponseReturnValue:
    _found(member_id)
    return redirect("/desk/sound", 303)


leaky = guard(Blueprint("desk_leaky", __name__, url_prefix="/desk/leaky"), staff(*ROLES))
leaky.after_request(keep_nothing)


@leaky.get("/list")
def leaky_every() -> str:
    """Whoever wrote this forgot the scope."""
    with reading() as session:
        return " ".join(escape(name) for name in session.scalars(select(Member.name)))


@leaky.get("/search")
def leaky_search() -> str:
    """No name is shown, but how many there are."""
    wanted = Member.name.contains(request.args.get("q", "?"), autoescape=True)
    with reading() as session:
        return f"found: {session.scalar(select(func.count()).where(wanted))}"


@leaky.get("/<uuid:member_id>")
def leaky_one(member_id: uuid.UUID) -> str:
    """The address is enough to see it."""
    with reading() as session:
        return str(escape(_any(session.get(Member, member_id)).town))


@leaky.get("/<uuid:member_id>/forbidden")
def leaky_forbidden(member_id: uuid.UUID) -> str:
    """To be refused is to be told that it is there."""
    with reading() as session:
        if session.get(Member, member_id) and not _in_scope(member_id):
            abort(403)
    if not _in_scope(member_id):
        abort(404)
    return ""


@leaky.get("/<uuid:member_id>/told")
def leaky_told(member_id: uuid.UUID) -> ResponseReturnValue:
    """The status is right, and a word too many stands on the page."""
    if _in_scope(member_id):
        return ""
    with reading() as session:
        return ("Not yours.", 404) if session.get(Member, member_id) else ("No such.", 404)


@leaky.get("/<uuid:member_id>/noted")
def leaky_noted(member_id: uuid.UUID) -> str:
    """What was not seen is written down as a look."""
    with transaction() as session:
        subject = Subject("member", member_id)
        auditing.record(session, "look", by=me().account_id, now=clock.now(), subject=subject)
    if not _in_scope(member_id):
        abort(404)
    return ""


@leaky.post("/<uuid:member_id>/change")
def leaky_change(member_id: uuid.UUID) -> ResponseReturnValue:
    """Refused in words, but done."""
    with transaction() as session:
        if row := session.get(Member, member_id):
            row.town = "Elsewhere"
    if not _in_scope(member_id):
        abort(404)
    return redirect("/desk/sound", 303)


def _in_scope(member_id: uuid.UUID) -> bool:
    with reading() as session:
        wanted = scoped(select(Member.id).where(Member.id == member_id), me())
        return session.scalar(wanted) is not None


def _any(member: Member | None) -> Member:
    if member is None:
        abort(404)
    return member


def build(app: Flask) -> None:
    """Add the pages, before the first request."""
    app.register_blueprint(sound)
    app.register_blueprint(leaky)
