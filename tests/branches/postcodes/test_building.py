import sys
from math import nan
from pathlib import Path

import brotli
import msgpack
import pytest

from branches.postcodes import Outcode, Place, Placeless, Postcode, PostcodeIndex
from branches.postcodes.building import (
    PACKAGE,
    NoPostcodeData,
    build,
    is_current,
    release,
    source,
)

E11 = [
    ("E11 1AA", "E09000031", 539_500.0, 187_800.0),
    ("E11 1AB", nan, nan, nan),
]
ELSEWHERE = [
    ("BT1 5GS", "N09000003", 333_870.0, 374_030.0),
    ("BT1 1AA", nan, nan, nan),
    ("JE2 4WD", "L99999999", nan, nan),
    ("IM1 1AA", "M99999999", nan, nan),
]


def write_letter(folder: Path, letter: str, rows: list[tuple[str, object, float, float]]) -> str:
    names = ["pcd", "laua", "oseast1m", "osnrth1m"]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    path = folder / f"postcodes_{letter}.msgpack.br"
    path.write_bytes(brotli.compress(msgpack.packb({"columns": names, "data": columns})))
    return f"{folder.name}/{path.name},,\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data package like the real one, of six postcodes, found before it."""
    site = tmp_path / "site"
    data, about = site / "postcodes", site / f"{PACKAGE.replace('-', '_')}-9.9.dist-info"
    data.mkdir(parents=True)
    about.mkdir()
    words = f"Metadata-Version: 2.4\nName: {PACKAGE}\nVersion: 9.9\n\ngenerate ONSPD_FEB_2031.zip\n"
    (about / "METADATA").write_text(words)
    record = write_letter(data, "E", E11)
    for row in ELSEWHERE:
        record += write_letter(
            data, row[0][0], [other for other in ELSEWHERE if other[0][0] == row[0][0]]
        )
    (about / "RECORD").write_text("".join(sorted(set(record.splitlines(keepends=True)))))
    monkeypatch.syspath_prepend(str(site))
    return site


def test_an_index_is_built_of_the_installed_package(package: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    info = build(tmp_path / "new" / "of.idx", progress=lambda *step: steps.append(step))
    assert (info.rows, info.placeless) == (2, 1)
    assert info.source == source() == f"{PACKAGE} 9.9"
    assert info.release == release() == "2031-02"
    assert [done for done, _ in steps] == list(range(1, steps[-1][1] + 1))
    with PostcodeIndex.open(tmp_path / "new" / "of.idx") as index:
        found = index.find(Postcode("E11", "1AA"))
        assert isinstance(found, Place)
        assert found.district == "E09000031"
        assert found.lat == pytest.approx(51.572, abs=0.002)
        assert found.lon == pytest.approx(0.011, abs=0.002)
        assert index.find(Postcode("E11", "1AB")) == Placeless()
        assert not index.has_outcode(Outcode("BT1"))
        assert not index.has_outcode(Outcode("JE2"))


def test_northern_ireland_is_in_it_only_where_asked_for(package: Path, tmp_path: Path) -> None:
    build(tmp_path / "ni.idx", with_northern_ireland=True)
    with PostcodeIndex.open(tmp_path / "ni.idx") as index:
        found = index.find(Postcode("BT1", "5GS"))
        assert isinstance(found, Place)
        assert found.lat == pytest.approx(54.5967, abs=1e-3)
        assert index.knows(Postcode("BT1", "1AA"))
        assert not index.has_outcode(Outcode("IM1"))


def test_an_index_is_current_while_its_package_is_the_installed_one(
    package: Path, tmp_path: Path
) -> None:
    path = tmp_path / "of.idx"
    assert not is_current(path)
    build(path)
    assert is_current(path)
    metadata = next(package.glob("*.dist-info/METADATA"))
    metadata.write_text(metadata.read_text().replace("9.9", "10.0"))
    assert not is_current(path)


def test_a_package_that_names_no_release_is_known_by_its_version(package: Path) -> None:
    metadata = next(package.glob("*.dist-info/METADATA"))
    metadata.write_text(metadata.read_text().replace("ONSPD", "something"))
    assert release() == "9.9"


def test_a_package_without_postcodes_is_refused(package: Path, tmp_path: Path) -> None:
    next(package.glob("*.dist-info/RECORD")).write_text("")
    with pytest.raises(NoPostcodeData, match="no postcodes in it"):
        build(tmp_path / "of.idx")


def test_without_the_package_nothing_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(NoPostcodeData, match="not installed"):
        build(tmp_path / "of.idx")
    assert not list(tmp_path.iterdir())
