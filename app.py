"""create_app: the one place that knows every room and every adapter."""

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

import branches
import branches.protection
import members
import payments
import payments.protection
import staff
import staff.protection
from branches.attribution import ATTRIBUTION
from branches.enquirers import Enquirers
from branches.many import Many
from branches.postcodes import Postcode
from branches.postcodes_io import PostcodesIo
from branches.presenting import Presenter
from branches.register import Nobody, Register
from branches.scopes import Scopes
from branches.snapshot import OpenBranch
from config import ROOT, BadSettings, Settings
from core import clock, commands, limits, logs, mail, metrics, openapi, pages, web, words
from core.clock import Clock, SystemClock
from core.database import Database
from core.events import Announcer
from core.form_tokens import FormTokens
from core.mail import Letters, Mailer, SmtpMailer
from core.worker import Job, Worker
from members.residents import MembersHere
from payments.gateway import Gateway
from payments.law import figures
from payments.stripe_gateway import StripeGateway


@dataclass(frozen=True, slots=True)
class Adapters:
    """Everything outside that the service talks to. Tests put others in their place."""

    clock: Clock
    database: Database
    mailer: Mailer
    gateway: Gateway
    register: Register = field(default_factory=Nobody)

    @classmethod
    def real(cls, settings: Settings) -> "Adapters":
        """Return what the settings name."""
        return cls(
            clock=SystemClock(),
            database=Database(settings.database_url),
            mailer=SmtpMailer(settings.mail_url),
            gateway=StripeGateway(
                settings.stripe_api_key, settings.stripe_webhook_secrets, settings.stripe_api_base
            ),
            register=(
                PostcodesIo(settings.postcodes_io_url) if settings.postcodes_io_url else Nobody()
            ),
        )


@dataclass(frozen=True, slots=True)
class Directory(Many):
    """The branches' directory, as the members' room wants to ask it (`members.Places`)."""

    presenter: Presenter

    def read(self, text: str) -> str | None:
        """Return a whole postcode in its usual form, or None when the text is not one.

        A form is read before its transaction begins: what the index lacks is asked for here.
        """
        spelled = self.locator.spelled(text)
        if spelled:
            self.locator.learn(Postcode.parse(spelled))
        return spelled

    def branch(self, session: Session, slug: str) -> members.Named | None:
        """Return the open branch of this slug; None where there is none."""
        branch = next((each for each in self._open_branches(session) if each.slug == slug), None)
        return members.Named(branch.id, branch.name, branch.slug) if branch else None

    def place(
        self, session: Session, postcode: str, *, branch_id: int | None = None
    ) -> members.Placed:
        """Place a well-formed postcode: one that no source has by its sector or its district."""
        today = clock.day_in_london(clock.now())
        found = self.locator.place(session, postcode, today=today)
        region, branch = found.region, found.branch
        named = (each for each in self._open_branches(session) if each.id == branch_id)
        chosen = next(named, None) if branch_id is not None else None
        if chosen is not None:
            region, branch = chosen.region, chosen
        contact = self.presenter.contact(region)
        return members.Placed(
            postcode=found.postcode,
            precision=found.precision.value,
            branch=members.Named(branch.id, branch.name, branch.slug) if branch else None,
            region=members.Named(region.id, region.name, region.slug) if region else None,
            contact=members.Contact(contact["name"], contact["phone"], contact["display"]),
            notify_email=region.notify_email if region else None,
        )

    def _open_branches(self, session: Session) -> Iterator[OpenBranch]:
        today = clock.day_in_london(clock.now())
        return self.locator.directory(session, today=today).all_branches()


def create_app(settings: Settings | None = None, adapters: Adapters | None = None) -> Flask:
    """Make the service.

    Raises:
        BadSettings: when the environment is at fault, with every fault.
    """
    settings = settings or Settings.read(os.environ)
    _look_at_the_law()
    adapters = adapters or Adapters.real(settings)
    logs.set_up(settings.log_format)
    app = Flask("groundswell", root_path=str(ROOT))
    _lay_foundations(app, settings, adapters)
    worker, announcer = Worker(), Announcer()
    app.extensions["worker"] = worker
    _open_rooms(app, settings, adapters, worker, announcer)
    _describe(app, settings)
    keys = app.extensions["link_keys"]
    letters = Letters(settings.mail_from, settings.public_url, _addresses, keys)
    app.extensions["letters"] = letters
    worker.add(Job("mail", lambda: mail.send_due(adapters.mailer, letters)))
    commands.set_up(
        app,
        owner_url=settings.migration_database_url,
        after_upgrade=lambda: payments.plan_appeals(settings.organisation),
    )
    return app


def _lay_foundations(app: Flask, settings: Settings, adapters: Adapters) -> None:
    """Everything that no room is: secrets, security, words, pages, limits."""
    keys = (settings.secret_key, *settings.secret_key_fallbacks)
    shipped = settings.organisation.limits
    app.config.update(SECRET_KEY=keys[0], SECRET_KEY_FALLBACKS=list(keys[1:]))
    app.extensions.update(
        clock=adapters.clock,
        database=adapters.database,
        public_url=settings.public_url,
        link_keys=keys,
        form_tokens=FormTokens(
            keys, dt.timedelta(minutes=shipped.form_minutes), adapters.clock.now
        ),
    )
    web.set_up(
        app,
        public_url=settings.public_url,
        production=settings.production,
        proxy_hops=settings.proxy_hops,
        form_targets=settings.checkout_origins,
    )
    words.set_up(app)
    limits.set_up(
        app,
        storage=settings.ratelimit_storage,
        api_a_second=shipped.api_requests_a_second,
        posts_a_second=shipped.form_posts_a_second,
    )
    metrics.set_up(app, settings.metrics_token)
    pages.set_up(app, settings.organisation, lambda: {"appeal": payments.front_page()})


def _open_rooms(
    app: Flask, settings: Settings, adapters: Adapters, worker: Worker, announcer: Announcer
) -> None:
    """Open every room, and give each what it needs of the others."""
    organisation, keys = settings.organisation, app.extensions["link_keys"]
    staff.init_app(
        app,
        places=Scopes(),
        worker=worker,
        keys=keys,
        public_url=settings.public_url,
        organisation=organisation.name,
        development=not settings.production,
    )
    locator = _open_branches(app, settings, adapters, worker)
    till = _open_payments(app, settings, adapters, worker, announcer)
    members.init_app(
        app,
        till=till,
        places=Directory(locator, Presenter(settings.public_url, organisation.phone)),
        enquiries=Enquirers(keys),
        organisation=organisation,
        office_email=_office(settings),
        announcer=announcer,
        worker=worker,
        keys=keys,
        public_url=settings.public_url,
        keepers=(
            branches.protection.keeper(keys, also=members.forget_enquiries),
            payments.protection.KEEPER,
            staff.protection.KEEPER,
        ),
        texts=app.extensions[branches.EXTENSION].notices,
    )


def _open_branches(
    app: Flask, settings: Settings, adapters: Adapters, worker: Worker
) -> branches.Locator:
    """Open the room of places, and let every form read postcodes."""
    locator = branches.Locator(
        settings.postcode_index,
        cut_off_km=settings.organisation.limits.nearest_cut_off_km,
        register=adapters.register,
    )
    branches.init_app(
        app,
        settings.organisation,
        locator=locator,
        public_url=settings.public_url,
        secret_keys=app.extensions["link_keys"],
        texting=_gateways(settings),
        residents=MembersHere(),
        worker=worker,
    )
    app.extensions["read_postcode"] = locator.spelled
    app.jinja_env.globals["data_attribution"] = lambda: (ATTRIBUTION, locator.release())
    return locator


def _open_payments(
    app: Flask, settings: Settings, adapters: Adapters, worker: Worker, announcer: Announcer
) -> payments.Till:
    """Open the room of money, and put the gate before every form that leads to a payment."""
    organisation, now = settings.organisation, adapters.clock.now
    till = payments.init_app(
        app,
        adapters.gateway,
        organisation,
        announce=announcer,
        livemode=settings.livemode,
        worker=worker,
        treasurer_email=organisation.treasurer_email or _office(settings),
    )
    payments.protect(
        app,
        organisation,
        counts=limits.open_counts(settings.ratelimit_storage, lambda: now().timestamp()),
        keys=app.extensions["link_keys"],
        alarm=organisation.alarm_email or _office(settings),
        worker=worker,
    )
    return till


def _look_at_the_law() -> None:
    """Refuse to start with figures of the law that are at fault: money is taken by them."""
    try:
        figures.shipped()
    except figures.BadFigures as error:
        raise BadSettings([f"figures.csv: {fault}" for fault in error.faults]) from None


def _office(settings: Settings) -> str:
    """Return the address of the office: the public one, or else the one that letters come from."""
    return settings.organisation.email or parseaddr(settings.mail_from)[1]


def _describe(app: Flask, settings: Settings) -> None:
    """Say what the API of the rooms is."""
    operations = (*branches.PATHS, *payments.OPERATIONS)
    title = f"{settings.organisation.name}: branches and appeals"
    openapi.set_up(app, operations, title=title, server=settings.public_url)


def _gateways(settings: Settings) -> branches.GatewaySecrets:
    return branches.GatewaySecrets(
        generic=settings.sms_generic_secrets,
        kannel=settings.sms_kannel_secrets,
        android=settings.sms_android_keys,
        android_api_url=settings.sms_android_api_url,
        twilio=settings.sms_twilio_tokens,
        regions=settings.sms_reply_regions,
    )


def _addresses(values: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the addresses of our pages that a letter shows, for the ids in its values."""
    found = {**staff.addresses(values), **members.addresses(values)}
    if "finish" in values:
        found["finish_url"] = payments.finish_url(values["finish"])
    return found
