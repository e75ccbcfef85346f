"""A service defended as it is shipped, or nearly: each test says what it needs otherwise."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

import payments
from app import Adapters, create_app
from config import Settings
from core.database import Database
from core.defence import Defence
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.payments.protecting.forms import Giver

Guarded = Callable[..., Flask]


@pytest.fixture
def guarded(
    settings: Settings,
    database: Database,
    clock: FakeClock,
    mailer: FakeMailer,
    gateway: FakeGateway,
    compiled_templates: object,
) -> Guarded:
    """Makes the service with the shipped defence, but for what is given and the age of forms."""

    def make(**but: int) -> Flask:
        defence = replace(Defence(), **{"form_seconds": 0, **but})
        often = replace(settings.organisation.limits, form_posts_a_second=1_000_000)
        organisation = replace(settings.organisation, defence=defence, limits=often)
        changed = replace(settings, organisation=organisation)
        app = create_app(changed, Adapters(clock, database, mailer, gateway))
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled_templates))
        with app.app_context():
            payments.plan_appeals(organisation)
        return app

    return make


@pytest.fixture
def giver(guarded: Guarded) -> Giver:
    """Somebody at a form of the service as it is shipped."""
    return Giver(guarded())
