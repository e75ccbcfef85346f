"""The command that loads the directory: who would move is said, and follows where that is asked."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from members.models import MembershipEvent
from tests.branches.desk.conftest import BRANCHES, LEYTON, REGIONS, Branches
from tests.branches.factories import files
from tests.conftest import Work

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CLOSED = BRANCHES.replace(
    "leyton,Leyton,london,E11 1AA,,,,,,,open,,,no", "leyton,Leyton,london,E11 1AA,,,,,,,closed,,,no"
)


def loads(branches: Branches, folder: Path, table: str, *options: str) -> Result:
    for name, content in files(
        regions=REGIONS, branches=table, catchments="branch,kind,code\n"
    ).items():
        (folder / name).write_bytes(content)
    runner = branches.desk.app.test_cli_runner()
    return runner.invoke(args=["branches", "load", str(folder), *options])


def test_who_would_move_is_counted_and_moves_where_that_is_asked(
    branches: Branches, tmp_path: Path
) -> None:
    sam = branches.settle(LEYTON, "leyton")
    work = Work(branches.desk.app)
    told = "2 regions, 4 branches, 0 catchments; 1 branches closed.\n"

    tried = loads(branches, tmp_path, CLOSED, "--dry-run")
    assert (tried.exit_code, tried.stdout) == (0, told)
    assert tried.stderr == "Nothing was changed. Members who would move with --move: 1.\n"
    assert branches.branch("leyton").status == "open"

    loaded = loads(branches, tmp_path, CLOSED)
    assert (loaded.exit_code, loaded.stdout) == (0, told)
    assert loaded.stderr.startswith("Members who stay where the directory of before put them: 1. ")
    work()
    assert branches.stands(sam) == "leyton"

    opened = loads(branches, tmp_path, BRANCHES)
    assert (opened.exit_code, opened.stderr) == (0, "")
    moved = loads(branches, tmp_path, CLOSED, "--move")
    assert (moved.exit_code, moved.stdout) == (0, told)
    assert moved.stderr == "Members who follow, moved by the worker: 1.\n"
    work()
    assert branches.stands(sam) == "newham"
    assert "the office, by command" in branches.alex.client.get("/desk/branches/directory").text
    with branches.database.reading() as session:
        told_of = select(MembershipEvent.who).where(MembershipEvent.kind == "moved")
        assert session.scalars(told_of.where(MembershipEvent.member_id == sam)).all() == ["office"]


def test_what_is_not_sound_changes_nothing_and_nobody(branches: Branches, tmp_path: Path) -> None:
    branches.settle(LEYTON, "leyton")
    wrong = CLOSED.replace("hackney,Hackney,london", "hackney,Hackney,nowhere")
    for options in ((), ("--dry-run",), ("--move",)):
        refused = loads(branches, tmp_path, wrong, *options)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "branches.csv, line 2" in refused.stderr
    assert branches.branch("leyton").status == "open"
    assert branches.changes() == []
