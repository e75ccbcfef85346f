import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from branches.answers import Precision
from branches.directory import load
from branches.locator import IndexMissing, Locator
from branches.models import DirectoryState
from branches.postcodes import NotAPostcode, PostcodeIndex
from core.database import Database
from tests.branches.factories import BRANCHES_CSV, TODAY, files, write_index

TOMORROW = TODAY + dt.timedelta(days=1)


@pytest.fixture
def loaded(small_directory: None, session: Session) -> Session:
    return session


def test_a_joiner_is_placed_by_branch_and_region(loaded: Session, locator: Locator) -> None:
    placed = locator.place(loaded, "zz11aa", today=TODAY)
    assert placed.postcode == "ZZ1 1AA"
    assert placed.branch
    assert placed.region
    assert (placed.branch.slug, placed.region.slug) == ("leyton", "london")
    assert (placed.precision, placed.known) == (Precision.POSTCODE, True)


@pytest.mark.parametrize(
    ("text", "precision"),
    [("ZZ1 1XX", Precision.SECTOR), ("ZZ1 9XX", Precision.OUTCODE), ("XX1 1XX", Precision.NONE)],
)
def test_a_joiner_with_an_unknown_postcode_is_placed_as_well_as_can_be(
    loaded: Session, locator: Locator, text: str, precision: Precision
) -> None:
    placed = locator.place(loaded, text, today=TODAY)
    assert (placed.postcode, placed.precision, placed.known) == (text, precision, False)
    assert (placed.branch is None) == (precision is Precision.NONE)


def test_who_asks_often_sees_a_change_within_a_twentieth_of_a_second(
    loaded: Session, database: Database, made_up: PostcodeIndex, made_up_file: Path
) -> None:
    now = [100.0]
    locator = Locator(made_up_file, cut_off_km=60, clock=lambda: now[0])
    before = locator.now(database, today=TODAY)
    with database.transaction() as session:
        changed = files() | {
            "branches.csv": BRANCHES_CSV.replace("Leyton", "Leyton and Stratford").encode()
        }
        load(session, changed, place_of=made_up.find, today=TODAY)

    now[0] += 0.049
    assert locator.now(database, today=TODAY) is before
    assert locator.now(database, today=TOMORROW).directory.today == TOMORROW
    now[0] += 0.051
    names = [branch.name for branch in locator.now(database, today=TODAY).directory.all_branches()]
    assert "Leyton and Stratford" in names


def test_a_joiner_needs_a_whole_postcode(loaded: Session, locator: Locator) -> None:
    for text in ("ZZ1", "ZZ1 1", "nowhere", ""):
        with pytest.raises(NotAPostcode):
            locator.place(loaded, text, today=TODAY)


def test_without_an_index_a_joiner_is_placed_nowhere_and_not_turned_away(
    loaded: Session, tmp_path: Path
) -> None:
    placed = Locator(tmp_path / "none.idx", cut_off_km=60).place(loaded, "zz11aa", today=TODAY)
    assert (placed.postcode, placed.branch, placed.region) == ("ZZ1 1AA", None, None)


def test_a_postcode_is_spelled_as_the_post_does(locator: Locator, tmp_path: Path) -> None:
    assert locator.spelled(" zz1-1aa ") == "ZZ1 1AA"
    assert locator.spelled("xyi iaa") == "XY1 1AA"
    assert locator.spelled("XX1 1XX") == "XX1 1XX"
    assert locator.spelled("ZZ1") is None
    assert locator.spelled("") is None
    without = Locator(tmp_path / "none.idx", cut_off_km=60)
    assert without.spelled("zz11aa") == "ZZ1 1AA"
    assert without.spelled("zz1") is None
    assert (locator.release(), without.release()) == ("2001-02", None)


def test_an_index_is_taken_up_when_it_is_built(loaded: Session, tmp_path: Path) -> None:
    path = tmp_path / "late.idx"
    locator = Locator(path, cut_off_km=60)
    with pytest.raises(IndexMissing, match="no postcode index"):
        locator.nearest(loaded, "ZZ1 1AA", today=TODAY)
    write_index(path)
    assert locator.nearest(loaded, "ZZ1 1AA", today=TODAY).branch


def test_a_load_is_seen_at_the_next_look(
    database: Database, small_directory: None, locator: Locator, made_up: PostcodeIndex
) -> None:
    with database.reading() as session:
        first = locator.directory(session, today=TODAY)
        assert locator.directory(session, today=TODAY) is first
    fewer = BRANCHES_CSV.replace("hackney,Hackney", "dalston,Dalston")
    catchments = "branch,kind,code\n"
    with database.transaction() as session:
        changed = files(branches=fewer, catchments=catchments)
        load(session, changed, place_of=made_up.find, today=TODAY)
    with database.reading() as session:
        second = locator.directory(session, today=TODAY)
    assert [each.slug for each in second.all_branches()] == ["dalston", "leyton", "ipswich"]
    assert second.catchments == {}


def test_a_branch_opens_and_closes_at_midnight_in_london(
    database: Database, locator: Locator, made_up: PostcodeIndex
) -> None:
    turn = BRANCHES_CSV.replace(",open,,,no", ",open,,2026-11-23,no", 1).replace(
        "2020-01-31", "2026-11-23"
    )
    with database.transaction() as session:
        load(session, files(branches=turn), place_of=made_up.find, today=TODAY)
    with database.reading() as session:
        today = locator.directory(session, today=TODAY)
        tomorrow = locator.directory(session, today=TOMORROW)
    assert [each.slug for each in today.all_branches()] == ["leyton", "ipswich"]
    assert [each.slug for each in tomorrow.all_branches()] == ["hackney", "ipswich"]


def test_the_catchment_of_a_closed_branch_rests(
    database: Database, locator: Locator, made_up: PostcodeIndex
) -> None:
    closing = BRANCHES_CSV.replace("2020-01-31,,", "2020-01-31,2026-11-23,")
    with database.transaction() as session:
        load(session, files(branches=closing), place_of=made_up.find, today=TODAY)
    with database.reading() as session:
        before = locator.nearest(session, "ZZ1 2AA", today=TODAY)
        after = locator.nearest(session, "ZZ1 2AA", today=TOMORROW)
    assert before.branch
    assert after.branch
    assert (before.rule, before.branch.slug) == ("catchment", "hackney")
    assert (after.rule, after.branch.slug) == ("nearest", "leyton")


def test_an_empty_database_has_an_empty_directory(session: Session, locator: Locator) -> None:
    assert session.get(DirectoryState, 1) is None
    answer = locator.nearest(session, "ZZ1 1AA", today=TODAY)
    assert (answer.rule, answer.branch, answer.region) == ("national", None, None)
