"""WHERE: regions, branches, postcodes, which branch answers for whom, and the text line."""

import datetime as dt
from collections.abc import Sequence

from flask import Flask

from branches.api import PATHS
from branches.api import bp as api
from branches.cli import branches as commands
from branches.desk import open_desk
from branches.desk.moving import Residents
from branches.links import takes_texts
from branches.locator import Locator, Placed
from branches.presenting import Presenter
from branches.reporting import tell_desk
from branches.room import EXTENSION, Room, today
from branches.texting import sending
from branches.texting.android_phone import AndroidPhone
from branches.texting.answering import TextLine
from branches.texting.commands import texts
from branches.texting.connecting import GatewaySecrets, connect
from branches.texting.forgetting import forget, forget_notices
from branches.texting.notifying import Notices
from branches.texting.receiving import Rules
from branches.texting.views import bp as gateways
from branches.views import bp as pages
from core.addresses import PhoneNumber
from core.database import transaction
from core.organisation import Organisation
from core.worker import Job, Worker

__all__ = ["EXTENSION", "PATHS", "GatewaySecrets", "Locator", "Placed", "init_app", "today"]

_FORGET_EVERY = dt.timedelta(hours=1)


def init_app(  # noqa: PLR0913 -- each is one thing that the room cannot do without
    app: Flask,
    organisation: Organisation,
    *,
    locator: Locator,
    public_url: str,
    secret_keys: Sequence[str],
    texting: GatewaySecrets,
    residents: Residents,
    worker: Worker,
) -> None:
    """Open the room: pages, API, gateways, commands and the worker's jobs.

    `secret_keys` are those of the service, the one in use first: senders' numbers are hashed by
    them. `residents` knows the people that branches are for.
    """
    presenter = Presenter(public_url, organisation.phone)
    text_rules = _rules(organisation, secret_keys, texting)
    app.extensions[EXTENSION] = Room(
        locator=locator,
        presenter=presenter,
        text_line=TextLine(
            locator, presenter, organisation.short_name, keep_welsh=organisation.texts_keep_welsh
        ),
        text_rules=text_rules,
        notices=Notices(text_rules) if texting.android_api_url else None,
        gateways=connect(texting, public_url),
    )
    app.jinja_env.tests["mobile"] = takes_texts
    app.jinja_env.filters["national"] = lambda e164: PhoneNumber(e164).national
    for blueprint in (pages, api, gateways):
        app.register_blueprint(blueprint)
    open_desk(
        app,
        residents=residents,
        months=organisation.limits.branch_confirm_months,
        worker=worker,
    )
    commands.add_command(texts)
    app.cli.add_command(commands)
    tell_desk(app, locator, gateways=len(app.extensions[EXTENSION].gateways))
    if texting.android_api_url:
        phone = AndroidPhone(texting.android_api_url)
        worker.add(Job("texts", lambda: sending.send_due(phone, text_rules)))
    worker.add(Job("forgetting texts", _forget_due, _FORGET_EVERY))


def _rules(
    organisation: Organisation, secret_keys: Sequence[str], texting: GatewaySecrets
) -> Rules:
    limits = organisation.limits
    return Rules(
        keys=tuple(key.encode() for key in secret_keys),
        own_number=organisation.text_line.e164 if organisation.text_line else None,
        office_email=organisation.email,
        texts_an_hour=limits.texts_an_hour,
        texts_an_hour_per_district=limits.texts_an_hour_per_district,
        texts_an_hour_in_all=limits.texts_an_hour_in_all,
        text_days=limits.text_days,
        regions=texting.regions,
    )


def _forget_due() -> int:
    """Forget what is due; nothing is left to do afterwards, so the worker need not come back."""
    with transaction() as session:
        forget_notices(session, today=today())
        return forget(session, today=today())
