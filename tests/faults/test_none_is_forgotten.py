"""Every fault that this part has to survive has a test that bears its name."""

import re

from config import ROOT

REQUIRED = {
    *(f"f{number:02}" for number in (*range(1, 21), 28, 29, 30, 35, 38, 39, 40)),
    *(f"d2_{number:02}" for number in range(1, 25)),
}


def test_every_fault_has_a_test_that_bears_its_name() -> None:
    named = re.compile(r"^def test_(f[0-9]{2}|d2_[0-9]{2})_", re.MULTILINE)
    found = {
        name
        for path in (ROOT / "tests" / "faults").glob("test_*.py")
        for name in named.findall(path.read_text(encoding="utf-8"))
    }

    assert REQUIRED - found == set()
