"""WHO: accounts of organisers, treasurers, moderators and admins; sign-in, scope, audit."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l

from core import clock
from core.database import transaction
from core.worker import Job, Worker
from staff import audit_views as _audit  # noqa: F401 -- adds to the accounts
from staff import challenges, counting, health, inviting, reports, seats, sessions, throttling
from staff import credential_views as _credentials  # noqa: F401 -- adds to the desk
from staff import key_views as _keys  # noqa: F401 -- adds to the desk
from staff import passkey_views as _passkeys  # noqa: F401 -- adds to the door and the step
from staff.admin_views import bp as _accounts
from staff.cli import staff as _commands
from staff.desk import bp as _desk
from staff.door import admit
from staff.door_views import bp as _door
from staff.health import Report
from staff.health_views import bp as _health
from staff.numbers import Series
from staff.numbers_views import READERS as _READERS
from staff.numbers_views import bp as _numbers
from staff.places import Place, Places
from staff.principal import Principal, Role
from staff.room import EXTENSION, Room, Stop, Way, me, room
from staff.step_views import bp as _step

__all__ = [
    "Place",
    "Places",
    "Principal",
    "Role",
    "add_report",
    "add_series",
    "add_way",
    "addresses",
    "init_app",
]


def init_app(
    app: Flask,
    *,
    places: Places,
    worker: Worker,
    keys: Sequence[str],
    public_url: str,
    organisation: str,
    development: bool,
) -> None:
    """Open the room: the sign-in, the desk, its commands and the worker's sweep.

    `keys` sign links and seal secrets, newest first; `organisation` is what authenticators show.
    In `development` there may be seats of the sample.
    """
    app.extensions[EXTENSION] = Room(places, keys, public_url, organisation, development)
    app.extensions["admit_staff"] = admit
    for blueprint in (_door, _step, _desk, _accounts, _numbers, _health):
        app.register_blueprint(blueprint)
    app.cli.add_command(_commands)
    worker.add(Job("staff", _forget_old, every=dt.timedelta(hours=1)))
    app.jinja_env.globals["desk_bar"] = _bar
    _look_after_itself(app, worker, development=development)
    _show_ways(app)


def _show_ways(app: Flask) -> None:
    """Put this room's pages on the desk."""
    own = (_l("Your account"), _l("Password, telephone, passkeys, where you are signed in."))
    add_way(app, "desk.account", *own, rank=100)
    numbers = (_l("Numbers"), _l("Who came and went, what came in, how soon somebody rang."))
    add_way(app, "desk_numbers.show", *numbers, _READERS, rank=60)
    admins = (Role.ADMIN,)
    for rank, endpoint, title, words in (
        (90, "desk_accounts.every", _l("Accounts"), _l("Who may sit at the desk, and do what.")),
        (91, "desk_accounts.audit", _l("Audit"), _l("Who did what, and when.")),
        (94, "desk_health.show", _l("Health"), _l("How mail, texts, Stripe and worker stand.")),
    ):
        add_way(app, endpoint, title, words, admins, rank=rank)


def _look_after_itself(app: Flask, worker: Worker, *, development: bool) -> None:
    """Let the worker say that it is at work, and count; and say how that stands."""
    found: Room = app.extensions[EXTENSION]
    worker.add(Job("numbers", _count(found), every=counting.EVERY))
    worker.add(Job("beat", _beat(worker), every=health.BEAT))
    for each in reports.reports():
        add_report(app, each)
    if not development:
        add_report(app, reports.sample_seats(seats.any_open))


def add_series(app: Flask, *series: Series) -> None:
    """Put series of a room's numbers on the desk of numbers, by their ranks."""
    found: Room = app.extensions[EXTENSION]
    found.series.extend(series)
    found.series.sort(key=lambda each: each.rank)


def add_report(app: Flask, report: Report) -> None:
    """Let a room say how a part of the service stands, on the page of its health."""
    found: Room = app.extensions[EXTENSION]
    found.reports.append(report)


def add_way(  # noqa: PLR0913 -- what a way is, for whom, and what it shows beside its name
    app: Flask,
    endpoint: str,
    title: object,
    words: object,
    roles: Iterable[Role] = tuple(Role),
    *,
    rank: int = 50,
    opens_for: Iterable[Role] = (),
    waiting: Callable[[], int] | None = None,
) -> None:
    """Put a page on the desk's overview and its bar, for those of these roles.

    The page's own guard counts. Ways stand in the order of their ranks, the lowest first: the work
    of the day before what is seldom looked for. Whoever has one of the roles of `opens_for` is led
    there first; `waiting` counts how many wait there for whoever asks, quickly: each page of the
    desk asks it.
    """
    found: Room = app.extensions[EXTENSION]
    way = Way(endpoint, title, words, frozenset(roles), rank, frozenset(opens_for), waiting)
    found.ways.append(way)
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
    places = [(url_for(way.endpoint), way) for way in ways]
    under = [href for href, _way in places if f"{request.path}/".startswith(f"{href}/")]
    here = max(under, key=len, default="")
    return [
        Stop(href, way.title, href == here, way.waiting() if way.waiting else None)
        for href, way in places
    ]


def _count(here: Room) -> Callable[[], int]:
    def run() -> int:
        counting.count_all(here.series, now=clock.now())
        return 0

    return run


def _beat(worker: Worker) -> Callable[[], int]:
    since: dt.datetime | None = None

    def run() -> int:
        nonlocal since
        since = since or clock.now()
        with transaction() as session:
            health.beat(session, since=since, failures=worker.failures, now=clock.now())
        return 0

    return run


def _forget_old() -> int:
    """Drop sessions and counted failures that are long over; say that there is no more to do."""
    with transaction() as session:
        sessions.forget_old(session, now=clock.now())
        throttling.forget_old(session, now=clock.now())
        challenges.forget_old(session, now=clock.now())
    return 0
