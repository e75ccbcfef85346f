import logging
import os
import shutil
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from branches.index_file import IndexFile, IndexMissing
from branches.postcodes import Place, Postcode, PostcodeIndex
from branches.postcodes.packing import Points, pack
from tests.branches.factories import ROWS, write_index

HERE = Postcode("ZZ1", "1AA")
LATER = Postcode("ZZ1", "3AA")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_index(tmp_path / "some.idx")


def newer(path: Path) -> Path:
    """Pack another release, with a postcode more."""
    rows = [*ROWS, ("ZZ1 3AA", "E09000001", 51.5, 0.0)]
    pack(Points.of(rows), path, source="made up", release="2002-05")
    return path


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f".{path.name}.*"))


def errors(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.levelno == logging.ERROR for record in caplog.records)


def test_the_index_is_opened_once(path: Path) -> None:
    file = IndexFile(path)
    assert file.index() is file.index()


def test_nobody_misses_an_index_that_another_thread_is_opening(path: Path) -> None:
    for _time in range(20):
        file, barrier = IndexFile(path), threading.Barrier(8)

        def ask(
            _number: int, file: IndexFile = file, barrier: threading.Barrier = barrier
        ) -> PostcodeIndex:
            barrier.wait()
            return file.index()

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(ask, range(8)))) == 1


def test_one_built_anew_is_taken_up_without_a_restart(path: Path) -> None:
    file = IndexFile(path)
    before = file.index()
    assert not before.knows(LATER)
    newer(path)
    assert file.index().info.release == "2002-05"
    assert file.index().knows(LATER)
    assert isinstance(before.find(HERE), Place)


@pytest.mark.parametrize("keep", [0, 1, 20, 44, 200, 1000])
def test_one_that_is_half_written_in_place_harms_nobody(
    path: Path, keep: int, caplog: pytest.LogCaptureFixture
) -> None:
    file = IndexFile(path)
    before = file.index()
    whole = newer(path.with_name("new.idx")).read_bytes()
    path.write_bytes(whole[:keep])
    for _ in range(3):
        assert file.index() is before
        assert isinstance(before.find(HERE), Place)
    assert errors(caplog) == 1
    path.write_bytes(whole)
    assert file.index().knows(LATER)
    assert isinstance(before.find(HERE), Place)


def test_one_that_is_damaged_or_gone_is_refused_and_the_last_stays(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = IndexFile(path)
    before = file.index()
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(0, 0))
    assert file.index().find(HERE) == before.find(HERE)
    path.write_bytes(b"nothing of the kind")
    os.utime(path, ns=(1, 1))
    assert file.index().find(HERE) == before.find(HERE)
    path.unlink()
    assert file.index().find(HERE) == before.find(HERE)
    assert errors(caplog) == 1
    write_index(path)
    assert file.index().find(HERE) == before.find(HERE)


def test_every_break_is_told_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = IndexFile(path)
    for number in range(2):
        file.index()
        path.write_bytes(b"broken")
        os.utime(path, ns=(number, number))
        file.index()
        newer(path)
        file.index()
    assert errors(caplog) == 2


def test_a_broken_one_at_the_start_is_missing_until_it_is_mended(path: Path) -> None:
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    file = IndexFile(path)
    for _ in range(2):
        with pytest.raises(IndexMissing, match="damaged or was cut short"):
            file.index()
    path.write_bytes(good)
    assert file.index().knows(HERE)


def test_there_is_one_copy_and_it_is_shared(path: Path) -> None:
    first, second = IndexFile(path), IndexFile(path)
    first.index()
    (copy,) = copies(path)
    second.index()
    assert copies(path) == [copy]
    assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IMODE(path.stat().st_mode)
    newer(path)
    first.index()
    (other,) = copies(path)
    assert other != copy
    assert second.index().knows(LATER)


def test_a_copy_that_is_broken_is_made_again(path: Path) -> None:
    IndexFile(path).index()
    (copy,) = copies(path)
    copy.write_bytes(copy.read_bytes()[:100])
    assert IndexFile(path).index().knows(HERE)
    assert copies(path) == [copy]
    with PostcodeIndex.open(copy) as index:
        assert index.knows(HERE)


def test_many_may_open_it_while_it_is_built_anew(path: Path, tmp_path: Path) -> None:
    old, new = path.read_bytes(), newer(tmp_path / "new.idx").read_bytes()
    faults: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(40):
                assert isinstance(IndexFile(path).index().find(HERE), Place)
        except BaseException as fault:  # noqa: BLE001 -- told by the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for content in (new, old) * 10:
        beside = tmp_path / "beside"
        beside.write_bytes(content)
        beside.replace(path)
    for thread in threads:
        thread.join()
    assert faults == []


def test_where_nothing_can_be_kept_beside_it_the_file_itself_is_used(path: Path) -> None:
    copy = path.with_name(f".{path.name}.{path.read_bytes()[8:16].hex()}.open")
    shutil.copyfile(path, path.with_name("saved"))
    copy.mkdir()  # in the way, so that the copy cannot be opened
    assert IndexFile(path).index().knows(HERE)
