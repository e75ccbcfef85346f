"""The door of the desk: who stands before it, and whether a guard lets them in."""

from flask import Response, abort, current_app, g, redirect, request
from flask import session as browser
from flask import url_for as url
from flask.typing import ResponseReturnValue

from core import clock, limits, reach
from core.database import reading, transaction
from core.guards import Guard
from core.reach import EVERYTHING, Reach
from staff import accounts, sessions
from staff.devices import KNOWN
from staff.models import StaffSession
from staff.signing_in import Caller, Signed
from staff.signing_out import turned_away

TOKEN = "desk"  # noqa: S105 -- where the cookie of the session has its token


def admit(roles: frozenset[str]) -> ResponseReturnValue | None:
    """Let in who has signed in whole and has one of these roles; without roles, any of them."""
    now = clock.now()
    with reading() as session:
        row = sessions.find(session, browser.get(TOKEN), now=now)
        who = accounts.principal(row.account) if row and row.stage == "full" else None
    if row is None or who is None:
        return turned_away()
    if sessions.wants_touch(row, now=now):
        with transaction() as session:
            sessions.touch(session, row.id, now=now)
    if roles and who.role not in roles:
        abort(404)
    g.principal, g.staff_session = who, row
    reach.ask_for(EVERYTHING if who.everywhere else Reach(who.regions, who.branches))
    return None


def _admit_halfway() -> ResponseReturnValue | None:
    """Let in who gave the right password a moment ago, to what the second step takes."""
    with reading() as session:
        row = sessions.find(session, browser.get(TOKEN), now=clock.now())
    if row is None or row.stage == "full":
        return redirect(url("desk_door.sign_in"), 303)
    g.staff_session = row
    return None


halfway = Guard("halfway", _admit_halfway, csrf=True)


def caller() -> Caller:
    """Return who asks, as far as the request tells."""
    return Caller(
        address=limits.caller(),
        device=request.cookies.get(_cookie()),
        agent=request.headers.get("User-Agent", ""),
    )


def enter(token: str) -> None:
    """Let the browser hold this session and nothing it held before."""
    browser.clear()
    browser[TOKEN] = token


def remember(response: Response, signed: Signed) -> Response:
    """Let the browser hold the whole session, and what its device is known by."""
    enter(signed.session)
    response.set_cookie(
        _cookie(),
        signed.device,
        max_age=KNOWN,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


def leave(row: StaffSession) -> None:
    """End a session, and forget it in the browser."""
    with transaction() as session:
        sessions.end(session, row.id, now=clock.now())
    browser.clear()


def keep_nothing(response: Response) -> Response:
    """Keep a page of the desk out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"
