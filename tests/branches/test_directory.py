import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from branches.directory import BadDirectory, Loaded, export, files_of, load
from branches.models import Branch, Catchment, DirectoryState, Region
from branches.postcodes import Place, Postcode, PostcodeIndex
from branches.postcodes.districts import region_of
from tests.branches.factories import (
    BRANCHES_CSV,
    CATCHMENTS_CSV,
    REGIONS_CSV,
    TODAY,
    files,
    shipped,
)

TOMORROW = TODAY + dt.timedelta(days=1)
NOT_THERE = "is not in the postcode index: check it, or give lat and lon"


def put(session: Session, made_up: PostcodeIndex, **but: str) -> Loaded:
    return load(session, files(**but), place_of=made_up.find, today=TODAY, areas=made_up)


def faults_of(session: Session, made_up: PostcodeIndex | None, **but: str) -> list[str]:
    place_of = made_up.find if made_up else None
    with pytest.raises(BadDirectory) as caught:
        load(session, files(**but), place_of=place_of, today=TODAY, areas=made_up)
    return [str(fault) for fault in caught.value.faults]


def branch(session: Session, slug: str) -> Branch:
    found = session.scalars(select(Branch).where(Branch.slug == slug)).one()
    session.refresh(found)
    return found


def regions_of(session: Session) -> dict[str, dt.date | None]:
    """When each region closed."""
    session.expire_all()
    return {region.slug: region.closed_on for region in session.scalars(select(Region))}


def without(text: str, start: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(start))


def test_a_directory_is_loaded(session: Session, made_up: PostcodeIndex) -> None:
    assert put(session, made_up) == Loaded(regions=2, branches=3, catchments=2, closed=0)
    leyton = branch(session, "leyton")
    assert (leyton.name, leyton.region.slug, leyton.phone) == ("Leyton", "london", "+447700900123")
    assert (leyton.opened, leyton.closed, leyton.sample) == (None, None, False)
    hackney = branch(session, "hackney")
    assert (hackney.opened, hackney.sample) == (dt.date(2020, 1, 31), True)
    assert len(session.scalars(select(Catchment)).all()) == 2


def test_a_branch_without_a_position_stands_where_its_postcode_is(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up)
    leyton, hackney = branch(session, "leyton"), branch(session, "hackney")
    assert [leyton.lat, leyton.lon] == pytest.approx([51.56, 0], abs=2e-5)
    assert (hackney.lat, hackney.lon) == (51.54, -0.05)


def test_the_postcode_of_a_branch_may_be_newer_than_the_index_if_its_position_is_given(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up, branches=BRANCHES_CSV.replace("ZZ1 1ZZ,51.54", "ZZ1 1XX,51.54"))
    assert branch(session, "hackney").postcode == "ZZ1 1XX"


def test_what_is_exported_loads_and_exports_as_the_same_bytes(
    session: Session, made_up: PostcodeIndex, tmp_path: Path
) -> None:
    put(session, made_up)
    export(session, tmp_path / "new")
    first = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    load(session, first, place_of=made_up.find, today=TOMORROW)
    assert files_of(session) == first
    assert first["regions.csv"].decode() == REGIONS_CSV
    assert first["catchments.csv"].decode() == CATCHMENTS_CSV
    expected = BRANCHES_CSV.replace("07700 900123", "+447700900123")
    assert first["branches.csv"].decode() == expected


def test_files_saved_by_a_spreadsheet_are_read_alike(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up)
    plain = files_of(session)
    saved = {
        name: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") + b"\r\n"
        for name, content in plain.items()
    }
    load(session, saved, place_of=made_up.find, today=TODAY)
    assert files_of(session) == plain


def test_the_order_of_columns_does_not_matter(session: Session, made_up: PostcodeIndex) -> None:
    put(session, made_up, catchments="code,branch,kind\nzz1 2,hackney,SECTOR\n")
    assert session.scalars(select(Catchment.code)).all() == ["ZZ1 2"]


def test_text_that_a_spreadsheet_would_reckon_with_stays_text(
    session: Session, made_up: PostcodeIndex
) -> None:
    formula = '"=HYPERLINK(""x"")"'
    put(session, made_up, branches=BRANCHES_CSV.replace("First Monday", formula))
    assert branch(session, "leyton").meets == '=HYPERLINK("x")'
    marked = formula.replace("=", "'=")
    saved = files_of(session)
    assert marked in saved["branches.csv"].decode()
    load(session, saved, place_of=made_up.find, today=TODAY)
    assert files_of(session) == saved
    assert branch(session, "leyton").meets == '=HYPERLINK("x")'


def test_what_is_left_out_is_closed_today_and_opens_again_when_it_is_back(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up)
    number = branch(session, "leyton").id
    assert put(session, made_up, branches=without(BRANCHES_CSV, "leyton")).closed == 1
    assert (branch(session, "leyton").status, branch(session, "leyton").closed) == ("closed", TODAY)
    load(
        session,
        files(branches=without(BRANCHES_CSV, "leyton")),
        place_of=made_up.find,
        today=TOMORROW,
    )
    assert branch(session, "leyton").closed == TODAY
    put(session, made_up)
    again = branch(session, "leyton")
    assert (again.id, again.status, again.closed) == (number, "open", None)


def test_a_closed_branch_is_exported_with_its_day_and_stays_closed(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up)
    put(session, made_up, branches=without(BRANCHES_CSV, "leyton"))
    exported = files_of(session)
    assert b",closed,,2026-11-22,no\n" in exported["branches.csv"]
    load(session, exported, place_of=made_up.find, today=TOMORROW)
    assert files_of(session) == exported


def test_a_region_that_is_left_out_is_closed_and_gives_its_code_to_another(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up)
    renamed = {
        "regions": REGIONS_CSV.replace("eastern,Eastern", "east,East"),
        "branches": BRANCHES_CSV.replace(",eastern,", ",east,"),
    }
    put(session, made_up, **renamed)
    assert regions_of(session) == {"london": None, "eastern": TODAY, "east": None}
    put(session, made_up)
    assert regions_of(session) == {"london": None, "eastern": None, "east": TODAY}


def test_two_regions_may_exchange_their_codes(session: Session, made_up: PostcodeIndex) -> None:
    put(session, made_up)
    codes = str.maketrans({"6": "7", "7": "6"})
    swapped = "".join(
        line[: line.index("E12")] + line[line.index("E12") :].translate(codes)
        if "E12" in line
        else line
        for line in REGIONS_CSV.splitlines(keepends=True)
    )
    put(session, made_up, regions=swapped)
    found = {region.slug: region.ons_code for region in session.scalars(select(Region))}
    assert found == {"london": "E12000006", "eastern": "E12000007"}


def test_every_load_is_a_new_version(session: Session, made_up: PostcodeIndex) -> None:
    put(session, made_up)
    put(session, made_up)
    assert session.scalars(select(DirectoryState.version)).one() == 2


def test_a_bad_directory_changes_nothing(session: Session, made_up: PostcodeIndex) -> None:
    put(session, made_up)
    before = files_of(session)
    faults_of(session, made_up, branches=without(BRANCHES_CSV, "leyton") + "oops\n")
    session.expire_all()
    assert files_of(session) == before
    assert session.scalars(select(DirectoryState.version)).one() == 1


def test_every_fault_of_every_file_is_told_at_once(
    session: Session, made_up: PostcodeIndex
) -> None:
    told = faults_of(
        session,
        made_up,
        regions=REGIONS_CSV.replace("+447700900002", "12").replace("london@", "london"),
        branches=BRANCHES_CSV.replace("ZZ4 1AA", "ZZ4 9ZZ").replace(",open,,,no", ",shut,,,no", 1),
        catchments=CATCHMENTS_CSV.replace("ZZ1 2", "ZZ1"),
    )
    assert told == [
        "regions.csv, line 2, notify_email: is not an e-mail address",
        "regions.csv, line 3, phone: is not a telephone number",
        "branches.csv, line 2, status: must be one of: open, closed",
        f"branches.csv, line 4, postcode: {NOT_THERE}",
        "catchments.csv, line 2, code: the text does not have the shape of a postcode",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("leyton,Leyton", "Leyton,Leyton", "2, slug: must be lower-case words joined by hyphens"),
        ("leyton,Leyton", "leyton,", "2, name: is missing"),
        ("leyton,Leyton", f"leyton,{'x' * 81}", "2, name: is longer than 80 characters"),
        ("leyton,Leyton", "leyton,Ley\x07ton", "2, name: has a line break or another control"),
        ("leyton,Leyton", "leyton,Ley\x00ton", "2, name: has a line break or another control"),
        ("leyton,Leyton", 'leyton,"Ley\nton"', "2, name: has a line break or another control"),
        ("hackney,Hackney", "leyton,Hackney", "3, slug: stands on line 2 already"),
        ("Leyton,london", "Leyton,wales", "2, region: is not a region of regions.csv"),
        ("ZZ1 1AA", "", "2, postcode: is missing"),
        ("ZZ1 1AA", "ZZ1", "2, postcode: the text does not have the shape"),
        ("ZZ1 1AA", "ZZ1 2AB", "2, postcode: is for post only and has no place"),
        ("ZZ1 1AA", "ZZ7 1AA", "2, postcode: lies in none of the regions"),
        ("ZZ1 1AA", "BT7 1NN", "2, postcode: has no place in Great Britain"),
        ("51.54000", "", "3, lat: is missing"),
        ("51.54000", "61.54", "3, lat: is outside Great Britain"),
        ("51.54000", "5e1", "3, lat: must be degrees, such as 51.58341"),
        ("-0.05000", "nan", "3, lon: must be degrees, such as 51.58341"),
        ("leyton@example.org", "leyton", "2, email: is not an e-mail address"),
        ("07700 900123", "12", "2, phone: is not a telephone number"),
        ("2020-01-31", "31/01/2020", "3, opened: must be a date such as 2026-11-30"),
        ("2020-01-31", "2020-02-30", "3, opened: is not a day of the calendar"),
        ("2020-01-31,", "2020-01-31,2019-01-01", "3, closed: is before it opened"),
        ("open,,,no", "closed,,2026-11-23,no", "2, closed: is still to come"),
        ("open,,,no", "closed,2026-11-23,,no", "2, opened: is still to come"),
        ("open,,,no", "open,,,perhaps", "2, sample: must be one of: yes, true, 1, no, false, 0"),
        ("open,,,no", "open,,no", "2: has 13 cells in place of 14"),
        ("Monday,leyton@example.org", 'Monday,"leyton', "2: is not CSV"),
        ("slug,name", "slug,nom", "1, name: is missing"),
        ("slug,name", "slug,nom", "1, nom: is not a column of this file"),
        ("slug,name", "name,name", "1, name: the column stands there twice"),
    ],
)
def test_a_fault_in_a_branch_is_told_with_its_line_and_column(
    session: Session, made_up: PostcodeIndex, old: str, new: str, told: str
) -> None:
    assert old in BRANCHES_CSV
    faults = faults_of(session, made_up, branches=BRANCHES_CSV.replace(old, new, 1))
    assert any(fault.startswith(f"branches.csv, line {told}") for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hackney,sector", "nowhere,sector", "2, branch: is not a branch of branches.csv"),
        ("hackney,sector", "hackney,parish", "2, kind: must be one of: outcode, sector, district"),
        ("district,E07000001", "district,E99", "3, code: is not the ONS code of a district"),
        ("district,E07000001", "sector,zz1-2", "3, code: stands on line 2 already"),
        ("sector,ZZ1 2", "sector,ZZ1 3", "2, code: is no sector that the postcode index knows"),
        ("sector,ZZ1 2", "outcode,ZZ99", "2, code: is no outcode that the postcode index knows"),
        ("sector,ZZ1 2", "outcode,BT1", "2, code: is no outcode that the postcode index knows"),
        ("district,E07000001", "district,W06000018", "3, code: is no district that the postcode"),
        (
            "sector,ZZ1 2",
            "constituency,E14000530",
            "2, code: the postcode index does not say which constituency",
        ),
    ],
)
def test_a_fault_in_a_catchment_is_told_with_its_line_and_column(
    session: Session, made_up: PostcodeIndex, old: str, new: str, told: str
) -> None:
    assert old in CATCHMENTS_CSV
    (fault,) = faults_of(session, made_up, catchments=CATCHMENTS_CSV.replace(old, new, 1))
    assert fault.startswith(f"catchments.csv, line {told}")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("E12000007", "E12000006", "3, ons_code: stands on line 2 already"),
        ("E12000007", "E09000001", "2, ons_code: is not the ONS code of an English region"),
        ("07700 900 001", "07700 900 009", "2, display: is not the number under phone"),
        ("07700 900 001", "ring us", "2, display: is not the number under phone"),
    ],
)
def test_a_fault_in_a_region_is_told_with_its_line_and_column(
    session: Session, made_up: PostcodeIndex, old: str, new: str, told: str
) -> None:
    assert old in REGIONS_CSV
    faults = faults_of(session, made_up, regions=REGIONS_CSV.replace(old, new, 1))
    assert any(fault.startswith(f"regions.csv, line {told}") for fault in faults), faults


def test_a_fault_after_a_cell_of_two_lines_has_the_line_that_an_editor_shows(
    session: Session, made_up: PostcodeIndex
) -> None:
    branches = BRANCHES_CSV.replace("First Monday", '"First Monday\nin the hall"')
    put(session, made_up, branches=branches)
    assert branch(session, "leyton").meets == "First Monday\nin the hall"
    (fault,) = faults_of(session, made_up, branches=branches.replace("ZZ4 1AA", "ZZ4 9ZZ"))
    assert fault.startswith("branches.csv, line 5, postcode")


def test_a_missing_file_is_a_fault_and_not_an_empty_directory(session: Session) -> None:
    with pytest.raises(BadDirectory) as caught:
        load(session, {}, place_of=None, today=TODAY)
    assert [str(fault) for fault in caught.value.faults] == [
        "regions.csv, line 1: the file is missing",
        "branches.csv, line 1: the file is missing",
        "catchments.csv, line 1: the file is missing",
    ]


def test_a_file_that_is_not_utf8_says_on_which_line(session: Session) -> None:
    content = files() | {"regions.csv": REGIONS_CSV.encode().replace(b"Eastern", b"Pla\xeed")}
    with pytest.raises(BadDirectory) as caught:
        load(session, content, place_of=None, today=TODAY)
    assert "regions.csv, line 3: is not UTF-8: save the file as CSV UTF-8" in map(
        str, caught.value.faults
    )


def test_without_an_index_every_branch_needs_its_position(session: Session) -> None:
    told = faults_of(session, None)
    assert [fault[:30] for fault in told] == [
        "branches.csv, line 2, postcode",
        "branches.csv, line 4, postcode",
    ]
    given = BRANCHES_CSV.replace("ZZ1 1AA,,", "ZZ1 1AA,51.5,0.1").replace(
        "ZZ4 1AA,,", "ZZ4 1AA,52,1"
    )
    assert load(session, files(branches=given), place_of=None, today=TODAY).branches == 3


def test_a_branch_without_a_known_day_of_closing_closed_on_the_day_it_was_loaded(
    session: Session, made_up: PostcodeIndex
) -> None:
    closed = BRANCHES_CSV.replace("open,,,no", "closed,,,no", 1)
    put(session, made_up, branches=closed)
    assert branch(session, "leyton").closed == TODAY
    load(session, files(branches=closed), place_of=made_up.find, today=TOMORROW)
    assert branch(session, "leyton").closed == TODAY


def test_a_branch_that_opened_again_and_closed_did_so_on_the_day_it_was_loaded(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up, branches=BRANCHES_CSV.replace("open,,,no", "closed,,2026-01-01,no", 1))
    put(session, made_up, branches=BRANCHES_CSV.replace("open,,,no", "closed,2026-05-01,,no", 1))
    assert branch(session, "leyton").closed == TODAY


def test_a_directory_without_regions_is_refused(session: Session, made_up: PostcodeIndex) -> None:
    told = faults_of(
        session,
        made_up,
        regions=REGIONS_CSV.splitlines()[0],
        branches=BRANCHES_CSV.splitlines()[0],
        catchments=CATCHMENTS_CSV.splitlines()[0],
    )
    assert told == ["regions.csv, line 1: there is no region in it"]


def test_a_branch_that_was_announced_and_is_left_out_never_opened(
    session: Session, made_up: PostcodeIndex
) -> None:
    put(session, made_up, branches=BRANCHES_CSV.replace("open,,,no", "open,2027-01-01,,no", 1))
    assert not branch(session, "leyton").is_open(TODAY)
    put(session, made_up, branches=without(BRANCHES_CSV, "leyton"))
    leyton = branch(session, "leyton")
    assert (leyton.status, leyton.opened, leyton.closed) == ("closed", None, TODAY)


@pytest.mark.index
def test_the_shipped_directory_loads_and_exports_as_it_stands(
    session: Session, built_index: PostcodeIndex
) -> None:
    loaded = load(session, shipped(), place_of=built_index.find, today=TODAY)
    assert (loaded.regions, loaded.closed) == (10, 0)
    assert files_of(session) == shipped()


@pytest.mark.index
def test_every_shipped_branch_is_a_sample_in_its_own_region(
    session: Session, built_index: PostcodeIndex
) -> None:
    load(session, shipped(), place_of=built_index.find, today=TODAY)
    counts: dict[str, int] = {}
    for each in session.scalars(select(Branch)):
        place = built_index.find(Postcode.parse(each.postcode))
        assert isinstance(place, Place), each.slug
        assert region_of(place.district) == each.region.ons_code, each.slug
        assert abs(place.lat - each.lat) < 0.001, each.slug
        assert abs(place.lon - each.lon) < 0.001, each.slug
        assert each.sample
        assert (each.email, each.phone) == (None, None)
        counts[each.region.slug] = counts.get(each.region.slug, 0) + 1
    assert len(counts) == 10
    assert min(counts.values()) >= 3
    assert {"waltham-forest", "west-london", "caerphilly-rct"} <= {
        each.slug for each in session.scalars(select(Branch))
    }
