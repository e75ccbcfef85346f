"""The desk of people: finding a member, their page, handing them on, taking lists out."""

from flask import Flask
from flask_babel import lazy_gettext as _l

import staff
from members import reporting
from members.desk import commands
from members.desk.changing_views import bp as _changing
from members.desk.deciding_views import bp as _deciding
from members.desk.taking_views import bp as _taking
from members.desk.taking_views import taken as _taken
from members.desk.views import READERS
from members.desk.views import bp as _reading

__all__ = ["open_desk"]


def open_desk(app: Flask) -> None:
    """Put the pages on the desk, and the command beside the others."""
    for blueprint in (_reading, _changing, _deciding, _taking, _taken):
        app.register_blueprint(blueprint)
    commands.register_with(app)
    reporting.tell_desk(app)
    staff.add_way(
        app,
        "desk_people.everybody",
        _l("People"),
        _l("Find somebody, see how they stand, ring them, hand them on."),
        READERS,
        rank=20,
    )
