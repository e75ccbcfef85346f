"""The desks of this room: *Money*, for a treasurer, and *Messages*, for a moderator.

They stand on the same services as the commands. None of them is bound to regions and branches, so
that the role alone decides (`staff.principal`): a moderator finds no money, an organiser neither.
"""

from flask import Flask
from flask_babel import lazy_gettext as _l

import staff
from payments.desk import (
    bank_views,
    books_views,
    giving_back,
    held_views,
    message_views,
    money_views,
    offline_views,
    refund_views,
)
from staff.principal import Role


def open_desk(app: Flask) -> None:
    """Put the pages on the desk, and the ways to them on its first page."""
    for views in (
        money_views,
        refund_views,
        offline_views,
        bank_views,
        books_views,
        held_views,
        message_views,
    ):
        app.register_blueprint(views.bp)
    staff.add_way(
        app,
        "desk_money.overview",
        _l("Money"),
        _l("Find a payment, give it back, the bank, the month."),
        giving_back.MONEY,
        opens_for=(Role.TREASURER,),
    )
    staff.add_way(
        app,
        "desk_messages.queue",
        _l("Messages"),
        _l("What givers wrote, to be read before everybody can."),
        message_views.MESSAGES,
        opens_for=(Role.MODERATOR,),
    )
