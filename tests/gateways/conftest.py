import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import Adapters, create_app
from branches.directory import load
from branches.postcodes import PostcodeIndex
from branches.room import EXTENSION, Room
from config import Settings
from core.database import Database
from tests.branches.factories import TODAY, shipped
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.gateways.serving import SECRET, Service
from tests.ports import free_port


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "gateway: runs a real SMS gateway")


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    index_file: Path,
    built_index: PostcodeIndex,
) -> Iterator[Service]:
    """The service on SQLite, with a branch whose name is Welsh and is kept so."""
    path = tmp_path_factory.mktemp("service") / "groundswell.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    read = Settings.read({"SECRET_KEY": "a key for gateways, not secret at all"})
    settings = replace(
        read,
        postcode_index=index_file,
        sms_kannel_secrets=(SECRET,),
        sms_generic_secrets=(SECRET,),
        mail_from="Test <test@example.org>",
    )
    app = create_app(settings, Adapters(FakeClock(), database, FakeMailer(), FakeGateway()))
    room: Room = app.extensions[EXTENSION]
    keeping = replace(room.text_line, keep_welsh=True)
    app.extensions[EXTENSION] = replace(room, text_line=keeping)
    directory = shipped()
    directory["branches.csv"] = directory["branches.csv"].replace(
        b"Waltham Forest", "Ynys Môn".encode()
    )
    with database.transaction() as session:
        load(session, directory, place_of=built_index.find, today=TODAY)
    made = Service(app, database, free_port())
    made.start()
    yield made
    made.stop()
    database.engine.dispose()
