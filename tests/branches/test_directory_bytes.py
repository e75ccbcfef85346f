"""Whatever stands in the directory's files: every fault is listed, and nothing else happens."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from branches.directory import BRANCHES, CATCHMENTS, FILES, REGIONS, BadDirectory, Fault
from branches.directory.loading import _checked
from branches.postcodes import PostcodeIndex
from tests.branches.factories import TODAY, files

# What spreadsheets, editors and slips of the hand leave in a file.
SCRAPS = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            *(b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe"),
            *(b"nan", b"inf", b"1e5", b"-", b"=1+1", b"\xc2\xa0", b"\xe2\x80\xae", b"99999999999"),
            *(b"0000-00-00", b"2026-02-30", b"open", b"E12000007", b"ZZ1 1AA", b"7" * 4000),
        ],
    ),
)


NOTHING = Fault(BRANCHES, 0, "", "refused, and no fault listed")


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, bytes]:
    """The three files, one of them with something put in, taken out or put in place."""
    found = files()
    name = draw(st.sampled_from(FILES))
    content = found[name]
    start = draw(st.integers(0, len(content)))
    end = draw(st.integers(start, min(len(content), start + 30)))
    found[name] = content[:start] + draw(SCRAPS) + content[end:]
    return found


def faults(found: dict[str, bytes], index: PostcodeIndex | None) -> list[str]:
    """Check the files: what is listed has a line that is there, or is the one behind the last."""
    listed: tuple[Fault, ...] = ()
    try:
        _checked(found, place_of=index.find if index else None, today=TODAY, areas=index)
    except BadDirectory as bad:
        listed = bad.faults or (NOTHING,)
    assert NOTHING not in listed
    for fault in listed:
        content = found.get(fault.file, b"")
        assert 1 <= fault.line <= content.count(b"\n") + content.count(b"\r") + 2
    return [str(fault) for fault in listed]


@given(spoilt())
def test_no_bytes_are_too_much(made_up: PostcodeIndex, found: dict[str, bytes]) -> None:
    faults(found, made_up)


@given(st.fixed_dictionaries({}, optional={name: st.binary(max_size=300) for name in FILES}))
@example({})
@example(dict.fromkeys(FILES, b""))
def test_files_of_nothing_but_bytes_are_refused(found: dict[str, bytes]) -> None:
    assert faults(found, None)


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (lambda text: text.encode("utf-16"), "is not UTF-8"),
        (lambda text: text.replace("Leyton,First", "Siân,First").encode("cp1252"), "is not UTF-8"),
        (lambda text: text.replace(",", ";").encode(), "is missing"),
        (lambda text: text.replace(",", "\t").encode(), "is missing"),
        (lambda text: text.encode("utf-8-sig"), None),
        (lambda text: text.replace("\n", "\r\n").encode(), None),
        (lambda text: text.replace("\n", "\r").encode(), None),
    ],
)
def test_however_a_spreadsheet_saves_it_it_is_read_or_refused_in_words(
    made_up: PostcodeIndex, saved: Callable[[str], bytes], told: str | None
) -> None:
    found = files()
    found[BRANCHES] = saved(found[BRANCHES].decode())

    listed = faults(found, made_up)

    assert bool(listed) == bool(told)
    assert told is None or any(told in fault for fault in listed)


def test_a_place_beyond_britain_and_one_that_is_no_number_are_listed(
    made_up: PostcodeIndex,
) -> None:
    for lat, lon in (("91", "0"), ("-33.9", "151.2"), ("51.5", "nan"), ("1e2", "0"), ("51.5", "")):
        found = files()
        found[BRANCHES] = found[BRANCHES].replace(b"51.54000,-0.05000", f"{lat},{lon}".encode())
        (*_others, _last) = listed = faults(found, made_up)
        assert all("line 3, l" in fault for fault in listed)


def test_one_slug_twice_and_one_region_that_is_not_there_are_both_listed(
    made_up: PostcodeIndex,
) -> None:
    found = files()
    rows = found[BRANCHES].decode().splitlines()
    found[BRANCHES] = "\n".join([*rows, rows[1].replace(",london,", ",atlantis,")]).encode()
    found[REGIONS] += found[REGIONS].splitlines(keepends=True)[1]
    found[CATCHMENTS] += b"leyton,outcode,ZZ99\nleyton,sector,ZZ1 9\nleyton,district,E07000246\n"

    listed = faults(found, made_up)

    assert listed == [
        "regions.csv, line 4, ons_code: stands on line 2 already",
        "regions.csv, line 4, slug: stands on line 2 already",
        "branches.csv, line 5, region: is not a region of regions.csv",
        "branches.csv, line 5, slug: stands on line 2 already",
        "catchments.csv, line 4, code: is no outcode that the postcode index knows",
        "catchments.csv, line 5, code: is no sector that the postcode index knows",
        "catchments.csv, line 6, code: is no district that the postcode index knows a postcode in",
    ]
