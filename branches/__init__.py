"""WHERE: regions, branches, postcodes, which branch answers for whom, and the text line."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from branches.api import PATHS
from branches.api import bp as api
from branches.cli import branches as commands
from branches.locator import Locator, Placed
from branches.presenting import Presenter
from branches.room import EXTENSION, Room, today
from branches.texting.answering import TextLine
from branches.texting.forgetting import forget
from branches.texting.generic_gateway import GenericGateway
from branches.texting.receiving import Rules
from branches.texting.views import bp as generic
from branches.views import bp as pages
from core.database import transaction
from core.organisation import Organisation
from core.worker import Job, Worker

__all__ = ["PATHS", "Locator", "Placed", "init_app", "today"]

_FORGET_EVERY = dt.timedelta(hours=1)


def init_app(
    app: Flask,
    organisation: Organisation,
    *,
    index_path: Path,
    public_url: str,
    secret_keys: Sequence[str],
    sms_secrets: Sequence[str],
    worker: Worker,
) -> Locator:
    """Open the room: pages, API, gateway, commands and the worker's job. Returns the locator.

    The index may be missing at the start; it is taken up as soon as it is built. `secret_keys` are
    those of the service, the one in use first: senders' numbers are hashed by them.
    """
    limits = organisation.limits
    locator = Locator(index_path, cut_off_km=limits.nearest_cut_off_km)
    presenter = Presenter(public_url, organisation.phone)
    app.extensions[EXTENSION] = Room(
        locator=locator,
        presenter=presenter,
        text_line=TextLine(locator, presenter, organisation.short_name),
        text_rules=Rules(
            keys=tuple(key.encode() for key in secret_keys),
            own_number=organisation.text_line.e164 if organisation.text_line else None,
            office_email=organisation.email,
            texts_an_hour=limits.texts_an_hour,
            texts_an_hour_in_all=limits.texts_an_hour_in_all,
            text_days=limits.text_days,
        ),
        gateway=GenericGateway(tuple(sms_secrets)),
    )
    for blueprint in (pages, api, generic):
        app.register_blueprint(blueprint)
    app.cli.add_command(commands)
    worker.add(Job("forgetting texts", _forget_due, _FORGET_EVERY))
    return locator


def _forget_due() -> int:
    """Forget what is due; nothing is left to do afterwards, so the worker need not come back."""
    with transaction() as session:
        return forget(session, today=today())
