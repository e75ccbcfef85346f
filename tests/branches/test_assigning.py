import io
import random
from pathlib import Path

import pytest
from flask import Flask

from branches.assigning import ADDED, BadTable, assign
from branches.locating import Locating
from branches.locator import Locator
from core.database import Database
from tests.branches.factories import TODAY
from tests.branches.test_cli import run

TABLE = """\
name,postcode,note
Jo,zz1 1aa,
Sam,ZZ1 2AA,"two
lines"
Al,ZZ1 1,
Bo,ZZ1 1XX,
Cy,nowhere,
Di,,
Ed,ZZ7 1AA,
Flo,ZZ9 1AA,
"""


@pytest.fixture
def locating(database: Database, small_directory: None, locator: Locator) -> Locating:
    with database.reading() as session:
        return locator.locating(locator.directory(session, today=TODAY))


def assigned(table: str, locating: Locating, column: str = "postcode") -> list[str]:
    target = io.StringIO(newline="")
    assign(io.StringIO(table, newline=""), target, column=column, locating=locating)
    return target.getvalue().splitlines()


def test_rows_get_their_branch_and_why(locating: Locating) -> None:
    assert assigned(TABLE, locating) == [
        f"name,postcode,note,{','.join(ADDED)}",
        "Jo,zz1 1aa,,leyton,london,nearest,0.0,postcode",
        'Sam,ZZ1 2AA,"two',
        'lines",hackney,london,catchment,6.5,postcode',
        "Al,ZZ1 1,,leyton,london,nearest,1.2,sector",
        "Bo,ZZ1 1XX,,,,unknown_postcode,,none",
        "Cy,nowhere,,,,not_a_postcode,,none",
        "Di,,,,,missing_postcode,,none",
        "Ed,ZZ7 1AA,,,,national,,postcode",
        "Flo,ZZ9 1AA,,,,national,,none",
    ]


def test_rows_are_counted_by_what_became_of_them(locating: Locating) -> None:
    counts = assign(
        io.StringIO(TABLE, newline=""), io.StringIO(), column="postcode", locating=locating
    )
    assert counts == {
        "nearest": 2,
        "catchment": 1,
        "national": 2,
        "unknown_postcode": 1,
        "not_a_postcode": 1,
        "missing_postcode": 1,
    }


def test_what_a_spreadsheet_would_run_is_made_text(locating: Locating) -> None:
    table = "=name,postcode\n" + "".join(
        f'"{cell}",ZZ1 1AA\n'
        for cell in ("=1+1", "+A1", "-A1", "@SUM", "\tx", "+447700900123", "-5", "+44 7700 900 123")
    )
    firsts = [line.rsplit(",", 6)[0] for line in assigned(table, locating)]
    assert firsts == [
        *("'=name", "'=1+1", "'+A1", "'-A1", "'@SUM", "'\tx"),
        *("+447700900123", "-5", "+44 7700 900 123"),
    ]


def test_the_column_is_found_whatever_its_case(locating: Locating) -> None:
    (_, row) = assigned("Home Postcode \nZZ11AA\n", locating, "home postcode")
    assert row.startswith("ZZ11AA,leyton,")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "line 1: the column 'postcode' is not there"),
        ("name\nJo\n", "line 1: the column 'postcode' is not there"),
        ("postcode,Postcode\n", "is there more than once"),
        ("postcode,branch\n", "the column 'branch' is there already"),
        ("postcode,name\nZZ1 1AA\n", "line 2: has 1 cells in place of 2"),
        ("postcode\nZZ1 1AA\nZZ1 1AA,x\n", "line 3: has 2 cells in place of 1"),
        ('postcode\n"ZZ1 1AA\n', "line 2: is not CSV"),
        ("postcode\n" + "x" * 200_000, "longer"),
    ],
)
def test_what_is_no_such_table_is_told_where(locating: Locating, table: str, words: str) -> None:
    with pytest.raises(BadTable, match=words):
        assigned(table, locating)


def test_blank_lines_are_passed_over(locating: Locating) -> None:
    assert len(assigned("postcode\n\nZZ1 1AA\n\n", locating)) == 2


def test_a_file_is_assigned_on_the_command_line(
    app: Flask, shipped_directory: None, tmp_path: Path
) -> None:
    source, output = tmp_path / "members.csv", tmp_path / "assigned.csv"
    source.write_bytes(b"\xef\xbb\xbfpostcode,name\r\nE11 1AA,Jo\r\nQQ1 1AA,Sam\r\n")
    told = run(app, "assign", source, "--output", output)
    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr.splitlines()[-1] == "2 rows: 1 nearest, 1 unknown_postcode."
    expected = [
        f"postcode,name,{','.join(ADDED)}",
        "E11 1AA,Jo,waltham-forest,london,nearest,2.9,postcode",
        "QQ1 1AA,Sam,,,unknown_postcode,,none",
    ]
    assert output.read_text().splitlines() == expected
    assert output.stat().st_mode & 0o077 == 0
    to_stdout = run(app, "assign", source)
    assert to_stdout.stdout.splitlines() == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"postcode\n\xff\xfe\n", "is not UTF-8"),
        (b"post\nE11 1AA\n", "line 1: the column 'postcode' is not there"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_left(
    app: Flask, shipped_directory: None, tmp_path: Path, content: bytes, words: str
) -> None:
    source, output = tmp_path / "members.csv", tmp_path / "assigned.csv"
    source.write_bytes(content)
    output.write_text("before")
    told = run(app, "assign", source, "--output", output)
    assert told.exit_code == 1
    assert words in told.stderr
    assert output.read_text() == "before"
    assert sorted(path.name for path in tmp_path.glob("*.csv*")) == ["assigned.csv", "members.csv"]
    assert run(app, "assign", tmp_path / "nowhere.csv").exit_code == 2
    assert run(app, "assign", source, "--output", tmp_path / "no" / "such.csv").exit_code == 1


def test_no_text_at_all_harms_it(locating: Locating) -> None:
    luck = random.Random(5)  # noqa: S311 -- bytes, not a secret
    for _ in range(200):
        text = luck.randbytes(luck.randrange(60)).decode("latin-1")
        try:
            assigned("postcode\n" + text, locating)
        except BadTable as fault:
            assert str(fault)  # noqa: PT017 -- either it is refused in words, or it is assigned
