"""The desk of branches: the directory edited, confirmed, loaded, and shown as each channel does."""

import datetime as dt

from flask import Flask
from flask_babel import lazy_gettext as _l

import staff
from branches.desk import changing, confirming, following
from branches.desk.directory_views import bp as _directory
from branches.desk.moving import Residents
from branches.desk.room import EXTENSION, Desk, desk, world
from branches.desk.views import KEEPERS
from branches.desk.views import bp as _branches
from branches.room import room, today
from core import clock
from core.database import transaction
from core.worker import Job, Worker

__all__ = ["open_desk"]

_EVERY = dt.timedelta(hours=6)


def open_desk(app: Flask, *, residents: Residents, months: int, worker: Worker) -> None:
    """Put the pages on the desk, and let the worker move who follows and write to who forgot."""
    app.extensions[EXTENSION] = Desk(residents, months)
    for blueprint in (_branches, _directory):
        app.register_blueprint(blueprint)
    staff.add_way(
        app,
        "desk_branches.every",
        _l("Branches"),
        _l("What we tell of each branch, whether it is still right, and who belongs where."),
        KEEPERS,
        rank=30,
    )
    worker.add(Job("moves", _follow))
    worker.add(Job("branches to confirm", _look_after, every=_EVERY))


def _follow() -> int:
    """Let the next people follow a change; while there is no index they wait."""
    here = world()
    if here.index is None:
        return 0
    with transaction() as session:
        return following.follow(
            session,
            world=here,
            locator=room().locator,
            residents=desk().residents,
            now=clock.now(),
        )


def _look_after() -> int:
    """Begin to count for new branches, write of stale ones, let go of what was never applied."""
    with transaction() as session:
        confirming.begin_to_count(session, today=today())
        confirming.nudge(session, today=today(), months=desk().months, now=clock.now())
        changing.forget_old(session, now=clock.now())
    return 0
