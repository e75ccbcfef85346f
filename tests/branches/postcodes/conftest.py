import fcntl
from collections.abc import Iterator
from math import nan
from pathlib import Path

import pytest

from branches.postcodes import PostcodeIndex
from branches.postcodes.building import build, is_current
from branches.postcodes.packing import Points, pack

INSTANCE = Path(__file__).resolve().parents[3] / "instance"

# Made up: no such postcodes exist in the area ZZ.
ROWS = [
    ("ZZ1 1AA", "E09000001", 51.50, -0.10),
    ("ZZ1 1AB", "E09000001", 51.51, -0.10),
    ("ZZ1 1ZZ", "E09000002", 51.52, -0.11),
    ("ZZ1 2AA", "E09000003", 51.53, -0.12),
    ("ZZ1 2AB", "", nan, nan),
    ("ZZ10 1AA", "W06000001", 53.30, -4.60),
    ("ZZ2 9XY", "", nan, nan),
    ("ZZ3A 1AA", "S12000013", 57.80, -7.00),
    ("ZZ4 1AA", "E07000001", 52.00, 1.00),
    ("ZZ4 1AB", "E07000002", 52.01, 1.01),
    ("ZZ4 1AC", "E07000003", 52.02, 1.02),
    ("ZZ4 1AD", "E07000004", 52.03, 1.03),
    ("ZZ4 1AE", "E07000005", 52.04, 1.04),
    ("ZZ4 1AF", "E07000005", 52.05, 1.05),
]


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.idx"
    pack(Points.of(ROWS), path, source="made up", release="2001-02")
    return path


@pytest.fixture
def small(small_file: Path) -> Iterator[PostcodeIndex]:
    with PostcodeIndex.open(small_file) as index:
        yield index


@pytest.fixture(scope="session")
def built_index() -> Iterator[PostcodeIndex]:
    """The index of the installed data package, built once for all who test beside one another."""
    path = INSTANCE / "postcodes.idx"
    path.parent.mkdir(exist_ok=True)
    with (path.parent / "postcodes.idx.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(path):
            build(path)
    with PostcodeIndex.open(path) as index:
        yield index
