"""The town that the walks go through."""

from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from core.database import Database
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.members.conftest import small_directory
from tests.safety import leaks
from tests.safety.town import Town, settle

__all__ = ["small_directory"]  # a fixture, for use here
_MANY = 1_000_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The usual settings, but that one address may ask for everything there is at once.

    The service is reached by a name, so that browsers make passkeys for it.
    """
    limits = replace(
        settings.organisation.limits, form_posts_a_second=_MANY, api_requests_a_second=_MANY
    )
    organisation = replace(settings.organisation, limits=limits)
    return replace(settings, organisation=organisation, public_url="http://localhost")


@pytest.fixture
def town(
    app: Flask,
    database: Database,
    gateway: FakeGateway,
    clock: FakeClock,
    mailer: FakeMailer,
    work: Work,
) -> Town:
    """Two regions, their people, and whoever may look; and some pages that are there for tests."""
    leaks.build(app)
    return settle(app, database, gateway, clock, mailer, work)
