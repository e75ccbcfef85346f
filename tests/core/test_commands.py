"""The commands that belong to no room."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from config import ROOT, Settings
from core import schema
from core.database import Database
from tests.conftest import Work
from tests.core.serving import make_app
from tests.ports import free_port


def flask(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": "made up", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_new_database_is_brought_up_to_date_and_a_second_time_is_harmless(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/deeper/new.db"

    for _time in range(2):
        ended = flask("db", "upgrade", DATABASE_URL=url)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout == f"The schema is at {schema.newest()}.\n"

    made = Database(url)
    with made.reading() as session:
        assert session.scalar(sa.text("SELECT slug FROM appeal")) == "fighting-fund"
    made.engine.dispose()


def test_the_owner_changes_the_schema_where_the_service_may_not(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    owners = f"sqlite:///{tmp_path}/owners.db"
    app = make_app(settings, database, migration_database_url=owners)

    result = app.test_cli_runner().invoke(args=["db", "upgrade"])

    assert result.exit_code == 0, result.output
    assert (tmp_path / "owners.db").exists()


def test_a_database_that_is_not_there_is_said_in_a_line(app: Flask, settings: Settings) -> None:
    away = f"postgresql://groundswell@127.0.0.1:{free_port()}/groundswell"
    database: Database = app.extensions["database"]
    runner = make_app(settings, database, migration_database_url=away).test_cli_runner()

    result = runner.invoke(args=["db", "upgrade"])

    assert result.exit_code == 1
    assert result.output == "Error: The database does not answer.\n"


def test_every_command_says_what_it_does(app: Flask) -> None:
    runner = app.test_cli_runner()
    for command in (["db", "--help"], ["db", "upgrade", "--help"], ["worker", "--help"]):
        result = runner.invoke(args=command)
        assert result.exit_code == 0
        assert len(result.output.splitlines()) > 3


def test_a_wrong_use_ends_with_2(app: Flask) -> None:
    runner = app.test_cli_runner()

    assert runner.invoke(args=["db", "downgrade"]).exit_code == 2
    assert runner.invoke(args=["worker", "--twice"]).exit_code == 2


def test_the_worker_runs_once_where_it_is_told_so(app: Flask, work: Work) -> None:
    result = app.test_cli_runner().invoke(args=["worker", "--once"])

    assert (result.exit_code, result.output) == (0, "")


def test_the_worker_stops_as_soon_as_it_is_asked(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "running.db").write_bytes(sqlite_template.read_bytes())
    running = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        env={
            **os.environ,
            "SECRET_KEY": "made up",
            "DATABASE_URL": f"sqlite:///{tmp_path}/running.db",
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    guard = threading.Timer(60, running.kill)  # whatever happens, nobody waits for ever
    guard.start()
    try:
        assert "worker started" in running.stderr.readline()
        running.send_signal(signal.SIGTERM)
        rest = running.stderr.read()
        assert running.wait() == 0
    finally:
        guard.cancel()
        running.kill()
        running.wait()
        running.stderr.close()

    assert "worker stopped" in rest
    assert "Traceback" not in rest
