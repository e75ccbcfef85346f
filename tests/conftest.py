"""What every test may ask for. `database` is a real SQLite and a real PostgreSQL, in turn."""

import fcntl
import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

import payments
from app import Adapters, create_app
from branches.postcodes import PostcodeIndex
from branches.postcodes.building import build, is_current
from config import Settings
from core import schema
from core.database import Database
from core.worker import Worker
from tests import postgres, watching
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.organisations import easy
from tests.quick_rules import QuickRule

INSTANCE = Path(__file__).resolve().parent.parent / "instance"
DATABASES = ("sqlite", "postgresql")
Flask.url_rule_class = QuickRule


@pytest.fixture(autouse=True)
def _watched(request: pytest.FixtureRequest) -> Iterator[None]:
    """No log line of any test holds personal data, and no test reaches beyond this machine."""
    watching.begin()
    yield
    if "heard" not in request.fixturenames:
        assert watching.heard() == []


@pytest.fixture
def heard() -> Callable[[], list[str]]:
    """Let a test itself look at what it is watched for."""
    return watching.heard


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated database, as the service's own role sees it."""
    with postgres.server() as url:
        yield postgres.prepare(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def databases() -> Iterator[dict[str, Database]]:
    """The engines of this process, which keep the SQL they have once put together.

    An engine for every test would spend a fifth of all their time on putting it together again.
    """
    kept: dict[str, Database] = {}
    yield kept
    for each in kept.values():
        each.engine.dispose()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    path = tmp_path / "groundswell.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str, databases: dict[str, Database]) -> Iterator[Database]:
    """Give an empty, migrated database."""
    kind = sa.make_url(database_url).get_backend_name()
    found = databases.get(kind) or databases.setdefault(kind, _movable(database_url))
    found.engine.url = sa.make_url(database_url)
    yield found
    if kind == "postgresql":
        postgres.empty(found.engine)
    found.engine.dispose()


def _movable(url: str) -> Database:
    """Return a database that connects to wherever its engine's `url` points at that moment."""
    made = Database(url)

    def connect(_dialect: object, _record: object, where: list[str], _how: object) -> None:
        if made.engine.url.get_backend_name() == "sqlite":
            where[0] = made.engine.url.database or ""

    sa.event.listen(made.engine, "do_connect", connect)
    return made


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Give a session in a transaction that is kept at the end."""
    with database.transaction() as opened:
        yield opened


@pytest.fixture(scope="session")
def index_file() -> Path:
    """The index of the installed data package, built once for all who test beside one another."""
    path = INSTANCE / "postcodes.idx"
    path.parent.mkdir(exist_ok=True)
    with (path.parent / "postcodes.idx.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(path):
            build(path)
    return path


@pytest.fixture(scope="session")
def built_index(index_file: Path) -> Iterator[PostcodeIndex]:
    with PostcodeIndex.open(index_file) as index:
        yield index


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def settings(index_file: Path, tmp_path: Path) -> Settings:
    """The settings of a development machine, with nothing of this one in them."""
    read = Settings.read({"SECRET_KEY": "a key for tests, not secret at all"})
    return replace(
        read,
        postcode_index=index_file,
        mail_from="Test <test@example.org>",
        organisation=easy(read.organisation),
    )


@pytest.fixture
def app(
    settings: Settings,
    database: Database,
    clock: FakeClock,
    mailer: FakeMailer,
    gateway: FakeGateway,
    compiled_templates: Path,
) -> Flask:
    """The whole service with real rooms and a real database; what is outside remembers."""
    made = create_app(settings, Adapters(clock, database, mailer, gateway))
    made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled_templates))
    with made.app_context():
        payments.plan_appeals(settings.organisation)
    return made


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def work(app: Flask) -> "Work":
    return Work(app)


class Work:
    """Runs the worker until nothing is left to do."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self) -> None:
        worker: Worker = self.app.extensions["worker"]
        with self.app.app_context():
            worker.once()


def _prepare(url: str) -> None:
    made = Database(url)
    schema.upgrade(made.engine)
    made.engine.dispose()


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later collection of garbage, and collect more rarely.

    It stays to the end, and there are millions of such objects: looking through them over and over
    was a quarter of all the processor's time. Every test makes an app and leaves it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under CI nothing may be skipped: what was not run has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran on each database and in the browser."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call":
            counts.update(name for name in DATABASES if name in report.nodeid.rpartition("[")[2])
            counts["browser"] += "tests/browser/" in report.nodeid
            counts["all"] += 1
    skipped = len(terminalreporter.stats.get("skipped", []))
    terminalreporter.write_line(
        f"ran {counts['all']}: {counts['sqlite']} on SQLite, {counts['postgresql']} on PostgreSQL, "
        f"{counts['browser']} in the browser; skipped {skipped}"
    )
