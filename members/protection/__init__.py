"""Data protection: the register, access, erasure, retention, consent, requests and complaints."""

from collections.abc import Sequence

import click
from flask import Flask
from flask_babel import lazy_gettext as _l

import staff
from core.commands import PlainGroup
from core.organisation import Organisation
from core.protection import Keeper
from core.worker import Job, Worker
from members.protection import asking, commands, own, reporting, retaining
from members.protection.desk_views import requests, retention
from members.protection.registry import EXTENSION, Registry
from members.protection.views import bp
from staff.health import Report
from staff.principal import Role

__all__ = ["open_desk"]


def open_desk(
    app: Flask,
    keepers: Sequence[Keeper],
    *,
    organisation: Organisation,
    office_email: str,
    worker: Worker,
    keys: Sequence[str],
    public_url: str,
) -> None:
    """Put the rooms' parts together: commands, pages and the worker's jobs.

    `keepers` are the rooms' that this one stands on; its own comes last, for what stands on
    another goes before it.
    """
    app.extensions[EXTENSION] = Registry(
        (*keepers, own.keeper(keys)), organisation, keys, office_email, public_url
    )
    group = app.cli.commands.get("members")
    if not isinstance(group, click.Group):
        group = PlainGroup("members", help="Members, and the data that we hold about people.")
        app.cli.add_command(group)
    commands.register_with(group)
    worker.add(Job("retention", retaining.run_due, retaining.EVERY))
    worker.add(Job("requests", asking.remind_due, asking.EVERY))
    for blueprint in (bp, requests, retention):
        app.register_blueprint(blueprint)
    _show_ways(app)


def _show_ways(app: Flask) -> None:
    admins = (Role.ADMIN,)
    staff.add_way(
        app,
        "desk_requests.every",
        _l("Requests"),
        _l("Requests and complaints about personal data, each with its clock."),
        admins,
        rank=92,
    )
    staff.add_way(
        app,
        "desk_retention.kept",
        _l("Retention"),
        _l("What goes by clock, what went, and when it runs next."),
        admins,
        rank=93,
    )
    staff.add_report(app, Report(_l("Data protection"), reporting.protection))
