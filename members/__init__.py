"""PEOPLE: joining, membership, consent, and a supporter's own pages."""

import datetime as dt
from collections.abc import Sequence

from flask import Flask
from sqlalchemy.orm import Session

from core.events import Announcer
from core.organisation import Organisation
from core.protection import Keeper
from core.worker import Job, Worker
from members import accepting_commands, activating, desk, office, protection
from members.enquiries import Enquirer, Enquiries
from members.letter_links import addresses
from members.places import Contact, Named, Placed, Places
from members.protection import own_pages as _data  # noqa: F401 -- adds to own_pages
from members.room import EXTENSION, Room
from members.rules import Rules
from members.self_service import address_views as _addresses  # noqa: F401 -- adds to doorstep
from members.self_service import asking, rating
from members.self_service import changing_views as _changing  # noqa: F401 -- adds to own_pages
from members.self_service import detail_views as _details  # noqa: F401 -- adds to own_pages
from members.self_service import leaving_views as _leaving  # noqa: F401 -- adds to own_pages
from members.self_service import rate_views as _rates  # noqa: F401 -- adds to own_pages
from members.self_service import statements as _statements  # noqa: F401 -- adds to own_pages
from members.self_service.doorstep import bp as doorstep
from members.self_service.views import bp as own_pages
from members.standing import doors as standing
from members.standing import wording
from members.standing.commands import members as commands
from members.standing.reminding import Texter
from members.standing.rules import MonthRules
from members.texts import Text, Texts
from members.today import doors as today
from members.today.forgetting import forget as forget_enquiries
from members.views import bp as joining
from members.views import way_back
from payments.announcements import DuesChanged, DuesPaid
from payments.protecting.doorway import WAYS_BACK
from payments.till import Till

__all__ = [
    "Contact",
    "Enquirer",
    "Enquiries",
    "Named",
    "Placed",
    "Places",
    "Text",
    "Texts",
    "addresses",
    "forget_enquiries",
    "init_app",
]


def init_app(  # noqa: PLR0913 -- each is one thing that the room cannot do without
    app: Flask,
    *,
    till: Till,
    places: Places,
    enquiries: Enquiries,
    organisation: Organisation,
    office_email: str,
    announcer: Announcer,
    worker: Worker,
    keys: Sequence[str],
    public_url: str,
    keepers: Sequence[Keeper],
    texts: Texts | None = None,
) -> None:
    """Open the room: pages, listeners and the worker's job.

    `office_email` is told of new members for whom no region has an organiser; `keys` sign links,
    newest first. `keepers` are the other rooms' parts in data protection; `texts` is who can text
    people, None where nobody can.
    """
    rules = _rules(organisation, office_email)
    texter = _texter(organisation, texts)
    app.extensions[EXTENSION] = Room(till, places, rules, keys, public_url, enquiries, texter)
    app.extensions[WAYS_BACK]["dues"] = way_back
    _listen(announcer, places, rules)
    standing.open_doors(app, rules, announcer=announcer, worker=worker, texter=texter)
    for blueprint in (joining, doorstep, own_pages):
        app.register_blueprint(blueprint)
    protection.open_desk(
        app,
        keepers,
        organisation=organisation,
        office_email=office_email,
        worker=worker,
        keys=keys,
        public_url=public_url,
    )
    _open_desks(app, enquiries, organisation)
    worker.add(Job("links", lambda: asking.answer_due(rules.asked_link)))


def _open_desks(app: Flask, enquiries: Enquiries, organisation: Organisation) -> None:
    """Put what organisers need on the desk, and beside it into the commands."""
    accepting_commands.register_with(commands)
    office.open_office(app)
    desk.open_desk(app)
    today.open_desk(app, enquiries, quiet=dt.timedelta(days=organisation.limits.quiet_days))


def _listen(announcer: Announcer, places: Places, rules: Rules) -> None:
    """Hear what the room of money says of dues, in the transaction in which it happens there."""

    def dues_paid(session: Session, paid: DuesPaid, now: dt.datetime) -> None:
        activating.dues_paid(session, paid, places=places, rules=rules, now=now)

    def dues_changed(session: Session, changed: DuesChanged, _now: dt.datetime) -> None:
        rating.changed(session, changed)

    announcer.listen(DuesPaid, dues_paid)
    announcer.listen(DuesChanged, dues_changed)


def _texter(organisation: Organisation, texts: Texts | None) -> Texter | None:
    """Return who texts reminders, where that is wished for and can be."""
    if texts is None or not organisation.membership.text_reminders:
        return None
    return Texter(texts, wording.texted(organisation))


def _rules(organisation: Organisation, office_email: str) -> Rules:
    return Rules(
        minimum_age=organisation.minimum_age,
        rates=organisation.rates,
        office_email=office_email,
        welcome_link=dt.timedelta(days=organisation.limits.receipt_link_days),
        asked_link=dt.timedelta(minutes=organisation.limits.link_minutes),
        months=MonthRules(
            organisation.membership.arrears_after_months,
            organisation.membership.lapse_after_months,
        ),
        acceptance=organisation.membership.acceptance,
        treasurer_email=organisation.treasurer_email or office_email,
    )
