"""Doors: how the desk of today is opened."""

import datetime as dt

from flask import Flask
from flask_babel import lazy_gettext as _l

import staff
from members.enquiries import Enquiries
from members.today import badge
from members.today.room import EXTENSION, Room
from members.today.views import RINGERS, bp
from staff.principal import Role

__all__ = ["open_desk"]


def open_desk(app: Flask, enquiries: Enquiries, *, quiet: dt.timedelta) -> None:
    """Put the pages on the desk. `quiet` is after how long silence makes a card a quiet one."""
    app.extensions[EXTENSION] = Room(enquiries, quiet)
    app.register_blueprint(bp)
    staff.add_way(
        app,
        "desk_today.cards",
        _l("Today"),
        _l("Whom to ring, and what came of it."),
        RINGERS,
        rank=10,
        opens_for=(Role.ORGANISER,),
        waiting=badge.waiting,
    )
