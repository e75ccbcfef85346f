"""What the faults share: one sandbox that begins anew for each test, a house, and processes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

import payments
from app import Adapters, create_app
from config import Settings
from core.database import Database
from sandbox.handle import Sandbox
from sandbox.serving import running_sandbox
from tests.fakes import LateClock
from tests.faults.house import House
from tests.faults.launching import Launcher, Processes
from tests.journeys.conftest import SMS_SECRET, WEBHOOK_SECRET, environ, serving
from tests.members.conftest import small_directory
from tests.ports import free_port
from tests.sandbox_controls import Controls
from tests.stripe_openapi.checking import check_everything

__all__ = ["small_directory"]  # a fixture, for use here
Build = Callable[..., House]
Change = Callable[[Settings, Adapters], Adapters]


@pytest.fixture(scope="session")
def standing_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(
        None,
        tmp_path_factory.mktemp("sandbox"),
        webhook_secret=WEBHOOK_SECRET,
        sms_secret=SMS_SECRET,
    ) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def seen() -> set[object]:
    """The shapes of calls and events that were held against Stripe's description before."""
    return set()


@pytest.fixture
def sandbox(standing_sandbox: Sandbox, seen: set[object]) -> Iterator[Sandbox]:
    """The stand-ins, with nothing in them; what is new in what was said is held against OpenAPI."""
    standing_sandbox.do("reset")
    yield standing_sandbox
    standing_sandbox.serve(None)
    _check_what_is_new(standing_sandbox, seen)
    standing_sandbox.do("reset")


@pytest.fixture
def controls(sandbox: Sandbox) -> Controls:
    return Controls.of(sandbox)


@pytest.fixture
def environment(database_url: str, sandbox: Sandbox, index_file: Path) -> dict[str, str]:
    """The environment of the service, on a port of its own."""
    return environ(sandbox, database_url=database_url, index=index_file, port=free_port())


@pytest.fixture
def build(
    database: Database,
    environment: dict[str, str],
    sandbox: Sandbox,
    controls: Controls,
    compiled_templates: Path,
) -> Iterator[Build]:
    """Builds the service in this process, as the environment says but for what is given."""
    built: list[Adapters] = []

    def make(change: Change = lambda _settings, adapters: adapters, **but: str) -> House:
        settings = Settings.read({**environment, **but})
        clock = LateClock()
        adapters = change(settings, replace(Adapters.real(settings), clock=clock))
        if settings.database_url == environment["DATABASE_URL"]:
            adapters = replace(adapters, database=database)  # the statements it has compiled
        built.append(adapters)
        app = create_app(settings, adapters)
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled_templates))
        with app.app_context():
            payments.plan_appeals(settings.organisation)
        return House(app, settings, clock, adapters.database, sandbox, controls)

    yield make
    for adapters in built:
        adapters.database.engine.dispose()


@contextmanager
def open_house(house: House) -> Iterator[House]:
    """Serve a house, and let the sandbox know where it is."""
    port = int(house.url.rpartition(":")[2])
    with serving(house.app, port):
        house.sandbox.serve(house.url)
        yield house
        house.sandbox.serve(None)


@pytest.fixture
def house(build: Build) -> Iterator[House]:
    with open_house(build()) as opened:
        yield opened


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    started = Launcher()
    yield started
    started.close()


@pytest.fixture
def processes(
    launcher: Launcher, environment: dict[str, str], compiled_templates: Path, build: Build
) -> Processes:
    """The same service in processes of their own, its appeal in place."""
    build()
    return Processes(launcher, environment, str(compiled_templates))


def _check_what_is_new(sandbox: Sandbox, seen: set[object]) -> None:
    """Hold each shape of call and event against Stripe's description once; it takes its time."""
    calls, events = [], []
    for call in sandbox.requests:
        path = re.sub(r"/[a-z]+_[A-Za-z0-9_]+(?=/|$)", "/{id}", call.path)
        shape = (call.method, path, call.status, *sorted({name for name, _ in call.params}))
        if shape not in seen:
            seen.add(shape)
            calls.append(call)
    for event in sandbox.sent_events:
        altered = "of_tomorrow" in event["data"]["object"]  # as a test had it
        if event["type"] not in seen and not altered:
            seen.add(event["type"])
            events.append(event)
    check_everything(calls, events)
