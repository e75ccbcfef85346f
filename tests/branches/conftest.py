from collections.abc import Iterator
from pathlib import Path

import pytest

from branches.directory import load
from branches.locator import Locator
from branches.postcodes import PostcodeIndex
from core.clock import day_in_london
from core.database import Database
from tests.branches.factories import files, shipped, write_index
from tests.fakes import FakeClock


@pytest.fixture(scope="session")
def made_up_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("index") / "made_up.idx")


@pytest.fixture(scope="session")
def made_up(made_up_file: Path) -> Iterator[PostcodeIndex]:
    with PostcodeIndex.open(made_up_file) as index:
        yield index


@pytest.fixture
def small_directory(database: Database, made_up: PostcodeIndex, clock: FakeClock) -> None:
    """Load three branches in two regions, placed by made-up postcodes."""
    with database.transaction() as session:
        load(session, files(), place_of=made_up.find, today=day_in_london(clock.now()))


@pytest.fixture
def shipped_directory(database: Database, built_index: PostcodeIndex, clock: FakeClock) -> None:
    """Load the directory that the project ships."""
    with database.transaction() as session:
        load(session, shipped(), place_of=built_index.find, today=day_in_london(clock.now()))


@pytest.fixture
def locator(made_up_file: Path) -> Locator:
    return Locator(made_up_file, cut_off_km=60)
