"""The page of how the service stands, for admins."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from core import clock
from core.database import reading
from core.guards import guard, staff
from staff import health
from staff.door import keep_nothing
from staff.principal import Role
from staff.room import room

bp = guard(Blueprint("desk_health", __name__, url_prefix="/desk/health"), staff(Role.ADMIN))
bp.after_request(keep_nothing)


@bp.get("")
def show() -> ResponseReturnValue:
    """Show how every part of the service stands, the worst first."""
    now = clock.now()
    with reading() as session:
        parts = health.look(session, room().reports, now=now)
    return render_template("desk/health.html", parts=health.worst_first(parts), now=now)
