"""With every socket closed but loopback's, nothing is asked for and nothing is answered otherwise.

All tests run so (`tests/watching.py`), the building of the whole index among them; here it is the
commands and the pages in a process of their own, as an operator starts them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from config import ROOT
from tests.branches.postcodes.directories import onspd

pytestmark = [
    pytest.mark.index,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
CLOSED = ROOT / "tests" / "closed"
ASKED = ("E11 1AA", "EH8 8DX", "BT7 1NN", "E11", "E11 1CC")
# What an operator does first, then what people ask: each line of its output is JSON.
PROGRAM = """
import json, sys
from app import Adapters, create_app
from config import Settings
import os
settings = Settings.read(os.environ)
app = create_app(settings, Adapters.real(settings))
runner, client = app.test_cli_runner(), app.test_client()
say = lambda *words: runner.invoke(args=[*words])
first = [
    ("db", "upgrade"),
    ("branches", "index", "build", sys.argv[1], "--output", sys.argv[2]),
    ("branches", "load", "directory"),
]
for words in first:
    told = say(*words)
    assert told.exit_code == 0, told.output
for text in sys.argv[3:]:
    nearest = json.loads(say("branches", "nearest", text, "--json").stdout)
    texted = json.loads(say("branches", "text", f"Jo {text}", "--json").stdout)
    web = client.get("/api/v1/nearest", query_string={"postcode": text})
    page = client.get("/branches", query_string={"postcode": text})
    print(json.dumps([nearest, texted, web.status_code, web.get_json(), page.status_code]))
"""


def test_commands_and_pages_ask_nothing_of_the_network(
    client: FlaskClient, shipped_directory: None, index_file: Path, tmp_path: Path
) -> None:
    source, tried = tmp_path / "ONSPD_NOV_2025.csv", tmp_path / "tried"
    source.write_bytes(onspd("2025-11"))
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, source, tmp_path / "built.idx", *ASKED],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(CLOSED), str(ROOT)]),
            "TRIED_TO_REACH": str(tried),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'closed.db'}",
            "POSTCODE_INDEX": str(index_file),
            "PUBLIC_URL": "http://127.0.0.1:8000",
        },
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    assert not tried.exists(), tried.read_text()
    answers: list[Any] = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(ASKED)
    for text, (nearest, texted, status, web, page) in zip(ASKED, answers, strict=True):
        here = client.get("/api/v1/nearest", query_string={"postcode": text})
        assert (status, web) == (here.status_code, here.get_json())
        assert nearest.get("branch") == here.get_json().get("branch")
        assert page == status
        assert texted["postcode"] == text
        assert texted["reply"]
