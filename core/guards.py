"""Guards: every blueprint says in one word who may come in. A house test lists route and guard."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.exceptions import Forbidden

from core import reach
from core.reach import EVERYTHING, NOTHING, Reach

_Check = Callable[[], ResponseReturnValue | None]


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may come in: a word for the list of routes, and the check made before each view.

    `csrf` says whether Flask-WTF's token is asked of each POST; where nobody is signed in there is
    no session to ride on, and the form tokens of `core.form_tokens` stand in its place.
    `roles` are those of the staff who may come in, none where the guard does not ask for staff.
    `reach` is what the database shows to the request, until the check itself says who asks.
    """

    name: str
    check: _Check
    csrf: bool = False
    roles: frozenset[str] = frozenset()
    reach: Reach = NOTHING


def _open() -> None:
    """Let everybody in."""


anyone = Guard("anyone", _open, reach=EVERYTHING)


def signed_gateway(check: _Check) -> Guard:
    """Let in only what proves by `check` that it is the gateway."""
    return Guard("signed_gateway", check, reach=EVERYTHING)


def link_holder(key: str, ask: str) -> Guard:
    """Let in only who opened a link from a mail; `key` is where the session notes it.

    Others are sent to the page of the endpoint `ask`, where a link can be asked for.
    """

    def check() -> ResponseReturnValue | None:
        return None if key in session else redirect(url_for(ask), 303)

    return Guard("link_holder", check, csrf=True, reach=EVERYTHING)


def staff(*roles: str) -> Guard:
    """Let in only staff who have signed in whole, and whose role is one of these.

    Who has not is sent to the sign-in. Who has another role finds nothing there: 404 does not tell
    what there would be. The room of staff says who it is (`extensions["admit_staff"]`).
    """
    wanted = frozenset(roles)

    def check() -> ResponseReturnValue | None:
        admit: Callable[[frozenset[str]], ResponseReturnValue | None]
        admit = current_app.extensions["admit_staff"]
        return admit(wanted)

    return Guard("staff", check, csrf=True, roles=wanted)


def same_origin(public_url: str) -> None:
    """Refuse a form that another site sent: browsers tell the origin of every POST.

    A request without `Origin` comes from no browser in use, so there is no one's session or intent
    to abuse (Fetch standard, "append a request Origin header").
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin not in (public_url, request.host_url.rstrip("/")):
        raise Forbidden


_GUARDS: dict[str, Guard] = {}


def guard(blueprint: Blueprint, who: Guard) -> Blueprint:
    """Put the guard before every view of the blueprint, and note it for the list of routes."""
    blueprint.before_request(lambda: reach.ask_for(who.reach))
    blueprint.before_request(who.check)
    if who.csrf:
        blueprint.before_request(_check_csrf)
    _GUARDS[blueprint.name] = who
    return blueprint


def _check_csrf() -> None:
    """Ask Flask-WTF's token of whoever was let in."""
    csrf: CSRFProtect = current_app.extensions["csrf"]
    csrf.protect()


def guard_of(blueprint_name: str) -> Guard | None:
    """Return the guard of a blueprint, or None where somebody forgot it."""
    return _GUARDS.get(blueprint_name)
