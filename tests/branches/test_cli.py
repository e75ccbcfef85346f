import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from branches.index_file import IndexFile
from branches.postcodes import PostcodeIndex
from branches.room import Room
from core.database import Database
from tests.branches.factories import BRANCHES_CSV, files, shipped, write_index
from tests.branches.postcodes.directories import ROWS, onspd
from tests.postgres import owner

pytestmark = pytest.mark.index
NOT_THERE = "is not in the postcode index: check it, or give lat and lon"


def write(folder: Path, contents: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["branches", *map(str, words)])


def without_index(app: Flask, tmp_path: Path) -> Path:
    room: Room = app.extensions["branches"]
    room.locator.file.path = tmp_path / "none.idx"
    return room.locator.file.path


def test_a_directory_is_loaded_and_exported_as_it_was(app: Flask, tmp_path: Path) -> None:
    loaded = run(app, "load", write(tmp_path / "in", shipped()))
    assert (loaded.exit_code, loaded.stderr) == (0, "")
    assert loaded.stdout == "10 regions, 41 branches, 2 catchments; 0 branches closed.\n"
    exported = run(app, "export", tmp_path / "new" / "out")
    assert exported.exit_code == 0
    out = {path.name: path.read_bytes() for path in (tmp_path / "new" / "out").iterdir()}
    assert out == shipped()


def test_every_fault_is_a_line_and_nothing_is_applied(app: Flask, tmp_path: Path) -> None:
    bad = files(branches=BRANCHES_CSV.replace("london,ZZ1 1AA", "wales,E11"))
    refused = run(app, "load", write(tmp_path, bad))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines() == [
        "branches.csv, line 2, postcode: the text does not have the shape of a postcode",
        "branches.csv, line 2, region: is not a region of regions.csv",
        f"branches.csv, line 4, postcode: {NOT_THERE}",
        "catchments.csv, line 2, code: is no sector that the postcode index knows",
        "catchments.csv, line 3, code: is no district that the postcode index knows a postcode in",
    ]
    assert json.loads(run(app, "nearest", "E11 1AA", "--json").stdout)["region"] is None


def test_a_folder_that_is_not_there_and_files_that_are_not_are_told(
    app: Flask, tmp_path: Path
) -> None:
    missing = run(app, "load", tmp_path / "nowhere")
    assert (missing.exit_code, missing.stderr) == (1, f"{tmp_path / 'nowhere'} is not a folder\n")
    empty = run(app, "load", tmp_path)
    assert empty.exit_code == 1
    assert "catchments.csv, line 1: the file is missing" in empty.stderr


def test_a_place_that_cannot_be_written_to_is_told(
    app: Flask, shipped_directory: None, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    refused = run(app, "export", tmp_path / "file" / "folder")
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1


def test_nearest_says_who_answers_and_why(app: Flask, shipped_directory: None) -> None:
    told = run(app, "nearest", "e111aa")
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "E11 1AA: Waltham Forest, 2.9 km (nearest)",
        "  It lies in the district E09000031.",
        "  That district is in the region London.",
        "  No catchment covers it; Waltham Forest is nearest, at 2.9 km.",
        "  or Haringey, 9.0 km",
        "  or Lewisham, 11.4 km",
        "  London regional organiser: 020 8988 8786",
    ]


@pytest.mark.parametrize(
    ("postcode", "told"),
    [
        ("CF37 4TS", "Caerphilly & RCT looks after district W06000016"),
        ("TR18 2AB", "is beyond the cut-off"),
        ("EH6 8RS", "That district is in none of our regions."),
        ("BT7 1NN", "It is in Northern Ireland"),
        ("JE2 4WD", "It is in a Crown dependency"),
        ("BF1 2AA", "It is a British Forces post office"),
        ("BX1 1LT", "It is for post only"),
        ("N14", "Depending on where in it"),
    ],
)
def test_nearest_explains_every_rule(
    app: Flask, shipped_directory: None, postcode: str, told: str
) -> None:
    result = run(app, "nearest", postcode)
    assert result.exit_code == 0
    assert told in result.stdout


def test_nearest_as_json_is_the_apis_object(
    app: Flask, client: FlaskClient, shipped_directory: None
) -> None:
    told = run(app, "nearest", "e111aa", "--json")
    assert told.exit_code == 0
    assert told.stdout.rstrip("\n") == client.get("/api/v1/nearest?postcode=e111aa").text


def test_nearest_refuses_what_nobody_knows(app: Flask, shipped_directory: None) -> None:
    unknown = run(app, "nearest", "E11 9ZZ")
    assert (unknown.exit_code, unknown.stderr) == (1, "E11 9ZZ: no such postcode is known.\n")
    assert unknown.stdout.startswith("E11: Waltham Forest")
    nonsense = run(app, "nearest", "London")
    assert (nonsense.exit_code, nonsense.stdout) == (1, "")
    assert nonsense.stderr.startswith("not a postcode: ")
    as_json = run(app, "nearest", "London", "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout) == {"query": "London", "code": "not_a_postcode"}


def test_text_says_what_the_line_would_answer(app: Flask, shipped_directory: None) -> None:
    told = run(app, "text", "Sam Jones E11 1AA", "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert list(found) == ["outcome", "name", "postcode", "reply"]
    assert (found["outcome"], found["name"], found["postcode"]) == ("match", "Sam Jones", "E11 1AA")
    assert "Waltham Forest" in found["reply"]
    assert "020 8988 8786" in found["reply"]
    in_words = run(app, "text", "thank you")
    assert in_words.stdout.splitlines() == [
        "outcome: no_reply",
        "name: -",
        "postcode: -",
        "reply: -",
    ]


def test_the_index_says_what_it_was_made_from(app: Flask, built_index: PostcodeIndex) -> None:
    told = run(app, "index", "info")
    assert told.exit_code == 0
    assert f"release {built_index.info.release}" in told.stdout
    assert f"{built_index.info.rows:,} postcodes" in told.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_index_is_built_where_it_is_wanted(app: Flask, tmp_path: Path) -> None:
    room: Room = app.extensions["branches"]
    output = tmp_path / "new" / "built.idx"
    built = run(app, "index", "build", "--output", output)
    assert (built.exit_code, built.stderr) == (0, "")
    assert f"{output}: release " in built.stdout
    assert output.read_bytes() == room.locator.file.path.read_bytes()


def test_without_an_index_commands_say_how_to_get_one(app: Flask, tmp_path: Path) -> None:
    path = without_index(app, tmp_path)
    for words in (("index", "info"), ("nearest", "E11 1AA"), ("text", "E11 1AA")):
        told = run(app, *words)
        assert told.exit_code == 1
        assert str(path) in told.stderr
        assert "flask branches index build" in told.stderr
        assert len(told.stderr.splitlines()) == 1


def test_a_directory_with_positions_loads_without_an_index(app: Flask, tmp_path: Path) -> None:
    without_index(app, tmp_path)
    refused = run(app, "load", write(tmp_path / "in", shipped()))
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 40
    assert "branches.csv, line 2, postcode: cannot be placed while there is no" in refused.stderr


def test_a_database_without_our_tables_is_told_in_a_line(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with owner(database.engine).begin() as connection:
        connection.execute(text("ALTER TABLE directory_state RENAME TO away"))
    try:
        told = run(app, "nearest", "E11 1AA")
    finally:
        with owner(database.engine).begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO directory_state"))
    assert told.exit_code == 1
    assert told.stderr.splitlines() == [
        "the database does not answer, or is not up to date (flask db upgrade)"
    ]


def test_a_directory_that_is_there_may_be_left_alone(
    app: Flask, shipped_directory: None, tmp_path: Path
) -> None:
    told = run(app, "load", tmp_path / "nowhere", "--unless-loaded")
    assert (told.exit_code, told.output) == (0, "")


def test_an_index_that_is_up_to_date_may_be_left_alone(app: Flask) -> None:
    told = run(app, "index", "build", "--unless-current")
    assert (told.exit_code, told.output) == (0, "")


def test_an_index_is_built_from_a_directory_that_was_downloaded(app: Flask, tmp_path: Path) -> None:
    source = tmp_path / "ONSPD_NOV_2025.csv"
    source.write_bytes(onspd("2025-11"))
    built = run(app, "index", "build", source, "--output", tmp_path / "built.idx")
    assert (built.exit_code, built.stderr) == (0, "")
    described = "release 2025-11, from ONS Postcode Directory (ONSPD_NOV_2025.csv), 6 postcodes"
    assert described in built.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"Dear all", "ONSPD.zip has not the columns of a postcode directory"),
        (b"PK\x03\x04 and then nothing of the kind", "has not the columns"),
    ],
)
def test_what_is_no_directory_is_refused_and_the_index_stays(
    app: Flask, tmp_path: Path, content: bytes | None, words: str
) -> None:
    output, source = tmp_path / "built.idx", tmp_path / "ONSPD.zip"
    output.write_bytes(b"before")
    if content is not None:
        source.write_bytes(content)
    refused = run(app, "index", "build", source, "--output", output)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert output.read_bytes() == b"before"


def test_catchments_by_constituency_want_an_index_that_knows_them(
    app: Flask, tmp_path: Path
) -> None:
    room: Room = app.extensions["branches"]
    catchments = "branch,kind,code\nleyton,constituency,E14001340\n"
    branches = BRANCHES_CSV.replace("ZZ1 1AA", "E11 1AA").replace("ZZ1 1ZZ", "E11 1AA")
    folder = write(
        tmp_path / "in",
        files(branches=branches.replace("ZZ4 1AA", "IP1 1AA"), catchments=catchments),
    )
    refused = run(app, "load", folder)
    assert refused.exit_code == 1
    assert "build it from the full ONS Postcode Directory" in refused.stderr
    source = tmp_path / "ONSPD_NOV_2025.csv"
    source.write_bytes(onspd("2025-11", [*ROWS, ("IP1 1AA", "E07000202", *ROWS[0][2:])]))
    room.locator.file.path = tmp_path / "built.idx"
    assert run(app, "index", "build", source).exit_code == 0
    loaded = run(app, "load", folder)
    assert (loaded.exit_code, loaded.stderr) == (0, "")
    told = run(app, "nearest", "E11 1AB")
    assert "Leyton looks after constituency E14001340" in told.stdout
    wrong = write(tmp_path / "in", files(catchments=catchments.replace("E14001340", "E14009999")))
    assert "is no constituency that the postcode index knows" in run(app, "load", wrong).stderr


def test_the_foot_of_every_page_names_the_release(
    app: Flask, client: FlaskClient, built_index: PostcodeIndex, tmp_path: Path
) -> None:
    assert f"Release: {built_index.info.release}." in client.get("/").text
    room: Room = app.extensions["branches"]
    output = write_index(tmp_path / "other.idx")
    room.locator.file.path = output
    assert "Release: 2001-02." in client.get("/").text
    output.unlink()
    room.locator.file = IndexFile(output)
    assert "Release:" not in client.get("/privacy").text


def test_wrong_usage_exits_with_two(app: Flask, database: Database) -> None:
    for words in (
        ("nearest",),
        ("load",),
        ("text", "a", "b"),
        ("nowhere",),
        ("index", "build", "a", "b"),
    ):
        assert run(app, *words).exit_code == 2
