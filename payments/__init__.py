"""MONEY: appeals, donations, dues, Stripe, webhooks, the ledger."""

import datetime as dt
from collections.abc import Sequence

from flask import Flask

from core.database import reading, transaction
from core.events import Announce
from core.gathering import Gathering
from core.limits import Counts
from core.organisation import Organisation
from core.worker import Job, Worker
from payments import (
    appeals,
    checking,
    days,
    desk,
    following_up,
    payouts,
    proving,
    receiving,
    reconciling,
    refunding,
    reporting,
    settling,
    sweeping,
    totals,
)
from payments.api import OPERATIONS
from payments.api import bp as api
from payments.cli import payments as commands
from payments.gateway import Gateway
from payments.law import reminding
from payments.monthly import expiring, standing, telling, yearly_letters
from payments.protecting import opening
from payments.protecting.doorway import WAYS_BACK
from payments.protecting.views import finish_url
from payments.till import Till
from payments.views import bp as pages
from payments.views import way_back
from payments.wall.views import bp as wall
from payments.webhooks import bp as webhooks

__all__ = ["OPERATIONS", "Till", "finish_url", "front_page", "init_app", "plan_appeals", "protect"]

_LOOK_EVERY = dt.timedelta(minutes=1)
_CHECK_EVERY = dt.timedelta(minutes=10)


def init_app(
    app: Flask,
    gateway: Gateway,
    organisation: Organisation,
    *,
    announce: Announce,
    livemode: bool,
    worker: Worker,
    treasurer_email: str,
) -> Till:
    """Open the room: pages, API, webhook, commands and the worker's jobs. Returns the till.

    `treasurer_email` is told of gifts that wait to be checked.
    """
    rules = settling.Rules(
        livemode=livemode,
        announce=announce,
        link_lifetime=dt.timedelta(days=organisation.limits.receipt_link_days),
    )
    open_for = dt.timedelta(minutes=organisation.limits.checkout_minutes)
    till = Till(gateway, rules, open_for)
    app.extensions["till"] = till
    app.extensions["intake"] = Gathering(receiving.store_all)
    for blueprint in (pages, wall, api, webhooks):
        app.register_blueprint(blueprint)
    desk.open_desk(app)
    app.cli.add_command(commands)
    reporting.tell_desk(app)
    worker.add(Job("notices", lambda: receiving.apply_due(gateway, rules)))
    worker.add(Job("stops", lambda: following_up.stop_due(gateway, rules)))
    _look_after_the_monthly(worker, gateway, organisation, rules)
    worker.add(Job("refunds", lambda: refunding.refund_due(gateway, rules)))
    worker.add(Job("payouts", lambda: payouts.ask_lines(gateway)))
    worker.add(Job("details", lambda: following_up.ask_details(gateway)))
    worker.add(
        Job("quiet checkouts", lambda: following_up.look_at_quiet(gateway, rules), _LOOK_EVERY)
    )
    worker.add(Job("missed", lambda: sweeping.look_for_missed(gateway), sweeping.EVERY))
    worker.add(Job("reconcile", reconciling.Regular(gateway, rules)))
    worker.add(Job("checks", lambda: reminding.remind_due(treasurer_email), reminding.EVERY))
    _look_after_the_books(worker)
    return till


def protect(
    app: Flask,
    organisation: Organisation,
    *,
    counts: Counts,
    keys: Sequence[str],
    alarm: str,
    worker: Worker,
) -> None:
    """Put the gate before every form that leads to a payment; `alarm` is told of an attack."""
    limits = organisation.defence
    opening.open_gate(app, limits, counts=counts, keys=keys, alarm=alarm, worker=worker)
    app.extensions[WAYS_BACK].update(donation=way_back, monthly=way_back)


def _look_after_the_monthly(
    worker: Worker, gateway: Gateway, organisation: Organisation, rules: settling.Rules
) -> None:
    notice_for = dt.timedelta(days=organisation.limits.card_notice_days)
    worker.add(Job("changes", lambda: telling.tell_due(gateway, rules)))
    worker.add(Job("standings", lambda: standing.ask_due(gateway)))
    worker.add(Job("cards", lambda: expiring.tell_due(rules, notice_for), expiring.EVERY))
    if organisation.year_statements:
        worker.add(Job("years", lambda: yearly_letters.tell_due(rules), yearly_letters.EVERY))


def _look_after_the_books(worker: Worker) -> None:
    worker.add(Job("totals", totals.keep_due, _LOOK_EVERY))
    worker.add(Job("days", days.keep_due, _LOOK_EVERY))
    worker.add(Job("books", checking.check_due, _CHECK_EVERY))
    worker.add(Job("all the books", proving.Proving()))


def plan_appeals(organisation: Organisation) -> None:
    """Create the organisation's own appeals where they are not there yet."""
    with transaction() as session:
        appeals.plan(session, organisation.appeals)


def front_page(slug: str = appeals.DEFAULT) -> appeals.Standing | None:
    """Return how the first appeal stands, for the front page."""
    with reading() as session:
        try:
            return appeals.standing(session, appeals.find(session, slug))
        except appeals.NoSuchAppeal:
            return None
