import tracemalloc
import zipfile
from pathlib import Path

import pytest

from branches.postcodes import Outcode, Place, Placeless, Postcode, PostcodeIndex, Sector
from branches.postcodes import importing as subject
from branches.postcodes.building import is_current
from branches.postcodes.importing import build_from
from branches.postcodes.index import Centre
from branches.postcodes.sources import BadSource
from tests.branches.postcodes.directories import (
    CODE_POINT_HEADER,
    CODE_POINT_ROWS,
    ROWS,
    VINTAGES,
    name_of,
    onspd,
    written,
    zipped,
)

E11 = Postcode("E11", "1AA")


def build(source: Path) -> PostcodeIndex:
    output = source.parent / "built.idx"
    build_from(source, output)
    return PostcodeIndex.open(output)


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def check_rows(index: PostcodeIndex) -> None:
    assert (index.info.rows, index.info.placeless) == (6, 1)
    found = index.find(E11)
    assert isinstance(found, Place)
    assert (found.district, found.constituency) == ("E09000031", "E14001339")
    assert found.lat == pytest.approx(51.57171, abs=1e-4)
    assert found.lon == pytest.approx(0.0115, abs=1e-4)
    assert index.knows(Postcode("E11", "1AD")), "no longer in use"
    assert index.find(Postcode("N1P", "1AA")) == Placeless()
    for area in ("BT1", "JE2", "IM1"):
        assert not index.has_outcode(Outcode(area))


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_vintage_is_read_from_a_file(tmp_path: Path, vintage: str) -> None:
    with build(put(tmp_path / f"{name_of(vintage)}.csv", onspd(vintage))) as index:
        check_rows(index)
        assert index.info.release == vintage
        assert index.info.source == f"ONS Postcode Directory ({name_of(vintage)}.csv)"
        assert index.constituencies == {"E14001339", "E14001340", "W07000100"}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_vintage_is_read_from_the_zip(tmp_path: Path, vintage: str) -> None:
    name = name_of(vintage)
    files = {
        "User Guide/guide.txt": b"read me",
        "Documents/LAD names.csv": b"LAD25CD,LAD25NM\nE09000031,Waltham Forest\n",
        f"Data/{name}.csv": onspd(vintage),
        f"Data/multi_csv/{name}_E.csv": onspd(vintage),
    }
    with build(zipped(tmp_path / "download.zip", files)) as index:
        check_rows(index)
        assert index.info.release == vintage


def test_the_files_of_each_area_do_as_well(tmp_path: Path) -> None:
    name = name_of("2025-11")
    files = {
        f"{name}/Data/multi_csv/{name}_E.csv": onspd("2025-11", ROWS[:4]),
        f"{name}/Data/multi_csv/{name}_X.csv": onspd("2025-11", ROWS[4:]),
    }
    with build(zipped(tmp_path / "download.zip", files)) as index:
        check_rows(index)


def test_without_degrees_the_grid_is_read(tmp_path: Path) -> None:
    source = put(tmp_path / "some.csv", onspd("2024-08", without=("lat", "long")))
    with build(source) as index:
        found = index.find(E11)
        assert isinstance(found, Place)
        assert found.lat == pytest.approx(51.5717, abs=1e-3)
        assert found.lon == pytest.approx(0.0115, abs=1e-3)


def test_without_constituencies_none_is_known(tmp_path: Path) -> None:
    with build(put(tmp_path / "some.csv", onspd("2018-05", without=("pcon",)))) as index:
        found = index.find(E11)
        assert isinstance(found, Place)
        assert found.constituency is None
        assert index.constituencies == frozenset()


def test_a_sector_knows_its_districts_and_constituencies_the_commonest_district_first(
    tmp_path: Path,
) -> None:
    with build(put(tmp_path / "some.csv", onspd("2025-11"))) as index:
        centre = index.sector(Sector("E11", "1"))
        assert isinstance(centre, Centre)
        assert centre.parts == (
            ("E09000031", "E14001340"),
            ("E09000031", "E14001339"),
            ("E09000026", "E14001340"),
        )
        assert centre.districts == ("E09000031", "E09000026")
        assert index.districts == ("E09000026", "E09000031", "W06000016")


def test_a_file_that_names_no_release_is_of_its_latest_month(tmp_path: Path) -> None:
    with build(put(tmp_path / "postcodes.csv", onspd("2025-11"))) as index:
        assert index.info.release == "2024-10"


def code_point_zip(path: Path, *, about: bytes = b"COPYRIGHT DATE: 20260206\r\n") -> Path:
    return zipped(
        path,
        {
            "Doc/metadata.txt": about,
            "Doc/Code-Point_Open_Column_Headers.csv": written(CODE_POINT_HEADER),
            "Data/CSV/e.csv": written(CODE_POINT_ROWS[:1]),
            "Data/CSV/zz.csv": written(CODE_POINT_ROWS[1:]),
        },
    )


def check_code_point(index: PostcodeIndex) -> None:
    assert (index.info.rows, index.info.placeless) == (3, 1)
    found = index.find(E11)
    assert isinstance(found, Place)
    assert (found.district, found.constituency) == ("E09000031", None)
    assert found.lat == pytest.approx(51.5717, abs=1e-3)
    assert index.find(Postcode("SO16", "0AS")) == Placeless()


def test_code_point_open_is_read_from_the_zip(tmp_path: Path) -> None:
    with build(code_point_zip(tmp_path / "codepo_gb.zip")) as index:
        check_code_point(index)
        assert index.info.source == "Code-Point Open (codepo_gb.zip)"
        assert index.info.release == "2026-02"


@pytest.mark.parametrize("header", [(), CODE_POINT_HEADER[:1], CODE_POINT_HEADER])
def test_code_point_open_is_read_from_a_file_with_a_header_or_without(
    tmp_path: Path, header: tuple[tuple[str, ...], ...]
) -> None:
    with build(put(tmp_path / "all.csv", written([*header, *CODE_POINT_ROWS]))) as index:
        check_code_point(index)
        assert index.info.release == "unknown"


def test_a_mark_at_the_beginning_and_plain_line_ends_make_no_difference(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + onspd("2025-11").replace(b"\r\n", b"\n").replace(b'"', b"")
    with build(put(tmp_path / f"{name_of('2025-11')}.csv", content)) as index:
        check_rows(index)


BAD_FILES = {
    "empty": (b"", "not the columns"),
    "words": (b"Dear all,\nhere is the list.\n", "not the columns"),
    "another table": (b"name,postcode\nJo,E11 1AA\n", "not the columns"),
    "an index": (b"GSPOSTC1" + bytes(500), "not the columns"),
    "a header alone": (onspd("2025-11", ()), "no postcode of Great Britain"),
    "nothing of Great Britain": (onspd("2025-11", ROWS[6:]), "no postcode of Great Britain"),
    "cut short": (onspd("2025-11")[:-60], "line 10: "),
    "no postcode": (onspd("2025-11", [("London", *ROWS[0][1:])]), "line 2: has no postcode"),
    "no code": (onspd("2025-11", [("E11 1AA", "Leyton", *ROWS[0][2:])]), "line 2: has no ONS code"),
    "no number": (onspd("2024-08", [(*ROWS[0][:4], "north", *ROWS[0][5:])]), "line 2: has no numb"),
    "no end": (onspd("2024-08", [(*ROWS[0][:4], "inf", *ROWS[0][5:])]), "line 2: has no number"),
    "twice": (onspd("2025-11", [ROWS[0], ROWS[0]]), "more than once"),
    "an open quote": (b'"' + onspd("2025-11"), r"not the columns|not CSV"),
    "one endless line": (b"x" * 200_000, "longer"),
    "zeroes": (bytes(5000), "not the columns"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_what_is_no_directory_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    content, words = BAD_FILES[kind]
    with pytest.raises(BadSource, match=words):
        build(put(tmp_path / "some.csv", content))
    assert not (tmp_path / "built.idx").exists()


def test_a_zip_without_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="neither"):
        build(zipped(tmp_path / "holiday.zip", {"photo.jpg": b"\xff\xd8"}))


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "some.zip", {"Data/ONSPD_NOV_2025_UK.csv": onspd("2025-11")})
    content = bytearray(path.read_bytes())
    content[200:220] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(BadSource, match=r"damaged|not CSV|line"):
        build(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadSource, match="not the columns"):
        build(path)


def test_a_zip_packed_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "some.zip", {"Data/ONSPD_NOV_2025_UK.csv": onspd("2025-11")})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        directory_at = archive.start_dir
    content[directory_at + 8] |= 1  # the flag that says it is encrypted
    content[6] |= 1
    path.write_bytes(content)
    with pytest.raises(BadSource, match="cannot be read"):
        build(path)


def test_an_index_in_use_is_left_alone_by_a_bad_source(tmp_path: Path) -> None:
    output = tmp_path / "built.idx"
    build_from(put(tmp_path / "good.csv", onspd("2025-11")), output)
    before = output.read_bytes()
    with pytest.raises(BadSource):
        build_from(put(tmp_path / "bad.csv", onspd("2025-11") + b"rubbish\n"), output)
    assert output.read_bytes() == before


def test_an_imported_index_is_not_built_over_by_the_package(tmp_path: Path) -> None:
    with build(put(tmp_path / "good.csv", onspd("2025-11"))):
        assert is_current(tmp_path / "built.idx")


def numbered(number: int) -> str:
    letters = chr(65 + number // 26 % 26) + chr(65 + number % 26)
    return f"ZZ{number // 6760 + 1} {number // 676 % 10}{letters}"


def many(count: int) -> bytes:
    """A directory of so many postcodes, in the area ZZ."""
    rows = [
        (
            numbered(number),
            *("E09000031", "539500", "0187800", f"{51 + number * 1e-6:.6f}", "0.0115"),
            *("E14001339", ""),
        )
        for number in range(count)
    ]
    return onspd("2025-11", rows)


def test_progress_is_told_and_memory_is_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "_AT_ONCE", 1000)
    content = many(20_000)
    source = zipped(tmp_path / "big.zip", {"Data/ONSPD_NOV_2025_UK.csv": content})
    steps: list[tuple[int, int]] = []
    tracemalloc.start()
    info = build_from(source, tmp_path / "big.idx", progress=lambda *step: steps.append(step))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert info.rows == 20_000
    done = [done for done, _ in steps]
    assert done == sorted(done)
    assert len(set(done)) > 10
    assert done[-1] == steps[-1][1]
    assert most < len(content) * 3


def test_a_directory_of_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "MOST_ROWS", 5)
    with pytest.raises(BadSource, match="more than 5 rows"):
        build(put(tmp_path / "some.csv", onspd("2025-11")))
