"""The service in production's clothes, and what its answers have to wear."""

from dataclasses import replace

from flask import Flask

from app import Adapters, create_app
from config import Settings
from core.database import Database
from core.worker import Worker
from tests.fakes import FakeClock, FakeGateway, FakeMailer

SITE = "https://give.example.net"
CHECKOUTS = ("https://checkout.stripe.com", "https://billing.stripe.com")


def make_app(settings: Settings, database: Database, **but: object) -> Flask:
    """Make the service with some settings changed."""
    changed = replace(settings, **but)  # type: ignore[arg-type]  # as the caller knows them
    return create_app(changed, Adapters(FakeClock(), database, FakeMailer(), FakeGateway()))


def make_production(settings: Settings, database: Database, **but: object) -> Flask:
    """Make the service as it runs in production."""
    production: dict[str, object] = {
        "environment": "production",
        "public_url": SITE,
        "checkout_origins": CHECKOUTS,
    }
    return make_app(settings, database, **(production | but))


def worker_of(app: Flask) -> Worker:
    """Return the application's worker."""
    worker: Worker = app.extensions["worker"]
    return worker
