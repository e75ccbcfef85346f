"""WHO: accounts of organisers, treasurers, moderators and admins; sign-in, scope, audit."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l

from core import clock
from core.database import transaction
from core.worker import Job, Worker
from staff import challenges, inviting, sessions, throttling
from staff import credential_views as _credentials  # noqa: F401 -- adds to the desk
from staff import key_views as _keys  # noqa: F401 -- adds to the desk
from staff import passkey_views as _passkeys  # noqa: F401 -- adds to the door and the step
from staff.admin_views import bp as _accounts
from staff.cli import staff as _commands
from staff.desk import bp as _desk
from staff.door import admit
from staff.door_views import bp as _door
from staff.places import Place, Places
from staff.principal import Principal, Role
from staff.room import EXTENSION, Room, Stop, Way, me, room
from staff.step_views import bp as _step

__all__ = ["Place", "Places", "Principal", "Role", "add_way", "addresses", "init_app"]


def init_app(
    app: Flask,
    *,
    places: Places,
    worker: Worker,
    keys: Sequence[str],
    public_url: str,
    organisation: str,
) -> None:
    """Open the room: the sign-in, the desk, its commands and the worker's sweep.

    `keys` sign links and seal secrets, newest first; `organisation` is what authenticators show.
    """
    app.extensions[EXTENSION] = Room(places, keys, public_url, organisation)
    app.extensions["admit_staff"] = admit
    for blueprint in (_door, _step, _desk, _accounts):
        app.register_blueprint(blueprint)
    app.cli.add_command(_commands)
    worker.add(Job("staff", _forget_old, every=dt.timedelta(hours=1)))
    app.jinja_env.globals["desk_bar"] = _bar
    add_way(
        app,
        "desk.account",
        _l("Your account"),
        _l("Password, telephone, passkeys, where you are signed in."),
        rank=100,
    )
    admins = (Role.ADMIN,)
    add_way(
        app,
        "desk_accounts.every",
        _l("Accounts"),
        _l("Who may sit at the desk, and do what."),
        admins,
        rank=90,
    )
    add_way(
        app,
        "desk_accounts.audit",
        _l("Audit"),
        _l("Who did what, and when."),
        admins,
        rank=91,
    )


def add_way(
    app: Flask,
    endpoint: str,
    title: object,
    words: object,
    roles: Iterable[Role] = tuple(Role),
    *,
    rank: int = 50,
) -> None:
    """Put a page on the desk's first page and its bar, for those of these roles.

    The page's own guard counts. Ways stand in the order of their ranks, the lowest first: the work
    of the day before what is seldom looked for.
    """
    found: Room = app.extensions[EXTENSION]
    found.ways.append(Way(endpoint, title, words, frozenset(roles), rank))
    found.ways.sort(key=lambda way: way.rank)


def addresses(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the addresses that a letter of this room shows, for the ids in its values."""
    found = {}
    if "invitation" in values:
        token = inviting.token(uuid.UUID(values["invitation"]), room().keys)
        found["invitation_url"] = url_for("desk_door.invitation", token=token, _external=True)
    if "what" in values:
        found["desk_url"] = url_for("desk.account", _external=True)
    return found


def _bar() -> list[Stop]:
    """Return the desk's bar for whoever asks, as its template draws it."""
    ways = [way for way in room().ways if me().role in way.roles]
    places = [(url_for(way.endpoint), way.title) for way in ways]
    under = [href for href, _title in places if f"{request.path}/".startswith(f"{href}/")]
    here = max(under, key=len, default="")
    return [Stop(href, title, here=href == here) for href, title in places]


def _forget_old() -> int:
    """Drop sessions and counted failures that are long over; say that there is no more to do."""
    with transaction() as session:
        sessions.forget_old(session, now=clock.now())
        throttling.forget_old(session, now=clock.now())
        challenges.forget_old(session, now=clock.now())
    return 0
