"""A running service takes up a new index by itself, and a broken one does it no harm."""

import itertools
from pathlib import Path

import pytest
from flask import Flask

from branches.postcodes.packing import Points, pack
from branches.room import Room
from tests.branches.factories import ROWS, write_index

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = ("ZZ3 3AA", "E09000001", 51.58, 0.01)


def test_web_text_line_and_commands_take_up_a_new_index_and_refuse_a_broken_one(
    app: Flask, small_directory: None, tmp_path: Path
) -> None:
    room: Room = app.extensions["branches"]
    path = write_index(tmp_path / "postcodes.idx")
    room.locator.file.path = path
    seconds = itertools.count()  # the API looks for a change again after a twentieth of one
    room.locator._clock = lambda: float(next(seconds))

    def answers() -> list[object]:
        client, runner = app.test_client(), app.test_cli_runner()
        web = client.get("/api/v1/nearest?postcode=zz33aa")
        page = client.get("/branches?postcode=zz33aa")
        text = runner.invoke(args=["branches", "text", "Jo ZZ3 3AA"])
        info = runner.invoke(args=["branches", "index", "info"])
        released = "Release: 2002-03." in page.text
        return [web.status_code, page.status_code, "match" in text.output, released, info.exit_code]

    before = answers()
    pack(Points.of([*ROWS, NEW]), path, source="made up", release="2002-03")
    after = answers()
    whole = path.read_bytes()
    broken = []
    for content in (whole[: len(whole) // 2], b"", b"\x00" * 5000, b"<html>Not found</html>"):
        path.write_bytes(content)
        broken.append(answers())
    path.unlink()
    gone = answers()
    path.write_bytes(whole)

    assert before == [404, 404, False, False, 0]
    assert after == answers() == [200, 200, True, True, 0]
    # Everybody is answered from what was there; who asks about the file itself is told of it.
    assert [*broken, gone] == [[200, 200, True, True, 1]] * 5
