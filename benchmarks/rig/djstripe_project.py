"""The least of a Django project with dj-stripe in it, set up to take webhooks as quickly as it can.

It lives in an environment of its own (`requirements-bench.txt`), the only one that can import this.
`python -m benchmarks.rig.djstripe_project` makes its tables and its endpoint; gunicorn serves
`application()`. `DATABASE_URL`,
`WEBHOOK_ENDPOINT` (a UUID) and `WEBHOOK_SECRET` say where and with what.

What costs time and is not asked for is left out: no middleware of Django's, no sessions, no account
at Stripe to look up; connections and statements are kept. The signature is checked, which is
dj-stripe's own default. `DJSTRIPE_WEBHOOK_EVENT_CALLBACK` is where one hands an event to a queue,
to be worked upon later; here it does nothing at all, where a queue would have to be told.
"""

import os
import uuid
from collections.abc import Callable
from typing import Any

import django  # type: ignore[import-not-found]  # in the other environment alone, as what follows
from django.conf import settings  # type: ignore[import-not-found]  # likewise
from django.urls import include, path  # type: ignore[import-not-found]  # likewise
from psycopg.conninfo import conninfo_to_dict

_NAME = "benchmarks.rig.djstripe_project"
_APPS = ("contenttypes", "auth", "djstripe")
_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def later(_trigger: object, **_given: object) -> None:
    """Leave the event to be worked upon later: it is kept already."""


def measured(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Say how long each answer is, which Django by itself leaves to the server, in chunks."""

    def answered(request: object) -> object:
        response = answer(request)
        response["Content-Length"] = str(len(response.content))
        return response

    return answered


def _database(url: str) -> dict[str, Any]:
    given = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{_NAMES[name]: value for name, value in given.items() if name in _NAMES},
        "CONN_MAX_AGE": None,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
    }


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": _database(os.environ["DATABASE_URL"])},
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    DJSTRIPE_WEBHOOK_EVENT_CALLBACK=later,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "djstripe"],
    MIGRATION_MODULES=dict.fromkeys(_APPS),  # made from their models: the way there takes a minute
    MIDDLEWARE=[f"{_NAME}.measured"],
    ROOT_URLCONF=_NAME,
    SECRET_KEY=uuid.uuid4().hex,
    STRIPE_LIVE_MODE=False,
    STRIPE_TEST_SECRET_KEY="sk_test_for_measuring",  # noqa: S106 -- made up: nobody is called
    USE_TZ=True,
)
django.setup()

urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]


def prepare() -> None:
    """Make the tables, and the endpoint that the events are for."""
    from django.core.management import call_command  # type: ignore[import-not-found]  # noqa: PLC0415 -- needs the set-up above
    from djstripe.models import WebhookEndpoint  # type: ignore[import-not-found]  # noqa: PLC0415 -- likewise

    call_command("migrate", run_syncdb=True, verbosity=0)
    WebhookEndpoint.objects.create(
        id="we_for_measuring",
        djstripe_uuid=os.environ["WEBHOOK_ENDPOINT"],
        enabled_events=["*"],
        livemode=False,
        secret=os.environ["WEBHOOK_SECRET"],
        status="enabled",
        url="http://127.0.0.1/",
    )


def application() -> Any:  # noqa: ANN401 -- Django tells no types here
    """Return what a WSGI server calls."""
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-not-found]  # noqa: PLC0415 -- likewise

    return get_wsgi_application()


if __name__ == "__main__":
    prepare()
