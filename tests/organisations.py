"""Organisations for tests: the shipped one, but that forms may be sent at once and without end."""

import atexit
import re
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from config import ROOT
from core.organisation import Organisation

_MANY = 1_000_000
EASY = {
    "form_seconds": 0,
    "attempts_per_address": _MANY,
    "attempts_per_email": _MANY,
    "attempts_a_second_in_all": _MANY,
}


def easy(organisation: Organisation) -> Organisation:
    """Return the organisation with a defence that nobody meets."""
    return replace(organisation, defence=replace(organisation.defence, **EASY))


def organisation_file(folder: Path, **limits: int) -> str:
    """Write the shipped organisation with an easy defence, and these limits; return where."""
    text = (ROOT / "organisation.toml").read_text(encoding="utf-8")
    for name, value in {**EASY, **limits}.items():
        text, changed = re.subn(rf"(?m)^{name} = \d+", f"{name} = {value}", text)
        assert changed == 1, name
    path = folder / "organisation.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@cache
def easy_file() -> str:
    """Return such a file, one for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="groundswell-"))
    atexit.register(shutil.rmtree, folder)
    return organisation_file(folder)
