import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from math import nan
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branches.postcodes import (
    Centre,
    NotAnIndex,
    Outcode,
    Place,
    Placeless,
    Postcode,
    PostcodeIndex,
    Sector,
    read,
)
from branches.postcodes.layout import CENTRE, MAGIC, SECTOR
from branches.postcodes.packing import (
    _CENTRE_ROWS,
    _SECTOR_ROWS,
    BadRows,
    Points,
    pack,
)
from tests.branches.postcodes.conftest import ROWS

ROOT = Path(__file__).resolve().parents[3]
CENTIMETRES = 2e-6  # degrees


def place(index: PostcodeIndex, text: str) -> Place:
    found = index.find(Postcode.parse(text))
    assert isinstance(found, Place)
    return found


def centre(index: PostcodeIndex, text: str) -> Centre:
    part = read(text)
    found = index.sector(part) if isinstance(part, Sector) else None
    found = index.outcode(part) if isinstance(part, Outcode) else found
    assert isinstance(found, Centre)
    return found


def test_every_row_is_found_where_it_was_put(small: PostcodeIndex) -> None:
    for text, district, lat, lon in ROWS:
        if lat == lat:  # noqa: PLR0124 - that NaN is not itself is how it is told
            found = place(small, text)
            assert found.lat == pytest.approx(lat, abs=CENTIMETRES)
            assert found.lon == pytest.approx(lon, abs=CENTIMETRES)
            assert found.district == district


def test_a_postcode_without_a_place_is_known_and_told_from_an_unknown_one(
    small: PostcodeIndex,
) -> None:
    assert small.find(Postcode("ZZ1", "2AB")) == Placeless()
    assert small.knows(Postcode("ZZ1", "2AB"))
    for text in ("ZZ1 2AC", "ZZ1 3AA", "ZZ11 1AA", "ZZ1 1AC", "AA1 1AA", "ZZ99 9ZZ"):
        assert small.find(Postcode.parse(text)) is None
        assert not small.knows(Postcode.parse(text))


def test_outcodes_that_begin_alike_are_not_mixed_up(small: PostcodeIndex) -> None:
    assert place(small, "ZZ1 1AA").lat == pytest.approx(51.5, abs=CENTIMETRES)
    assert place(small, "ZZ10 1AA").lat == pytest.approx(53.3, abs=CENTIMETRES)
    assert small.has_outcode(Outcode("ZZ1"))
    assert small.has_outcode(Outcode("ZZ10"))
    assert small.has_outcode(Outcode("ZZ2"))
    assert not small.has_outcode(Outcode("ZZ11"))
    assert not small.has_outcode(Outcode("Z1"))


def test_a_sector_is_at_the_mean_of_its_postcodes(small: PostcodeIndex) -> None:
    found = centre(small, "ZZ1 1")
    assert found.lat == pytest.approx(51.51, abs=1e-5)
    assert found.lon == pytest.approx(-0.31 / 3, abs=1e-5)
    assert found.district == "E09000001"
    assert found.districts == ("E09000001", "E09000002")
    assert found.postcodes == 3
    assert found.radius == pytest.approx(1205, abs=5)


def test_an_outcode_holds_the_postcodes_of_all_its_sectors(small: PostcodeIndex) -> None:
    found = centre(small, "ZZ1")
    assert found.lat == pytest.approx((51.50 + 51.51 + 51.52 + 51.53) / 4, abs=1e-5)
    assert found.districts == ("E09000001", "E09000002", "E09000003")
    assert found.postcodes == 4


def test_a_part_without_a_place_is_told_from_an_unknown_one(small: PostcodeIndex) -> None:
    assert small.sector(Sector("ZZ2", "9")) == Placeless()
    assert small.outcode(Outcode("ZZ2")) == Placeless()
    assert small.sector(Sector("ZZ2", "8")) is None
    assert small.outcode(Outcode("ZZ9")) is None


def test_a_sector_of_many_districts_lists_the_commonest_first(small: PostcodeIndex) -> None:
    found = centre(small, "ZZ4 1")
    assert found.district == "E07000005"
    assert sorted(found.districts) == [f"E0700000{number}" for number in range(1, 6)]


def test_an_index_tells_what_it_was_made_of(small: PostcodeIndex, small_file: Path) -> None:
    assert small.info.source == "made up"
    assert small.info.release == "2001-02"
    assert small.info.rows == len(ROWS)
    assert small.info.placeless == 2
    assert small.info.size == small_file.stat().st_size
    assert small.info.built_at.utcoffset() is not None


def test_equal_rows_in_any_order_give_equal_bytes(small_file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.idx"
    pack(Points.of(reversed(ROWS)), again, source="made up", release="2001-02")
    assert again.read_bytes() == small_file.read_bytes()


def test_an_index_is_replaced_whole_and_leaves_nothing_beside_it(small_file: Path) -> None:
    with PostcodeIndex.open(small_file) as before:
        rows = [("ZZ7 7ZZ", "E09000001", 51.5, -0.1)]
        pack(Points.of(rows), small_file, source="made up", release="2001-05")
        assert before.knows(Postcode("ZZ1", "1AA"))
    with PostcodeIndex.open(small_file) as after:
        assert not after.knows(Postcode("ZZ1", "1AA"))
        assert place(after, "ZZ7 7ZZ").lat == pytest.approx(51.5, abs=CENTIMETRES)
    assert list(small_file.parent.iterdir()) == [small_file]


def test_a_failed_writing_leaves_the_index_that_was_there(small_file: Path) -> None:
    before = small_file.read_bytes()
    with pytest.raises(BadRows):
        pack(Points.of([("nonsense", "", nan, nan)]), small_file, source="", release="")
    assert small_file.read_bytes() == before
    folder = small_file.parent / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="folder"):
        pack(Points.of(ROWS), folder, source="", release="")
    assert sorted(small_file.parent.iterdir()) == [folder, small_file]


@pytest.mark.parametrize(
    "rows",
    [
        [("E11 1AA", "", nan, nan), ("E111AA", "", nan, nan)],
        [("E11", "", nan, nan)],
        [("e11 1aa", "", nan, nan)],
        [("E11 AAA", "", nan, nan)],
        [("E11 111", "", nan, nan)],
        [("E1111 1AA", "", nan, nan)],
        [("", "", nan, nan)],
    ],
)
def test_rows_that_are_no_postcodes_are_refused(
    rows: list[tuple[str, str, float, float]], tmp_path: Path
) -> None:
    with pytest.raises(BadRows):
        pack(Points.of(rows), tmp_path / "bad.idx", source="", release="")
    assert not list(tmp_path.iterdir())


def test_no_rows_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="no postcodes"):
        pack(Points.of([]), tmp_path / "bad.idx", source="", release="")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnIndex, match="no postcode index"):
        PostcodeIndex.open(tmp_path / "missing.idx")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnIndex, match="cannot be read"):
        PostcodeIndex.open(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a postcode index"),
        (b"GSP", "not a postcode index"),
        (b"postcode,lat,lon\n" * 100, "not a postcode index"),
        (MAGIC, "damaged or was cut short"),
        (MAGIC[:-1] + b"9" + bytes(1000), "another version"),
    ],
)
def test_another_file_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "other.idx"
    path.write_bytes(content)
    with pytest.raises(NotAnIndex, match=words):
        PostcodeIndex.open(path)


def test_a_file_of_another_machine_is_refused(small_file: Path) -> None:
    whole = small_file.read_bytes()
    rest = whole[len(MAGIC) + 32 :]
    other = {"little": b"bigger", "big": b"les"}[sys.byteorder]
    rest = rest.replace(b'"byteorder":"' + sys.byteorder.encode(), b'"byteorder":"' + other)
    small_file.write_bytes(MAGIC + sha256(rest).digest() + rest)
    with pytest.raises(NotAnIndex, match="another byte order"):
        PostcodeIndex.open(small_file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_cut_short_anywhere_is_refused(small_file: Path, data: st.DataObject) -> None:
    whole = small_file.read_bytes()
    cut = small_file.with_name("cut.idx")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(NotAnIndex):
        PostcodeIndex.open(cut)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_one_bit_turned_is_refused(small_file: Path, data: st.DataObject) -> None:
    spoilt = bytearray(small_file.read_bytes())
    spoilt[data.draw(st.integers(0, len(spoilt) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = small_file.with_name("spoilt.idx")
    path.write_bytes(spoilt)
    with pytest.raises(NotAnIndex):
        PostcodeIndex.open(path)


UNITS = st.tuples(
    st.sampled_from(["A1", "A11", "B2", "AB1", "AB12", "AB1C", "NPT"]),
    st.from_regex(r"[0-2][A-Z]{2}", fullmatch=True).filter(str.isascii),
)
ANYWHERE = st.tuples(
    st.sampled_from(["", "E07000001", "E07000002", "W06000001", "S12000005", "E08000016"]),
    st.floats(49.8, 60.9),
    st.floats(-8.7, 1.8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.dictionaries(UNITS, ANYWHERE | st.none(), min_size=1, max_size=60))
def test_what_is_packed_is_what_is_found(
    rows: dict[tuple[str, str], tuple[str, float, float] | None], tmp_path: Path
) -> None:
    path = tmp_path / "any.idx"
    points = Points.of(
        (outward + inward, *(where or ("", nan, nan))) for (outward, inward), where in rows.items()
    )
    pack(points, path, source="made up", release="none")
    with PostcodeIndex.open(path) as index:
        for (outward, inward), where in rows.items():
            found = index.find(Postcode(outward, inward))
            if where is None:
                assert found == Placeless()
                continue
            # A sector of this size would span the kingdom: its steps are some twenty metres.
            assert isinstance(found, Place)
            assert found.district == where[0]
            assert found.lat == pytest.approx(where[1], abs=2e-4)
            assert found.lon == pytest.approx(where[2], abs=2e-4)
        for outward, _ in rows:
            for inward in ("0AA", "1QV", "2ZZ"):
                assert index.knows(Postcode(outward, inward)) == ((outward, inward) in rows)


def test_many_threads_may_ask_at_once(small: PostcodeIndex) -> None:
    postcodes = [Postcode.parse(row[0]) for row in ROWS] * 200
    alone = [small.find(postcode) for postcode in postcodes]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(small.find, postcodes)) == alone


def test_the_rows_that_are_packed_are_those_that_are_read() -> None:
    assert _SECTOR_ROWS.itemsize == SECTOR.size
    assert _CENTRE_ROWS.itemsize == CENTRE.size


def test_looking_up_needs_the_standard_library_alone(small_file: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from branches.postcodes import Postcode, PostcodeIndex\n"
        "index = PostcodeIndex.open(Path(sys.argv[1]))\n"
        "assert index.knows(Postcode.parse('ZZ1 1AA'))\n"
        # Not brotli: urllib3 loads that where it finds it.
        "print(*sorted({'numpy', 'msgpack'} & set(sys.modules)))\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", program, str(small_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not asked.stdout.strip()
